#!/usr/bin/env python3
"""Sends a registered mail through the local world and shows what became of it (`make demo`).

Expects a world that is up and deployed. Opens a demo account with points and one allowlisted
sender unless they are there, submits events/registered-mail.eml as that sender's mail server
would, follows both dispatches until their certificates have been mailed, and prints the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import unicodedata
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

from akashi_localstack import settings  # noqa: E402 - it stands beside this script.

STACK = Path(os.environ.get("AKASHI_STACK") or ROOT / ".local" / "stack.json")
OUT = ROOT / ".local" / "demo"
MAIL = ROOT / "events" / "registered-mail.eml"
ACCOUNT = "DEM0"
SENDER = "taro@customer.test"
RECIPIENTS = ("hanako@recipient.test", "success+jiro@simulator.amazonses.com")
WAIT_SECONDS_MAX = 120.0
POLL_SECONDS = 0.25


class DemoFailed(Exception):
    """What did not happen; the message says where to look."""


def main() -> int:
    """Returns the exit code."""
    try:
        Demo().run()
    except DemoFailed as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


class Demo:
    """One run."""

    def __init__(self) -> None:
        if not STACK.is_file():
            raise DemoFailed(f"{STACK} is not there: run `make up`")
        self.stack = json.loads(STACK.read_text())
        self.world = settings.load()
        self.started = time.monotonic()
        target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
        self.cli = target / "local" / "akashi"
        self.verifier = target / "local" / "akashi-verify"

    def run(self) -> None:
        """From an empty account to two certificates."""
        self._open_account()
        known = {dispatch["dispatch_id"] for dispatch in self._dispatches()}
        mails = {address: self._mailbox_ids(address) for address in (*RECIPIENTS, SENDER)}
        self._say(f"{SENDER} sends {MAIL.relative_to(ROOT)} by SMTP")
        self._submit()
        dispatches = self._follow(known)
        self._wait_for(
            lambda: len(self._mailbox_ids(SENDER) - mails[SENDER]) >= len(dispatches),
            "the copies of the certificates did not reach the sender",
        )
        self._say("both certificates have been mailed to the sender")
        self._print_mail(mails)
        for dispatch in dispatches:
            self._print_dispatch(dispatch)
        self._print_points()
        self._print_certificates(dispatches)

    def _open_account(self) -> None:
        self._akashi(
            *("account", "open", "--id", ACCOUNT),
            *("--company", "株式会社 青空商事", "--contact", "髙﨑 太郎"),
            *("--sender", SENDER, "--zone", "Asia/Tokyo"),
        )
        self._akashi(
            *("points", "grant", "--account", ACCOUNT, "--points", "100"),
            *("--reference", "demo-1"),
        )
        self._say(f"account {ACCOUNT} is open, with points and the allowlisted sender {SENDER}")

    def _submit(self) -> None:
        command = [sys.executable, "-m", "akashi_localstack.ses.submit", str(MAIL)]
        domain = SENDER.rpartition("@")[2]
        command += ["--from", SENDER, "--dkim", domain]
        result = subprocess.run(command, cwd=HERE, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            raise DemoFailed(f"the mail was not taken: {result.stderr.strip()}")
        self._say(result.stdout.strip())

    def _follow(self, known: set[str]) -> list[dict[str, Any]]:
        """Shows each event as it is recorded, until every recipient has a certificate."""
        shown: set[tuple[str, int]] = set()
        dispatches: list[dict[str, Any]] = []

        def complete() -> bool:
            nonlocal dispatches
            dispatches = [d for d in self._dispatches() if d["dispatch_id"] not in known]
            for dispatch in dispatches:
                for number, event in enumerate(dispatch["events"]):
                    if (dispatch["dispatch_id"], number) not in shown:
                        shown.add((dispatch["dispatch_id"], number))
                        self._say(f"{dispatch['serial']}  {event['name']} ({event['source']})")
            done = [d for d in dispatches if d.get("certificate_key")]
            return len(done) >= len(RECIPIENTS)

        self._wait_for(complete, "not every dispatch has a certificate")
        return sorted(dispatches, key=lambda dispatch: str(dispatch["serial"]))

    def _wait_for(self, condition: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not condition():
            if time.monotonic() > deadline:
                log = self.world.run / "localstack.log"
                raise DemoFailed(f"{complaint} after {WAIT_SECONDS_MAX:.0f} s; see {log}")
            time.sleep(POLL_SECONDS)

    def _dispatches(self) -> list[dict[str, Any]]:
        wanted = ("--account", ACCOUNT, "--all", "--json", "--events")
        lines = [json.loads(line) for line in self._akashi("dispatches", *wanted).splitlines()]
        return [line for line in lines if "dispatch_id" in line]

    def _akashi(self, *arguments: str) -> str:
        environment = {**os.environ, "AKASHI_STACK": str(STACK)}
        result = subprocess.run(
            [self.cli, *arguments], check=False, capture_output=True, text=True, env=environment
        )
        if result.returncode != 0:
            raise DemoFailed(f"akashi {' '.join(arguments[:2])}: {result.stderr.strip()}")
        return result.stdout

    def _mailbox(self, address: str) -> list[dict[str, Any]]:
        url = f"{self.world.gateway_url}/_akashi/mailbox/{urllib.parse.quote(address)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            mails: list[dict[str, Any]] = json.load(answer)
        return mails

    def _mailbox_ids(self, address: str) -> set[str]:
        return {mail["id"] for mail in self._mailbox(address)}

    def _print_mail(self, before: dict[str, set[str]]) -> None:
        heading("Delivered mail")
        for address, ids in before.items():
            for mail in self._mailbox(address):
                if mail["id"] not in ids:
                    print(f"  to       {address}")
                    print(f"  from     {mail['headers'].get('From', mail['from'])}")
                    print(f"  subject  {mail['subject']}")
                    print(f"  at       {mail['received_at']}, {mail['size_bytes']:,} bytes")
                    url = urllib.parse.urljoin(self.world.gateway_url, mail["raw_url"])
                    print(f"  read it  {url}")
                    print()

    def _print_dispatch(self, dispatch: dict[str, Any]) -> None:
        heading(f"{dispatch['serial']}  to {dispatch['recipient']}: {dispatch['outcome']}")
        for event in dispatch["events"]:
            source = "late, " + event["source"] if event["supplementary"] else event["source"]
            print(f"  {event['at']:<30}  {event['name']:<28}  {event['etsi'] or '':<26}  {source}")
        print()

    def _print_points(self) -> None:
        heading("Points")
        for line in self._akashi("points", "show", "--account", ACCOUNT).splitlines():
            print(f"  {line}")
        print()

    def _print_certificates(self, dispatches: list[dict[str, Any]]) -> None:
        heading("Certificates")
        OUT.mkdir(parents=True, exist_ok=True)
        for dispatch in dispatches:
            path = OUT / f"{dispatch['serial']}.pdf"
            self._akashi("certificate", dispatch["serial"], "--out", str(path))
            print(f"  {path.relative_to(ROOT)}  ({path.stat().st_size:,} bytes)")
        trust = OUT / "trust.json"
        trust.write_text(self._akashi("trust-file"))
        first = OUT / f"{dispatches[0]['serial']}.pdf"
        verdict = self._judge(first, trust).partition(":")[0]
        verifier = self.verifier
        verifier = verifier.relative_to(ROOT) if verifier.is_relative_to(ROOT) else verifier
        places = [first.relative_to(ROOT), trust.relative_to(ROOT)]
        print(f"\n  {verifier} {places[0]} --trust {places[1]}")
        print(f"  says {verdict}; it needs no network.")

    def _judge(self, certificate: Path, trust: Path) -> str:
        """What the public's program says, which has nothing of ours but the file."""
        command = [self.verifier, certificate, "--trust", trust]
        result = subprocess.run(command, check=False, capture_output=True, text=True, env={})
        if result.returncode != 0:
            raise DemoFailed(f"akashi-verify: {result.stderr.strip() or result.stdout.strip()}")
        return result.stdout

    def _say(self, what: str) -> None:
        print(f"{time.monotonic() - self.started:6.1f} s  {what}", flush=True)


def heading(text: str) -> None:
    """A line that stands out."""
    print(f"\n{text}\n{'-' * columns(text)}")


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "FW" else 1 for char in text)


if __name__ == "__main__":
    sys.exit(main())
