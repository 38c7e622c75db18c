"""Python's `email` package reads mails, to be compared with what `mail` reads.

`email_judge.py FILE...` writes for each mail a line with its name and then a line for each of
these: `from`, `to` and `subject` of the header, and each part that is not a multipart, with its
media type and the SHA-256 of its content. Nothing here shares code with `mail`. Where the two
disagree, `disagreements.txt` says why.
"""

from __future__ import annotations

import hashlib
import sys
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path


def one_line(text: str) -> str:
    """A value on one line, white space as single spaces."""
    return " ".join(text.split())


def field(message: EmailMessage, name: str) -> str:
    values = message.get_all(name, [])
    return one_line(str(values[0])) if values else ""


def addresses(message: EmailMessage, name: str) -> str:
    # The older reader of addresses: the newer one drops all of a field that holds an error.
    values = [str(value) for value in message.get_all(name, [])]
    found = {address.lower() for _, address in getaddresses(values) if "@" in address}
    return " ".join(sorted(found))


def subject(message: EmailMessage) -> str:
    text = field(message, "Subject")
    try:
        pieces = [
            piece.decode(label or "ascii", "replace") if isinstance(piece, bytes) else piece
            for piece, label in decode_header(text)
        ]
    except LookupError:
        return text
    return one_line("".join(pieces))


def leaves(message: EmailMessage) -> list[str]:
    lines = []
    parts = [message]
    while parts:
        part = parts.pop(0)
        kind = part.get_content_type()
        if part.is_multipart() and kind.startswith("multipart/"):
            parts = list(part.get_payload()) + parts
        elif part.is_multipart():
            # An attached message, which stays one part.
            lines.append(f"part {kind}")
        else:
            content = part.get_payload(decode=True) or b""
            lines.append(f"part {kind} {hashlib.sha256(content).hexdigest()}")
    return lines


def main() -> None:
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    for path in sys.argv[1:]:
        message = message_from_bytes(Path(path).read_bytes(), policy=policy.compat32)
        print(f"mail {Path(path).stem}")
        print(f"from {addresses(message, 'From')}".rstrip())
        print(f"to {addresses(message, 'To')}".rstrip())
        print(f"subject {subject(message)}".rstrip())
        for line in leaves(message):
            print(line)


if __name__ == "__main__":
    main()
