"""The wristband or label of a temporary identifier: an SVG of its own size with the QR code; says nothing a neighbour should not read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from yba.kit.clock import VIETNAM
from yba.specs.identity.temporary import temporary as rules

from .temporary import qr_path

if TYPE_CHECKING:
    from .health_id import TemporaryId

_WIDTH, _HEIGHT, _QR = 75, 25, 21  # millimetres: fits wristbands of 25 mm and label rolls
_SEX: Final = {"male": "NAM", "female": "NỮ"}
_LONGEST: Final = 34  # characters of the line with the name
_ROOM: Final = _WIDTH - _QR - 3 - 2  # millimetres beside the QR code, with a margin
_CAPITAL, _DIGIT, _SMALL = 0.76, 0.66, 0.58  # widths at size 1, of the widest usual fonts


def label_svg(found: TemporaryId, *, name: str = "", sex: str = "", birth: str = "") -> str:
    """Draw the label of a temporary identifier, in millimetres: code, why it was given, sex and year or day of birth, facility and time, QR.

    ``name`` only where the person has one ("Con bà …"); distinguishing marks, diagnoses and numbers of papers never stand on it.
    """
    kind = rules().kinds[found.kind]
    given = found.given_at.astimezone(VIETNAM)
    about = " · ".join(part for part in (_SEX.get(sex, ""), birth, kind.vi if name.strip() else "") if part)
    lines = (
        (found.code, 4.4, "700", 6.2),
        (name.strip()[:_LONGEST] or kind.vi, 3.4, "700", 10.8),
        (about, 3.0, "400", 15.0),
        (f"Cơ sở {found.facility} · {given:%H:%M %d/%m/%Y}", 2.5, "400", 18.8),
        ("Mã tạm: không phải số định danh cá nhân", 2.2, "400", 22.6),
    )
    left, font = _QR + 3, "'Be Vietnam Pro',sans-serif"
    texts = "".join(
        f'<text x="{left}" y="{y}" font-family="{font}" font-size="{_fitting(text, size)}" font-weight="{weight}">{escape(text)}</text>'
        for text, size, weight, y in lines
        if text
    )
    path, side = qr_path(found.code)
    scale = round(_QR / side, 5)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="label" width="{_WIDTH}mm" height="{_HEIGHT}mm" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{escape(found.code)}"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<g transform="translate(2 2) scale({scale})"><path stroke="#000" fill="none" d="{path}"/></g>{texts}</svg>'
    )


def _fitting(text: str, size: float) -> float:
    """The size at which a line ends on the label: the check characters of a code are its last."""
    width = sum(_CAPITAL if letter.isupper() else _DIGIT if letter.isdigit() else _SMALL for letter in text)
    return round(min(size, _ROOM / width), 2)
