"""Makes CloudFormation look at a resource more often than LocalStack does.

LocalStack waits five seconds before it looks again whether a function is active, one function
after the other: half a minute for a stack that is made in six seconds.
"""

from __future__ import annotations

POLL_SECONDS = 0.1


def poll_often() -> None:
    """Changes the default wait of LocalStack's own loop; its time limit stays as it is."""
    from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor

    limit_seconds, _wait_seconds = ResourceProviderExecutor.deploy_loop.__defaults__
    ResourceProviderExecutor.deploy_loop.__defaults__ = (limit_seconds, POLL_SECONDS)
