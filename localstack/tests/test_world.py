"""Starting and stopping: quick, repeatable, and nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from conftest import World, wait_for, world_in

ROOT = Path(__file__).resolve().parents[2]


def processes_of(world: World) -> list[int]:
    """Every live process that carries the world's folder in its environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z" and str(world.state).encode() in environment:
            found.append(int(entry.name))
    return found


def test_every_part_listens_once_the_world_is_up(world: World) -> None:
    with urllib.request.urlopen(f"{world.gateway_url}/_akashi/health") as answer:
        health = json.load(answer)
    assert health["parts"] == {"localstack": True, "smtp": True, "dns": True, "pki": True}
    assert health["run"] == str(world.run)


def test_the_gateway_listens_on_loopback_only(world: World) -> None:
    listening = "0A"
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {
        local.partition(":")[0]
        for _, local, _, state, *_ in sockets
        if state == listening
        and int(local.partition(":")[2], 16) == urllib.parse.urlsplit(world.gateway_url).port
    }
    assert addresses == {"0100007F"}


def test_a_second_start_changes_nothing_and_says_where_everything_is(world: World) -> None:
    before = (world.run / "pid").read_text()
    result = world.script("up.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"up: AWS {world.gateway_url}, SMTP 127.0.0.1:")
    assert len(result.stdout.splitlines()) == 1
    assert (world.run / "pid").read_text() == before


def test_a_port_of_a_stranger_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    world = world_in(tmp_path)
    with socket.create_server(("127.0.0.1", world.smtp_port)):
        result = world.script("up.py")
    assert result.returncode == 1
    assert f"port {world.smtp_port} cannot be used" in result.stderr
    assert "set AKASHI_SMTP_PORT" in result.stderr
    assert processes_of(world) == []


def test_a_wrong_setting_names_its_variable(tmp_path: Path) -> None:
    world = world_in(tmp_path)
    world.environment["AKASHI_DNS_PORT"] = "53x"
    result = world.script("up.py")
    assert result.returncode == 1
    assert "AKASHI_DNS_PORT is not a port number: '53x'" in result.stderr


TESTS_IN_A_WORLD = """
import subprocess, sys, time
sys.path.insert(0, ".ci")
import check
ends = {"passing": "pass", "failing": "raise SystemExit(1)"}
tests = ends.get(sys.argv[1], "import time; time.sleep(600)")
with check.world_of_its_own() as folder:
    subprocess.check_call([sys.executable, "localstack/up.py"], stdout=subprocess.DEVNULL)
    print(folder, flush=True)
    check.call_counting(check.Tally(), (check.count_cargo, (sys.executable, "-c", tests)))
"""


@pytest.mark.parametrize("way", ["passing", "failing", "interrupted", "terminated"])
def test_the_world_of_the_tests_ends_with_them_whatever_their_end(world: World, way: str) -> None:
    environment = {**world.environment, "AKASHI_RUN": str(world.run)}
    process = subprocess.Popen(
        [sys.executable, "-c", TESTS_IN_A_WORLD, way],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    assert folder.name.startswith("akashi-tests-")
    if way in ("interrupted", "terminated"):
        process.send_signal(signal.SIGINT if way == "interrupted" else signal.SIGTERM)
    rest = process.stdout.read()
    assert (process.wait() == 0) == (way == "passing")
    theirs = World(world.environment, "", 0, 0, 0, folder / "run", folder / "state")
    assert processes_of(theirs) == []
    said = f"the logs of the world that was tested are in {folder / 'run'}" in rest
    assert said == (way != "passing")
    assert "Ready." in (folder / "run" / "localstack.log").read_text()
    shutil.rmtree(folder)
    # The world that was up before, whose variables were set, is as it was.
    with urllib.request.urlopen(f"{world.gateway_url}/_akashi/health") as answer:
        assert json.load(answer)["run"] == str(world.run)


def test_a_world_ends_whole_and_keeps_its_state(tmp_path: Path) -> None:
    world = world_in(tmp_path)
    assert world.script("up.py").returncode == 0
    assert len(processes_of(world)) >= 2
    with urllib.request.urlopen(f"{world.gateway_url}/_akashi/pki/timestamp-authorities") as answer:
        before = answer.read()
    assert world.script("down.py").returncode == 0
    assert processes_of(world) == []
    assert world.script("down.py").returncode == 0
    assert world.script("up.py").returncode == 0
    with urllib.request.urlopen(f"{world.gateway_url}/_akashi/pki/timestamp-authorities") as answer:
        assert answer.read() == before
    # Killed hard, it leaves nothing either: the certification authority follows its parent.
    leader = int((world.run / "pid").read_text().split()[0])
    os.kill(leader, signal.SIGKILL)
    wait_for(lambda: processes_of(world) == [])
