"""Names that are made of the stack's, and how long that may be. Standard library only."""

from __future__ import annotations

import re

from packages import DeployError

STACK_NAME_LENGTH_MAX = 24
"""`<stack>-deployment-<12 digits>-ap-northeast-1` is the longest name of a bucket, which may have
63 characters. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

_STACK_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_RESERVED = ("xn--", "sthree-", "amzn-s3-demo-")
"""What no name of a bucket may begin with."""


def require_stack_name(stack: str) -> None:
    """Checks the name before anything is made: buckets, roles and tables are named by it.

    Raises:
        DeployError: something could not have a name with it.
    """
    if not _STACK_NAME.fullmatch(stack) or len(stack) > STACK_NAME_LENGTH_MAX:
        raise DeployError(
            f"no stack can be called {stack}: buckets and roles are named by it, so it takes small"
            " letters, digits and hyphens, begins with a letter, does not end with a hyphen, and"
            f" has at most {STACK_NAME_LENGTH_MAX} characters"
        )
    if stack.startswith(_RESERVED):
        raise DeployError(f"no stack can be called {stack}: no bucket may begin like that")


def bucket_name(stack: str, account: str, region: str) -> str:
    """The bucket that code and template are uploaded to."""
    return f"{stack}-deployment-{account}-{region}"


def role_name(stack: str, region: str, role: str) -> str:
    """A role of the stack, as the template names them."""
    return f"{stack}-{region}-{role}"
