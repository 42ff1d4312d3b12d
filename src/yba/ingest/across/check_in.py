"""Decide whether a check-in and the claim that followed speak of the same person under the same link (VR177)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import parts
from yba.kit.text import fold, looks_lost, name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yba.ingest.model import Row

    from .store import CheckIn

EXACT: Final = ("MA_BN", "SO_CCCD", "GIOI_TINH")


def faults(head: Row, link: str, check_ins: Sequence[CheckIn]) -> Iterator[Fault]:
    """Yield what differs from the newest check-in under the link; without one, that its visit checked in under another."""
    own = [one for one in check_ins if one.link == link]
    if own:
        yield from _differing(head, max(own, key=lambda one: one.landing).row)
    elif check_ins:
        newest = max(check_ins, key=lambda one: one.landing)
        yield Fault("XML1", 1, "MA_LK", link, f"{newest.link} (check-in {newest.row.get('NGAY_VAO', '')})", lesser=True)


def _differing(head: Row, row: Row) -> Iterator[Fault]:
    for name in EXACT:
        one, other = head.get(name, "").strip(), row.get(name, "").strip()
        if one and other and one != other:
            yield Fault("XML1", 1, name, head[name], other)
    one, other = head.get("HO_TEN", ""), row.get("HO_TEN", "")
    if one.strip() and other.strip() and name_key(one) != name_key(other):
        damaged = looks_lost(one) or looks_lost(other) or fold(one) == fold(other)
        yield Fault("XML1", 1, "HO_TEN", one, other, lesser=damaged)
    one, other = known(head.get("NGAY_SINH", "")), known(row.get("NGAY_SINH", ""))
    if one and other and not (one.startswith(other) or other.startswith(one)):
        yield Fault("XML1", 1, "NGAY_SINH", head["NGAY_SINH"], row["NGAY_SINH"])
    card, cards = row.get("MA_THE_BHYT", "").strip(), parts(head.get("MA_THE_BHYT", ""))
    if card and cards and not set(parts(card)) & set(cards):
        yield Fault("XML1", 1, "MA_THE_BHYT", head["MA_THE_BHYT"], card)


def known(birth: str) -> str:
    """The parts of a birth date that are known: zeros at the end say "unknown"."""
    day = birth.strip()[:8]
    while len(day) > 4 and day.endswith("00"):  # noqa: PLR2004 a year stays
        day = day[:-2]
    return day
