"""Temporary identifiers: made with check characters, read back however they were typed, shown as text and QR; pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

import segno
from stdnum.iso7064 import mod_97_10

from yba.kit.errors import Invalid
from yba.specs.identity.temporary import temporary

_FACILITY: Final = re.compile(r"[0-9]{2}[0-9A-Z]{3}")
_DIGITS: Final = re.compile(r"[0-9]+")
_DASHES: Final = re.compile(r"[\s\-‐-―−]+")
_LOOSE: Final = re.compile(r"([A-Z]{2})([0-9]{2}[0-9A-Z]{3})([0-9]{8})([0-9]{4})([0-9]{2})")
_QR_MODULE: Final = 4
_QUIET: Final = 4  # modules of white around it, as ISO/IEC 18004 asks


class Temporary(NamedTuple):
    """A temporary identifier taken apart."""

    facility: str
    day: date
    number: int


def make(facility: str, day: date, number: int) -> str:
    """Make the code of the n-th person of a facility and day: "VD-11001-20261122-0001-77". Raises Invalid (facility code, number)."""
    rules = temporary()
    if not _FACILITY.fullmatch(facility):
        raise Invalid("Mã cơ sở không đúng: cần 5 ký tự (MA_CSKCB).")
    if not 0 < number <= rules.most_of_a_day:
        raise Invalid(f"Một cơ sở cấp tối đa {rules.most_of_a_day} mã tạm một ngày.")
    body = f"{rules.prefix}{facility}{day:%Y%m%d}{number:04d}"
    return _written(body, mod_97_10.calc_check_digits(body))


def read(text: str) -> Temporary | None:
    """Take a code apart; blanks, missing or other dashes and small letters are forgiven; None when it is none or its check characters are wrong."""
    found = _LOOSE.fullmatch(_DASHES.sub("", text.strip().upper()))
    if found is None or found[1] != temporary().prefix:
        return None
    body = "".join(found.groups()[:4])
    if mod_97_10.calc_check_digits(body) != found[5]:
        return None
    try:
        day = date.fromisoformat(f"{found[3][:4]}-{found[3][4:6]}-{found[3][6:]}")
    except ValueError:
        return None
    return Temporary(found[2], day, int(found[4]))


def canonical(text: str) -> str:
    """Return a code as it is written, "" when the text is none."""
    found = read(text)
    return make(*found) if found is not None and found.number else ""


def qr_svg(text: str) -> str:
    """Return a QR code as an SVG of its own."""
    path, side = qr_path(text)
    size = side * _QR_MODULE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" width="{size}" height="{size}" viewBox="0 0 {side} {side}">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path stroke="#000" fill="none" d="{path}"/></svg>'
    )


def qr_path(text: str) -> tuple[str, int]:
    """Return a QR code as the path of its dark modules (one unit each, stroked one wide) and its side with the quiet zone around.

    Capitals, digits and dashes take the small alphanumeric form; a quarter of it may be scratched away (level Q).
    """
    rows = [list(row) for row in segno.make_qr(text, error="q").matrix_iter(border=_QUIET)]
    parts = [f"M{start} {y}.5h{length}" for y, row in enumerate(rows) for start, length in _dark(row)]
    return "".join(parts), len(rows)


def _dark(row: list[int]) -> list[tuple[int, int]]:
    """The runs of dark modules of a row: (start, length)."""
    found, start = [], None
    for x, module in enumerate([*row, 0]):
        if module and start is None:
            start = x
        elif not module and start is not None:
            found.append((start, x - start))
            start = None
    return found


def looks_like_another(code: str) -> bool:
    """Whether software that throws letters and dashes away would take a code for a personal, insurance, old card or card number."""
    digits = "".join(_DIGITS.findall(code))
    return len(digits) in {9, 10, 12, 15}


def _written(body: str, check: str) -> str:
    prefix = len(temporary().prefix)
    facility, day, number = body[prefix : prefix + 5], body[prefix + 5 : prefix + 13], body[prefix + 13 :]
    return f"{body[:prefix]}-{facility}-{day}-{number}-{check}"
