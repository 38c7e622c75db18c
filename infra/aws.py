"""Who talks to AWS, where, and what went wrong in one sentence."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from packages import DeployError

STACK_SECONDS_MAX = 1800
POLL_SECONDS = 5.0
LOCAL_POLL_SECONDS = 0.2

_SIGN_IN = "sign in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret"
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"})


@dataclass(frozen=True)
class Place:
    """An account and a region, as somebody."""

    session: Any
    account: str
    region: str
    caller: str
    """The ARN that STS gives, of a session or a user."""
    is_local: bool

    def client(self, service: str) -> Any:
        """The client of a service."""
        return self.session.client(service, config=Config(max_pool_connections=16))

    @property
    def poll_seconds(self) -> float:
        """How long to wait before looking again."""
        return LOCAL_POLL_SECONDS if self.is_local else POLL_SECONDS


def connect(*, local: bool) -> Place:
    """Finds credentials and region; AWS_REGION counts, which boto3 does not read."""
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if session.region_name is None:
        raise NoRegionError
    identity = session.client("sts").get_caller_identity()
    return Place(session, identity["Account"], session.region_name, identity["Arn"], local)


@contextmanager
def explained() -> Iterator[None]:
    """Turns what the SDK raises into one sentence that says what to do.

    Raises:
        DeployError: in place of the SDK's own.
    """
    try:
        yield
    except NoRegionError as error:
        raise DeployError(
            "there is no region: set AWS_REGION, e.g. to ap-northeast-1, or name one in your"
            " profile"
        ) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise DeployError(f"there are no credentials for AWS: {_SIGN_IN}") from error
    except ProfileNotFound as error:
        raise DeployError(f"{error}: {_SIGN_IN}") from error
    except (SSOError, TokenRetrievalError) as error:
        raise DeployError(f"your session has ended ({error}): run `aws sso login`") from error
    except EndpointConnectionError as error:
        raise DeployError(f"AWS cannot be reached: {error}") from error
    except ClientError as error:
        if code_of(error) in _EXPIRED:
            raise DeployError(f"your credentials are not good any more: {_SIGN_IN}") from error
        raise DeployError(f"AWS refused: {error}") from error
    except BotoCoreError as error:
        raise DeployError(f"calling AWS failed: {error}") from error


def code_of(error: ClientError) -> str:
    """The service's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def describe_stack(formation: Any, stack: str) -> dict[str, Any] | None:
    """The stack as it is; `None` where there is none."""
    try:
        found: dict[str, Any] = formation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return found


def wait_for_stack(place: Place, formation: Any, stack: str) -> str:
    """Waits until nothing changes any more; the status, `DELETE_COMPLETE` when it is gone."""
    deadline = time.monotonic() + STACK_SECONDS_MAX
    while time.monotonic() < deadline:
        found = describe_stack(formation, stack)
        status = "DELETE_COMPLETE" if found is None else str(found["StackStatus"])
        if not status.endswith("_IN_PROGRESS"):
            return status
        time.sleep(place.poll_seconds)
    return "still in progress"


def reasons(formation: Any, stack: str) -> str:
    """Why a stack could not be made, changed or deleted."""
    events = formation.describe_stack_events(StackName=stack)["StackEvents"]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    )


def principal_of(caller: str, iam: Any) -> str:
    """The ARN that `aws:PrincipalArn` holds: of a session's role with its path, not of the session.

    The ARN of a session leaves the path out, and roles of IAM Identity Center have one.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html

    Raises:
        DeployError: the role cannot be looked up.
    """
    parts = caller.split(":", 5)
    resource = parts[5].split("/")
    if parts[2] != "sts" or resource[0] != "assumed-role":
        return caller
    try:
        return str(iam.get_role(RoleName=resource[1])["Role"]["Arn"])
    except ClientError as error:
        raise DeployError(
            f"the role {resource[1]}, which you act as, cannot be looked up ({code_of(error)}):"
            " allow iam:GetRole, or name it with its path:"
            " --parameter CertificateRequester=arn:aws:iam::...:role/..."
        ) from error
