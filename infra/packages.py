"""One zip archive per function, the same bytes for the same input. Standard library only."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / ".local" / "fonts"

FUNCTIONS = {
    "parse-mail": "ParseMail",
    "deliver": "Deliver",
    "record-event": "RecordEvent",
    "compose-certificate": "ComposeCertificate",
    "sign-certificate": "SignCertificate",
    "send-copies": "SendCopies",
    "serve-web": "ServeWeb",
    "expire-accounts": "ExpireAccounts",
    "renew-timestamps": "RenewTimestamps",
}
"""Folder, binary and archive by that name; logical id in the template."""

NEEDS_FONTS = frozenset({"compose-certificate"})

ARCHIVE_SIZE_BYTES_MAX = 31 * 524_288
"""15.5 MiB: a larger archive starts too slowly (issue 2, measures). It was 12 MiB before the
certificate had fonts for every script (X-8). These are 3.6 MiB in the archive; they are read and
parsed when a text needs one of them, so a start does not wait for them."""

C_LIBRARY_MAX = (2, 34)
"""The glibc of Amazon Linux 2023. https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html"""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip archive can hold: the archive depends on content alone."""


class DeployError(Exception):
    """Why the stack cannot be made as asked for, and what to do about it."""


@dataclass(frozen=True)
class Package:
    """What goes into the archive of one function."""

    name: str
    members: tuple[tuple[str, Path], ...]
    """Names in the archive and the files they come from, in order."""
    digest: str
    """SHA-256 over names and contents of the members, in hex."""

    @property
    def logical_id(self) -> str:
        """The function's name in the template."""
        return FUNCTIONS[self.name]

    @property
    def object_key(self) -> str:
        """Where the archive is uploaded to: named by content, so it is uploaded once."""
        return f"{self.name}/{self.digest}.zip"

    def require_c_library(self) -> None:
        """Checks that Lambda can start the binary.

        Raises:
            DeployError: it needs a newer C library than Amazon Linux 2023 has.
        """
        newest = max(
            (v for _, file in self.members[:1] for v in c_library_versions(file)), default=()
        )
        if newest > C_LIBRARY_MAX:
            raise DeployError(
                f"{self.members[0][1]} needs the C library {_dotted(newest)}, and functions run on"
                f" Amazon Linux 2023, which has {_dotted(C_LIBRARY_MAX)}: they would not start."
                " Build with `cargo lambda build --release --locked` and name its folder with"
                " --binaries target/lambda, or build on Amazon Linux 2023"
            )

    def archive(self, folder: Path) -> Path:
        """Writes the archive unless it is there already, and returns its path."""
        path = folder / f"{self.name}.zip"
        stamp = folder / f"{self.name}.digest"
        if path.is_file() and stamp.is_file() and stamp.read_text() == self.digest:
            return path
        folder.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in self.members:
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix: the file mode below is read.
                entry.external_attr = (0o755 if name == "bootstrap" else 0o644) << 16
                archive.writestr(entry, file.read_bytes())
        stamp.write_text(self.digest)
        return path


def collect(binaries: Path) -> list[Package]:
    """The packages of all functions, from the folder that cargo built into.

    Raises:
        DeployError: a binary or the fonts are not there.
    """
    return [_package(name, binaries) for name in FUNCTIONS]


def require_small(archive: Path) -> None:
    """Checks what goes to AWS; builds for the local world hold what a linker could leave out.

    Raises:
        DeployError: the archive is larger than a function may be.
    """
    size = archive.stat().st_size
    if size > ARCHIVE_SIZE_BYTES_MAX:
        raise DeployError(
            f"{archive} has {size} bytes; at most {ARCHIVE_SIZE_BYTES_MAX} are allowed"
        )


def c_library_versions(binary: Path) -> set[tuple[int, ...]]:
    """The versions of glibc's symbols that an ELF file asks for (`.gnu.version_r`).

    Linux Standard Base Core 5.0, 10.7.4, `Version Requirements`.

    Raises:
        DeployError: it is not a 64-bit ELF file.
    """
    image = binary.read_bytes()
    if image[:6] != b"\x7fELF\x02\x01":
        raise DeployError(f"{binary} is not a program for 64-bit Linux")
    table, size, count = (
        struct.unpack_from("<Q", image, 40)[0],
        *struct.unpack_from("<HH", image, 58),
    )
    sections = [struct.unpack_from("<IIQQQQII", image, table + n * size) for n in range(count)]
    names: set[bytes] = set()
    for _name, kind, _flags, _address, offset, _length, link, needs in sections:
        if kind == _VERSIONS_NEEDED:
            names |= set(_versions_needed(image, offset, needs, sections[link][4]))
    versions = (re.fullmatch(rb"GLIBC_([0-9.]+)", name) for name in names)
    return {tuple(map(int, v[1].split(b"."))) for v in versions if v}


_VERSIONS_NEEDED = 0x6FFFFFFE
"""The type of the section `.gnu.version_r`."""


def _versions_needed(image: bytes, offset: int, needs: int, strings: int) -> Iterator[bytes]:
    for _ in range(needs):
        _, count, _file, first, following = struct.unpack_from("<HHIII", image, offset)
        entry = offset + first
        for _ in range(count):
            _hash, _flags, _other, name, step = struct.unpack_from("<IHHII", image, entry)
            yield image[strings + name : image.index(b"\0", strings + name)]
            entry += step
        offset += following


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _package(name: str, binaries: Path) -> Package:
    binary = binaries / name
    if binary.is_dir():
        # cargo-lambda makes a folder for each.
        binary = binary / "bootstrap"
    if not binary.is_file():
        command = "make build" if binaries.name == "local" else "make release"
        raise DeployError(f"{binary} is not there: run `{command}`")
    members = (("bootstrap", binary), *(_fonts() if name in NEEDS_FONTS else ()))
    digest = hashlib.sha256()
    for member, path in members:
        digest.update(f"{member}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return Package(name, members, digest.hexdigest())


def _fonts() -> Iterator[tuple[str, Path]]:
    # The license goes where the fonts go.
    files = sorted(path for path in FONTS.glob("*") if path.suffix in {".ttf", ".otf", ".txt"})
    if not any(path.suffix != ".txt" for path in files):
        raise DeployError(f"no fonts in {FONTS}: run `make fonts`")
    for path in files:
        yield f"fonts/{path.name}", path
