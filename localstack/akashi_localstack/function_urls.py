"""What LocalStack leaves out of function URLs: cookies, both ways, and the address of the client.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import functools
import json
from typing import Any

from akashi_localstack import settings


@functools.cache
def complete() -> None:
    """Changes, once, how LocalStack makes the event of a request and the response of a result."""
    from localstack.services.lambda_ import urlrouter

    to_event, to_response = urlrouter.event_for_lambda_url, urlrouter.lambda_result_to_response

    def whole_event(api_id: str, request: Any) -> dict[str, Any]:
        event: dict[str, Any] = to_event(api_id, request)
        # LocalStack takes it from a header, which nobody sets but a client that lies.
        address = request.remote_addr or settings.LOOPBACK
        event["requestContext"]["http"]["sourceIp"] = address
        event["headers"]["x-forwarded-for"] = address
        cookies = split_cookies(request.headers.get("Cookie", ""))
        return {**event, "cookies": cookies} if cookies else event

    def whole_response(result: Any) -> Any:
        response = to_response(result)
        for cookie in cookies_of(result.payload):
            response.headers.add("Set-Cookie", cookie)
        return response

    urlrouter.event_for_lambda_url = whole_event
    urlrouter.lambda_result_to_response = whole_response


def split_cookies(header: str) -> list[str]:
    """The single cookies of a `Cookie` header; the event has the header, too."""
    return [cookie.strip() for cookie in header.split(";") if cookie.strip()]


def cookies_of(payload: str | bytes) -> list[str]:
    """What a function asks to be set, each for one `Set-Cookie` header."""
    try:
        answer = json.loads(payload)
    except ValueError:
        return []
    cookies = answer.get("cookies") if isinstance(answer, dict) and "statusCode" in answer else None
    return [str(cookie) for cookie in cookies] if isinstance(cookies, list) else []
