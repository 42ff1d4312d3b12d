"""Rules about whose claim it is: link, facility, person, card, diagnosis against sex and age."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import DAYS, MOMENTS, NUMBERS, ZERO, is_moment, parts
from yba.specs import claims
from yba.specs.codes import Membership, code_list, external_lists

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from yba.ingest.checks.model import AgeEdit, Visit
    from yba.ingest.model import Row

OWN_LINK: Final = "XML12"
"""Has no MA_LK: it belongs to no visit."""
LONE: Final = frozenset({"XML0", "XML12"})
FACILITY: Final = re.compile(r"[0-9A-Z]{5}")
NEWBORN_DAYS, NEW_ARRIVAL_DAYS = 28, 5
FERTILE_AGES: Final = (9, 60)
SELF_REFERRED: Final = frozenset("1.11 1.12 1.13 1.14 1.15 1.16 1.17 1.18 3.1 3.2 3.3 3.6".split())
CHECK_UPS: Final = ("Z00", "R53")
SEXES: Final = {"1": "male", "2": "female"}
CARD_FIELDS: Final = (("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN"), ("MA_THE", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN"))


def alone(visit: Visit) -> bool:
    """Whether these are tables that travel on their own and never belong to a claim."""
    return bool(visit.tables) and visit.tables.keys() <= LONE


def vr001(visit: Visit) -> Iterator[Fault]:
    """MA_LK in every record: without it in XML1 nothing can be attributed."""
    for table, rows in visit.tables.items():
        if table == OWN_LINK:
            continue
        for number, row in enumerate(rows, 1):
            if not row.get("MA_LK", "").strip():
                claimed = bool(visit.claim.link) or table not in {"XML1", "XML0"}
                yield Fault(table, number, "MA_LK", "", "MA_LK", lesser=claimed)


def vr002(visit: Visit) -> Iterator[Fault]:
    """Every row carries the MA_LK of XML1 (BHYT-DATA-R09)."""
    link = visit.claim.link
    if not link or not visit.head:
        return
    for table, rows in visit.tables.items():
        for number, row in enumerate(rows, 1):
            own = row.get("MA_LK")
            if own is not None and own != link and own.strip() not in {link, ""}:
                yield Fault(table, number, "MA_LK", own, link)


def vr003(visit: Visit) -> Iterator[Fault]:
    """STT is a positive whole number, once per table and link."""
    for table, rows in visit.tables.items():
        seen: set[tuple[str, str]] = set()
        for number, row in enumerate(rows, 1):
            own = row.get("STT")
            if own is None:
                continue
            key = (own, row.get("MA_LK", ""))
            if key in seen:
                yield Fault(table, number, "STT", own, "mỗi số một lần trong bảng")
            elif own.startswith("0") and not own.strip("0"):
                yield Fault(table, number, "STT", own, "≥ 1")
            seen.add(key)


def vr007(visit: Visit) -> Iterator[Fault]:
    """XML1 exists in every claim."""
    if not visit.rows("XML1") and not alone(visit):
        yield Fault("XML1", 0, "", "", "XML1")


def yb005(visit: Visit) -> Iterator[Fault]:
    """One claim, one person: other summaries, and papers that name somebody else by name and birth date."""
    heads = visit.rows("XML1")
    for number, row in enumerate(heads[1:], 2):
        differs = [name for name in ("MA_BN", "HO_TEN", "NGAY_SINH") if _said(row, name) != _said(visit.head, name)]
        yield Fault("XML1", number, "", row.get("HO_TEN", ""), "một TONG_HOP của một người", lesser=not differs)
    for table in ("XML13", "XML14"):
        for number, row in enumerate(visit.rows(table), 1):
            if _other(row, visit.head, "HO_TEN") and _other(row, visit.head, "NGAY_SINH"):
                yield Fault(table, number, "HO_TEN", row["HO_TEN"], visit.head["HO_TEN"], lesser=True)


def _said(row: Row, name: str) -> str:
    return " ".join(row.get(name, "").split()).casefold()


def _other(row: Row, head: Row, name: str) -> bool:
    one, other = _said(row, name), _said(head, name)
    return bool(one and other) and not (one.startswith(other) or other.startswith(one))


def yb006(visit: Visit) -> Iterator[Fault]:
    """Written by another decision than the one in force when the visit ended (1931 differs from 3176 by one size)."""
    if not MOMENTS[visit.ended] or not visit.head:
        return
    used, due = visit.edition, claims.in_force(visit.end)
    if due is None or used.decision == due.decision or (used.valid_to is not None and visit.end <= used.valid_to and used.valid_from <= visit.end):
        return
    if used.family == due.family and used.decision in {"4750", "3176"} and due.decision in {"4750", "3176", "1931"}:
        return  # XML1 to XML12 of these three cannot be told apart by content
    yield Fault("XML1", 1, "NGAY_RA", visit.ended, due.title)


def vr013(visit: Visit) -> Iterator[Fault]:
    """A newborn's birth time is whole."""
    born, arrived = visit.head.get("NGAY_SINH", ""), DAYS[visit.arrived]
    if arrived is None or len(born) < 8 or not is_moment(born, partial=True):  # noqa: PLR2004 yyyyMMdd
        return
    day = DAYS[born]
    newborn = day is not None and 0 <= (arrived - day).days <= NEWBORN_DAYS
    if newborn and (len(born) < 12 or born.endswith("0000")):  # noqa: PLR2004 yyyyMMddHHmm
        yield Fault("XML1", 1, "NGAY_SINH", born, "yyyyMMddHHmm")


def vr024(visit: Visit) -> Iterator[Fault]:
    """A facility that can be named, the same as the envelope's."""
    if alone(visit) or not visit.rows("XML1"):
        return
    code = visit.head.get("MA_CSKCB", "").strip()
    sender = visit.claim.envelope.facility.strip()
    if not code:
        yield Fault("XML1", 1, "MA_CSKCB", "", sender or "mã cơ sở 5 ký tự", lesser=bool(visit.claim.facility.strip()))
        return
    if not FACILITY.fullmatch(code):
        yield Fault("XML1", 1, "MA_CSKCB", code, "5 ký tự", lesser=True)
    if sender and sender != code:
        yield Fault("XML1", 1, "MA_CSKCB", code, f"MACSKCB = {sender}", lesser=True)


def _cards(visit: Visit) -> list[tuple[str, str, str]]:
    """Cards as (number, from, to), parallel lists cut to the shortest; empty when there is none."""
    number = visit.head.get("MA_THE_BHYT") or visit.head.get("MA_THE") or ""
    if not number:
        return []
    since, until = parts(visit.head.get("GT_THE_TU", "")), parts(visit.head.get("GT_THE_DEN", ""))
    return list(zip(parts(number), since, until, strict=False))


def vr026(visit: Visit) -> Iterator[Fault]:
    """Card lists are parallel."""
    names = CARD_FIELDS[0] if "MA_THE_BHYT" in visit.head else CARD_FIELDS[1]
    card = visit.head.get(names[0])
    if not card or (";" not in card and not any(";" in visit.head.get(name, "") for name in names[1:])):
        return
    wanted = len(parts(card))
    for name in names[1:]:
        own = visit.head.get(name)
        if own and len(parts(own)) != wanted:
            yield Fault("XML1", 1, name, own, f"{wanted} phần như {names[0]}")


def vr028(visit: Visit) -> Iterator[Fault]:
    """A card begins before it ends."""
    for _, since, until in _cards(visit):
        if since > until and MOMENTS[since] and MOMENTS[until]:
            yield Fault("XML1", 1, "GT_THE_TU", since, f"≤ {until}")


def vr029(visit: Visit) -> Iterator[Fault]:
    """A card does not begin in the future."""
    for _, since, _ in _cards(visit):
        if since > visit.today and MOMENTS[since]:
            yield Fault("XML1", 1, "GT_THE_TU", since, f"≤ {visit.today[:8]}")


def vr030(visit: Visit) -> Iterator[Fault]:
    """Together the cards cover the visit."""
    cards = [(since, until) for _, since, until in _cards(visit) if MOMENTS[since] and MOMENTS[until]]
    if not cards or not MOMENTS[visit.arrived] or not MOMENTS[visit.ended]:
        return
    first, last = min(card[0] for card in cards)[:8], max(card[1] for card in cards)[:8]
    if visit.arrived[:8] < first:
        yield Fault("XML1", 1, "GT_THE_TU", first, f"≤ {visit.arrived[:8]} (NGAY_VAO)")
    if visit.ended[:8] > last:
        yield Fault("XML1", 1, "GT_THE_DEN", last, f"≥ {visit.ended[:8]} (NGAY_RA)")


def vr033(visit: Visit) -> Iterator[Fault]:
    """Card prefixes are those of the (incomplete) list."""
    known = code_list("card-prefix")
    name = "MA_THE_BHYT" if "MA_THE_BHYT" in visit.head else "MA_THE"
    for card in parts(visit.head.get(name, "")):
        if card[:2].isalpha() and known.has(card[:2], visit.end) is not Membership.YES:
            yield Fault("XML1", 1, name, card, known.title_vi)


def vr039(visit: Visit) -> Iterator[Fault]:
    """Arrival category 1.7 is for newborns."""
    if visit.head.get("MA_DOITUONG_KCB") != "1.7":
        return
    born, arrived = DAYS[visit.head.get("NGAY_SINH", "")], DAYS[visit.arrived]
    if born is not None and arrived is not None and (arrived - born).days > NEW_ARRIVAL_DAYS:
        yield Fault("XML1", 1, "MA_DOITUONG_KCB", "1.7", f"sinh không quá {NEW_ARRIVAL_DAYS} ngày trước {visit.arrived[:8]}")


def vr040(visit: Visit) -> Iterator[Fault]:
    """Registered here, yet self-referred."""
    category = visit.head.get("MA_DOITUONG_KCB", "")
    own = visit.head.get("MA_CSKCB", "").strip()
    if category in SELF_REFERRED and own and parts(visit.head.get("MA_DKBD", "")) == [own]:
        yield Fault("XML1", 1, "MA_DOITUONG_KCB", category, "1.1")


def vr041(visit: Visit) -> Iterator[Fault]:
    """Registered elsewhere, yet at the right facility."""
    registered, own = parts(visit.head.get("MA_DKBD", "")), visit.head.get("MA_CSKCB", "").strip()
    if visit.head.get("MA_DOITUONG_KCB") == "1.1" and registered and own and own not in registered:
        yield Fault("XML1", 1, "MA_DOITUONG_KCB", "1.1", f"MA_DKBD = {own}")


def _diagnoses(visit: Visit) -> list[tuple[str, str]]:
    """Every coded diagnosis of the summary as (field, code); long lists are cut, VR073 tells about them."""
    head = visit.head
    named = ("MA_BENH_CHINH", "MA_BENH_KT") if "MA_BENH_CHINH" in head else ("MA_BENH", "MA_BENHKHAC")
    return [(name, code) for name in named if name in head for code in parts(head[name])[:50]]


def _icd10(visit: Visit) -> str:
    return external_lists()["icd10"].label(visit.end)


def vr071(visit: Visit) -> Iterator[Fault]:
    """Some codes may not be the principal diagnosis."""
    for name, code in _diagnoses(visit)[:1]:
        entry = visit.context.icd(code, visit.end) if name in {"MA_BENH_CHINH", "MA_BENH"} else None
        if entry is not None and entry.never_main:
            yield Fault("XML1", 1, name, code, "mã được dùng làm bệnh chính", edition=_icd10(visit))


def vr075(visit: Visit) -> Iterator[Fault]:
    """Codes of one sex only."""
    sex = SEXES.get(visit.head.get("GIOI_TINH", ""))
    if sex is None:
        return
    for name, code in _diagnoses(visit):
        entry = visit.context.icd(code, visit.end)
        if entry is not None and entry.sex and entry.sex != sex:
            expected = "GIOI_TINH = 2 (nữ)" if entry.sex == "female" else "GIOI_TINH = 1 (nam)"
            yield Fault("XML1", 1, name, code, expected, edition=_icd10(visit))


def vr076(visit: Visit) -> Iterator[Fault]:
    """Codes of an age; chapter O is VR077's."""
    born, arrived = _born(visit), DAYS[visit.arrived]
    if born is None or arrived is None:
        return
    for name, code in _diagnoses(visit):
        entry = None if code[0] == "O" else visit.context.icd(code, visit.end)
        for rule in entry.ages if entry is not None else ():
            if not _fits(rule, born, arrived):
                yield Fault("XML1", 1, name, code, rule.text_vi, edition=_icd10(visit))


def _born(visit: Visit) -> date | None:
    """The day of birth, or the first of January of a known year alone: ages in years are then right within one year."""
    text = visit.head.get("NGAY_SINH", "")
    return DAYS[text] or (DAYS[text[:4] + "0101"] if is_moment(text, (4, 8, 12), partial=True) else None)


def _fits(rule: AgeEdit, born: date, on: date) -> bool:
    age = (on - born).days if rule.unit == "day" else years(born, on)
    return age >= rule.least and (rule.most is None or age <= rule.most)


def years(born: date, on: date) -> int:
    """Full years of age."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def vr077(visit: Visit) -> Iterator[Fault]:
    """Chapter O is for women of fertile age."""
    codes = [(name, code) for name, code in _diagnoses(visit) if code[0] == "O"]
    if not codes:
        return
    born, arrived = _born(visit), DAYS[visit.arrived]
    age = years(born, arrived) if born is not None and arrived is not None else FERTILE_AGES[0]
    if visit.head.get("GIOI_TINH") == "1" or not FERTILE_AGES[0] <= age <= FERTILE_AGES[1]:
        for name, code in codes:
            yield Fault("XML1", 1, name, code, "nữ, 9-60 tuổi")


def vr078(visit: Visit) -> Iterator[Fault]:
    """Check-ups are not billed to the insurance."""
    paid = NUMBERS[visit.head.get("T_BHTT", "0")] or ZERO
    for name, code in _diagnoses(visit)[:1]:
        if paid > ZERO and code.startswith(CHECK_UPS):
            yield Fault("XML1", 1, name, code, "T_BHTT = 0")
