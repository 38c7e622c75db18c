"""Lets LocalStack run functions as processes of this machine: no Docker, no container.

Selected with `LAMBDA_RUNTIME_EXECUTOR=process`. Everything around the single invocation
(concurrency, asynchronous retries, destinations, dead-letter queues, event sources) is
LocalStack's own.
"""

from __future__ import annotations

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import (
    LambdaRuntimeException,
    RuntimeExecutor,
)
from localstack.services.plugins import Service, aws_provider

from akashi_localstack import function_urls, payloads
from akashi_localstack.function_errors import METRICS
from akashi_localstack.iam import functions
from akashi_localstack.runtime_api import Invocation
from akashi_localstack.sandbox import Sandbox, SandboxStopped
from akashi_localstack.settings import LOOPBACK


@aws_provider(api="lambda", name="akashi")
def lambda_() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_LAMBDA=akashi`."""
    from localstack.services.lambda_.provider import LambdaProvider

    # Before the provider is made, which keeps the methods of its router.
    payloads.limit()
    function_urls.complete()
    functions.complete()
    _count_nothing()
    return Service.for_provider(LambdaProvider())


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """The entry point that LocalStack looks up by name."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> type[RuntimeExecutor]:
        """The class of which LocalStack makes one instance per execution environment."""
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    """One execution environment, kept in a `Sandbox`."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._sandbox: Sandbox | None = None

    def start(self, env_vars: dict[str, object]) -> None:
        """Starts the process; whether it came up, the first invocation tells."""
        environment = {name: str(value) for name, value in env_vars.items()}
        # Lambda has none of these; a function must not come to need them.
        for name in [name for name in environment if name.startswith("LOCALSTACK_")]:
            del environment[name]
        del environment["EDGE_PORT"]
        config = self.function_version.config
        code = config.code.get_unzipped_code_location()
        self._sandbox = Sandbox(code, environment, int(config.memory_size))
        self._sandbox.start()

    def stop(self) -> None:
        """Kills the process and whatever it started."""
        if self._sandbox is not None:
            self._sandbox.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Runs one event and gives back its answer and its log."""
        if self._sandbox is None:
            raise LambdaRuntimeException("an environment was invoked before it was started")
        invocation = Invocation(
            request_id=payload["invoke-id"],
            function_arn=payload["invoked-function-arn"],
            payload=payload["payload"].encode(),
            trace_id=payload["trace-id"],
            timeout_seconds=float(self.function_version.config.timeout),
        )
        try:
            result = self._sandbox.invoke(invocation)
        except SandboxStopped as error:
            raise LambdaRuntimeException(str(error)) from error
        outcome = result.outcome
        METRICS.record(
            self.function_version.id.function_name,
            invocation.request_id,
            invocation.payload,
            outcome.payload if outcome.is_error else None,
        )
        return InvocationResult(
            invocation.request_id, outcome.payload, is_error=outcome.is_error, logs=result.log
        )

    def get_address(self) -> str:
        """Where the environment runs: here."""
        return LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        """Where the environment finds LocalStack: on the same machine."""
        return LOOPBACK

    def get_runtime_endpoint(self) -> str:
        """Only LocalStack's own init program asks for this, and there is none."""
        return ""

    def get_logs(self) -> str:
        """Nothing: every invocation hands over its log by itself."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpacks the code.

        Raises:
            LambdaRuntimeException: the function needs a runtime or layers that are not here.
        """
        config = function_version.config
        if not (config.runtime or "").startswith("provided"):
            raise LambdaRuntimeException(
                f"only custom runtimes (provided.al2023) run here, not {config.runtime}"
            )
        if config.layers:
            raise LambdaRuntimeException("layers do not exist here")
        config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing: LocalStack removes the unpacked code together with the archive."""


def _count_nothing() -> None:
    """Leaves out Lambda's CloudWatch metrics, which nobody here reads.

    LocalStack 4.9.2 calls itself by HTTP for each of them, once or twice an invocation, and has no
    setting against it.
    """
    from localstack.services.lambda_.invocation import metrics

    metrics.publish_lambda_metric = lambda *_args, **_kwargs: None
