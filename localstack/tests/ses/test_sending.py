"""What SES refuses, what it makes of a message, and what follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from akashi_localstack.scheduler import Scheduler
from akashi_localstack.ses import events, mime, refusals, sending
from akashi_localstack.ses.mailbox import Mailboxes

ORIGIN = events.Origin("000000000000", "us-east-1", "192.0.2.1", "root")
ACCOUNT = sending.Account(
    identities=frozenset({"akashi.test", "one@else.test"}),
    configuration_sets={"set": True, "paused": False},
    mail_from_domains={},
)
RAW = (
    b"From: Akashi <mail@akashi.test>\r\nTo: a@x.test\r\nBcc: hidden@x.test\r\nSubject: hi\r\n"
    b"Message-ID: <mine@akashi.test>\r\nDate: Sun, 1 Jan 2006 00:00:00 +0000\r\n"
    b"X-SES-CONFIGURATION-SET: set\r\nX-SES-MESSAGE-TAGS: k=v, l=w\r\n\r\nbody\r\n.dot\r\n"
)


def raw_request(raw: bytes = RAW, **more: Any) -> dict[str, Any]:
    return {"Content": {"Raw": {"Data": raw}}, **more}


def simple_request(**more: Any) -> dict[str, Any]:
    content = {"Subject": {"Data": "件名"}, "Body": {"Text": {"Data": "本文"}}}
    return {
        "FromEmailAddress": "Akashi <mail@akashi.test>",
        "Destination": {"ToAddresses": ["a@x.test"]},
        "Content": {"Simple": content},
        **more,
    }


def prepare(request: dict[str, Any], account: sending.Account = ACCOUNT) -> sending.Message:
    return sending.prepare(request, account, ORIGIN)


def headers_of(message: sending.Message) -> dict[str, str]:
    return dict(mime.header_fields(message.raw))


def test_ses_puts_its_own_message_id_and_date_and_keeps_the_rest() -> None:
    message = prepare(raw_request())
    headers = headers_of(message)
    assert re.fullmatch(
        r"0100[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000",
        message.mail.message_id,
    )
    assert headers["Message-ID"] == f"<{message.mail.message_id}@email.amazonses.com>"
    assert "2006" not in headers["Date"]
    assert "Bcc" not in headers
    assert [name for name in headers if name.startswith("X-SES-")] == ["X-SES-Outgoing"]
    assert message.raw.startswith(
        b"From: Akashi <mail@akashi.test>\r\nTo: a@x.test\r\nSubject: hi\r\n"
    )
    assert message.raw.endswith(b"\r\n\r\nbody\r\n.dot\r\n")
    assert message.return_path == f"{message.mail.message_id}@amazonses.com"


def test_other_regions_have_the_region_in_their_names() -> None:
    origin = events.Origin("000000000000", "ap-northeast-1", "192.0.2.1", "root")
    message = sending.prepare(raw_request(), ACCOUNT, origin)
    expected = f"<{message.mail.message_id}@ap-northeast-1.amazonses.com>"
    assert headers_of(message)["Message-ID"] == expected


def test_headers_of_a_raw_message_choose_recipients_set_and_tags() -> None:
    mail = prepare(raw_request()).mail
    assert mail.destination == ("a@x.test", "hidden@x.test")
    assert mail.configuration_set == "set"
    assert mail.tags == {"k": "v", "l": "w"}
    assert mail.source == "Akashi <mail@akashi.test>"


def test_the_request_wins_over_the_headers() -> None:
    mail = prepare(
        raw_request(
            Destination={"ToAddresses": ["B <b@x.test>"], "BccAddresses": ["b@x.test", "c@x.test"]},
            EmailTags=[{"Name": "dispatch", "Value": "1"}],
        )
    ).mail
    assert mail.destination == ("b@x.test", "b@x.test", "c@x.test")
    assert mail.tags == {"dispatch": "1"}


def test_a_simple_message_becomes_mime() -> None:
    request = simple_request(ReplyToAddresses=["r@x.test"])
    request["Content"]["Simple"]["Body"]["Html"] = {"Data": "<p>本文"}
    request["Content"]["Simple"]["Headers"] = [{"Name": "X-Own", "Value": "1"}]
    message = prepare(request)
    headers = headers_of(message)
    assert mime.decode_words(headers["Subject"]) == "件名"
    assert headers["Reply-To"] == "r@x.test"
    assert headers["X-Own"] == "1"
    assert headers["Content-Type"].startswith("multipart/alternative")
    assert mime.plain_text(mime.parse(message.raw)).strip() == "本文"


ALLOWED = ["mail@akashi.test", "X <any@deep.sub.akashi.test>", "one@else.test", "MAIL@AKASHI.TEST"]


@pytest.mark.parametrize("sender", ALLOWED)
def test_a_verified_identity_may_send(sender: str) -> None:
    prepare(simple_request(FromEmailAddress=sender))


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    (simple_request(FromEmailAddress="two@else.test"), "MessageRejected", "not verified"),
    (raw_request(RAW.replace(b"akashi.test>", b"else.test>", 1)), "MessageRejected", "US-EAST-1"),
    (simple_request(ConfigurationSetName="none"), "NotFoundException", "<none>"),
    (simple_request(ConfigurationSetName="paused"), "SendingPausedException", "paused"),
    (simple_request(Destination={}), "BadRequestException", "recipients"),
    (
        simple_request(Destination={"ToAddresses": [f"{n}@x.test" for n in range(51)]}),
        "BadRequestException",
        "exceeds 50",
    ),
    (simple_request(Destination={"ToAddresses": ["nobody"]}), "BadRequestException", "@domain"),
    (simple_request(Destination={"ToAddresses": ["あ@x.test"]}), "BadRequestException", "ASCII"),
    (simple_request(Destination={"ToAddresses": ["a@x!y"]}), "BadRequestException", "illegal"),
    (raw_request(b"To: b@x.test\r\nSubject: 1\r\n" + RAW), "BadRequestException", "'Subject'"),
    (raw_request(RAW + b"x" * sending.RAW_BYTES_MAX), "BadRequestException", "41943040"),
    (
        simple_request(EmailTags=[{"Name": "a b", "Value": "c"}]),
        "BadRequestException",
        "Invalid tag name",
    ),
    (
        simple_request(EmailTags=[{"Name": "n", "Value": "x" * 257}]),
        "BadRequestException",
        "256",
    ),
    (
        simple_request(EmailTags=[{"Name": f"n{n}", "Value": "x" * 250} for n in range(45)]),
        "BadRequestException",
        "10240",
    ),
    (simple_request(Content={"Template": {}}), "BadRequestException", "Templates"),
]


@pytest.mark.parametrize(("request_", "code", "words"), REFUSALS)
def test_ses_refuses(request_: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(sending.Refused) as refused:
        prepare(request_)
    assert refused.value.code == code
    assert words in refused.value.message


def test_40_mb_are_allowed() -> None:
    body = b"x" * (sending.RAW_BYTES_MAX - len(RAW))
    assert len(prepare(raw_request(RAW + body)).raw) > sending.RAW_BYTES_MAX


class Now(Scheduler):
    """Runs everything at once, in the order of its time."""

    def __init__(self) -> None:
        self.waiting: list[tuple[timedelta, Callable[[], None]]] = []
        self.delays: list[timedelta] = []

    def later(self, delay: timedelta, work: Callable[[], None]) -> None:
        self.waiting.append((delay, work))
        self.delays.append(delay)

    def run(self) -> None:
        while self.waiting:
            self.waiting.sort(key=lambda entry: entry[0])
            self.waiting.pop(0)[1]()


class Outside:
    """What a sender touches, recorded."""

    def __init__(self, folder: Path) -> None:
        self.mailboxes = Mailboxes(folder)
        self.events: list[dict[str, Any]] = []
        self.submitted: list[tuple[str, str, bytes]] = []
        self.suppressed: dict[str, str] = {}
        self.answer = "250 OK"
        self.scheduler = Now()
        self.delays: list[timedelta] = self.scheduler.delays

    def send(
        self, *recipients: str, raw: bytes = RAW, account: sending.Account = ACCOUNT
    ) -> list[str]:
        sender = sending.Sender(
            self.mailboxes,
            self.scheduler,
            lambda _mail, event: self.events.append(event),
            sending.Suppression(
                reason=lambda _mail, address: self.suppressed.get(address),
                add=lambda _mail, address, reason: self.suppressed.update({address: reason}),
            ),
            serves=lambda address: address.endswith("@akashi.test"),
            submit=self.submit,
            sign=lambda message: b"DKIM-Signature: v=1\r\n" + message.raw,
        )
        request = raw_request(raw, Destination={"ToAddresses": list(recipients)})
        message = prepare(request, account)
        sender.send(message)
        self.scheduler.run()
        return sorted(event["eventType"] for event in self.events)

    def submit(self, sender: str, recipient: str, raw: bytes) -> str:
        self.submitted.append((sender, recipient, raw))
        return self.answer

    def of(self, kind: str) -> Any:
        (event,) = [event for event in self.events if event["eventType"] == kind]
        return event


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path)


def test_each_recipient_has_a_delivery_and_the_message_one_send(outside: Outside) -> None:
    assert outside.send("a@x.test", "b@y.test") == ["Delivery", "Delivery", "Send"]
    (envelope,) = outside.mailboxes.messages("b@y.test")
    raw = outside.mailboxes.read("b@y.test", envelope.id) or b""
    assert envelope.recipients == ("b@y.test",)
    assert raw.startswith(b"Return-Path: <0100")
    assert b"\r\nDKIM-Signature: v=1\r\nFrom: " in raw
    assert raw.endswith(b"body\r\n.dot\r\n")


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        ("bounce@simulator.amazonses.com", ["Bounce", "Send"]),
        ("ooto@simulator.amazonses.com", ["Bounce", "Delivery", "Send"]),
        ("complaint@simulator.amazonses.com", ["Complaint", "Delivery", "Send"]),
        ("delay+1@x.test", ["Delivery", "DeliveryDelay", "Send"]),
        ("expire+1@x.test", ["Bounce", "DeliveryDelay", "Send"]),
        ("silent+1@x.test", ["Send"]),
        ("late-bounce+1@x.test", ["Bounce", "Delivery", "Send"]),
        ("reject+1@x.test", ["Reject", "Send"]),
        ("a@nx.x.test", ["Bounce", "Send"]),
        ("repeat+1@x.test", ["Delivery"] * 10 + ["Send"] * 10),
    ],
)
def test_addresses_that_act_on_purpose(
    outside: Outside, recipient: str, expected: list[str]
) -> None:
    assert outside.send(recipient) == expected


@pytest.mark.parametrize(
    ("periods", "minutes", "seconds"),
    [({}, 840, 14), ({"set": timedelta(hours=12)}, 720, 12)],
    ids=["as SES does by itself", "as the configuration set says"],
)
def test_ses_gives_up_after_the_time_of_the_configuration_set(
    outside: Outside, periods: dict[str, timedelta], minutes: int, seconds: int
) -> None:
    account = replace(ACCOUNT, retry_periods=periods)
    assert outside.send("expire+1@x.test", account=account) == ["Bounce", "DeliveryDelay", "Send"]
    bounce = outside.of("Bounce")["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Transient", "General")
    (bounced,) = bounce["bouncedRecipients"]
    assert f"unable to deliver in {minutes} minutes" in bounced["diagnosticCode"]
    assert timedelta(seconds=seconds) in outside.delays
    delayed = outside.of("DeliveryDelay")
    sent_at = datetime.fromisoformat(delayed["mail"]["timestamp"])
    expiry = datetime.fromisoformat(delayed["deliveryDelay"]["expirationTime"])
    assert expiry - sent_at == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("rate", "ThrottlingException", 400),
        ("quota", "ThrottlingException", 400),
        ("too_many_requests", "TooManyRequestsException", 429),
        ("paused", "SendingPausedException", 400),
        ("sandbox", "MessageRejected", 400),
    ],
)
def test_an_account_that_may_not_send_is_refused_on_order(
    kind: str, code: str, status: int
) -> None:
    ordered = refusals.Refusals()
    ordered.order(kind, "A@x.test", 2)
    ordered.check(["b@x.test"])
    for _ in range(2):
        with pytest.raises(sending.Refused) as refused:
            ordered.check(["b@x.test", "a@X.test"])
        assert (refused.value.code, refused.value.status) == (code, status)
    ordered.check(["a@x.test"])
    ordered.order(kind, None, None)
    with pytest.raises(sending.Refused):
        ordered.check(["anybody@x.test"])
    ordered.end()
    ordered.check(["anybody@x.test"])


def test_a_virus_is_rejected_and_delivered_to_nobody(outside: Outside) -> None:
    assert outside.send("a@x.test", raw=RAW + sending.EICAR) == ["Reject", "Send"]
    assert outside.mailboxes.addresses() == []


def test_mail_to_a_served_domain_goes_to_the_inbound_server(outside: Outside) -> None:
    assert outside.send("c@akashi.test") == ["Delivery", "Send"]
    ((sender, recipient, raw),) = outside.submitted
    assert (recipient, raw[-6:]) == ("c@akashi.test", b".dot\r\n")
    assert sender.endswith("@amazonses.com")
    assert outside.of("Delivery")["delivery"]["smtpResponse"] == "250 OK"


def test_what_the_inbound_server_refuses_bounces(outside: Outside) -> None:
    outside.answer = "552 5.3.4 too large"
    assert outside.send("c@akashi.test") == ["Bounce", "Send"]
    bounce = outside.of("Bounce")["bounce"]
    assert bounce["bounceType"] == "Permanent"
    assert bounce["bouncedRecipients"][0]["status"] == "5.3.4"
    assert bounce["bouncedRecipients"][0]["diagnosticCode"] == "smtp; 552 5.3.4 too large"


def test_an_automatic_reply_comes_back_to_a_served_reply_to(outside: Outside) -> None:
    raw = b"Reply-To: elsewhere@x.test, answer@akashi.test\r\n" + RAW
    outside.send("ooto@simulator.amazonses.com", raw=raw)
    ((sender, recipient, reply),) = outside.submitted
    assert (sender, recipient) == ("", "answer@akashi.test")
    assert mime.first_header(reply, "Auto-Submitted") == "auto-replied"
    assert (mime.first_header(reply, "In-Reply-To") or "").endswith("@email.amazonses.com>")


def test_a_hard_bounce_comes_onto_the_suppression_list_and_stays_there(outside: Outside) -> None:
    outside.send("bounce+1@x.test")
    assert outside.suppressed == {"bounce+1@x.test": "BOUNCE"}
    outside.events.clear()
    assert outside.send("bounce+1@x.test") == ["Bounce", "Send"]
    assert outside.of("Bounce")["bounce"]["bounceSubType"] == "OnAccountSuppressionList"


def test_the_simulator_s_bounce_is_never_suppressed(outside: Outside) -> None:
    outside.send("bounce@simulator.amazonses.com")
    assert outside.suppressed == {}


def test_an_address_that_complained_is_not_written_to_again(outside: Outside) -> None:
    outside.suppressed["a@x.test"] = "COMPLAINT"
    assert outside.send("a@x.test") == ["Complaint", "Send"]
    assert outside.of("Complaint")["complaint"]["complaintSubType"] == "OnAccountSuppressionList"
