"""Functions as processes (issue part 2: warm reuse, timeout, logs, crash). Needs no LocalStack."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from akashi_localstack.runtime_api import Invocation
from akashi_localstack.sandbox import Result, Sandbox, SandboxStopped

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
WAIT_SECONDS_MAX = 10.0

Make = Callable[..., Sandbox]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made = []
    code = tmp_path / "code"
    code.mkdir()
    shutil.copy(BOOTSTRAP, code / "bootstrap")
    (code / "bootstrap").chmod(0o755)

    def new(memory_mib: int = 256, **environment: str) -> Sandbox:
        sandbox = Sandbox(code, {"PATH": os.environ["PATH"], **environment}, memory_mib)
        made.append(sandbox)
        return sandbox

    yield new
    for sandbox in made:
        sandbox.stop()


def invoke(sandbox: Sandbox, timeout_seconds: float = 5.0, **event: Any) -> Result:
    payload = json.dumps(event).encode()
    return sandbox.invoke(
        Invocation("id-1", "arn:aws:lambda:function:f", payload, "Root=1", timeout_seconds)
    )


def answer(result: Result) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(result.outcome.payload)
    return value


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.01)


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
    except OSError:
        return False


def test_reuses_the_process_while_it_works(make: Make) -> None:
    sandbox = make()
    first, second = answer(invoke(sandbox)), answer(invoke(sandbox))
    assert (first["served"], second["served"]) == (1, 2)
    assert first["pid"] == second["pid"]


def test_gives_the_function_its_own_environment_and_folder(make: Make, tmp_path: Path) -> None:
    os.environ["OF_THE_TESTS"] = "must not leak"
    shown = answer(invoke(make(TABLE="dispatches")))
    assert shown["environment"]["TABLE"] == "dispatches"
    assert shown["environment"]["LAMBDA_TASK_ROOT"] == str(tmp_path / "code") == shown["cwd"]
    assert "OF_THE_TESTS" not in shown["environment"]


def test_a_reported_error_is_the_outcome_and_the_process_lives_on(make: Make) -> None:
    sandbox = make()
    result = invoke(sandbox, do="fail")
    assert result.outcome.is_error
    assert answer(result)["errorType"] == "TransientTrouble"
    assert answer(invoke(sandbox))["served"] == 2


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (3, "RequestId: id-1 Error: Runtime exited with error: exit status 3"),
        (0, "RequestId: id-1 Error: Runtime exited without providing a reason"),
    ],
)
def test_a_crash_fails_the_invocation_and_the_next_one_gets_a_new_process(
    make: Make, status: int, message: str
) -> None:
    sandbox = make()
    crashed = invoke(sandbox, do="exit", status=status)
    assert crashed.outcome.is_error
    assert answer(crashed) == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert answer(invoke(sandbox))["served"] == 1


def test_a_process_that_ends_after_its_answer_is_replaced_silently(make: Make) -> None:
    sandbox = make()
    for _ in range(5):
        result = invoke(sandbox, do="answer_then_exit")
        assert not result.outcome.is_error
        assert answer(result)["served"] == 1


def test_an_invocation_that_takes_too_long_is_ended_with_all_it_started(make: Make) -> None:
    sandbox = make()
    pid = answer(invoke(sandbox))["pid"]
    result = invoke(sandbox, timeout_seconds=0.5, do="sleep", seconds=60)
    assert answer(result) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: id-1 Error: Task timed out after 0.50 seconds",
    }
    assert "id-1 Task timed out after 0.50 seconds" in result.log
    assert not is_running(pid)
    assert answer(invoke(sandbox))["served"] == 1


def test_more_memory_than_configured_ends_the_process(make: Make) -> None:
    sandbox = make(memory_mib=128)
    result = invoke(sandbox, do="eat", mib=300, seconds=30)
    assert answer(result)["errorType"] == "Runtime.OutOfMemory"
    assert answer(invoke(sandbox, do="eat", mib=60, seconds=0.1))["served"] == 1


def test_memory_of_a_child_counts_as_the_functions(make: Make) -> None:
    sandbox = make(memory_mib=128)
    result = invoke(sandbox, timeout_seconds=30, do="eat_in_a_child", mib=300)
    assert answer(result)["errorType"] == "Runtime.OutOfMemory"


def test_one_of_many_that_work_is_ended_for_its_memory_and_no_other(make: Make) -> None:
    sandboxes = [make(memory_mib=128) for _ in range(4)]
    greedy, *others = sandboxes
    results: dict[Sandbox, Result] = {}

    def run(sandbox: Sandbox) -> None:
        mib, seconds = (300, 30.0) if sandbox is greedy else (40, 1.0)
        results[sandbox] = invoke(sandbox, 30.0, do="eat", mib=mib, seconds=seconds)

    threads = [threading.Thread(target=run, args=(sandbox,)) for sandbox in sandboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS_MAX)
    assert answer(results[greedy])["errorType"] == "Runtime.OutOfMemory"
    for other in others:
        assert answer(results[other])["served"] == 1
        used = re.search(r"Max Memory Used: (\d+) MB", results[other].log)
        assert used is not None
        assert 40 <= int(used[1]) <= 128


def test_the_watch_closes_its_files_once_while_others_open_theirs(make: Make) -> None:
    # A descriptor that is closed twice is somebody else's the second time.
    sandboxes = [make() for _ in range(4)]
    failed: list[OSError] = []
    is_over = threading.Event()

    def open_and_read() -> None:
        while not is_over.is_set():
            try:
                with BOOTSTRAP.open("rb") as file:
                    file.read(1)
            except OSError as error:
                failed.append(error)

    def run(sandbox: Sandbox) -> None:
        for _ in range(100):
            invoke(sandbox)

    reader = threading.Thread(target=open_and_read)
    reader.start()
    threads = [threading.Thread(target=run, args=(sandbox,)) for sandbox in sandboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4 * WAIT_SECONDS_MAX)
    is_over.set()
    reader.join(WAIT_SECONDS_MAX)
    assert failed == []
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("lambda-memory") == 1, "the watch is one thread, and lives"


def test_the_log_holds_what_was_written_between_lambdas_own_lines(make: Make) -> None:
    result = invoke(make(memory_mib=256), do="print", text="written 明石")
    lines = result.log.splitlines()
    assert lines[0] == "START RequestId: id-1 Version: $LATEST"
    assert lines[1:3] == ["written 明石", "WRITTEN 明石"]
    assert lines[3] == "END RequestId: id-1"
    assert re.fullmatch(
        r"REPORT RequestId: id-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms"
        r"\tMemory Size: 256 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms",
        lines[4],
    )


def test_a_function_that_cannot_start_fails_its_invocation_with_its_own_words(make: Make) -> None:
    ended = invoke(make(FAIL_AT_START="exit"))
    assert answer(ended)["errorMessage"].endswith("exit status 7")
    assert "cannot start" in ended.log
    assert answer(invoke(make(FAIL_AT_START="report"))) == {
        "errorType": "BadConfig",
        "errorMessage": "no table",
    }


def test_code_without_an_executable_bootstrap_fails_as_on_lambda(
    make: Make, tmp_path: Path
) -> None:
    bootstrap = tmp_path / "code" / "bootstrap"
    bootstrap.chmod(0o644)
    refused = answer(invoke(make()))
    assert refused["errorType"] == "Runtime.InvalidEntrypoint"
    assert refused["errorMessage"].endswith("permission denied")
    bootstrap.unlink()
    assert "Couldn't find valid bootstrap" in answer(invoke(make()))["errorMessage"]


def test_an_answer_above_six_megabytes_is_refused(make: Make) -> None:
    sandbox = make()
    assert answer(invoke(sandbox, padding=7 << 20))["errorType"] == "Function.ResponseSizeTooLarge"
    assert not invoke(sandbox, padding=5 << 20).outcome.is_error


def test_stopping_ends_a_running_invocation_and_its_process(make: Make) -> None:
    sandbox = make()
    pid = answer(invoke(sandbox))["pid"]
    seen: list[BaseException] = []

    def run() -> None:
        try:
            invoke(sandbox, timeout_seconds=60, do="sleep", seconds=60)
        except SandboxStopped as error:
            seen.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    sandbox.stop()
    thread.join(WAIT_SECONDS_MAX)
    assert len(seen) == 1
    wait_until(lambda: not is_running(pid))


def test_environments_work_side_by_side(make: Make) -> None:
    sandboxes = [make() for _ in range(4)]
    pids: list[int] = []
    everyone_is_ready = threading.Barrier(len(sandboxes))

    def run(sandbox: Sandbox) -> None:
        invoke(sandbox)
        everyone_is_ready.wait(WAIT_SECONDS_MAX)
        pids.append(answer(invoke(sandbox, do="sleep", seconds=0.5))["pid"])

    threads = [threading.Thread(target=run, args=(sandbox,)) for sandbox in sandboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS_MAX)
    assert len(set(pids)) == 4
