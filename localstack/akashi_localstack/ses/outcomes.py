"""What happens to a message on its way to one recipient, decided by the recipient's address alone.

Three kinds of addresses act on purpose: those of SES's mailbox simulator, as its documentation
says; domains without a mail server; and, at any domain below `.test`, local parts of this world
(`silent+x@`), which AWS does not know. Every other address gets its mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from akashi_localstack.ses.events import RETRY_PERIOD, Failure

SIMULATOR = "simulator.amazonses.com"

NO_MAIL_SERVER = ("nx", "nomx")
"""A domain whose first label is one of these has no MX record, here and in the local zone."""

Kind = Literal["delivery", "delay", "bounce", "complaint", "vacation"]

UNKNOWN_USER = Failure("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown")
SUPPRESSED = Failure(
    "Permanent",
    "Suppressed",
    "5.1.1",
    "Amazon SES has suppressed sending to this address because it has a recent history of bouncing "
    "as an invalid address. For more information about how to remove an address from the "
    "suppression list, see the Amazon SES Developer Guide: "
    "http://docs.aws.amazon.com/ses/latest/DeveloperGuide/remove-from-suppressionlist.html ",
    "dns; amazonses.com",
)
ON_ACCOUNT_LIST = Failure(
    "Permanent",
    "OnAccountSuppressionList",
    "5.1.1",
    "Amazon SES did not send the message to this address because it is on the suppression list for "
    "your account. For more information about removing addresses from the suppression list, see "
    "the Amazon SES Developer Guide at "
    "https://docs.aws.amazon.com/ses/latest/DeveloperGuide/sending-email-suppression-list.html",
    "dns; amazonses.com",
)
# SES calls this one transient although its status says permanent: seen in records that users of
# SES published (knadh/listmonk issue 1463). Who asks whether an address exists must read `status`.
INVALID_DOMAIN = Failure(
    "Transient", "General", "5.4.4", "smtp; 550 5.4.4 Invalid domain", "dns; amazonses.com"
)


def expired(retry_period: timedelta) -> Failure:
    """SES gives up: it could not deliver the message in all that time."""
    minutes = retry_period // timedelta(minutes=1)
    return Failure(
        "Transient",
        "General",
        "4.4.7",
        f"smtp; 554 4.4.7 Message expired: unable to deliver in {minutes} minutes."
        "<421 4.4.1 Unable to connect to remote host>",
    )


EXPIRED = expired(RETRY_PERIOD)
"""Where a step says so, the message's own period stands in the diagnostic."""

EXPIRY_SCALE = 3600
"""An hour of SES's trying lasts one second here."""
AUTOMATIC_REPLY = Failure("Transient", "General", reporting_mta=None)


@dataclass(frozen=True)
class Step:
    """One thing that happens to the message, some time after SES accepted it."""

    kind: Kind
    after: timedelta = timedelta()
    failure: Failure | None = None
    at_expiry: bool = False
    """Not after that time, but when SES gives up (`EXPIRY_SCALE`)."""


@dataclass(frozen=True)
class Outcome:
    """All that happens to a message on its way to one recipient."""

    steps: tuple[Step, ...]
    repeat: int = 1
    """How often each event is published; SNS delivers at least once, so does this."""
    rejected: bool = False
    simulated: bool = False
    """The simulator's addresses never come onto a suppression list."""


DELIVERED = Outcome((Step("delivery"),))


def _bounced(failure: Failure) -> Outcome:
    return Outcome((Step("bounce", failure=failure),))


# A label after the plus sign is allowed and changes nothing.
SIMULATED: dict[str, tuple[Step, ...]] = {
    "success": (Step("delivery"),),
    "bounce": (Step("bounce", failure=UNKNOWN_USER),),
    "ooto": (
        Step("delivery"),
        Step("vacation", timedelta(milliseconds=100)),
        Step("bounce", timedelta(milliseconds=200), AUTOMATIC_REPLY),
    ),
    "complaint": (Step("delivery"), Step("complaint", timedelta(milliseconds=300))),
    "suppressionlist": (Step("bounce", failure=SUPPRESSED),),
}

# The plus sign is required, so that an ordinary address never acts by accident.
LOCAL_ONLY: dict[str, Outcome] = {
    "bounce": _bounced(UNKNOWN_USER),
    "transient-bounce": _bounced(EXPIRED),
    "delay": Outcome((Step("delay"), Step("delivery", timedelta(seconds=1)))),
    "expire": Outcome((Step("delay"), Step("bounce", failure=EXPIRED, at_expiry=True))),
    "silent": Outcome(()),
    "late-bounce": Outcome(
        (Step("delivery"), Step("bounce", timedelta(seconds=2), UNKNOWN_USER)),
    ),
    "complaint": Outcome(SIMULATED["complaint"]),
    "repeat": Outcome((Step("delivery"),), repeat=10),
    "reject": Outcome((), rejected=True),
}


def outcome(address: str) -> Outcome:
    """What happens to a message to `address`."""
    local, _, domain = address.lower().rpartition("@")
    name, plus, _ = local.partition("+")
    if domain == SIMULATOR:
        return Outcome(SIMULATED.get(name, SIMULATED["bounce"]), simulated=True)
    if domain.split(".")[0] in NO_MAIL_SERVER:
        return _bounced(INVALID_DOMAIN)
    if plus and domain.endswith(".test"):
        return LOCAL_ONLY.get(name, DELIVERED)
    return DELIVERED
