"""Calls with a role at a running world: what no policy allows is denied, as AWS denies it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import REGION, World

ACCOUNT = "000000000000"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class Worker:
    """A role, with whose credentials calls are made."""

    def __init__(self, world: World) -> None:
        self.name = f"worker-{uuid4()}"
        self._world = world
        self._iam = world.client("iam")
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        made = self._iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=policy(trust))
        self.arn = made["Role"]["Arn"]
        assumed = world.client("sts").assume_role(RoleArn=self.arn, RoleSessionName="test")
        self._credentials = assumed["Credentials"]

    def may(self, *statements: dict[str, Any]) -> None:
        """Gives it one policy, in place of what it had."""
        self._iam.put_role_policy(
            RoleName=self.name, PolicyName="work", PolicyDocument=policy(*statements)
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._world.gateway_url,
            region_name=REGION,
            aws_access_key_id=self._credentials["AccessKeyId"],
            aws_secret_access_key=self._credentials["SecretAccessKey"],
            aws_session_token=self._credentials["SessionToken"],
        )

    def remove(self) -> None:
        for name in self._iam.list_role_policies(RoleName=self.name)["PolicyNames"]:
            self._iam.delete_role_policy(RoleName=self.name, PolicyName=name)
        self._iam.delete_role(RoleName=self.name)


@pytest.fixture
def worker(world: World) -> Iterator[Worker]:
    made = Worker(world)
    yield made
    made.remove()


@pytest.fixture
def bucket(world: World) -> str:
    name = f"iam-{uuid4()}"
    where = {"LocationConstraint": REGION}
    world.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
    return name


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, int, str]:
    """The code, the status and the message of a call that has to be refused."""
    with pytest.raises(ClientError) as refused:
        call(**request)
    response = refused.value.response
    error = response["Error"]
    return error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


def test_a_denied_call_gets_the_error_of_its_service(world: World, worker: Worker) -> None:
    queue = world.client("sqs").create_queue(QueueName=f"iam-{uuid4()}")["QueueUrl"]
    topic = world.client("sns").create_topic(Name=f"iam-{uuid4()}")["TopicArn"]
    cases: list[tuple[str, str, dict[str, Any], tuple[str, int]]] = [
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, ("AccessDenied", 403)),
        ("dynamodb", "get_item", {"TableName": "t", "Key": {}}, ("AccessDeniedException", 400)),
        ("sqs", "send_message", {"QueueUrl": queue, "MessageBody": "x"}, ("AccessDenied", 403)),
        ("sns", "publish", {"TopicArn": topic, "Message": "x"}, ("AuthorizationError", 403)),
        ("lambda", "invoke", {"FunctionName": "f"}, ("AccessDeniedException", 403)),
    ]
    for service, operation, request, expected in cases:
        code, status, message = refusal(getattr(worker.client(service), operation), **request)
        assert (code, status) == expected
        assert f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{worker.name}/test" in message
        assert "because no identity-based policy allows the" in message


def test_a_change_of_a_policy_counts_at_once(worker: Worker, bucket: str) -> None:
    s3 = worker.client("s3")
    put = {"Bucket": bucket, "Key": "in/x", "Body": b"x"}
    assert refusal(s3.put_object, **put)[0] == "AccessDenied"
    worker.may(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/in/*"))
    s3.put_object(**put)
    assert refusal(s3.put_object, **{**put, "Key": "out/x"})[0] == "AccessDenied"
    worker.may(allow("s3:GetObject"))
    assert refusal(s3.put_object, **put)[0] == "AccessDenied"


def test_a_missing_object_is_forbidden_to_whom_may_not_list(worker: Worker, bucket: str) -> None:
    s3 = worker.client("s3")
    worker.may(allow("s3:GetObject"))
    assert refusal(s3.get_object, Bucket=bucket, Key="none")[0] == "AccessDenied"
    worker.may(allow("s3:GetObject"), allow("s3:ListBucket"))
    assert refusal(s3.get_object, Bucket=bucket, Key="none")[0] == "NoSuchKey"


def test_what_is_encrypted_takes_the_key_too(world: World, worker: Worker, bucket: str) -> None:
    key = world.client("kms").create_key()["KeyMetadata"]["Arn"]
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    world.client("s3").put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    s3 = worker.client("s3")
    put = {"Bucket": bucket, "Key": "x", "Body": b"x"}
    worker.may(allow("s3:*"))
    assert "kms:GenerateDataKey" in refusal(s3.put_object, **put)[2]
    through = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
    worker.may(allow("s3:*"), allow("kms:GenerateDataKey", key, Condition=through))
    s3.put_object(**put)
    assert "kms:Decrypt" in refusal(s3.get_object, Bucket=bucket, Key="x")[2]


def test_a_call_that_nobody_has_mapped_is_denied_and_named(worker: Worker) -> None:
    worker.may(allow("*"))
    _, _, message = refusal(worker.client("ssm").get_parameter, Name="x")
    assert "nobody has said which permissions ssm:GetParameter takes" in message


def test_a_policy_that_is_not_understood_allows_nothing(worker: Worker, bucket: str) -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    worker.may(allow("s3:PutObject"), allow("s3:GetObject", Condition=condition))
    put = {"Bucket": bucket, "Key": "x", "Body": b"x"}
    message = refusal(worker.client("s3").put_object, **put)[2]
    assert "the condition key aws:PrincipalOrgID is not known here" in message


def test_the_operator_is_stopped_by_a_deny_alone(world: World, bucket: str) -> None:
    s3 = world.client("s3")
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    kept = {**allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/*"), "Principal": "*"}
    kept = {**kept, "Effect": "Deny", "Sid": "Kept"}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(kept))
    message = refusal(s3.delete_object, Bucket=bucket, Key="x")[2]
    assert "with an explicit deny in a resource-based policy (Kept)" in message


def test_a_stranger_without_credentials_sees_what_everybody_may(world: World, bucket: str) -> None:
    s3 = world.client("s3")
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    address = f"{world.gateway_url}/{bucket}/x"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address)
    open_to_all = {**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), "Principal": "*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(open_to_all))
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"x"


def test_what_was_decided_is_written_down_and_measured(
    world: World, worker: Worker, bucket: str
) -> None:
    worker.may(allow("s3:List*", f"arn:aws:s3:::{bucket}", Sid="Look"))
    worker.client("s3").list_objects_v2(Bucket=bucket)
    lines = [
        json.loads(line)
        for file in (world.run / "iam").glob("*.jsonl")
        for line in file.read_text().splitlines()
    ]
    (found,) = [line for line in lines if line["principal"] == f"role/{worker.name}"]
    assert (found["action"], found["allowed"]) == ("s3:ListBucket", True)
    (grant,) = found["grants"]
    assert (grant["policy"], grant["sid"], grant["action"]) == ("work", "Look", "s3:List*")
    with urllib.request.urlopen(f"{world.gateway_url}/_akashi/iam") as answer:
        assert json.load(answer)["decisions"] > 0
