"""Which actions on which resources, with which condition keys, a call stands for. Pure but for
what it looks up in the world.

https://docs.aws.amazon.com/service-authorization/latest/reference/ has a page for each service.

A call that is not here is nobody's but the operator's: what a role starts to call has to be added,
with the page that says what it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import getaddresses
from typing import Any

from akashi_localstack.iam.world import World

SECONDS_A_DAY = 86_400


class Unmapped(Exception):
    """A call of which nobody has said yet which permissions it takes."""


@dataclass(frozen=True)
class Need:
    """One permission that a call takes."""

    action: str
    resource: str
    kind: str = ""
    """What kind of policy the resource has, as `LocalWorld.resource_policy` names it."""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_service: str = ""
    """The service that asks in its own name, for what it does by itself."""


@dataclass(frozen=True)
class Call:
    """One call at the gateway."""

    service: str
    operation: str
    request: Mapping[str, Any]
    account: str
    region: str
    world: World

    def arn(self, service: str, resource: str) -> str:
        """An ARN of the call's account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def needs(call: Call) -> list[Need]:
    """All permissions that a call takes; without one of them it is denied.

    Raises:
        Unmapped: the call is not known here.
    """
    mapping = MAPPINGS.get(call.service, {}).get(call.operation)
    if mapping is None:
        raise Unmapped(f"{call.service}:{call.operation}")
    return mapping(call)


# ---- DynamoDB ------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html (IAM)


def _table_arn(call: Call, table: str) -> str:
    return table if table.startswith("arn:") else call.arn("dynamodb", f"table/{table}")


def _table(
    call: Call,
    action: str,
    table: str,
    index: str | None = None,
    keys: Mapping[str, Any] | None = None,
) -> list[Need]:
    """`keys` are attributes of the one item that it is about, those of its key among them."""
    arn = _table_arn(call, table)
    resource = f"{arn}/index/{index}" if index else arn
    name = arn.rpartition("/")[2]
    leading = _leading_keys(call, name, keys or {})
    found = [Need(f"dynamodb:{action}", resource, context=leading)]
    key = call.world.table_key(name, call.account, call.region)
    if key:
        # The caller opens the table's key, through DynamoDB.
        # The developer guide of DynamoDB: encryption.usagenotes.html
        context = {"aws:dynamodb:tablename": name, "aws:dynamodb:subscriberid": call.account}
        found.append(_key_need(call, "Decrypt", key, "dynamodb", context))
    return found


def _leading_keys(call: Call, table: str, item: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The partition of an item, as policies compare it.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    hash_key = call.world.table_hash_key(table, call.account, call.region)
    value = item.get(hash_key) if hash_key else None
    return {"dynamodb:leadingkeys": tuple(map(str, value.values()))} if value else {}


def _keys_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a call or a part of a transaction says of its item's key."""
    found: Mapping[str, Any] = body.get("Key") or body.get("Item") or {}
    return found


def _item(action: str) -> Callable[[Call], list[Need]]:
    return lambda call: _table(call, action, call.request["TableName"], keys=_keys_of(call.request))


def _query(action: str) -> Callable[[Call], list[Need]]:
    return lambda call: _table(
        call, action, call.request["TableName"], call.request.get("IndexName")
    )


def _transaction(call: Call) -> list[Need]:
    names = {"ConditionCheck": "ConditionCheckItem"}
    found = {}
    for item in call.request.get("TransactItems", []):
        for kind, body in item.items():
            action = names.get(kind, f"{kind}Item")
            for need in _table(call, action, body["TableName"], keys=_keys_of(body)):
                # Each item has to be allowed, and each is asked for with its own key.
                found[need.action, need.resource, tuple(need.context.items())] = need
    return list(found.values())


def _batch(action: str) -> Callable[[Call], list[Need]]:
    def mapping(call: Call) -> list[Need]:
        tables = call.request.get("RequestItems", {})
        return [need for table in tables for need in _table(call, action, table)]

    return mapping


# ---- S3 ------------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html


def _bucket_need(call: Call, action: str, **context: str | None) -> Need:
    return Need(
        f"s3:{action}", f"arn:aws:s3:::{call.request['Bucket']}", "bucket", _s3_context(context)
    )


def _object_need(call: Call, action: str, key: str, **context: str | None) -> Need:
    resource = f"arn:aws:s3:::{call.request['Bucket']}/{key}"
    return Need(f"s3:{action}", resource, "bucket", _s3_context(context))


def _s3_context(given: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    return {
        f"s3:{name.replace('_', '-')}": (str(value),)
        for name, value in given.items()
        if value is not None
    }


def _read_object(call: Call) -> list[Need]:
    request = call.request
    bucket, key, version = request["Bucket"], request["Key"], request.get("VersionId")
    action = "GetObjectVersion" if version else "GetObject"
    found = [_object_need(call, action, key, versionid=version)]
    if not version and not call.world.has_object(bucket, key):
        # "If you don't have the s3:ListBucket permission, Amazon S3 returns 403":
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        found.append(_bucket_need(call, "ListBucket"))
    opened = call.world.object_key(bucket, key, version)
    if opened and call.operation != "HeadObject":
        found.append(_s3_key_need(call, "Decrypt", opened, key))
    return found


def _s3_key_need(call: Call, action: str, encrypted_by: str, key: str) -> Need:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    bucket = f"arn:aws:s3:::{call.request['Bucket']}"
    is_shared = call.world.uses_bucket_keys(call.request["Bucket"])
    context = {"aws:s3:arn": bucket if is_shared else f"{bucket}/{key}"}
    return _key_need(call, action, encrypted_by, "s3", context)


def _put_object(call: Call) -> list[Need]:
    request = call.request
    key = request["Key"]
    found = [_object_need(call, "PutObject", key, **_put_context(request, creates="true"))]
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    extra = {
        "PutObjectRetention": request.get("ObjectLockMode"),
        "PutObjectLegalHold": request.get("ObjectLockLegalHoldStatus"),
        "PutObjectTagging": request.get("Tagging"),
        "PutObjectAcl": request.get("ACL"),
        # What is compared has to be readable.
        "GetObject": request.get("IfMatch"),
    }
    found += [_object_need(call, action, key) for action, given in extra.items() if given]
    encrypted_by = _put_key(call)
    if encrypted_by:
        found.append(_s3_key_need(call, "GenerateDataKey", encrypted_by, key))
    return found


def _put_key(call: Call) -> str | None:
    asked = call.request.get("ServerSideEncryption")
    if asked and asked != "aws:kms":
        return None
    named = call.request.get("SSEKMSKeyId")
    if named:
        return call.world.key_arn(named, call.account, call.region)
    return call.world.bucket_key(call.request["Bucket"])


def _put_context(request: Mapping[str, Any], creates: str) -> dict[str, str | None]:
    until = request.get("ObjectLockRetainUntilDate")
    days = None
    if isinstance(until, datetime):
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        # Whole days that are left for sure; AWS does not say how it rounds.
        days = str(int((aware - datetime.now(UTC)).total_seconds() // SECONDS_A_DAY))
    return {
        "objectcreationoperation": creates,
        "if_match": request.get("IfMatch"),
        "if_none_match": request.get("IfNoneMatch"),
        "object_lock_mode": request.get("ObjectLockMode"),
        "object_lock_retain_until_date": None if until is None else str(until),
        "object_lock_remaining_retention_days": days,
        "object_lock_legal_hold": request.get("ObjectLockLegalHoldStatus"),
        "x_amz_acl": request.get("ACL"),
        "x_amz_server_side_encryption": request.get("ServerSideEncryption"),
        "x_amz_server_side_encryption_aws_kms_key_id": request.get("SSEKMSKeyId"),
    }


def _upload_part(call: Call) -> list[Need]:
    context = _put_context(call.request, creates="false")
    return [_object_need(call, "PutObject", call.request["Key"], **context)]


def _complete_upload(call: Call) -> list[Need]:
    context = _put_context(call.request, creates="true")
    return [_object_need(call, "PutObject", call.request["Key"], **context)]


def _delete_object(call: Call) -> list[Need]:
    version = call.request.get("VersionId")
    action = "DeleteObjectVersion" if version else "DeleteObject"
    return [_object_need(call, action, call.request["Key"], versionid=version)]


def _delete_objects(call: Call) -> list[Need]:
    return [
        _object_need(
            call,
            "DeleteObjectVersion" if each.get("VersionId") else "DeleteObject",
            each["Key"],
            versionid=each.get("VersionId"),
        )
        for each in call.request.get("Delete", {}).get("Objects", [])
    ]


def _list(action: str) -> Callable[[Call], list[Need]]:
    def mapping(call: Call) -> list[Need]:
        request = call.request
        most = request.get("MaxKeys")
        return [
            _bucket_need(
                call,
                action,
                prefix=request.get("Prefix"),
                delimiter=request.get("Delimiter"),
                max_keys=None if most is None else str(most),
            )
        ]

    return mapping


def _of_object(action: str) -> Callable[[Call], list[Need]]:
    return lambda call: [_object_need(call, action, call.request["Key"])]


def _of_bucket(action: str) -> Callable[[Call], list[Need]]:
    return lambda call: [_bucket_need(call, action)]


# ---- KMS -----------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html


def _key_need(
    call: Call, action: str, key: str, through: str, context: Mapping[str, str], by: str = ""
) -> Need:
    """What a service asks of KMS on behalf of who called it."""
    keys = {f"kms:encryptioncontext:{name.lower()}": (value,) for name, value in context.items()}
    keys["kms:calleraccount"] = (call.account,)
    if not by:
        keys["kms:viaservice"] = (f"{through}.{call.region}.amazonaws.com",)
    return Need(f"kms:{action}", key, "key", keys, by)


def _key(action: str) -> Callable[[Call], list[Need]]:
    def mapping(call: Call) -> list[Need]:
        request = call.request
        arn = call.world.key_arn(request["KeyId"], call.account, call.region)
        if arn is None:
            return []  # KMS itself says that there is no such key.
        context: dict[str, tuple[str, ...]] = {"kms:calleraccount": (call.account,)}
        if request.get("SigningAlgorithm"):
            context["kms:signingalgorithm"] = (request["SigningAlgorithm"],)
            # RAW is what a request without it means.
            context["kms:messagetype"] = (request.get("MessageType") or "RAW",)
        for name, value in (request.get("EncryptionContext") or {}).items():
            context[f"kms:encryptioncontext:{name.lower()}"] = (value,)
        return [Need(f"kms:{action}", arn, "key", context)]

    return mapping


# ---- SES -----------------------------------------------------------------------------------------


def _send_email(call: Call) -> list[Need]:
    """A raw message takes another permission than a simple one, with SES v2 too, and the
    configuration set is asked as well as the identity:
    https://github.com/aws/aws-actionmailer-ses-ruby/issues/10
    https://github.com/medplum/medplum/pull/10102
    https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
    """
    request = call.request
    action = "ses:SendRawEmail" if "Raw" in request.get("Content", {}) else "ses:SendEmail"
    pairs = getaddresses([request.get("FromEmailAddress") or ""])
    sender = pairs[0][1] if pairs else ""
    destination = request.get("Destination") or {}
    recipients = tuple(
        address
        for kind in ("ToAddresses", "CcAddresses", "BccAddresses")
        for address in destination.get(kind) or []
    )
    context = {"ses:apiversion": ("2",), "ses:fromaddress": (sender,), "ses:recipients": recipients}
    identity = call.world.identity_of(sender, call.account, call.region)
    found = [Need(action, call.arn("ses", f"identity/{identity}"), "", context)]
    if request.get("ConfigurationSetName"):
        resource = call.arn("ses", f"configuration-set/{request['ConfigurationSetName']}")
        found.append(Need(action, resource, "", context))
    return found


# ---- SNS, SQS ------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html


def _publish(call: Call) -> list[Need]:
    request = call.request
    number = request.get("PhoneNumber")
    if number:
        return [Need("sns:Publish", number)]
    arn = request.get("TopicArn") or request.get("TargetArn") or ""
    found = [Need("sns:Publish", arn, "topic")]
    key = call.world.topic_key(arn) if arn.count(":") == 5 else None  # noqa: PLR2004
    if key:
        found += [
            _key_need(call, action, key, "sns", {"aws:sns:topicarn": arn})
            for action in ("GenerateDataKey", "Decrypt")
        ]
    return found


def _queue_arn(call: Call) -> str:
    return call.arn("sqs", call.request["QueueUrl"].rpartition("/")[2])


def _send_message(call: Call) -> list[Need]:
    # The developer guide of SQS: sqs-key-management.html
    arn = _queue_arn(call)
    found = [Need("sqs:SendMessage", arn, "queue")]
    key = call.world.queue_key(arn)
    if key:
        found += [
            _key_need(call, action, key, "sqs", {"aws:sqs:arn": arn})
            for action in ("GenerateDataKey", "Decrypt")
        ]
    return found


def _of_queue(action: str) -> Callable[[Call], list[Need]]:
    return lambda call: [Need(f"sqs:{action}", _queue_arn(call), "queue")]


# ---- Lambda, Step Functions, STS -----------------------------------------------------------------


def _invoke(call: Call) -> list[Need]:
    name, qualifier = call.request["FunctionName"], call.request.get("Qualifier")
    arn = name if name.startswith("arn:") else call.arn("lambda", f"function:{name}")
    return [Need("lambda:InvokeFunction", f"{arn}:{qualifier}" if qualifier else arn, "function")]


def _task(action: str) -> Callable[[Call], list[Need]]:
    def mapping(call: Call) -> list[Need]:
        token = call.request["taskToken"]
        machine = call.world.state_machine_of(token, call.account, call.region)
        # Nobody waits for it any more: Step Functions itself says so.
        return [] if machine is None else [Need(f"states:{action}", machine)]

    return mapping


def _start(call: Call) -> list[Need]:
    return [Need("states:StartExecution", call.request["stateMachineArn"])]


def _execution(action: str) -> Callable[[Call], list[Need]]:
    return lambda call: [Need(f"states:{action}", call.request["executionArn"])]


def _assume(call: Call) -> list[Need]:
    return [Need("sts:AssumeRole", call.request["RoleArn"], "role")]


def _nothing(_call: Call) -> list[Need]:
    """`GetCallerIdentity` takes no permission:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    return []


# ---- CloudWatch Logs -----------------------------------------------------------------------------
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
# "Use the second version, with the trailing :*, [...] when specifying permissions in IAM policies".


def _log(action: str) -> Callable[[Call], list[Need]]:
    def mapping(call: Call) -> list[Need]:
        group = call.request["logGroupName"]
        stream = call.request.get("logStreamName") or ""
        arn = call.arn("logs", f"log-group:{group}")
        found = [Need(f"logs:{action}", f"{arn}:log-stream:{stream}")]
        key = call.world.log_group_key(group, call.account, call.region)
        if key and action == "PutLogEvents":
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
            service = f"logs.{call.region}.amazonaws.com"
            found += [
                _key_need(call, each, key, "logs", {"aws:logs:arn": arn}, by=service)
                for each in ("GenerateDataKey", "Decrypt")
            ]
        return found

    return mapping


MAPPINGS: Mapping[str, Mapping[str, Callable[[Call], list[Need]]]] = {
    "dynamodb": {
        **{name: _item(name) for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem")},
        **{name: _query(name) for name in ("Query", "Scan")},
        **{name: _batch(name) for name in ("BatchGetItem", "BatchWriteItem")},
        "DescribeTable": _item("DescribeTable"),
        "TransactWriteItems": _transaction,
        "TransactGetItems": _transaction,
    },
    "s3": {
        "GetObject": _read_object,
        "HeadObject": _read_object,
        "PutObject": _put_object,
        "CreateMultipartUpload": _upload_part,
        "UploadPart": _upload_part,
        "CompleteMultipartUpload": _complete_upload,
        "DeleteObject": _delete_object,
        "DeleteObjects": _delete_objects,
        "ListObjects": _list("ListBucket"),
        "ListObjectsV2": _list("ListBucket"),
        "ListObjectVersions": _list("ListBucketVersions"),
        "HeadBucket": _of_bucket("ListBucket"),
        "GetObjectRetention": _of_object("GetObjectRetention"),
        "PutObjectRetention": _of_object("PutObjectRetention"),
        "GetObjectTagging": _of_object("GetObjectTagging"),
        "PutObjectTagging": _of_object("PutObjectTagging"),
        "DeleteObjectTagging": _of_object("DeleteObjectTagging"),
    },
    "kms": {
        name: _key(name)
        for name in ("Sign", "Verify", "GetPublicKey", "DescribeKey", "Encrypt", "GenerateDataKey")
    },
    "sesv2": {"SendEmail": _send_email},
    "sns": {"Publish": _publish},
    "sqs": {
        "SendMessage": _send_message,
        "SendMessageBatch": _send_message,
        **{
            name: _of_queue(name)
            for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
        },
    },
    "lambda": {"Invoke": _invoke},
    "stepfunctions": {
        "StartExecution": _start,
        **{
            name: _task(name)
            for name in ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")
        },
        **{name: _execution(name) for name in ("DescribeExecution", "StopExecution")},
    },
    "sts": {"AssumeRole": _assume, "GetCallerIdentity": _nothing},
    "logs": {
        name: _log(name)
        for name in (
            "CreateLogGroup",
            "CreateLogStream",
            "PutLogEvents",
            "PutMetricFilter",
            "PutRetentionPolicy",
            "DescribeLogStreams",
        )
    },
}
