"""What a report says of grants that were used, were not, or that AWS does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from akashi_localstack.iam import reference, report, template
from akashi_localstack.iam.evaluator import Decision, Grant, Request, Role
from akashi_localstack.iam.records import Records, read_all

ACCOUNT = "000000000000"
BUCKET = "arn:aws:s3:::other-data"


def source(statement: dict[str, Any]) -> dict[str, Any]:
    role = {
        "RoleName": {"Fn::Sub": "${AWS::StackName}-worker"},
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "Policies": [{"PolicyName": "work", "PolicyDocument": {"Statement": [statement]}}],
    }
    data = {"BucketName": {"Fn::Sub": "${AWS::StackName}-data"}}
    return {
        "Resources": {
            "WorkerRole": {"Type": "AWS::IAM::Role", "Properties": role},
            "Data": {"Type": "AWS::S3::Bucket", "Properties": data},
        }
    }


STATEMENT = {
    "Sid": "Work",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": [{"Fn::Sub": "${Data.Arn}/in/*"}, {"Fn::Sub": "${Data.Arn}/out/*"}],
}


def compared(
    folder: Path, statement: dict[str, Any], exceptions: dict[str, Any] | None = None
) -> report.Report:
    made = source(statement)
    return report.compare(
        template.Template(made),
        template.Template(made, report.WILD),
        read_all([folder]),
        report.exempt(exceptions or {}),
    )


def use(folder: Path, *grants: Grant, allowed: bool = True) -> None:
    role = Role(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/other-worker", "s")
    records = Records(folder)
    for grant in grants:
        request = Request(role, "s3:GetObject", f"{BUCKET}/in/x", {})
        records.add(request, Decision(allowed, "because", (grant,)))


def test_a_grant_that_no_call_used_is_a_finding(tmp_path: Path) -> None:
    use(tmp_path, Grant("work", "Work", 0, "s3:GetObject", 0))
    use(tmp_path, Grant("work", "Work", 0, "s3:PutObject", 1))
    found = compared(tmp_path, STATEMENT)
    assert [(each.action, each.resource) for each in found.unused] == [
        ("s3:GetObject", "arn:aws:s3:::akashi-data/out/*"),
        ("s3:PutObject", "arn:aws:s3:::akashi-data/in/*"),
    ]
    assert not found.unknown


def test_what_was_denied_or_allowed_by_other_words_uses_nothing(tmp_path: Path) -> None:
    use(tmp_path, Grant("work", "Work", 0, "s3:GetObject", 0), allowed=False)
    use(tmp_path, Grant("other", "Work", 0, "s3:GetObject", 0))
    use(tmp_path, Grant("work", "Other", 0, "s3:GetObject", 0))
    assert len(compared(tmp_path, STATEMENT).unused) == 4


def test_an_exception_excuses_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    entry = {
        "policy": "WorkerRole",
        "statement": "Work",
        "actions": ["s3:PutObject"],
        "resources": ["/in/"],
        "reason": "tests do not",
    }
    found = compared(tmp_path, STATEMENT, {"unused": [entry]})
    assert len(found.unused) == 3
    assert not found.idle
    assert all((each.action, each.position) != ("s3:PutObject", 0) for each in found.unused)


def test_an_exception_that_nothing_needs_is_a_finding(tmp_path: Path) -> None:
    entry = {"policy": "WorkerRole", "statement": "Gone", "reason": "was there once"}
    assert len(compared(tmp_path, STATEMENT, {"unused": [entry]}).idle) == 1


@pytest.mark.parametrize("logical_id", ["CallWorker", "LetSomebodyElseCallTheWorker"])
def test_a_permission_is_known_by_the_name_that_the_local_world_makes_of_it(
    tmp_path: Path, logical_id: str
) -> None:
    permission = {
        "FunctionName": "akashi-worker",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
    }
    made = {
        "Resources": {logical_id: {"Type": "AWS::Lambda::Permission", "Properties": permission}}
    }
    sid = f"akashi-{logical_id[:24]}-f0d55f55"
    use(tmp_path, Grant("function/akashi-worker", sid, 0, "lambda:InvokeFunction", 0))
    found = report.compare(
        template.Template(made), template.Template(made, report.WILD), read_all([tmp_path]), []
    )
    assert (len(found.used), found.findings) == (1, 0)


def test_what_a_test_uses_sometimes_is_no_finding_either_way(tmp_path: Path) -> None:
    entry = {"policy": "WorkerRole", "statement": "Work", "reason": "two writers may meet"}
    exceptions = {"sometimes": [entry]}
    use(tmp_path, Grant("other", "Work", 0, "s3:GetObject", 0))
    never = compared(tmp_path, STATEMENT, exceptions)
    for action in ("s3:GetObject", "s3:PutObject"):
        for resource in range(2):
            use(tmp_path, Grant("work", "Work", 0, action, resource))
    always = compared(tmp_path, STATEMENT, exceptions)
    assert (len(never.used), len(always.used)) == (0, 4)
    assert never.findings == always.findings == 0


def test_what_a_test_uses_sometimes_has_to_be_granted(tmp_path: Path) -> None:
    entry = {"policy": "WorkerRole", "statement": "Gone", "reason": "was there once"}
    assert len(compared(tmp_path, STATEMENT, {"sometimes": [entry]}).idle) == 1


def test_findings_fail_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, exceptions = tmp_path / "template.json", tmp_path / "exceptions.yaml"
    made.write_text(json.dumps(source(STATEMENT)), encoding="utf-8")
    monkeypatch.setattr(report, "TEMPLATE", made)
    monkeypatch.setattr(report, "EXCEPTIONS", exceptions)
    monkeypatch.setattr("sys.argv", ["report", str(tmp_path)])
    exceptions.write_text("", encoding="utf-8")
    assert report.main() == 1, "nothing was recorded"
    use(tmp_path, Grant("work", "Work", 0, "s3:GetObject", 0))
    assert report.main() == 1
    assert "NOT USED: WorkerRole Work: s3:PutObject" in capsys.readouterr().out
    entry = {"policy": "WorkerRole", "statement": "Work", "reason": "a test of the report"}
    exceptions.write_text(json.dumps({"unused": [entry]}), encoding="utf-8")
    assert report.main() == 0
    exceptions.write_text(json.dumps({"unknown": [entry]}), encoding="utf-8")
    assert report.main() == 1
    assert "EXCEPTION THAT NOTHING NEEDS: unknown" in capsys.readouterr().out


def test_an_exception_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="reason"):
        report.exempt({"unused": [{"policy": "WorkerRole", "statement": "Work"}]})


@pytest.mark.parametrize(
    ("actions", "resources", "unknown"),
    [
        (["s3:GetObjekt"], ["*"], 1),
        (["s3:GetObject"], [{"Fn::GetAtt": ["Data", "Arn"]}], 1),
        (["s3:ListBucket"], [{"Fn::GetAtt": ["Data", "Arn"]}], 0),
        (["s3:ListBucket"], [{"Fn::Sub": "${Data.Arn}/x"}], 1),
        # Both belong to one of the other.
        (
            ["s3:ListBucket", "s3:GetObject"],
            [{"Fn::GetAtt": ["Data", "Arn"]}, {"Fn::Sub": "${Data.Arn}/x"}],
            0,
        ),
        # It has no resources, says the reference.
        (["states:SendTaskSuccess"], ["arn:aws:states:eu-west-1:1:stateMachine:m"], 1),
        (["states:SendTaskSuccess"], ["*"], 0),
        (["s3:Get*"], [{"Fn::Sub": "${Data.Arn}/*"}], 0),
        (["nothing:*"], ["*"], 1),
    ],
)
def test_actions_and_resources_that_aws_does_not_know_are_findings(
    tmp_path: Path, actions: list[str], resources: list[Any], unknown: int
) -> None:
    statement = {**STATEMENT, "Action": actions, "Resource": resources}
    assert len(compared(tmp_path, statement).unknown) == unknown


def test_records_of_several_worlds_are_joined(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    use(one, Grant("work", "Work", 0, "s3:GetObject", 0))
    use(two, Grant("work", "Work", 0, "s3:GetObject", 1))
    assert len(read_all([one, two])) == 2


def test_the_same_words_are_written_down_once(tmp_path: Path) -> None:
    grant = Grant("work", "Work", 0, "s3:GetObject", 0)
    use(tmp_path, grant, grant, grant)
    assert len(read_all([tmp_path])) == 1


def test_the_reference_knows_wildcards() -> None:
    assert "s3:getobject" in reference.actions_of("s3:Get*")
    assert reference.takes("s3:getobject", f"{BUCKET}/x")
    assert not reference.takes("s3:getobject", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q")


def test_the_file_of_exceptions_is_read() -> None:
    import yaml

    given = yaml.safe_load(report.EXCEPTIONS.read_text(encoding="utf-8"))
    assert all(entry.reason for entry in report.exempt(given))
