"""Talks to AWS for `deploy.py`; runs in the project's venv."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws
import yaml
from account import Account, register_local_number
from awscli.customizations.cloudformation.yamlhelper import yaml_parse
from botocore.exceptions import ClientError
from leftovers import NEVER_COMPLETE, FailedCreation
from packages import DeployError, Package
from upload import Upload

if TYPE_CHECKING:
    from deploy import Options

INFRA = Path(__file__).resolve().parent
LOCAL = INFRA.parent / ".local"
SIGNING_SUBJECT = "CN={operator} Certificates,O={operator},C=JP"


def deploy(
    options: Options, found: list[Package], wanted: dict[str, Any], recorded: dict[str, Any]
) -> dict[str, str]:
    """Makes the stack as wanted; returns its outputs.

    Raises:
        DeployError: it could not be done; the message says why.
    """
    with aws.explained():
        return Deployment(options).run(found, wanted, recorded)


class Deployment:
    """One run of the deployment, with its clients."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.place = aws.connect(local=options.local)
        self.formation = self.place.client("cloudformation")
        self.s3 = self.place.client("s3")
        self.functions = self.place.client("lambda")
        self.account = Account(self.place, options.stack)
        self.upload = Upload(self.place, options.stack, LOCAL / "lambda")

    def run(
        self, found: list[Package], wanted: dict[str, Any], recorded: dict[str, Any]
    ) -> dict[str, str]:
        """Deploys as little as is enough."""
        changed = _changed_code(found, wanted, recorded) if self.options.local else None
        if changed is None:
            template, parameters = self._template(), self._checked()
            self.upload.prepare()
            outputs = self._deploy_stack(template, parameters, self.upload.packages(found), found)
            self.account.activate_receipt_rules(outputs["ReceiptRuleSet"])
            self.account.look_for_mail_from_again(outputs["ServiceDomain"])
            self.upload.require_deployed(found)
        else:
            self._update_functions(changed)
            outputs = self._outputs()
        self._configure_sms(outputs)
        self._configure_signing(outputs)
        if not self.options.local:
            _tell(outputs)
        return outputs

    def _checked(self) -> dict[str, str]:
        """What was asked for, when nothing speaks against it; before anything is made."""
        options = self.options
        given = dict(options.parameters)
        self.account.require_own_stack()
        before = self.account.parameters()
        kept = before.get("Retention")
        if kept is not None and given.get("Retention", kept) != kept:
            raise DeployError(
                f"the stack {options.stack} keeps originals as {kept}, and that stays: those that"
                " are there cannot change. Deploy another stack"
            )
        self.account.require_receipt_rules(take_over=options.take_over_receipt_rules)
        domain = {**before, **given}.get("ServiceDomain")
        if domain is not None:
            self.account.require_new_identity(domain)
        self.account.require_sms_attributes(take_over=options.take_over_sms)
        adopted = self.account.adopt_sms_log_groups(
            # Whoever said so once has said so.
            adopt=options.adopt_sms_log_groups or before.get("SmsLogGroups") == "existing"
        )
        if adopted is not None:
            given["SmsLogGroups"] = adopted
        self.account.require_concurrency({**before, **given})
        # Only while the certificate request is made may anyone but the function sign; locally it is
        # made by the deployment itself.
        makes_request = options.request_certificate or options.local
        if makes_request and "CertificateRequester" not in given:
            given["CertificateRequester"] = aws.principal_of(
                self.place.caller, self.place.client("iam")
            )
        given.setdefault("CertificateRequester", "")
        return given

    def _update_functions(self, changed: list[Package]) -> None:
        self.upload.prepare()
        versions = self.upload.packages(changed)
        for package in changed:
            self.functions.update_function_code(
                FunctionName=f"{self.options.stack}-{package.name}",
                S3Bucket=self.upload.bucket,
                S3Key=package.object_key,
                S3ObjectVersion=versions[package.name],
            )
        for package in changed:
            waiter = self.functions.get_waiter("function_updated_v2")
            waiter.wait(
                FunctionName=f"{self.options.stack}-{package.name}",
                WaiterConfig={"Delay": self.place.poll_seconds, "MaxAttempts": 600},
            )
            print(f"deploy: updated {package.name}")
        self.upload.require_deployed(changed)

    def _deploy_stack(
        self,
        template: Any,
        given: dict[str, str],
        versions: dict[str, str],
        found: list[Package],
    ) -> dict[str, str]:
        stack = self.options.stack
        for package in found:
            template["Resources"][package.logical_id]["Properties"]["CodeUri"] = {
                "Bucket": self.upload.bucket,
                "Key": package.object_key,
                "Version": versions[package.name],
            }
        status = self._cleared(self._status())
        request = {
            "StackName": stack,
            "TemplateURL": self.upload.template(json.dumps(template)),
            "Parameters": self._parameters(template, given, exists=status is not None),
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        print(f"deploy: {'updating' if status else 'creating'} stack {stack}", flush=True)
        try:
            if status is None:
                self.formation.create_stack(**request)
            else:
                self.formation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
        final = aws.wait_for_stack(self.place, self.formation, stack)
        if final not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            why = aws.reasons(self.formation, stack)
            raise DeployError(f"stack {stack} is {final}: {why}")
        return self._outputs()

    def _cleared(self, status: str | None) -> str | None:
        """The status to go on from: a stack that never was whole can only be deleted."""
        if status not in NEVER_COMPLETE:
            return status
        FailedCreation(self.place, self.options.stack).remove()
        return None

    def _template(self) -> Any:
        """The template with the definitions of the workflows in place of local paths.

        Raises:
            DeployError: a parameter was named that it does not have.
        """
        template = yaml_parse((INFRA / "template.yaml").read_text())
        unknown = set(self.options.parameters) - set(template["Parameters"])
        if unknown:
            raise DeployError(f"the template has no parameter {', '.join(sorted(unknown))}")
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::StateMachine":
                path = resource["Properties"].pop("DefinitionUri")
                definition = yaml.safe_load((INFRA / path).read_text())
                resource["Properties"]["Definition"] = definition
        return template

    def _parameters(
        self, template: Any, given: dict[str, str], *, exists: bool
    ) -> list[dict[str, Any]]:
        """What was asked for. On AWS anything else stays as it is, locally it is the default."""
        parameters: list[dict[str, Any]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
        ]
        if exists and not self.options.local:
            known = self.account.parameters()
            parameters.extend(
                {"ParameterKey": name, "UsePreviousValue": True}
                for name in template["Parameters"]
                if name in known and name not in given
            )
        return parameters

    def _status(self) -> str | None:
        stack = aws.describe_stack(self.formation, self.options.stack)
        return None if stack is None else str(stack["StackStatus"])

    def _outputs(self) -> dict[str, str]:
        stack = aws.describe_stack(self.formation, self.options.stack) or {}
        outputs = {
            output["OutputKey"]: str(output["OutputValue"]) for output in stack.get("Outputs", [])
        }
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return {**outputs, "EndpointUrl": endpoint} if endpoint else outputs

    def _configure_sms(self, outputs: dict[str, str]) -> None:
        self.account.set_sms_attributes()
        number = self.options.parameters.get("SmsOriginationNumber")
        if self.options.local and number:
            register_local_number(number, outputs["SmsAnswersTopic"])

    def _configure_signing(self, outputs: dict[str, str]) -> None:
        """Stores the chain of the signing key and the timestamp authorities, unless they are."""
        options = self.options
        if options.request_certificate:
            (LOCAL / "signing.csr").write_text(self._certificate_request(outputs))
            print("deploy: .local/signing.csr is made; have it issued, then deploy with --chain")
            return
        if options.chain is not None and options.timestamp_authorities is not None:
            chain = _split_pem(options.chain.read_text())
            authorities = json.loads(options.timestamp_authorities.read_text())
        elif self._signing_is_configured(outputs):
            return
        elif options.local:
            endpoint = os.environ["AWS_ENDPOINT_URL"]
            request = self._certificate_request(outputs).encode()
            chain = _get_json(f"{endpoint}/_akashi/pki/issue", request)["chain"]
            authorities = _get_json(f"{endpoint}/_akashi/pki/timestamp-authorities")
        else:
            print("deploy: no certificate yet: run again with --request-certificate")
            return
        self._store_signing(outputs, chain, authorities)

    def _signing_is_configured(self, outputs: dict[str, str]) -> bool:
        try:
            stored = self.s3.head_object(
                Bucket=outputs["OriginalsBucket"],
                Key=outputs["SigningConfigurationKey"],
                ExpectedBucketOwner=self.place.account,
            )
        except ClientError:
            return False
        return bool(stored["Metadata"].get("signing-key") == outputs["SigningKeyId"])

    def _certificate_request(self, outputs: dict[str, str]) -> str:
        operator = outputs["OperatorName"]
        command = [
            str(_command_line(self.options)),
            "csr",
            "--key-id",
            outputs["SigningKeyId"],
            "--subject",
            SIGNING_SUBJECT.format(operator=operator.replace("\\", "\\\\").replace(",", "\\,")),
        ]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def _store_signing(
        self, outputs: dict[str, str], chain: list[str], authorities: list[dict[str, Any]]
    ) -> None:
        revocation = self.options.revocation
        configuration = {
            "chain": chain,
            "revocation": [] if revocation is None else json.loads(revocation.read_text()),
            "timestamp_authorities": [
                {
                    "name": authority["name"],
                    "url": authority["url"],
                    "trusted_roots": authority["trusted_roots"],
                    "policy": authority.get("policy"),
                }
                for authority in authorities
            ],
        }
        self.s3.put_object(
            Bucket=outputs["OriginalsBucket"],
            ExpectedBucketOwner=self.place.account,
            Key=outputs["SigningConfigurationKey"],
            Body=json.dumps(configuration, indent=2).encode(),
            ContentType="application/json",
            # A chain belongs to one key: after a change of keys it has to be issued again.
            Metadata={"signing-key": outputs["SigningKeyId"]},
        )


def write_trust_file(options: Options) -> None:
    """Writes by what others verify certificates, as `akashi trust-file` says it.

    What an earlier file says stays: certificates of a key that was replaced keep their verdict.
    A local world has new authorities each time, and nobody else's certificates.
    """
    place = options.trust_file
    try:
        command = [str(_command_line(options)), "--stack", str(options.out), "trust-file"]
    except DeployError as error:
        print(f"deploy: no trust file is written: {error}")
        return
    if place.is_file() and not options.local:
        command += ["--earlier", str(place)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"deploy: no trust file is written: {done.stderr.strip()}")
        return
    place.write_text(done.stdout)
    print(f"deploy: publish {place}: others verify certificates by it (akashi-verify --trust)")


def _changed_code(
    found: list[Package], wanted: dict[str, Any], recorded: dict[str, Any]
) -> list[Package] | None:
    """The packages to update when nothing but code changed, else nothing."""
    before = recorded.get("packages", {})
    if {**wanted, "packages": before} != recorded:
        return None
    return [package for package in found if before.get(package.name) != package.digest]


def _command_line(options: Options) -> Path:
    """`akashi` as this machine runs it. cargo-lambda builds one too, for Lambda and in a folder."""
    places = [options.cli] if options.cli else [f / "akashi" for f in options.cli_folders]
    for place in places:
        if place.is_file() and os.access(place, os.X_OK):
            return place
    shown = " or ".join(map(str, places))
    raise DeployError(
        f"{shown} is not a program: build it for this machine with"
        " `make fonts && cargo build --release --locked -p cli`, or name it with --cli"
    )


def _tell(outputs: dict[str, str]) -> None:
    """What is left for a person to do."""
    print("deploy: records for the DNS (those that are there already stay as they are):")
    for name in sorted(outputs):
        if name.startswith("Dns"):
            print(f"    {outputs[name]}")
    if "AlarmAddress" in outputs:
        print(f"deploy: {outputs['AlarmAddress']} got a mail by AWS: its link turns the alarms on")


def _split_pem(text: str) -> list[str]:
    end = "-----END CERTIFICATE-----"
    return [block.strip() + f"\n{end}\n" for block in text.split(end) if "BEGIN" in block]


def _get_json(url: str, body: bytes | None = None, method: str | None = None) -> Any:
    request = urllib.request.Request(url, data=body, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
