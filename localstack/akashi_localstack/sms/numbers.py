"""Phone numbers in E.164: a plus sign and at most 15 digits."""

from __future__ import annotations

import re

E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def parse(text: object) -> str | None:
    """The number with its plus sign, which SNS lets callers omit; None when `text` is no number."""
    if not isinstance(text, str):
        return None
    number = text if text.startswith("+") else f"+{text}"
    return number if E164.fullmatch(number) else None
