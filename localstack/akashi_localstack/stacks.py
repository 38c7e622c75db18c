"""What LocalStack's CloudFormation lacks.

It waits five seconds before it looks again whether a function is active, one function after the
other: half a minute for a stack that is made in six seconds. And it passes a function's reserved
concurrency over in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

POLL_SECONDS = 0.1


def poll_often() -> None:
    """Changes the default wait of LocalStack's own loop; its time limit stays as it is."""
    from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor

    limit_seconds, _wait_seconds = ResourceProviderExecutor.deploy_loop.__defaults__
    ResourceProviderExecutor.deploy_loop.__defaults__ = (limit_seconds, POLL_SECONDS)


def reserve_concurrency() -> None:
    """Lets functions have the reserved concurrency that their template gives them."""
    from localstack.services.cloudformation.resource_provider import OperationStatus
    from localstack.services.lambda_.resource_providers.aws_lambda_function import (
        LambdaFunctionProvider,
    )

    def reserving(handler: Callable[..., Any]) -> Callable[..., Any]:
        def handle(self: Any, request: Any) -> Any:
            progress = handler(self, request)
            wanted = request.desired_state.get("ReservedConcurrentExecutions")
            if progress.status == OperationStatus.SUCCESS:
                client = request.aws_client_factory.lambda_
                name = progress.resource_model["FunctionName"]
                if wanted is not None:
                    client.put_function_concurrency(
                        FunctionName=name, ReservedConcurrentExecutions=int(wanted)
                    )
                elif (request.previous_state or {}).get("ReservedConcurrentExecutions"):
                    client.delete_function_concurrency(FunctionName=name)
            return progress

        return handle

    LambdaFunctionProvider.create = reserving(LambdaFunctionProvider.create)
    LambdaFunctionProvider.update = reserving(LambdaFunctionProvider.update)
