"""Encryption of buckets and log groups, which LocalStack's CloudFormation drops (of 4.9.2).

What is encrypted with a key of ours takes that key's permission: without this, nobody would notice
that a policy lacks it.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def keep() -> None:
    """Changes, once, how the two types are made and changed."""
    from localstack.services.logs.resource_providers.aws_logs_loggroup import LogsLogGroupProvider
    from localstack.services.s3.resource_providers.aws_s3_bucket import S3BucketProvider

    for provider, apply in ((S3BucketProvider, _bucket), (LogsLogGroupProvider, _log_group)):
        for name in ("create", "update"):
            setattr(provider, name, _applying(getattr(provider, name), apply))


def _applying(provide: Any, apply: Any) -> Any:
    @functools.wraps(provide)
    def provided(self: Any, request: Any) -> Any:
        progress = provide(self, request)
        apply(request, {**request.desired_state, **(progress.resource_model or {})})
        return progress

    return provided


def _bucket(request: Any, model: dict[str, Any]) -> None:
    rules = (model.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration")
    if not rules:
        return
    wanted = [
        {
            "ApplyServerSideEncryptionByDefault": dict(rule["ServerSideEncryptionByDefault"]),
            "BucketKeyEnabled": str(rule.get("BucketKeyEnabled", False)).lower() == "true",
        }
        for rule in rules
    ]
    request.aws_client_factory.s3.put_bucket_encryption(
        Bucket=model["BucketName"], ServerSideEncryptionConfiguration={"Rules": wanted}
    )


def _log_group(request: Any, model: dict[str, Any]) -> None:
    from moto.logs.models import logs_backends

    groups = logs_backends[request.account_id][request.region_name].groups
    if model.get("LogGroupName") in groups:
        groups[model["LogGroupName"]].kms_key_id = model.get("KmsKeyId")
