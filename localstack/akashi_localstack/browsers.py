"""Lets browsers use function URLs, and nothing else.

LocalStack refuses a request whose `Origin` it does not know. That protects the machine: a page of
a stranger must not deploy a function here. But it refuses the forms of our own pages as well: the
referrer policy of a page makes a browser send `Origin: null`. A function URL on AWS does not look
at the origin of a request, and says nothing about origins unless its configuration does.
https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
"""

from __future__ import annotations

import re
from typing import Any

FUNCTION_URL_HOST = re.compile(r"[a-z0-9]+\.lambda-url\.[a-z0-9-]+\..+", re.IGNORECASE)


def is_function_url(host: str) -> bool:
    """Whether a `Host` header names a function URL."""
    return FUNCTION_URL_HOST.fullmatch(host) is not None


def admit() -> None:
    """Changes which requests LocalStack applies its rules about origins to, once."""
    from localstack.aws.handlers import cors

    applies = cors.should_enforce_self_managed_service
    if getattr(applies, "is_replaced", False):
        return

    def applies_here(context: Any) -> bool:
        host = context.request.headers.get("Host", "")
        return not is_function_url(host) and bool(applies(context))

    applies_here.is_replaced = True  # type: ignore[attr-defined]
    cors.should_enforce_self_managed_service = applies_here
