"""How large an event may be: Lambda refuses larger ones before any function sees them.

LocalStack has no such limits. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html says
6 MB for a synchronous invocation and 1 MB for an asynchronous one. What a function answers is
measured by `runtime_api`.
"""

from __future__ import annotations

import functools
import json
from typing import Any

SYNCHRONOUS_BYTES_MAX = 6_291_456
"""6 MB, also of a request to a function URL: its event holds a body in base64, a third larger."""
ASYNCHRONOUS_BYTES_MAX = 1_048_576
"""1 MB since October 2025; it was 256 KB before."""

TOO_LARGE_STATUS = 413


def refusal(size_bytes: int, *, is_asynchronous: bool) -> str | None:
    """Why an event of this size is refused, in Lambda's words; None when it is not."""
    if is_asynchronous and size_bytes > ASYNCHRONOUS_BYTES_MAX:
        return (
            f"{size_bytes} byte payload is too large for the Event invocation type"
            f" (limit {ASYNCHRONOUS_BYTES_MAX} bytes)"
        )
    if not is_asynchronous and size_bytes > SYNCHRONOUS_BYTES_MAX:
        limit = f"smaller than {SYNCHRONOUS_BYTES_MAX} bytes"
        return f"Request must be {limit} for the InvokeFunction operation"
    return None


@functools.cache
def limit() -> None:
    """Changes, once, LocalStack's Lambda so that it refuses what is too large.

    It has to come before LocalStack registers the routes of function URLs.
    """
    from localstack.aws.api import CommonServiceException
    from localstack.services.lambda_.invocation.lambda_service import LambdaService
    from localstack.services.lambda_.urlrouter import FunctionUrlRouter
    from rolo import Response

    invoke, answer = LambdaService.invoke, FunctionUrlRouter.handle_lambda_url_invocation

    class TooLarge(CommonServiceException):
        """Refused for its size."""

    def limited(self: Any, *given: Any, **named: Any) -> Any:
        payload = named.get("payload") or b""
        is_asynchronous = named.get("invocation_type") == "Event"
        reason = refusal(len(payload), is_asynchronous=is_asynchronous)
        if reason is not None:
            raise TooLarge(
                "RequestEntityTooLargeException",
                reason,
                status_code=TOO_LARGE_STATUS,
                sender_fault=True,
            )
        return invoke(self, *given, **named)

    def answered(self: Any, *given: Any, **named: Any) -> Response:
        try:
            return answer(self, *given, **named)
        except TooLarge as error:
            body = json.dumps({"message": error.message})
            return Response(body, TOO_LARGE_STATUS, content_type="application/json")

    LambdaService.invoke = limited
    FunctionUrlRouter.handle_lambda_url_invocation = answered
