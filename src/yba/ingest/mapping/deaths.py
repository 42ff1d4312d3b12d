"""Whether a claim says that its person died, and when: the result of treatment, and the result of a tuberculosis treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .dates import is_date, moment
from .words import words

if TYPE_CHECKING:
    from .context import Context
    from .model import Row

UNDATED: Final = "?"
_MINUTES: Final = len("yyyyMMddHHmm")


def death(context: Context, tables: dict[str, list[Row]]) -> str:
    """Give "2026-03-01T10:30", "2026-03-01", "?" for a death without a readable date, "" when none is told.

    KET_QUA_DTRI is the visit's own word and goes before the programmes'; no decision has a way of leaving (MA_LOAI_RV, TINH_TRANG_RV)
    that means death. A programme's is told with the last day of its treatment.
    """
    precise = words("death").get(context.header.get("KET_QUA_DTRI", "").strip())
    if precise is not None:
        return _when(context.header.get("NGAY_RA", ""), minutes=precise == "minute")
    for table, told in words("death-in-programme").items():
        for row in tables.get(table, ()):
            if row.get(told["field"], "").strip() == told["code"]:
                return _when(row.get(told["when"], ""), minutes=False)
    return ""


def _when(raw: str, *, minutes: bool) -> str:
    digits = raw.strip()
    at = moment(digits)
    if minutes and at is not None and len(digits) == _MINUTES:
        return at.isoformat()[: len("2026-03-01T10:30")]
    day = digits[:8]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if is_date(day) else UNDATED
