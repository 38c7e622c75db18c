"""The archives of the functions."""

from __future__ import annotations

import struct
import sys
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
    with pytest.raises(packages.DeployError, match=r"deliver is not there: run `make release`"):
        packages.collect(binaries)


def test_an_archive_over_the_limit_is_refused(
    binaries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packages.collect(binaries)[0].archive(tmp_path)
    packages.require_small(archive)
    monkeypatch.setattr(packages, "ARCHIVE_SIZE_BYTES_MAX", 100)
    with pytest.raises(packages.DeployError, match="at most 100"):
        packages.require_small(archive)


def elf(*versions: str) -> bytes:
    """The least of an ELF file that asks for these versions of one library."""
    strings = b"\0libc.so.6\0" + b"".join(v.encode() + b"\0" for v in versions)
    needs = struct.pack("<HHIII", 1, len(versions), 1, 16, 0)
    for number, version in enumerate(versions):
        step = 16 if number + 1 < len(versions) else 0
        name = strings.index(version.encode() + b"\0")
        needs += struct.pack("<IHHII", 0, 0, 2, name, step)
    at = 64
    header = b"\x7fELF\x02\x01" + bytes(34) + struct.pack("<Q", at + len(strings + needs))
    header += bytes(58 - len(header)) + struct.pack("<HH", 64, 2) + bytes(2)
    sections = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, at, len(strings), 0, 0, 0, 0)
    sections += struct.pack(
        "<IIQQQQIIQQ", 0, 0x6FFFFFFE, 0, 0, at + len(strings), len(needs), 0, 1, 0, 0
    )
    return header + strings + needs + sections


@pytest.mark.parametrize(
    ("versions", "refused"),
    [
        (("GLIBC_2.2.5", "GLIBC_2.34"), None),
        (("GLIBC_2.2.5", "GLIBC_2.35", "GLIBC_2.4"), "needs the C library 2.35"),
        (("GLIBC_2.9", "GLIBC_2.30"), None),
        (("GCC_3.0",), None),
        ((), None),
    ],
)
def test_a_binary_that_lambda_could_not_start_is_refused(
    versions: tuple[str, ...], refused: str | None, binaries: Path
) -> None:
    (binaries / "parse-mail").write_bytes(elf(*versions))
    package = packages.collect(binaries)[0]
    if refused is None:
        package.require_c_library()
        return
    with pytest.raises(packages.DeployError, match=refused) as error:
        package.require_c_library()
    assert "2.34" in str(error.value) and "cargo lambda" in str(error.value)


def test_the_versions_of_a_real_program_are_read() -> None:
    # Whatever runs this test: at least the first version of the library for this processor.
    found = packages.c_library_versions(Path(sys.executable).resolve())
    assert (2, 2, 5) in found or (2, 17) in found


def test_what_is_no_program_is_refused(binaries: Path) -> None:
    with pytest.raises(packages.DeployError, match="not a program for 64-bit Linux"):
        packages.collect(binaries)[0].require_c_library()
