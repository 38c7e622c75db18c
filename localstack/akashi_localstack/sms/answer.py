"""Answers an SMS as its recipient would: `python -m ...answer --from +8190... "text"`."""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from akashi_localstack import settings

TIMEOUT_SECONDS = 60


class NotTaken(Exception):
    """The local world refused; the message is its reason."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0 when it was published, 1 when it was not."""
    parser = argparse.ArgumentParser(prog="answer", description=__doc__)
    parser.add_argument("--from", dest="sender", required=True, help="the phone that answers")
    parser.add_argument("--to", help="our number; not needed while just one can be answered")
    parser.add_argument("text", help="the answer")
    given = parser.parse_args(arguments)
    url = settings.load().gateway_url
    try:
        to = given.to or _only_number(url)
        answer = call(url, "answers", {"from": given.sender, "to": to, "text": given.text})
    except (NotTaken, OSError) as error:
        print(f"the answer was not taken: {error}", file=sys.stderr)
        return 1
    print(json.dumps(answer["published"], ensure_ascii=False))
    return 0


def call(gateway_url: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Asks the local world for `/_akashi/sms/<path>`, with POST when there is a body.

    Raises:
        NotTaken: it answered with an error.
        OSError: nobody listens.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{gateway_url}/_akashi/sms/{path}", data=data)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            value: dict[str, Any] = json.load(response)
            return value
    except urllib.error.HTTPError as error:
        raise NotTaken(json.load(error)["error"]) from error


def _only_number(gateway_url: str) -> str:
    numbers = list(call(gateway_url, "two-way"))
    if len(numbers) != 1:
        raise NotTaken(f"say --to; these can be answered: {', '.join(numbers) or 'none'}")
    return numbers[0]


if __name__ == "__main__":
    sys.exit(main())
