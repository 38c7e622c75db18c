"""A local world of its own for the deployments that tests make."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import packages
import pytest

ROOT = Path(packages.__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "localstack"))


def _worlds() -> Any:
    """The fixtures of the extension's tests, under a name that is not this file's."""
    path = ROOT / "localstack" / "tests" / "conftest.py"
    spec = importlib.util.spec_from_file_location("worlds", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["worlds"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running world, shared by all tests of the session."""
    new = _worlds().world_in(tmp_path_factory.mktemp("world"))
    result = new.script("up.py")
    assert result.returncode == 0, result.stderr
    yield new
    new.script("down.py")
