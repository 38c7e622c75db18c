"""The bucket that CloudFormation and Lambda take template and code from: ours, and unchanged."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import names
from aws import Place, code_of
from botocore.exceptions import ClientError
from packages import DeployError, Package, require_small


class Upload:
    """The deployment bucket of one stack.

    Its name can be guessed, so that somebody else may have made it first and give us back other
    code than we put in: each call says whose bucket it has to be, and each version of an object is
    bound by its digest.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """

    def __init__(self, place: Place, stack: str, archives: Path) -> None:
        self.place = place
        self.stack = stack
        self.archives = archives
        self.s3 = place.client("s3")
        self.bucket = names.bucket_name(stack, place.account, place.region)
        self.ours = {"Bucket": self.bucket, "ExpectedBucketOwner": place.account}

    def prepare(self) -> None:
        """Makes the bucket unless it is there: private, by TLS alone, keeping every version.

        Raises:
            DeployError: it belongs to somebody else.
        """
        try:
            self.s3.head_bucket(**self.ours)
        except ClientError as error:
            if code_of(error) not in {"404", "NoSuchBucket", "NotFound"}:
                raise DeployError(
                    f"the bucket {self.bucket} is not yours to use ({code_of(error)}): somebody"
                    " else may have made it. Choose another --stack"
                ) from error
            self._create()
        self.s3.put_public_access_block(
            **self.ours,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
        self.s3.put_bucket_versioning(**self.ours, VersioningConfiguration={"Status": "Enabled"})
        self.s3.put_bucket_policy(**self.ours, Policy=json.dumps(self._policy()))

    def _create(self) -> None:
        where = (
            {} if self.place.region == "us-east-1" else {"LocationConstraint": self.place.region}
        )
        configuration = {"CreateBucketConfiguration": where} if where else {}
        self.s3.create_bucket(Bucket=self.bucket, **configuration)

    def _policy(self) -> dict[str, Any]:
        partition = self.place.session.get_partition_for_region(self.place.region)
        arn = f"arn:{partition}:s3:::{self.bucket}"
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, f"{arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }

    def packages(self, found: list[Package]) -> dict[str, str]:
        """Uploads what is not there yet; the version of each package's archive, by its name."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            return dict(zip((p.name for p in found), pool.map(self._package, found), strict=True))

    def _package(self, package: Package) -> str:
        archive = package.archive(self.archives)
        if not self.place.is_local:
            require_small(archive)
        return self._put(package.object_key, archive.read_bytes())

    def template(self, text: str) -> str:
        """Uploads the template; its address, for CloudFormation."""
        body = text.encode()
        key = f"template/{hashlib.sha256(body).hexdigest()}.json"
        version = self._put(key, body)
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:
            return f"{endpoint}/{self.bucket}/{key}"
        host = f"{self.bucket}.s3.{self.place.region}.amazonaws.com"
        return f"https://{host}/{key}?versionId={version}"

    def _put(self, key: str, body: bytes) -> str:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        try:
            there = self.s3.head_object(**self.ours, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if code_of(error) not in {"404", "NoSuchKey", "NotFound"}:
                raise
            there = {}
        if there.get("ChecksumSHA256") == digest:
            return str(there["VersionId"])
        put = self.s3.put_object(**self.ours, Key=key, Body=body, ChecksumSHA256=digest)
        return str(put["VersionId"])

    def require_deployed(self, found: list[Package]) -> None:
        """Compares what the functions run with what was built here.

        Raises:
            DeployError: a function has other code.
        """
        functions = self.place.client("lambda")
        for package in found:
            archive = package.archive(self.archives).read_bytes()
            built = base64.b64encode(hashlib.sha256(archive).digest()).decode()
            name = f"{self.stack}-{package.name}"
            runs = functions.get_function_configuration(FunctionName=name)["CodeSha256"]
            if runs != built:
                raise DeployError(
                    f"the function {name} runs other code than was built here (SHA-256 {runs},"
                    f" not {built}): find out who changed it before you deploy again"
                )
