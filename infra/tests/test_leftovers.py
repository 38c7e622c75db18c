"""What a creation that failed left is cleared away, and never what holds something."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aws
import leftovers
import pytest
import stack
from botocore.exceptions import ClientError
from leftovers import SES_SETUP_OBJECT, FailedCreation
from packages import DeployError

REGION = "ap-northeast-1"
TABLE, BUCKET = "half-accounts", "half-inbound"


class Formation:
    """CloudFormation after a rollback that failed: LocalStack has none that fails."""

    def __init__(self, resources: dict[str, tuple[str, str]]) -> None:
        self.resources = resources
        self.deleted = False

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_stack_resources"
        summaries = [
            {"ResourceType": kind, "PhysicalResourceId": name, "ResourceStatus": status}
            for name, (kind, status) in self.resources.items()
        ]
        return SimpleNamespace(paginate=lambda **_: [{"StackResourceSummaries": summaries}])

    def delete_stack(self, **named: str) -> None:
        assert named == {"StackName": "half"}
        self.deleted = True

    def describe_stacks(self, **_: str) -> Any:
        error = {"Error": {"Code": "ValidationError", "Message": "half does not exist"}}
        raise ClientError(error, "DescribeStacks")


@pytest.fixture
def place(world: Any, monkeypatch: pytest.MonkeyPatch) -> aws.Place:
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.gateway_url)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return aws.connect(local=True)


@pytest.fixture
def key(world: Any) -> str:
    return str(world.client("kms").create_key()["KeyMetadata"]["KeyId"])


@pytest.fixture
def creation(world: Any, place: aws.Place, key: str) -> Iterator[FailedCreation]:
    """A stack of which a protected table, the bucket that SES has tried, and a key are left."""
    dynamodb, s3 = world.client("dynamodb"), world.client("s3")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        DeletionProtectionEnabled=True,
    )
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key=SES_SETUP_OBJECT, Body=b"From: no-reply@ses.example")
    made = FailedCreation(place, "half")
    made.formation = Formation(
        {
            TABLE: ("AWS::DynamoDB::Table", "DELETE_FAILED"),
            BUCKET: ("AWS::S3::Bucket", "DELETE_FAILED"),
            key: ("AWS::KMS::Key", "CREATE_COMPLETE"),
            # It was there before, with somebody's data: the creation failed because of it.
            "half-points": ("AWS::DynamoDB::Table", "CREATE_FAILED"),
            "half-gone": ("AWS::S3::Bucket", "DELETE_COMPLETE"),
        }
    )
    yield made
    for name in set(dynamodb.list_tables()["TableNames"]) & {TABLE}:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=name)
    if BUCKET in buckets(world):
        for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=one["Key"])
        s3.delete_bucket(Bucket=BUCKET)


def buckets(world: Any) -> set[str]:
    return {bucket["Name"] for bucket in world.client("s3").list_buckets()["Buckets"]}


def test_what_is_empty_goes_so_that_the_next_creation_finds_its_names_free(
    world: Any, creation: FailedCreation, key: str
) -> None:
    with pytest.raises(ClientError):
        # This is what stops the rollback.
        world.client("dynamodb").delete_table(TableName=TABLE)
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        world.client("s3").delete_bucket(Bucket=BUCKET)
    creation.remove()
    assert TABLE not in world.client("dynamodb").list_tables()["TableNames"]
    assert BUCKET not in buckets(world)
    assert creation.formation.deleted
    state = world.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    assert state == "PendingDeletion"


@pytest.mark.parametrize("holder", [TABLE, BUCKET])
def test_what_holds_something_stays_and_so_does_everything_else(
    world: Any, creation: FailedCreation, key: str, holder: str
) -> None:
    if holder == TABLE:
        world.client("dynamodb").put_item(TableName=TABLE, Item={"id": {"S": "a sender"}})
    else:
        world.client("s3").put_object(Bucket=BUCKET, Key="raw/a-mail", Body=b"From: taro")
    with pytest.raises(DeployError, match=f"{holder} that it left is not empty"):
        creation.remove()
    assert TABLE in world.client("dynamodb").list_tables()["TableNames"]
    assert BUCKET in buckets(world)
    assert not creation.formation.deleted
    state = world.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    assert state == "Enabled"


@pytest.mark.parametrize(
    ("status", "never_was"),
    [
        ("ROLLBACK_COMPLETE", True),
        ("ROLLBACK_FAILED", True),
        ("CREATE_FAILED", True),
        ("UPDATE_ROLLBACK_COMPLETE", False),
        ("UPDATE_ROLLBACK_FAILED", False),
        ("UPDATE_COMPLETE", False),
        ("DELETE_FAILED", False),
        (None, False),
    ],
)
def test_a_stack_that_ever_was_whole_is_left_alone(
    status: str | None, never_was: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    monkeypatch.setattr(
        stack,
        "FailedCreation",
        lambda _place, name: SimpleNamespace(remove=lambda: removed.append(name)),
    )
    deployment: Any = stack.Deployment.__new__(stack.Deployment)
    deployment.place = SimpleNamespace()
    deployment.options = SimpleNamespace(stack="half")
    assert deployment._cleared(status) == (None if never_was else status)
    assert removed == (["half"] if never_was else [])
    assert (status in leftovers.NEVER_COMPLETE) == never_was
