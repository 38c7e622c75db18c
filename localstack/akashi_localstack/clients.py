"""How the parts of this package call the world's own AWS services."""

from __future__ import annotations

from typing import Any


def clients(account: str, region: str) -> Any:
    """What makes clients of this world's services that act for this account: `clients(...).s3`."""
    from localstack.aws.connect import connect_to
    from localstack.constants import INTERNAL_AWS_SECRET_ACCESS_KEY

    return connect_to(
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key=INTERNAL_AWS_SECRET_ACCESS_KEY,
    )
