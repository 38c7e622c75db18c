"""Runs a function's `bootstrap` as a process, as one execution environment of Lambda does.

A process is reused while it works. When it ends, runs too long or takes too much memory, the
invocation fails with the error that Lambda gives and the next one gets a new process.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from akashi_localstack.memory_watch import MIB, MemoryWatch, peak_bytes
from akashi_localstack.runtime_api import Invocation, Outcome, RuntimeApi

INIT_SECONDS_MAX = 10.0
"""Lambda gives the initialization ten seconds, which do not count as the invocation's time."""
LOG_SIZE_BYTES_MAX = 4 << 20
"""Of one invocation. A function that writes without end must not fill LocalStack's memory."""

MEMORY = MemoryWatch()
"""Of all functions."""


class SandboxStopped(Exception):
    """The environment was stopped (deleted or updated function) while an invocation ran."""


@dataclass(frozen=True)
class Result:
    """One invocation's outcome and everything it wrote, framed by Lambda's own log lines."""

    outcome: Outcome
    log: str


class Sandbox:
    """One execution environment: at most one process and one invocation at a time."""

    def __init__(self, code: Path, environment: Mapping[str, str], memory_mib: int) -> None:
        self._code = code
        self._environment = {
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
            **environment,
            "LAMBDA_TASK_ROOT": str(code),
        }
        self._memory_mib = memory_mib
        self._process: _Process | None = None
        self._is_stopped = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Starts the process ahead of the first invocation, which reports what goes wrong."""
        self._ensure_process()

    def stop(self) -> None:
        """Kills the process and fails the invocation that runs; safe to call twice."""
        with self._lock:
            self._is_stopped = True
            process, self._process = self._process, None
        if process is not None:
            process.kill()

    def invoke(self, invocation: Invocation) -> Result:
        """Runs one event to its end; never longer than initialization and timeout together.

        Raises:
            SandboxStopped: `stop` was called meanwhile.
        """
        started = time.monotonic()
        process = self._ensure_process()
        if isinstance(process, Outcome):
            return Result(process, self._frame(invocation, "", 0.0, 0, None))
        is_cold = not process.has_served
        failure = self._initialize(process, invocation.request_id)
        if failure is not None and not is_cold:
            # It ended after its last answer: nobody's failure, so this event gets a new process.
            self._discard(process)
            return self.invoke(invocation)
        begun = time.monotonic()
        outcome = failure or self._run(process, invocation)
        seconds = time.monotonic() - begun
        process.has_served = True
        peak_mib = process.memory_peak_mib()
        if failure is not None or process.epitaph:
            self._discard(process)
        written = process.take_log() + process.epitaph
        with self._lock:
            if self._is_stopped:
                raise SandboxStopped(f"stopped during the invocation {invocation.request_id}")
        init_seconds = begun - started if is_cold else None
        return Result(outcome, self._frame(invocation, written, seconds, peak_mib, init_seconds))

    def _initialize(self, process: _Process, request_id: str) -> Outcome | None:
        """Waits until the process takes events; returns why it does not."""
        ready = process.api.wait_until_ready(INIT_SECONDS_MAX, process.is_alive)
        if isinstance(ready, Outcome):
            return ready
        return None if ready else process.failure(request_id, INIT_SECONDS_MAX)

    def _run(self, process: _Process, invocation: Invocation) -> Outcome:
        with MEMORY.limited(process, self._memory_mib):
            process.api.send(invocation)
            answer = process.api.wait_for_outcome(invocation.timeout_seconds, process.is_alive)
        return answer or process.failure(invocation.request_id, invocation.timeout_seconds)

    def _discard(self, process: _Process) -> None:
        process.kill()
        with self._lock:
            if self._process is process:
                self._process = None

    def _ensure_process(self) -> _Process | Outcome:
        with self._lock:
            if self._is_stopped:
                raise SandboxStopped("the environment was stopped")
            if self._process is not None and self._process.is_alive():
                return self._process
            if self._process is not None:
                # It ended between two invocations: nobody's failure, as on Lambda.
                self._process.kill()
            self._process = None
            bootstrap = self._code / "bootstrap"
            if not bootstrap.is_file():
                return Outcome.failure(
                    "Runtime.InvalidEntrypoint",
                    "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
                )
            try:
                self._process = _Process(bootstrap, self._environment)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                message = f"fork/exec /var/task/bootstrap: {reason}"
                return Outcome.failure("Runtime.InvalidEntrypoint", message)
            return self._process

    def _frame(
        self,
        invocation: Invocation,
        written: str,
        seconds: float,
        peak_mib: int,
        init_seconds: float | None,
    ) -> str:
        request_id = invocation.request_id
        version = self._environment.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        duration_ms = seconds * 1000
        billed_ms = int(duration_ms + (init_seconds or 0.0) * 1000) + 1
        report = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {duration_ms:.2f} ms",
            f"Billed Duration: {billed_ms} ms",
            f"Memory Size: {self._memory_mib} MB",
            f"Max Memory Used: {peak_mib} MB",
        ]
        if init_seconds is not None:
            report.append(f"Init Duration: {init_seconds * 1000:.2f} ms")
        if written and not written.endswith("\n"):
            written += "\n"
        return (
            f"START RequestId: {request_id} Version: {version}\n{written}"
            f"END RequestId: {request_id}\n" + "\t".join(report) + "\n"
        )


class _Process:
    """A running bootstrap with its Runtime API and its output."""

    def __init__(self, bootstrap: Path, environment: Mapping[str, str]) -> None:
        self.has_served = False
        self.epitaph = ""
        """What Lambda adds to the log about the end of this process."""
        self.memory_seen_bytes = 0
        self._has_too_much_memory = False
        self._log = bytearray()
        self._dropped_bytes = 0
        self._log_lock = threading.Lock()
        self.api = RuntimeApi()
        read_end, write_end = os.pipe()
        try:
            # A group of its own, in LocalStack's session: the group ends with the invocation,
            # and `down.py` finds by the session whatever is left.
            self._process = subprocess.Popen(
                [bootstrap],
                cwd=bootstrap.parent,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address},
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                process_group=0,
            )
        except BaseException:
            os.close(read_end)
            self.api.close()
            raise
        finally:
            os.close(write_end)
        self._output = read_end
        threading.Thread(target=self._read_output, name="lambda-output", daemon=True).start()
        threading.Thread(target=self._await_end, name="lambda-end", daemon=True).start()

    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends the process and everything it started; safe to call twice."""
        with contextlib.suppress(ProcessLookupError):  # It was faster.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.api.close()

    def failure(self, request_id: str, timeout_seconds: float) -> Outcome:
        """Why there is no answer, in Lambda's words; ends the process if it still runs."""
        if self.is_alive():
            self.kill()
            now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
            message = f"Task timed out after {timeout_seconds:.2f} seconds"
            self.epitaph = f"{now}.000Z {request_id} {message}\n\n"
            return Outcome.failure("Sandbox.Timedout", f"RequestId: {request_id} Error: {message}")
        status = self._process.wait()
        if status == 0:
            message = "Runtime exited without providing a reason"
        elif status > 0:
            message = f"Runtime exited with error: exit status {status}"
        else:
            message = f"Runtime exited with error: signal: {_signal_name(-status)}"
        kind = "Runtime.OutOfMemory" if self._has_too_much_memory else "Runtime.ExitError"
        self.epitaph = f"RequestId: {request_id} Error: {message}\n{kind}\n"
        return Outcome.failure(kind, f"RequestId: {request_id} Error: {message}")

    def memory_peak_mib(self) -> int:
        """The most memory the process was seen to hold, in MiB."""
        return max(peak_bytes(self.pid), self.memory_seen_bytes) // MIB

    def end_for_memory(self) -> None:
        """Kills the process and remembers why."""
        self._has_too_much_memory = True
        self.kill()

    def take_log(self) -> str:
        """Everything written since the last call."""
        with self._log_lock:
            while self._output >= 0 and _has_output(self._output, timeout_ms=0):
                if not self._read_some():
                    break
            text = self._log.decode("utf-8", errors="replace")
            if self._dropped_bytes:
                text += f"\n[{self._dropped_bytes} more bytes were dropped]\n"
            self._log.clear()
            self._dropped_bytes = 0
            return text

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def _await_end(self) -> None:
        self._process.wait()
        self.api.wake()

    def _read_output(self) -> None:
        while True:
            _has_output(self._output, timeout_ms=None)
            with self._log_lock:
                # Somebody else may have read it between the two lines above.
                if _has_output(self._output, timeout_ms=0) and not self._read_some():
                    os.close(self._output)
                    self._output = -1
                    return

    def _read_some(self) -> bool:
        piece = os.read(self._output, 65_536)
        room = max(LOG_SIZE_BYTES_MAX - len(self._log), 0)
        self._log += piece[:room]
        self._dropped_bytes += max(len(piece) - room, 0)
        return bool(piece)


def _has_output(descriptor: int, timeout_ms: int | None) -> bool:
    # Not `select`, which fails for descriptors above 1,023.
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout_ms))


def _signal_name(number: int) -> str:
    # The words of Go's os/signal, which Lambda's messages show.
    words = {signal.SIGKILL: "killed", signal.SIGABRT: "aborted", signal.SIGTERM: "terminated"}
    words[signal.SIGSEGV] = "segmentation fault"
    try:
        return words.get(signal.Signals(number), signal.Signals(number).name.lower())
    except ValueError:
        return str(number)
