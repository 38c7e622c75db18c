"""Which permissions a call takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from akashi_localstack.iam.actions import Call, Unmapped, needs

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"


class Things:
    """A world in which what is called `secret` is encrypted with a key of ours."""

    def key_arn(self, key: str, account: str, region: str) -> str | None:
        return KEY if key in ("k", KEY, "alias/k") else None

    def table_key(self, table: str, account: str, region: str) -> str | None:
        return KEY if table == "secret" else None

    def table_hash_key(self, table: str, account: str, region: str) -> str | None:
        return "pk" if table == "keyed" else None

    def bucket_key(self, bucket: str) -> str | None:
        return KEY if bucket == "secret" else None

    def object_key(self, bucket: str, key: str, version: str | None) -> str | None:
        return self.bucket_key(bucket)

    def has_object(self, bucket: str, key: str) -> bool:
        return key != "missing"

    def uses_bucket_keys(self, bucket: str) -> bool:
        return True

    def topic_key(self, arn: str) -> str | None:
        return KEY if arn.endswith(":secret") else None

    def log_group_key(self, group: str, account: str, region: str) -> str | None:
        return KEY if group == "secret" else None

    def queue_key(self, arn: str) -> str | None:
        return KEY if arn.endswith(":secret") else None

    def state_machine_of(self, token: str, account: str, region: str) -> str | None:
        return MACHINE if token == "waited for" else None

    def identity_of(self, address: str, account: str, region: str) -> str:
        return address.rpartition("@")[2]


def call(service: str, operation: str, **request: Any) -> Call:
    return Call(service, operation, request, ACCOUNT, REGION, Things())


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def ses(resource: str) -> str:
    return f"arn:aws:ses:{REGION}:{ACCOUNT}:{resource}"


def log(group: str, stream: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:{stream}"


MAIL = {"FromEmailAddress": '"A, B" <mail@akashi.test>', "ConfigurationSetName": "set"}
TRANSACTION = [
    {"Put": {"TableName": "a"}},
    {"Update": {"TableName": "a"}},
    {"Update": {"TableName": "a"}},
    {"ConditionCheck": {"TableName": "b"}},
    {"Delete": {"TableName": table("b")}},
]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (call("dynamodb", "GetItem", TableName="a"), [("dynamodb:GetItem", table("a"))]),
        (
            call("dynamodb", "GetItem", TableName="secret"),
            [("dynamodb:GetItem", table("secret")), ("kms:Decrypt", KEY)],
        ),
        (
            call("dynamodb", "Query", TableName="a", IndexName="i"),
            [("dynamodb:Query", f"{table('a')}/index/i")],
        ),
        (
            call("dynamodb", "TransactWriteItems", TransactItems=TRANSACTION),
            [
                ("dynamodb:PutItem", table("a")),
                ("dynamodb:UpdateItem", table("a")),
                ("dynamodb:ConditionCheckItem", table("b")),
                ("dynamodb:DeleteItem", table("b")),
            ],
        ),
        (call("s3", "GetObject", Bucket="b", Key="k/x"), [("s3:GetObject", "arn:aws:s3:::b/k/x")]),
        (
            call("s3", "GetObject", Bucket="secret", Key="x"),
            [("s3:GetObject", "arn:aws:s3:::secret/x"), ("kms:Decrypt", KEY)],
        ),
        (
            call("s3", "HeadObject", Bucket="secret", Key="x"),
            [("s3:GetObject", "arn:aws:s3:::secret/x")],
        ),
        (
            call("s3", "GetObject", Bucket="b", Key="missing"),
            [("s3:GetObject", "arn:aws:s3:::b/missing"), ("s3:ListBucket", "arn:aws:s3:::b")],
        ),
        (
            call("s3", "GetObject", Bucket="b", Key="x", VersionId="1"),
            [("s3:GetObjectVersion", "arn:aws:s3:::b/x")],
        ),
        (
            call("s3", "PutObject", Bucket="secret", Key="x", ObjectLockMode="COMPLIANCE"),
            [
                ("s3:PutObject", "arn:aws:s3:::secret/x"),
                ("s3:PutObjectRetention", "arn:aws:s3:::secret/x"),
                ("kms:GenerateDataKey", KEY),
            ],
        ),
        (
            call("s3", "PutObject", Bucket="secret", Key="x", ServerSideEncryption="AES256"),
            [("s3:PutObject", "arn:aws:s3:::secret/x")],
        ),
        (call("s3", "ListObjectsV2", Bucket="b"), [("s3:ListBucket", "arn:aws:s3:::b")]),
        (call("kms", "Sign", KeyId="alias/k", SigningAlgorithm="A"), [("kms:Sign", KEY)]),
        (
            call("sesv2", "SendEmail", Content={"Raw": {}}, **MAIL),
            [
                ("ses:SendRawEmail", ses("identity/akashi.test")),
                ("ses:SendRawEmail", ses("configuration-set/set")),
            ],
        ),
        (
            call("sesv2", "SendEmail", Content={"Simple": {}}, FromEmailAddress="a@b.test"),
            [("ses:SendEmail", ses("identity/b.test"))],
        ),
        (call("sns", "Publish", PhoneNumber="+81901"), [("sns:Publish", "+81901")]),
        (call("sns", "Publish", TopicArn=TOPIC), [("sns:Publish", TOPIC)]),
        (
            call("sns", "Publish", TopicArn=f"{TOPIC[:-1]}secret"),
            [
                ("sns:Publish", f"{TOPIC[:-1]}secret"),
                ("kms:GenerateDataKey", KEY),
                ("kms:Decrypt", KEY),
            ],
        ),
        (
            call("sqs", "SendMessage", QueueUrl="http://127.0.0.1/000000000000/q"),
            [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:q")],
        ),
        (
            call("lambda", "Invoke", FunctionName="f"),
            [("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")],
        ),
        (
            call("lambda", "Invoke", FunctionName="f", Qualifier="1"),
            [("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:1")],
        ),
        (
            call("stepfunctions", "StartExecution", stateMachineArn=MACHINE),
            [("states:StartExecution", MACHINE)],
        ),
        (
            call("stepfunctions", "SendTaskSuccess", taskToken="waited for"),
            [("states:SendTaskSuccess", MACHINE)],
        ),
        (call("stepfunctions", "SendTaskSuccess", taskToken="settled"), []),
        (
            call("logs", "CreateLogStream", logGroupName="g", logStreamName="s"),
            [("logs:CreateLogStream", log("g", "s"))],
        ),
        (
            call("logs", "PutLogEvents", logGroupName="secret", logStreamName="s"),
            [
                ("logs:PutLogEvents", log("secret", "s")),
                ("kms:GenerateDataKey", KEY),
                ("kms:Decrypt", KEY),
            ],
        ),
    ],
)
def test_a_call_takes_the_permissions_that_aws_names(
    made: Call, expected: list[tuple[str, str]]
) -> None:
    assert [(need.action, need.resource) for need in needs(made)] == expected


def test_what_nobody_has_mapped_is_told_and_not_let_through() -> None:
    with pytest.raises(Unmapped, match="dynamodb:DeleteTable"):
        needs(call("dynamodb", "DeleteTable", TableName="a"))


def test_a_put_carries_its_conditions_and_its_retention_in_whole_days() -> None:
    until = datetime.now(UTC) + timedelta(days=3650, minutes=1)
    made = call(
        "s3", "PutObject", Bucket="b", Key="x", IfNoneMatch="*", ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )  # fmt: skip
    context = needs(made)[0].context
    assert context["s3:if-none-match"] == ("*",)
    assert "s3:if-match" not in context
    assert context["s3:object-lock-remaining-retention-days"] == ("3650",)
    assert context["s3:objectcreationoperation"] == ("true",)


def test_what_is_encrypted_is_opened_through_the_service_that_was_called() -> None:
    _, opened = needs(call("dynamodb", "GetItem", TableName="secret"))
    assert opened.context["kms:viaservice"] == (f"dynamodb.{REGION}.amazonaws.com",)
    assert opened.context["kms:encryptioncontext:aws:dynamodb:tablename"] == ("secret",)
    assert opened.context["kms:calleraccount"] == (ACCOUNT,)


def test_logs_opens_the_key_of_a_group_in_its_own_name() -> None:
    *_, opened = needs(call("logs", "PutLogEvents", logGroupName="secret", logStreamName="s"))
    assert opened.by_service == f"logs.{REGION}.amazonaws.com"
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:secret"
    assert opened.context["kms:encryptioncontext:aws:logs:arn"] == (arn,)


def test_an_item_is_asked_for_with_its_partition() -> None:
    key = {"pk": {"S": "DISPATCH#1"}, "sk": {"S": "DISPATCH"}}
    others = {"pk": {"S": "INBOUND#1"}, "sk": {"S": "INTAKE"}, "text": {"S": "x"}}
    parts = [
        {"Update": {"TableName": "keyed", "Key": key}},
        {"Update": {"TableName": table("keyed"), "Key": {**key, "sk": {"S": "EVENT#1"}}}},
        {"Put": {"TableName": "keyed", "Item": others}},
        {"Put": {"TableName": "keyed", "Item": {**others, **key}}},
        {"Put": {"TableName": "a", "Item": others}},
    ]
    one = [
        call("dynamodb", "GetItem", TableName="keyed", Key=key),
        call("dynamodb", "PutItem", TableName="keyed", Item=others),
    ]
    cases: list[tuple[Any, list[tuple[str, str | None]]]] = [
        (one[0], [("GetItem", "DISPATCH#1")]),
        (one[1], [("PutItem", "INBOUND#1")]),
        (call("dynamodb", "Query", TableName="keyed"), [("Query", None)]),
        (
            call("dynamodb", "TransactWriteItems", TransactItems=parts),
            [
                ("UpdateItem", "DISPATCH#1"),
                ("PutItem", "INBOUND#1"),
                ("PutItem", "DISPATCH#1"),
                ("PutItem", None),
            ],
        ),
    ]
    for made, expected in cases:
        asked = [
            (need.action.removeprefix("dynamodb:"), need.context.get("dynamodb:leadingkeys"))
            for need in needs(made)
        ]
        assert asked == [(action, key and (key,)) for action, key in expected]
