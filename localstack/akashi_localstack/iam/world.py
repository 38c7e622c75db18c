"""What the local world holds that decisions depend on: policies, encryption, who has which key.

Everything is read from LocalStack's and moto's stores at each decision, so that a change counts at
once; documents that did not change are not read again (`policy.read` remembers texts).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from akashi_localstack.iam.evaluator import Role
from akashi_localstack.iam.policy import Document, read

ARN_COLONS = 5


class World(Protocol):
    """What the mapping of calls to actions has to look up."""

    def key_arn(self, key: str, account: str, region: str) -> str | None:
        """The ARN of a key of KMS by id, ARN or alias."""

    def table_key(self, table: str, account: str, region: str) -> str | None:
        """The customer's key that a table is encrypted with."""

    def table_hash_key(self, table: str, account: str, region: str) -> str | None:
        """The attribute by which a table is partitioned."""

    def bucket_key(self, bucket: str) -> str | None:
        """The customer's key by which a bucket encrypts new objects."""

    def object_key(self, bucket: str, key: str, version: str | None) -> str | None:
        """The customer's key that an object is encrypted with."""

    def has_object(self, bucket: str, key: str) -> bool:
        """Whether there is an object."""

    def uses_bucket_keys(self, bucket: str) -> bool:
        """Whether S3 makes one data key for many objects of the bucket."""

    def topic_key(self, arn: str) -> str | None:
        """The customer's key that a topic is encrypted with."""

    def log_group_key(self, group: str, account: str, region: str) -> str | None:
        """The customer's key that a log group is encrypted with."""

    def queue_key(self, arn: str) -> str | None:
        """The customer's key that a queue is encrypted with."""

    def state_machine_of(self, token: str, account: str, region: str) -> str | None:
        """The ARN of the state machine that waits for a task token."""

    def identity_of(self, address: str, account: str, region: str) -> str:
        """The verified identity by which an address sends."""


class _Sessions:
    """The roles of one account by access key.

    moto only lists them, and whoever has no role is not on the list: each call of the operator
    would go through all of it.
    """

    def __init__(self) -> None:
        self._roles: dict[str, Role] = {}
        self._read = 0

    def role_of(self, access_key: str, assumed: Sequence[Any]) -> Role | None:
        """Looks in what moto has listed by now."""
        # Two threads at once read the same places twice, which changes nothing.
        count = len(assumed)
        for each in assumed[self._read : count]:
            role = Role(each.account_id, each.role_arn, each.session_name)
            self._roles[each.access_key_id] = role
        self._read = count
        return self._roles.get(access_key)


class LocalWorld:
    """The stores of the LocalStack that this runs in."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Sessions] = {}

    def role_of(self, access_key: str, account: str) -> Role | None:
        """Whose session a temporary access key belongs to."""
        from moto.sts.models import sts_backends

        sessions = self._sessions.setdefault(account, _Sessions())
        return sessions.role_of(access_key, sts_backends[account]["aws"].assumed_roles)

    def identity_policies(self, role: Role) -> list[Document]:
        """All policies of a role."""
        found = self._role(role.account, role.arn)
        if found is None:
            return []
        inline = [read(name, _text(text)) for name, text in found.policies.items()]
        managed = [
            read(policy.name, _text(policy.document)) for policy in found.managed_policies.values()
        ]
        return inline + managed

    def resource_policy(self, kind: str, arn: str, account: str, region: str) -> Document | None:
        """The policy of a resource, of one of the kinds that have policies."""
        readers: dict[str, Callable[[], tuple[str, str | None]]] = {
            "bucket": lambda: _bucket_policy(arn),
            "topic": lambda: _topic_policy(arn),
            "queue": lambda: _queue_policy(arn),
            "key": lambda: _key_policy(arn),
            "function": lambda: _function_policy(arn, account, region),
            "role": lambda: self._trust_policy(arn, account),
        }
        name, text = readers[kind]()
        return None if not text else read(f"{kind}/{name}", text)

    def _trust_policy(self, arn: str, account: str) -> tuple[str, str | None]:
        found = self._role(account, arn)
        text = found and _text(found.assume_role_policy_document)
        return arn.rpartition("/")[2], text

    def _role(self, account: str, arn: str) -> Any:
        from moto.iam.models import iam_backends

        name = arn.rpartition("/")[2]
        roles = iam_backends[account]["aws"].roles.values()
        return next((role for role in roles if role.name == name), None)

    def key_arn(self, key: str, account: str, region: str) -> str | None:
        """See `World`."""
        found = _kms_key(key, account, region)
        return None if found is None else str(found.metadata["Arn"])

    def table_key(self, table: str, account: str, region: str) -> str | None:
        """See `World`."""
        from moto.dynamodb.models import dynamodb_backends

        found = dynamodb_backends[account][region].tables.get(table)
        sse = getattr(found, "sse_specification", None) or {}
        return self._customer_key(sse.get("KMSMasterKeyId"), account, region)

    def table_hash_key(self, table: str, account: str, region: str) -> str | None:
        """See `World`."""
        from moto.dynamodb.models import dynamodb_backends

        found = dynamodb_backends[account][region].tables.get(table)
        return found and str(found.hash_key_attr)

    def bucket_key(self, bucket: str) -> str | None:
        """See `World`."""
        found = _bucket(bucket)
        rule = (found and found.encryption_rule) or {}
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if default.get("SSEAlgorithm") != "aws:kms":
            return None
        return self._customer_key(
            default.get("KMSMasterKeyID"), found.bucket_account_id, found.bucket_region
        )

    def uses_bucket_keys(self, bucket: str) -> bool:
        """See `World`."""
        found = _bucket(bucket)
        return bool(((found and found.encryption_rule) or {}).get("BucketKeyEnabled"))

    def object_key(self, bucket: str, key: str, version: str | None) -> str | None:
        """See `World`."""
        found = _bucket(bucket)
        if found is None:
            return None
        stored = found.objects.get(key, version) if version else found.objects.get(key)
        if stored is None or getattr(stored, "encryption", None) != "aws:kms":
            return None
        return self._customer_key(stored.kms_key_id, found.bucket_account_id, found.bucket_region)

    def has_object(self, bucket: str, key: str) -> bool:
        """See `World`."""
        from localstack.services.s3.models import S3DeleteMarker

        found = _bucket(bucket)
        stored = found and found.objects.get(key)
        return stored is not None and not isinstance(stored, S3DeleteMarker)

    def topic_key(self, arn: str) -> str | None:
        """See `World`."""
        found = _topic(arn)
        region, account = arn.split(":")[3:5]
        return self._customer_key(found and found.kms_master_key_id, account, region)

    def log_group_key(self, group: str, account: str, region: str) -> str | None:
        """See `World`."""
        from moto.logs.models import logs_backends

        found = logs_backends[account][region].groups.get(group)
        return self._customer_key(found and found.kms_key_id, account, region)

    def queue_key(self, arn: str) -> str | None:
        """See `World`."""
        found = _queue(arn)
        region, account = arn.split(":")[3:5]
        return self._customer_key(found and found.attributes.get("KmsMasterKeyId"), account, region)

    def state_machine_of(self, token: str, account: str, region: str) -> str | None:
        """See `World`."""
        from localstack.services.stepfunctions.backend.store import sfn_stores

        for execution in list(sfn_stores[account][region].executions.values()):
            worker = getattr(execution, "exec_worker", None)
            environment = getattr(worker, "env", None)
            if environment and environment.callback_pool_manager.get(callback_id=token):
                return str(execution.state_machine_arn)
        return None

    def identity_of(self, address: str, account: str, region: str) -> str:
        """See `World`."""
        from moto.ses import ses_backends

        known = {name.lower() for name in ses_backends[account][region].email_identities}
        if address.lower() in known:
            return address.lower()
        labels = address.lower().rpartition("@")[2].split(".")
        domains = (".".join(labels[place:]) for place in range(len(labels)))
        return next((domain for domain in domains if domain in known), address)

    def _customer_key(self, key: Any, account: str, region: str) -> str | None:
        """The ARN of a key that has a policy of its own; AWS's own keys let everybody in."""
        if not key or "alias/aws/" in str(key):
            return None
        return self.key_arn(str(key), account, region)


def _bucket(name: str) -> Any:
    from localstack.services.s3.models import s3_stores

    for account in list(s3_stores):
        for region in list(s3_stores[account]):
            found = s3_stores[account][region].buckets.get(name)
            if found is not None:
                return found
    return None


def _topic(arn: str) -> Any:
    from moto.sns.models import sns_backends

    region, account = arn.split(":")[3:5]
    return sns_backends[account][region].topics.get(arn)


def _queue(arn: str) -> Any:
    from localstack.services.sqs.models import sqs_stores

    region, account, name = arn.split(":")[3:6]
    return sqs_stores[account][region].queues.get(name)


def _kms_key(key: str, account: str = "", region: str = "") -> Any:
    from localstack.services.kms.models import kms_stores

    if key.startswith("arn:"):
        region, account, key = key.split(":", 5)[3:6]
    store = kms_stores[account][region]
    if key.startswith("alias/"):
        alias = store.aliases.get(key)
        key = alias.metadata["TargetKeyId"] if alias else key
    return store.keys.get(key.removeprefix("key/"))


def _bucket_policy(arn: str) -> tuple[str, str | None]:
    name = arn.rpartition(":")[2].partition("/")[0]
    found = _bucket(name)
    return name, found and found.policy


def _topic_policy(arn: str) -> tuple[str, str | None]:
    found = _topic(arn) if arn.count(":") == ARN_COLONS else None
    return arn.rpartition(":")[2], found and found.policy


def _queue_policy(arn: str) -> tuple[str, str | None]:
    found = _queue(arn)
    return arn.rpartition(":")[2], found and found.attributes.get("Policy")


def _key_policy(arn: str) -> tuple[str, str | None]:
    found = _kms_key(arn)
    if found is None:
        return arn, None
    # Its id differs from stack to stack.
    return found.metadata.get("Description") or arn, found.policy


def _function_policy(arn: str, account: str, region: str) -> tuple[str, str | None]:
    from localstack.services.lambda_.invocation.models import lambda_stores

    parts = arn.split(":")
    name, qualifier = parts[6], parts[7] if len(parts) > 7 else "$LATEST"  # noqa: PLR2004
    function = lambda_stores[account][region].functions.get(name)
    permissions = function.permissions.get(qualifier) if function else None
    if permissions is None:
        return name, None
    return name, json.dumps(asdict(permissions.policy))


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
