#!/usr/bin/env python3
"""Measures in the local world, which must be up and deployed (`make up`): how long a mail takes
from SMTP's 250 to its stored certificate, one mail at a time and fifty at once; and how long a
contract takes from its accepted answer, by mail and by the page, to its stored certificate. Then
how much of LocalStack's CPU time went into deciding calls by IAM meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "localstack"))

from akashi_localstack import settings  # noqa: E402 - it stands in another folder.
from akashi_localstack.ses import signing, submit  # noqa: E402

STACK = Path(os.environ.get("AKASHI_STACK") or ROOT / ".local" / "stack.json")
ACCOUNT = "BENCH"
SENDER = "bench@bench.test"
RECIPIENT = "hanako@recipient.test"
WARM_UP = 3
MAILS = 20
MEDIAN_SECONDS_MAX = 5.0
CONTRACTS = 10
"""Of each road."""
IAM_PERCENT_MAX = 10.0
AT_ONCE = 50
SESSIONS = 10
"""SMTP sessions side by side; mailers rarely open more to one server."""
WAIT_SECONDS_MAX = 180.0
POLL_SECONDS = 0.05


class BenchFailed(Exception):
    """What did not happen."""


class World:
    """The local world and an account in it."""

    def __init__(self) -> None:
        if not STACK.is_file():
            raise BenchFailed(f"{STACK} is not there: run `make up`")
        self.stack = json.loads(STACK.read_text())
        self.settings = settings.load()
        self.environment = {
            **os.environ,
            "AKASHI_STACK": str(STACK),
            "AWS_ENDPOINT_URL": self.stack["EndpointUrl"],
            "AWS_REGION": self.stack["Region"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.stack["EndpointUrl"],
            region_name=self.stack["Region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.key = signing.load_or_make(
            self.settings.state, SENDER.rpartition("@")[2], submit.SELECTOR
        )
        signing.publish(self.key, self.settings.gateway_url)
        self._open_account()
        self.newest = ""
        self.newest = max(self.new_certificates(), default="")

    def _open_account(self) -> None:
        self.akashi(
            *(
                "account",
                "open",
                "--id",
                ACCOUNT,
                "--company",
                "Bench",
                "--contact",
                "Bench",
            ),
            *("--sender", SENDER, "--no-mails"),
        )
        points = str(WARM_UP + MAILS + AT_ONCE + 2 * (WARM_UP + CONTRACTS))
        reference = f"bench-{time.time_ns()}"
        self.akashi(
            *("points", "grant", "--account", ACCOUNT, "--points", points),
            *("--reference", reference),
        )

    def akashi(self, *arguments: str) -> str:
        """What the command line prints."""
        target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
        result = subprocess.run(
            [target / "local" / "akashi", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment,
        )
        if result.returncode != 0:
            raise BenchFailed(
                f"akashi {' '.join(arguments[:2])}: {result.stderr.strip()}"
            )
        return result.stdout

    def points(self) -> tuple[int, int]:
        """Available and reserved points."""
        first = self.akashi("points", "show", "--account", ACCOUNT).splitlines()[0]
        available, reserved = (int(part.split()[1]) for part in first.split(", "))
        return available, reserved

    def unfinished(self) -> list[str]:
        """The serials of dispatches that are not relayed, charged and certified."""
        lines = self.akashi(
            "dispatches", "--account", ACCOUNT, "--all", "--json"
        ).splitlines()
        return [
            dispatch["serial"]
            for dispatch in map(json.loads, lines)
            if (dispatch["outcome"], dispatch["charge"])
            not in {("relayed", "posted"), ("answered", "posted")}
            or not dispatch["certificate_key"]
        ]

    def send(self, number: int) -> None:
        """Hands one mail over; returns when it was accepted."""
        raw = (
            f"From: {SENDER}\r\nTo: {RECIPIENT}\r\nCc: mail@{self.stack['ServiceDomain']}\r\n"
            f"Subject: =?UTF-8?B?6YCa55+l?= {number}\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "契約を更新しないことを通知します。\r\n"
        )
        sent = self.key.sign(submit.complete(raw.encode(), SENDER, datetime.now(UTC)))
        to = [f"mail@{self.stack['ServiceDomain']}"]
        submit.submit(sent, SENDER, to, settings.LOOPBACK, self.settings.smtp_port)

    def offer(self, number: int) -> dict[str, Any]:
        """Offers a contract by mail; returns that mail, once it is delivered."""
        recipient = f"hanako+{time.time_ns()}@{RECIPIENT.rpartition('@')[2]}"
        to = f"{ACCOUNT.lower()}@c.{self.stack['ServiceDomain']}"
        raw = (
            f"From: {SENDER}\r\nTo: {to}\r\nSubject: {recipient} Contract {number}\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
            "Content-Transfer-Encoding: 8bit\r\n\r\n甲は乙に本件を委託する。\r\n"
        )
        sent = self.key.sign(submit.complete(raw.encode(), SENDER, datetime.now(UTC)))
        submit.submit(sent, SENDER, [to], settings.LOOPBACK, self.settings.smtp_port)
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while time.monotonic() < deadline:
            mailbox = f"{self.settings.gateway_url}/_akashi/mailbox/{recipient}"
            with urllib.request.urlopen(mailbox, timeout=WAIT_SECONDS_MAX) as answer:
                mails = json.load(answer)
            if mails:
                return {**mails[0], "recipient": recipient}
            time.sleep(POLL_SECONDS)
        raise BenchFailed(f"no offer after {WAIT_SECONDS_MAX} s")

    def answer_by_mail(self, offer: dict[str, Any]) -> None:
        """Replies; returns when the reply was accepted."""
        sender, to = offer["recipient"], offer["headers"]["Reply-To"].strip("<>")
        raw = (
            f"From: {sender}\r\nTo: {to}\r\nSubject: Re: Contract\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "承諾します。\r\n"
        )
        sent = submit.complete(raw.encode(), sender, datetime.now(UTC))
        submit.submit(sent, sender, [to], settings.LOOPBACK, self.settings.smtp_port)

    def answer_by_link(self, offer: dict[str, Any]) -> None:
        """Sends the form of the page; returns when the page says that it is recorded."""
        link = urllib.parse.urlsplit(re.search(r"http\S+", offer["text"])[0])
        request = urllib.request.Request(
            f"{self.settings.gateway_url}{link.path}",
            data=urllib.parse.urlencode(
                {"choice": "agree", "text": "承諾します。"}
            ).encode(),
            headers={"Host": link.netloc},
        )
        urllib.request.urlopen(request, timeout=WAIT_SECONDS_MAX).close()

    def iam(self) -> tuple[int, float]:
        """How many calls were decided, and how many seconds of CPU that took."""
        url = f"{self.settings.gateway_url}/_akashi/iam"
        with urllib.request.urlopen(url, timeout=WAIT_SECONDS_MAX) as answer:
            measured = json.load(answer)
        return measured["decisions"], measured["seconds"]

    def cpu_seconds(self) -> float:
        """The CPU time of LocalStack itself, without the functions."""
        pid = (self.settings.run / "pid").read_text().split()[0]
        # The name before the bracket may hold spaces; user and system time are fields 14 and 15.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def new_certificates(self) -> list[str]:
        """The keys of the originals behind the newest one that is known."""
        page = self.s3.list_objects_v2(
            Bucket=self.stack["OriginalsBucket"],
            Prefix=f"certificates/{ACCOUNT}/",
            StartAfter=self.newest,
        )
        return [item["Key"] for item in page.get("Contents", [])]

    def wait_for_certificates(self, count: int) -> None:
        """Waits until so many more are stored."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while len(keys := self.new_certificates()) < count:
            if time.monotonic() > deadline:
                raise BenchFailed(
                    f"{len(keys)} of {count} certificates after {WAIT_SECONDS_MAX} s"
                )
            time.sleep(POLL_SECONDS)
        self.newest = max(keys)


def one_at_a_time(world: World) -> None:
    """Prints the median."""
    seconds = []
    for number in range(WARM_UP + MAILS):
        world.send(number)
        accepted = time.monotonic()
        world.wait_for_certificates(1)
        if number >= WARM_UP:
            seconds.append(time.monotonic() - accepted)
    median = statistics.median(seconds)
    print(
        f"  {MAILS} mails, warm: median {median:.2f} s (limit {MEDIAN_SECONDS_MAX:.0f} s), "
        f"fastest {min(seconds):.2f} s, slowest {max(seconds):.2f} s"
    )


def answered(world: World, road: str, answer: Callable[[dict[str, Any]], None]) -> None:
    """Prints the median from an accepted answer on."""
    seconds = []
    for number in range(WARM_UP + CONTRACTS):
        offer = world.offer(number)
        answer(offer)
        accepted = time.monotonic()
        world.wait_for_certificates(1)
        if number >= WARM_UP:
            seconds.append(time.monotonic() - accepted)
    median = statistics.median(seconds)
    print(
        f"  {CONTRACTS} contracts answered by {road}, warm: median {median:.2f} s from the answer "
        f"(limit {MEDIAN_SECONDS_MAX:.0f} s), fastest {min(seconds):.2f} s, "
        f"slowest {max(seconds):.2f} s"
    )


def at_once(world: World) -> None:
    """Prints the time until all are stored, and whether the points are right."""
    available, _ = world.points()
    started = time.monotonic()
    with ThreadPoolExecutor(SESSIONS) as sessions:
        list(sessions.map(world.send, range(AT_ONCE)))
    accepted = time.monotonic() - started
    world.wait_for_certificates(AT_ONCE)
    stored = time.monotonic() - started
    left, reserved = world.points()
    if (left, reserved) != (available - AT_ONCE, 0):
        raise BenchFailed(
            f"{left} points are left and {reserved} reserved, of {available}"
        )
    # The certificate is stored a moment before it is written down.
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while unfinished := world.unfinished():
        if time.monotonic() > deadline:
            raise BenchFailed(f"not as it should be: {', '.join(unfinished)}")
    print(
        f"  {AT_ONCE} mails at once: accepted after {accepted:.1f} s, stored after {stored:.1f} s, "
        "all relayed, charged and certified"
    )


@contextlib.contextmanager
def iam_share(world: World) -> Iterator[None]:
    """Prints how much of LocalStack's CPU time inside the block decided calls."""
    (calls_before, iam_before), cpu_before = world.iam(), world.cpu_seconds()
    yield
    (calls, iam), cpu = world.iam(), world.cpu_seconds()
    percent = 100 * (iam - iam_before) / (cpu - cpu_before)
    print(
        f"  IAM: {calls - calls_before} calls decided, {percent:.1f} % of LocalStack's CPU "
        f"(limit {IAM_PERCENT_MAX:.0f} %)"
    )


def main() -> int:
    """Returns the exit code."""
    print("on LocalStack, from SMTP's 250 to the stored certificate")
    try:
        world = World()
        with iam_share(world):
            one_at_a_time(world)
            answered(world, "mail", world.answer_by_mail)
            answered(world, "the page", world.answer_by_link)
            at_once(world)
    except BenchFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
