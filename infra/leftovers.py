"""What a creation that failed leaves behind, so that the next one can succeed."""

from __future__ import annotations

from typing import Any

from packages import DeployError
from teardown import Teardown

NEVER_COMPLETE = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""Where no deployment ever came to its end; what was updated has other names for it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""

SES_SETUP_OBJECT = "raw/AMAZON_SES_SETUP_NOTIFICATION"
"""What SES writes when a receipt rule is made, to see whether it may."""


class FailedCreation(Teardown):
    """A stack that never was whole.

    Its rollback cannot delete tables that refuse to be deleted, nor a bucket that SES has tried;
    and when such a stack is deleted, it keeps both (`RetainExceptOnCreate`), so that the next one
    finds their names taken.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    """

    def remove(self) -> None:
        """Deletes what is left and empty, then the stack.

        Raises:
            DeployError: something is not empty, and then nothing was deleted; or would not go.
        """
        left = self.resources()
        tables, buckets = (
            left.get(f"AWS::{kind}", []) for kind in ("DynamoDB::Table", "S3::Bucket")
        )
        for table in tables:
            if self._has_items(table):
                raise self._refusal(f"the table {table}")
        for bucket in buckets:
            if self._has_objects(bucket):
                raise self._refusal(f"the bucket {bucket}")
        for table in tables:
            self._delete_table(table)
        for bucket in buckets:
            self._delete_bucket(bucket)
        self._delete_stack()
        for key in left.get("AWS::KMS::Key", []):
            self._delete_key(key)

    def _has_items(self, table: str) -> bool:
        answer = self.dynamodb.scan(TableName=table, ConsistentRead=True, Limit=1)
        return bool(answer["Items"])

    def _has_objects(self, bucket: str) -> bool:
        answer: dict[str, Any] = self.s3.list_object_versions(
            Bucket=bucket, ExpectedBucketOwner=self.place.account
        )
        keys = {v["Key"] for v in [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]}
        return bool(keys - {SES_SETUP_OBJECT})

    def _refusal(self, what: str) -> DeployError:
        return DeployError(
            f"the creation of the stack {self.stack} failed, and {what} that it left is not empty:"
            " see what is in it, and delete it and the stack by hand"
        )
