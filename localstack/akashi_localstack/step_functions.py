"""LocalStack's own Step Functions, but that nothing is made twice (of LocalStack 4.9.2), and that
the end of a wait does not fail because another execution begins at that moment.

LocalStack builds the tables of a JSONPath parser anew each time that a state reads a path, 40 ms of
CPU, reads the whole definition of a state machine anew at each start of an execution, and assumes
the role and makes a client anew for each task. That was nine tenths of its work when executions
began: 220 ms of CPU for each, of which 35 are left.
"""

from __future__ import annotations

import functools
from typing import Any

from localstack.services.plugins import Service, aws_provider

PATHS_MAX = 1_000
DEFINITIONS_MAX = 20
CLIENTS_MAX = 20
"""Of each, the ones that were not used for longest are forgotten."""
CONNECTIONS_MAX = 50
"""Kept open by a client; each task that calls at the same time takes one."""
TRIES_MAX = 3
"""Of one call. The gateway closes a kept connection at the moment that a call is written to it, and
LocalStack's own single try makes that a failed execution, `States.Runtime`, which no workflow
retries. A task is called again on AWS, too: every step here takes the same event twice."""


@aws_provider(api="stepfunctions", name="akashi")
def stepfunctions() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_STEPFUNCTIONS=akashi`."""
    from localstack.services.stepfunctions.provider import StepFunctionsProvider

    _parse_once()
    _connect_once()
    look_for_tokens_where_some_can_be(StepFunctionsProvider)
    return Service.for_provider(StepFunctionsProvider())


def look_for_tokens_where_some_can_be(provider: Any) -> None:
    """LocalStack looks for a token in every running execution, and fails at one that begins."""
    running = provider._get_executions

    def begun(self: Any, context: Any, execution_status: Any = None) -> list[Any]:
        found = running(self, context, execution_status)
        return found if execution_status is None else [one for one in found if has_begun(one)]

    provider._get_executions = begun


def has_begun(execution: Any) -> bool:
    """Whether its states run, so that one of them may wait for a token."""
    worker = execution.exec_worker
    return worker is not None and worker.env is not None


def _parse_once() -> None:
    from localstack.services.stepfunctions.asl.component.common.path import result_path
    from localstack.services.stepfunctions.asl.parse import asl_parser
    from localstack.services.stepfunctions.asl.utils import json_path

    # A parsed path says where to look; what it is looked up in comes in with each call.
    json_path.parse = functools.lru_cache(PATHS_MAX)(json_path.parse)
    result_path.parse = functools.lru_cache(PATHS_MAX)(result_path.parse)

    parser = asl_parser.AmazonStateLanguageParser
    parse_anew = parser.parse

    @functools.lru_cache(DEFINITIONS_MAX)
    def tree_of(definition: str) -> Any:
        return parse_anew(definition)[1]

    def parse(definition: str) -> tuple[Any, Any]:
        # The tree is only read. The program of an execution is its own: parts of it hold state.
        tree = tree_of(definition)
        return asl_parser.Preprocessor().visit(tree), tree

    parser.parse = staticmethod(parse)


def _connect_once() -> None:
    from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import (
        credentials,
        lambda_eval_utils,
    )
    from localstack.services.stepfunctions.asl.utils import boto_client

    connect = boto_client.boto_client_for
    boto_client._BOTO_CLIENT_CONFIG = lasting(boto_client._BOTO_CLIENT_CONFIG)

    @functools.lru_cache(CLIENTS_MAX)
    def client_of(service: str, region: str, role_arn: str) -> Any:
        return connect(service, region, credentials.StateCredentials(role_arn))

    def client_for(service: str, region: str, state_credentials: Any) -> Any:
        return client_of(service, region, state_credentials.role_arn)

    lambda_eval_utils.boto_client_for = client_for


def lasting(config: Any) -> Any:
    """A client's configuration for connections that are kept, and closed by the other side."""
    from botocore.config import Config

    changes = Config(
        max_pool_connections=CONNECTIONS_MAX, retries={"total_max_attempts": TRIES_MAX}
    )
    return config.merge(changes)
