"""What SES answers to `SendEmail` when it does not take a message: on order of a test.

"Errors related to the sending quotas for your Amazon SES account"
(https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html) and the errors of
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from akashi_localstack.ses.sending import Refused

REFUSALS = {
    "rate": Refused("ThrottlingException", "Maximum sending rate exceeded."),
    "quota": Refused("ThrottlingException", "Daily message quota exceeded."),
    "too_many_requests": Refused("TooManyRequestsException", "Rate exceeded"),
    "paused": Refused("SendingPausedException", "Email sending is paused."),
    "suspended": Refused("AccountSuspendedException", "Account is suspended."),
    "mail_from": Refused("MailFromDomainNotVerifiedException", "Mail-from domain not verified."),
    "content": Refused(
        "MessageRejected", "The message can't be sent because it contains invalid content."
    ),
    # In the sandbox, recipients have to be verified, too.
    "sandbox": Refused(
        "MessageRejected",
        "Email address is not verified. The following identities failed the check in region "
        "AP-NORTHEAST-1: the recipient's",
    ),
}
"""By the name that a test orders it by."""


@dataclass
class _Ordered:
    kind: str
    to: str | None
    left: int | None


class Refusals:
    """What was ordered. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: list[_Ordered] = []

    def order(self, kind: str, to: str | None, count: int | None) -> None:
        """Refuses the next `count` messages (None: all) to an address (None: to anybody)."""
        if kind not in REFUSALS:
            raise ValueError(f"there is no {kind!r}, only {sorted(REFUSALS)}")
        with self._lock:
            self._ordered.append(_Ordered(kind, to.lower() if to else None, count))

    def end(self) -> None:
        """Everybody may send again."""
        with self._lock:
            self._ordered.clear()

    def check(self, recipients: Sequence[str]) -> None:
        """Raises what was ordered for a message to these.

        Raises:
            Refused: as SES refuses it.
        """
        known = {recipient.lower() for recipient in recipients}
        with self._lock:
            for ordered in self._ordered:
                if ordered.to is None or ordered.to in known:
                    if ordered.left is not None:
                        ordered.left -= 1
                        if ordered.left <= 0:
                            self._ordered.remove(ordered)
                    raise REFUSALS[ordered.kind]


ORDERED = Refusals()
"""Of this world."""


def add_routes() -> None:
    """`POST /_akashi/ses/refusals` with `{"kind", "to", "count"}`; `DELETE` ends them all."""
    from rolo import Request, Response
    from werkzeug.exceptions import BadRequest

    from akashi_localstack import routes

    def order(request: Request) -> Response:
        if request.method == "DELETE":
            ORDERED.end()
            return routes.empty_response()
        try:
            given = json.loads(request.get_data())
            ORDERED.order(given["kind"], given.get("to"), given.get("count"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadRequest(f'send {{"kind": ..., "to": ..., "count": 1}}: {error}') from error
        return routes.empty_response()

    routes.add("/_akashi/ses/refusals", order, ("POST", "DELETE"))
