"""How the parts of this package call the world's own AWS services."""

from __future__ import annotations

from typing import Any


def clients(account: str, region: str) -> Any:
    """What makes clients of this world's services that act for this account: `clients(...).s3`.

    `service_client` makes those that act as a service of AWS.
    """
    from localstack.aws.connect import connect_to
    from localstack.constants import INTERNAL_AWS_SECRET_ACCESS_KEY

    return connect_to(
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key=INTERNAL_AWS_SECRET_ACCESS_KEY,
    )


def service_client(account: str, region: str, service: str, principal: str, source: str) -> Any:
    """A client that acts as a service of AWS (`ses.amazonaws.com`) for a resource: policies of what
    it calls have to let that service in.
    """
    made = getattr(clients(account, region), service)
    return made.request_metadata(service_principal=principal, source_arn=source)


def role_clients(role: str, region: str, principal: str) -> Any:
    """What makes clients with credentials of a role that a service of AWS assumes.

    Raises:
        ClientError: the role does not let the service assume it.
    """
    from localstack.aws.connect import connect_to

    return connect_to.with_assumed_role(
        role_arn=role, service_principal=principal, region_name=region
    )
