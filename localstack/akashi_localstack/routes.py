"""Registers HTTP routes on LocalStack's gateway, beside the AWS APIs that it serves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from rolo import Request, Response
from werkzeug.exceptions import HTTPException

LOG = logging.getLogger(__name__)

Handler = Callable[..., Response]
"""Takes the request, then the path's variables by keyword: `def show(request, address): ...`."""


def add(path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> None:
    """Serves `path` (werkzeug syntax: `/_akashi/mailbox/<address>`) with `handler`.

    A handler that raises is answered with status 500 and logged; one that raises a werkzeug
    `HTTPException` is answered with its status.
    """
    from localstack.services.edge import ROUTER

    def endpoint(request: Request, **variables: Any) -> Response:
        try:
            return handler(request, **variables)
        except HTTPException as error:
            return json_response({"error": error.description}, error.code or 500)
        except Exception:
            LOG.exception("%s %s failed", request.method, path)
            return json_response({"error": "internal error, see the log"}, 500)

    ROUTER.add(path, endpoint, methods=list(methods))


def json_response(value: Any, status: int = 200) -> Response:
    """Answers with `value` as JSON; text that is not ASCII is sent as UTF-8."""
    body = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    return Response(body, status=status, content_type="application/json; charset=utf-8")


def empty_response(status: int = 204) -> Response:
    """Answers without a body."""
    return Response(b"", status=status)
