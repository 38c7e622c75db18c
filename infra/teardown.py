#!/usr/bin/env python3
"""Removes a trial stack wholly: its originals, tables, mail, keys and rule set.

    python3 infra/teardown.py --stack akashi-trial          # says what would go
    python3 infra/teardown.py --stack akashi-trial --yes

Only a stack with `Retention=GOVERNANCE-1D`; what a stack with COMPLIANCE-10Y has locked nobody can
delete, and AWS charges for it until its day. A run that is cut off is run again: the stack goes
after all that it would leave, and only its keys after it.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

INFRA = Path(__file__).resolve().parent
ROOT = INFRA.parent
PYTHON = ROOT / ".local" / "venv" / "bin" / "python"
TRIAL = "GOVERNANCE-1D"
KEY_PENDING_DAYS = 7
"""The shortest that KMS takes."""

sys.path.insert(0, str(INFRA))
sys.path.insert(0, str(ROOT / "localstack"))

from packages import DeployError  # noqa: E402 - it stands beside this script.


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", required=True, help="name of the stack")
    parser.add_argument("--local", action="store_true", help="in the local world")
    parser.add_argument("--yes", action="store_true", help="do it; without, it is only said")
    given = parser.parse_args()
    if Path(sys.prefix).resolve() != PYTHON.parents[1].resolve():
        if not PYTHON.exists():
            print(f"teardown: {PYTHON} is not there: run `make venv`", file=sys.stderr)
            return 1
        os.execv(PYTHON, [str(PYTHON), *sys.argv])  # noqa: S606 - no shell is needed.
    import aws

    if given.local:
        import deploy

        deploy.use_local_credentials()
    try:
        with aws.explained():
            Teardown(aws.connect(local=given.local), given.stack).run(is_meant=given.yes)
    except DeployError as error:
        print(f"teardown: {error}", file=sys.stderr)
        return 1
    return 0


class Teardown:
    """One run, with its clients."""

    def __init__(self, place: Any, stack: str) -> None:
        import names
        from account import Account

        self.place = place
        self.stack = stack
        self.account = Account(place, stack)
        self.formation = place.client("cloudformation")
        self.s3 = place.client("s3")
        self.dynamodb = place.client("dynamodb")
        self.states = place.client("stepfunctions")
        self.kms = place.client("kms")
        self.deployment_bucket = names.bucket_name(stack, place.account, place.region)

    def run(self, *, is_meant: bool) -> None:
        """Removes everything, or says what that is.

        Raises:
            DeployError: there is no such stack, it is not for trials, or something would not go.
        """
        self._require_trial()
        resources = self.resources()
        tables = resources.get("AWS::DynamoDB::Table", [])
        buckets = [*resources.get("AWS::S3::Bucket", []), self.deployment_bucket]
        keys = resources.get("AWS::KMS::Key", [])
        if not is_meant:
            for name in [*tables, *buckets, *keys, self.stack]:
                print(f"teardown: {name} would go")
            raise DeployError("nothing was done: say --yes")
        self._stop_mail_and_sms()
        for machine in resources.get("AWS::StepFunctions::StateMachine", []):
            self._stop_executions(machine)
        for table in tables:
            self._delete_table(table)
        for bucket in buckets:
            self._delete_bucket(bucket)
        self._delete_stack()
        for key in keys:
            self._delete_key(key)

    def _require_trial(self) -> None:
        import aws

        found = aws.describe_stack(self.formation, self.stack)
        if found is None:
            raise DeployError(f"there is no stack {self.stack} in {self.place.region}")
        parameters = {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", [])}
        retention = parameters.get("Retention")
        if retention != TRIAL:
            raise DeployError(
                f"the stack {self.stack} keeps its originals as {retention}, not as {TRIAL}: they"
                " are evidence, and cannot be deleted before their day"
            )

    def resources(self) -> dict[str, list[str]]:
        """Names of what the stack made and still has, by type."""
        resources: dict[str, list[str]] = {}
        pages = self.formation.get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=self.stack):
            for resource in page["StackResourceSummaries"]:
                name = resource.get("PhysicalResourceId")
                if name and resource["ResourceStatus"] not in {"CREATE_FAILED", "DELETE_COMPLETE"}:
                    resources.setdefault(resource["ResourceType"], []).append(name)
        return resources

    def _stop_mail_and_sms(self) -> None:
        if self.account.active_rule_set() == self.stack:
            self.account.ses.set_active_receipt_rule_set()
        wanted = self.account.wanted_sms_attributes()
        role = "DeliveryStatusIAMRole"
        if self.account.sms_attributes(wanted).get(role) == wanted[role]:
            # What was there before nobody has kept; without a role SNS does not log.
            self.account.sns.set_sms_attributes(
                attributes={role: "", "DeliveryStatusSuccessSamplingRate": "0"}
            )

    def _stop_executions(self, machine: str) -> None:
        # A state machine is not gone before its last execution has ended.
        pages = self.states.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=machine, statusFilter="RUNNING"):
            for execution in page["executions"]:
                self.states.stop_execution(
                    executionArn=execution["executionArn"], cause="the trial has ended"
                )

    def _delete_table(self, table: str) -> None:
        with ignoring("ResourceNotFoundException"):
            self.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
            self.dynamodb.get_waiter("table_exists").wait(TableName=table)
            self.dynamodb.delete_table(TableName=table)
            self.dynamodb.get_waiter("table_not_exists").wait(TableName=table)

    def _delete_bucket(self, bucket: str) -> None:
        ours = {"Bucket": bucket, "ExpectedBucketOwner": self.place.account}
        with ignoring("NoSuchBucket", "404"):
            # Else it would deny what follows, and nothing needs it any more.
            self.s3.delete_bucket_policy(**ours)
            bypass = {"BypassGovernanceRetention": True} if self._is_locked(ours) else {}
            for page in self.s3.get_paginator("list_object_versions").paginate(**ours):
                for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                    self.s3.delete_object(
                        **ours, **bypass, Key=version["Key"], VersionId=version["VersionId"]
                    )
            self.s3.delete_bucket(**ours)

    def _is_locked(self, ours: dict[str, str]) -> bool:
        # S3 takes the bypass nowhere else.
        with ignoring("ObjectLockConfigurationNotFoundError"):
            self.s3.get_object_lock_configuration(**ours)
            return True
        return False

    def _delete_key(self, key: str) -> None:
        with ignoring("KMSInvalidStateException", "NotFoundException"):
            self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=KEY_PENDING_DAYS)
            print(f"teardown: the key {key} goes in {KEY_PENDING_DAYS} days")

    def _delete_stack(self) -> None:
        import aws

        self.formation.delete_stack(StackName=self.stack)
        final = aws.wait_for_stack(self.place, self.formation, self.stack)
        if final != "DELETE_COMPLETE":
            why = aws.reasons(self.formation, self.stack)
            raise DeployError(f"the stack {self.stack} is {final}: {why}")
        print(f"teardown: {self.stack} is gone")


class ignoring:
    """Lets errors with these codes pass: what is to go is gone already."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Whether the error is one of them."""
        import aws
        from botocore.exceptions import ClientError

        return isinstance(error, ClientError) and aws.code_of(error) in self.codes


if __name__ == "__main__":
    sys.exit(main())
