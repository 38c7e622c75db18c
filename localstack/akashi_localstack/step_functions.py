"""LocalStack's own Step Functions, but that nothing is parsed twice (of LocalStack 4.9.2).

LocalStack builds the tables of a JSONPath parser anew each time that a state reads a path, 40 ms of
CPU, and reads the whole definition of a state machine anew at each start of an execution. That was
85 % of its work when 200 executions began.
"""

from __future__ import annotations

import functools
from typing import Any

from localstack.services.plugins import Service, aws_provider

PATHS_MAX = 1_000
DEFINITIONS_MAX = 20
"""Of each, the ones that were not used for longest are forgotten."""


@aws_provider(api="stepfunctions", name="akashi")
def stepfunctions() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_STEPFUNCTIONS=akashi`."""
    from localstack.services.stepfunctions.provider import StepFunctionsProvider

    _parse_once()
    return Service.for_provider(StepFunctionsProvider())


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
