#!/usr/bin/env python3
"""Runs every check and test of the project, cheap ones first; `--lint` leaves the tests out.

Standard library only. A step that fails ends the run, except among the tests, which all run. Ends
with one plain line, `N passed, N failed`, over all tests; a check that failed counts as one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "localstack"))

from akashi_localstack import settings  # noqa: E402 - it stands in this repository.

BIN = ROOT / ".local" / "venv" / "bin"
TOOLS = ROOT / ".local" / "tools"
CARGO_DENY = "0.20.2"
# One profile for checks, tests and the local world: build scripts and macros are compiled once.
PROFILE = ("--profile", "local")

DEBIAN_PACKAGES = {"pdftotext": "poppler-utils", "pdfsig": "poppler-utils", "qpdf": "qpdf"}
"""Programs that judge our PDFs, and the packages that they are in."""

PYTEST_COUNTS = re.compile(r"(\d+) (passed|failed|errors?)\b")
CARGO_COUNTS = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed;")


@dataclass
class Tally:
    """Counts of tests."""

    passed: int = 0
    failed: int = 0


class StepFailed(Exception):
    """A step found something; it has said what."""


@dataclass(frozen=True)
class Step:
    """One thing to run."""

    name: str
    run: Callable[[Tally], None]
    is_test: bool = False


def main() -> int:
    """Returns the exit code."""
    steps = [step for step in STEPS if not (step.is_test and "--lint" in sys.argv[1:])]
    tally = Tally()
    for step in steps:
        started = time.monotonic()
        print(f"== {step.name}", flush=True)
        failed_before = tally.failed
        try:
            step.run(tally)
        except StepFailed as error:
            print(f"{step.name}: {error}", flush=True)
            # Tests have counted themselves, unless they did not even start.
            tally.failed += 1 if tally.failed == failed_before else 0
            if not step.is_test:
                break
        if not step.is_test:
            # Test runners tell their own time, and their closing lines stand last.
            print(f"== {step.name}: {time.monotonic() - started:.0f} s", flush=True)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def call(*command: str | Path, cwd: Path = ROOT) -> None:
    """Runs a command that has to succeed.

    Raises:
        StepFailed: it did not.
    """
    status = subprocess.call(list(map(str, command)), cwd=cwd)
    if status != 0:
        raise StepFailed(f"{Path(command[0]).name} ended with status {status}")


def call_counting(tally: Tally, count: Callable[[str, Tally], None], *command: str | Path) -> None:
    """Runs a command, shows what it says, and counts the tests in it.

    Raises:
        StepFailed: it did not succeed.
    """
    with subprocess.Popen(
        list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            count(line, tally)
    if process.returncode != 0:
        raise StepFailed(f"{Path(command[0]).name} ended with status {process.returncode}")


def count_cargo(line: str, tally: Tally) -> None:
    """Reads the closing line of one test binary."""
    found = CARGO_COUNTS.match(line)
    if found:
        tally.passed += int(found[1])
        tally.failed += int(found[2])


def count_pytest(line: str, tally: Tally) -> None:
    """Reads the closing line of pytest, e.g. `2 failed, 40 passed in 12.3s`."""
    if not re.search(r" in [\d.]+s", line):
        return
    for number, word in PYTEST_COUNTS.findall(line):
        if word == "passed":
            tally.passed += int(number)
        else:
            tally.failed += int(number)


def install(_tally: Tally) -> None:
    """What everything else needs."""
    call(sys.executable, "localstack/install.py")
    call(sys.executable, "functions/shared/certificate/fetch_fonts.py")
    judges = ROOT / "tests" / "judges" / "install.py"
    if judges.is_file():
        call(sys.executable, judges)
    missing = sorted({p for program, p in DEBIAN_PACKAGES.items() if not shutil.which(program)})
    if missing:
        wanted = ("install", "--yes", "--no-install-recommends", *missing)
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise StepFailed(f"run this first: sudo apt-get {' '.join(wanted)}")
        call("apt-get", "update", "--quiet", "--quiet")
        call("apt-get", *wanted, "--quiet", "--quiet")


def format_(_tally: Tally) -> None:
    """Layout of all sources."""
    call("cargo", "fmt", "--all", "--", "--check", "-l")
    call(BIN / "ruff", "format", "--check", "--quiet", "localstack")
    config = ("--config", "infra/pyproject.toml")
    call(BIN / "ruff", "format", "--check", "--quiet", *config, "infra", ".ci", "tests/judges")


def python(_tally: Tally) -> None:
    """Mistakes and types in the Python sources."""
    call(BIN / "ruff", "check", "--quiet", "localstack")
    config = ("--config", "infra/pyproject.toml")
    call(BIN / "ruff", "check", "--quiet", *config, "infra", ".ci", "tests/judges")
    call(BIN / "mypy", "--no-error-summary", cwd=ROOT / "localstack")
    call(BIN / "mypy", "--no-error-summary", "--config-file", "infra/pyproject.toml")


def template(_tally: Tally) -> None:
    """The infrastructure, as AWS's own checker sees it."""
    call(BIN / "cfn-lint", "infra/template.yaml")


def dependencies(_tally: Tally) -> None:
    """Licenses and sources of what we depend on."""
    program = TOOLS / "bin" / "cargo-deny"
    version = (
        subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
        if program.is_file()
        else ""
    )
    if version.split() != ["cargo-deny", CARGO_DENY]:
        call(
            "cargo", "install", "--locked", "--debug", "--version", CARGO_DENY,
            "--root", TOOLS, "--target-dir", TOOLS / "target", "cargo-deny",
        )  # fmt: skip
        # It is run and not worked on: what compiling left behind is half a gigabyte.
        shutil.rmtree(TOOLS / "target", ignore_errors=True)
    # It looks into the crates of every platform, also into those that nothing here compiles.
    call("cargo", "fetch", "--quiet", "--locked")
    call(program, "--offline", "--log-level", "error", "check", "bans", "licenses", "sources")


def advisories(_tally: Tally) -> None:
    """Known holes in what we depend on, by the database of RustSec.

    It comes from GitHub, which an isolated machine does not reach: there the step says that it did
    not check. `AKASHI_ADVISORIES=fetch make test` brings the database, and later runs use it.
    """
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    wants_new = os.environ.get("AKASHI_ADVISORIES") == "fetch"
    if not wants_new and not any((home / "advisory-dbs").glob("*/.git")):
        print(
            "NOT CHECKED: this machine has no database of advisories. Where GitHub can be reached:"
            " AKASHI_ADVISORIES=fetch make test",
            flush=True,
        )
        return
    program = TOOLS / "bin" / "cargo-deny"
    offline = () if wants_new else ("--offline",)
    call(program, *offline, "--log-level", "error", "check", "advisories")


def clippy(_tally: Tally) -> None:
    """Mistakes in the Rust sources."""
    call(
        "cargo", "clippy", "--quiet", *PROFILE, "--workspace", "--all-targets", "--all-features",
        "--", "--deny", "warnings",
    )  # fmt: skip


def python_tests(tally: Tally) -> None:
    """The deployment and the extension of LocalStack, against worlds that they start."""
    call_counting(tally, count_pytest, BIN / "pytest", "infra", "--rootdir", "infra")
    call_counting(tally, count_pytest, BIN / "pytest", "localstack", "--rootdir", "localstack")


def build(_tally: Tally) -> None:
    """What the local world runs."""
    call("make", "build")


def rust_tests(tally: Tally) -> None:
    """All of the workspace; the tests against the local world start it themselves."""
    was_up = world_is_up()
    try:
        test_workspace(tally)
    finally:
        if not was_up:
            call(sys.executable, "localstack/down.py")


def world_is_up() -> bool:
    """Whether somebody works with the local world, who wants to find it again."""
    try:
        urllib.request.urlopen(f"{settings.load().gateway_url}/_akashi/health", timeout=5).close()
    except OSError:
        return False
    return True


def test_workspace(tally: Tally) -> None:
    """Every test of every crate."""
    call_counting(
        tally, count_cargo,
        "cargo", "test", *PROFILE, "--workspace", "--all-features", "--no-fail-fast",
    )  # fmt: skip


STEPS = (
    Step("install", install),
    Step("format", format_),
    Step("python", python),
    Step("template", template),
    Step("dependencies", dependencies),
    Step("advisories", advisories),
    Step("clippy", clippy),
    Step("build", build),
    Step("python tests", python_tests, is_test=True),
    Step("rust tests", rust_tests, is_test=True),
)

if __name__ == "__main__":
    sys.exit(main())
