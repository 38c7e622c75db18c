"""The archives of the functions."""

from __future__ import annotations

import zipfile
from pathlib import Path

import packages
import pytest


@pytest.fixture
def binaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "binaries"
    folder.mkdir()
    for name in packages.FUNCTIONS:
        (folder / name).write_bytes(b"\x7fELF " + name.encode())
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "Sans.ttf").write_bytes(b"font")
    (fonts / "OFL.txt").write_bytes(b"license")
    (fonts / "stamp").write_bytes(b"not a font")
    monkeypatch.setattr(packages, "FONTS", fonts)
    return folder


def test_the_same_input_gives_the_same_archive(binaries: Path, tmp_path: Path) -> None:
    first, again = (packages.collect(binaries)[0] for _ in range(2))
    assert first == again
    written = first.archive(tmp_path / "one").read_bytes()
    (binaries / "parse-mail").touch()
    assert again.archive(tmp_path / "two").read_bytes() == written


def test_a_changed_binary_changes_only_its_own_package(binaries: Path) -> None:
    before = packages.collect(binaries)
    (binaries / "deliver").write_bytes(b"\x7fELF changed")
    after = packages.collect(binaries)
    assert [new.name for old, new in zip(before, after, strict=True) if old != new] == ["deliver"]


def test_an_archive_is_written_again_when_its_content_changed(
    binaries: Path, tmp_path: Path
) -> None:
    packages.collect(binaries)[0].archive(tmp_path)
    (binaries / "parse-mail").write_bytes(b"\x7fELF changed")
    archive = packages.collect(binaries)[0].archive(tmp_path)
    with zipfile.ZipFile(archive) as opened:
        assert opened.read("bootstrap") == b"\x7fELF changed"


def test_only_compose_certificate_carries_fonts_and_every_bootstrap_may_be_run(
    binaries: Path, tmp_path: Path
) -> None:
    for package in packages.collect(binaries):
        with zipfile.ZipFile(package.archive(tmp_path)) as archive:
            names = archive.namelist()
            mode = archive.getinfo("bootstrap").external_attr >> 16
        fonts = ["fonts/OFL.txt", "fonts/Sans.ttf"]
        expected = ["bootstrap", *(fonts if package.name == "compose-certificate" else [])]
        assert names == expected
        assert mode == 0o755


def test_a_missing_binary_is_named_with_the_command_that_makes_it(binaries: Path) -> None:
    (binaries / "deliver").unlink()
    with pytest.raises(packages.DeployError, match=r"deliver is not there: run `make build`"):
        packages.collect(binaries)


def test_an_archive_over_the_limit_is_refused(
    binaries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packages.collect(binaries)[0].archive(tmp_path)
    packages.require_small(archive)
    monkeypatch.setattr(packages, "ARCHIVE_SIZE_BYTES_MAX", 100)
    with pytest.raises(packages.DeployError, match="at most 100"):
        packages.require_small(archive)
