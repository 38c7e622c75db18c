"""What is refused before anything is made, and in which words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws
import names
import packages
import pytest
import stack
from account import Account
from botocore.exceptions import ClientError, NoRegionError
from packages import DeployError

INFRA = Path(packages.__file__).parent


@pytest.mark.parametrize("name", ["akashi", "a", "akashi-2", "s" * 24])
def test_names_that_buckets_and_roles_can_have_are_taken(name: str) -> None:
    names.require_stack_name(name)


@pytest.mark.parametrize(
    "name", ["", "Akashi", "2akashi", "akashi-", "a.b", "a_b", "s" * 25, "xn--a", "akashi\n"]
)
def test_names_that_nothing_could_have_are_refused(name: str) -> None:
    with pytest.raises(DeployError, match="no stack can be called"):
        names.require_stack_name(name)


class Roles:
    """IAM, as far as a role is looked up in it."""

    def __init__(self, arn: str | None) -> None:
        self.arn = arn

    def get_role(self, **named: str) -> dict[str, Any]:
        if self.arn is None:
            error = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(error, "GetRole")
        assert self.arn.endswith("/" + named["RoleName"])
        return {"Role": {"Arn": self.arn}}


SSO_ROLE = (
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/ap-northeast-1"
    "/AWSReservedSSO_Ops_0123456789abcdef"
)
SSO_SESSION = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/taro"


def test_an_operator_of_identity_center_may_sign_by_the_role_with_its_path() -> None:
    assert aws.principal_of(SSO_SESSION, Roles(SSO_ROLE)) == SSO_ROLE


def test_a_user_is_named_as_it_is_and_iam_is_not_asked() -> None:
    user = "arn:aws:iam::111122223333:user/ops/taro"
    assert aws.principal_of(user, None) == user


def test_a_role_that_cannot_be_looked_up_is_asked_for() -> None:
    with pytest.raises(DeployError, match="--parameter CertificateRequester="):
        aws.principal_of(SSO_SESSION, Roles(None))


class Formation:
    """CloudFormation with one stack, or none."""

    def __init__(self, stack: dict[str, Any] | None) -> None:
        self.stack = stack

    def describe_stacks(self, **named: str) -> dict[str, Any]:
        if self.stack is None:
            message = f"Stack with id {named['StackName']} does not exist"
            error = {"Error": {"Code": "ValidationError", "Message": message}}
            raise ClientError(error, "DescribeStacks")
        return {"Stacks": [self.stack]}


class PlaceOf:
    """An account whose CloudFormation is given."""

    region = "ap-northeast-1"

    def __init__(self, formation: Formation) -> None:
        self.formation = formation

    def client(self, name: str) -> Formation | None:
        return self.formation if name == "cloudformation" else None


def named(*parameters: str) -> dict[str, Any]:
    found = [{"ParameterKey": name, "ParameterValue": "x"} for name in parameters]
    return {"StackStatus": "ROLLBACK_COMPLETE", "Description": "a shop", "Parameters": found}


def test_a_stack_that_something_else_made_is_neither_updated_nor_deleted() -> None:
    place: Any = PlaceOf(Formation(named("Size", "ServiceDomain")))
    with pytest.raises(DeployError, match=r"not of this project \(a shop; ROLLBACK_COMPLETE\)"):
        Account(place, "akashi").require_own_stack()
    for found in [None, named("Retention", "ServiceDomain", "OperatorName")]:
        place = PlaceOf(Formation(found))
        Account(place, "akashi").require_own_stack()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the deployment with nothing of this machine's settings for AWS."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={
            **kept,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "there is no region: set AWS_REGION"),
        ({"AWS_REGION": "ap-northeast-1"}, "there are no credentials for AWS"),
        ({"AWS_PROFILE": "nobody"}, "(nobody) could not be found"),
    ],
)
def test_a_deployment_without_region_or_credentials_says_so_in_one_sentence(
    environment: dict[str, str], said: str
) -> None:
    result = run(str(INFRA / "teardown.py"), "--stack", "akashi", **environment)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("teardown: ") and said in line
    with pytest.raises(DeployError, match=r"there is no region"), aws.explained():
        raise NoRegionError


def test_the_command_line_of_another_processor_is_not_taken_for_ours(tmp_path: Path) -> None:
    import deploy

    (tmp_path / "akashi").mkdir()
    (tmp_path / "akashi" / "bootstrap").write_bytes(b"\x7fELF")
    options = deploy.Options(
        stack="akashi",
        local=False,
        binaries=tmp_path,
        parameters={},
        out=tmp_path / "stack.json",
        chain=None,
        timestamp_authorities=None,
        revocation=None,
        request_certificate=True,
        cli=tmp_path / "akashi",
    )
    with pytest.raises(DeployError, match="is not a program: build it for this machine"):
        stack._command_line(options)


def test_the_trust_file_is_what_the_command_line_says_and_earlier_signers_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import deploy

    program = tmp_path / "akashi"
    options = deploy.Options(
        stack="akashi",
        local=False,
        binaries=tmp_path / "nothing",
        parameters={},
        out=tmp_path / "stack.json",
        chain=None,
        timestamp_authorities=None,
        revocation=None,
        request_certificate=False,
        cli=program,
    )
    stack.write_trust_file(options)
    assert "no trust file is written" in capsys.readouterr().out
    program.write_text('#!/bin/sh\nshift 2\necho "$@"\n')
    program.chmod(0o755)
    stack.write_trust_file(options)
    assert options.trust_file.read_text() == "trust-file\n"
    stack.write_trust_file(options)
    assert options.trust_file.read_text() == f"trust-file --earlier {options.trust_file}\n"
    # What is there is kept when there is nothing better.
    program.write_text("#!/bin/sh\necho no configuration >&2\nexit 1\n")
    stack.write_trust_file(options)
    assert "no configuration" in capsys.readouterr().out
    assert options.trust_file.read_text().startswith("trust-file --earlier")


class Identities:
    """SES, as far as the envelope's domain goes."""

    def __init__(self, found: dict[str, str] | None) -> None:
        self.found = found
        self.set: list[dict[str, str]] = []

    def get_email_identity(self, **named: str) -> dict[str, Any]:
        assert named == {"EmailIdentity": "registered.example"}
        return {} if self.found is None else {"MailFromAttributes": self.found}

    def put_email_identity_mail_from_attributes(self, **named: str) -> None:
        self.set.append(named)


def test_ses_is_asked_again_for_an_envelope_that_it_gave_up() -> None:
    account: Any = Account.__new__(Account)
    place = {"MailFromDomain": "bounce.registered.example", "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    for status in ("PENDING", "SUCCESS", "TEMPORARY_FAILURE", None):
        found = {**place, "MailFromDomainStatus": status} if status else None
        account.identities = Identities(found)
        account.look_for_mail_from_again("registered.example")
        assert account.identities.set == []
    account.identities = Identities({**place, "MailFromDomainStatus": "FAILED"})
    account.look_for_mail_from_again("registered.example")
    assert account.identities.set == [{"EmailIdentity": "registered.example", **place}]
