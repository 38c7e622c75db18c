"""How many parts a text is sent in: GSM 03.38 when every character is in its alphabet, else UCS-2.

3GPP TS 23.038 (alphabets) and TS 23.040 (concatenation: each part loses 6 octets to its header).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""These take two septets: an escape and the character."""

SEPTETS_ALONE, SEPTETS_PART = 160, 153
UNITS_ALONE, UNITS_PART = 70, 67

Encoding = Literal["GSM-7", "UCS-2"]


@dataclass(frozen=True)
class Segments:
    """How a text goes over the air."""

    encoding: Encoding
    parts: int
    size_bytes: int
    """Of the encoded text, without the headers of the parts; one byte for a septet."""


def segments(text: str) -> Segments:
    """Counts the parts of `text`."""
    if all(character in BASIC or character in EXTENDED for character in text):
        sizes = [2 if character in EXTENDED else 1 for character in text]
        return Segments("GSM-7", _parts(sizes, SEPTETS_ALONE, SEPTETS_PART), sum(sizes))
    # What lies outside the basic plane is two units, and no carrier parts them.
    sizes = [len(character.encode("utf-16-be", "surrogatepass")) // 2 for character in text]
    return Segments("UCS-2", _parts(sizes, UNITS_ALONE, UNITS_PART), 2 * sum(sizes))


def _parts(sizes: list[int], alone: int, part: int) -> int:
    if sum(sizes) <= alone:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
