"""What one claim says of its person, for identity."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

from yba.identity import Card, PersonFacts

from .context import local_id
from .dates import birth, is_date

if TYPE_CHECKING:
    from datetime import datetime

    from .context import Context
    from .model import Row

SEX: Final = {"1": "male", "2": "female"}
_CITIZEN: Final = re.compile(r"[0-9]{12}")
_OLD_CITIZEN: Final = re.compile(r"[0-9]{9}")
_INSURANCE: Final = re.compile(r"[0-9]{10}")
CARD_LENGTH: Final = 15
DAY: Final = len("yyyyMMdd")


def facts_of(context: Context) -> PersonFacts:
    """Fill the facts; `sequence` is 0, the caller knows the landing order."""
    row = context.header
    number = said(row, "SO_CCCD")
    cards = cards_of(row)
    is_citizen, is_old = bool(_CITIZEN.fullmatch(number)), bool(_OLD_CITIZEN.fullmatch(number))
    return PersonFacts(
        facility=context.facility,
        local_id=local_id(row, context.link),
        seen_at=context.end,
        sequence=0,
        name=said(row, "HO_TEN"),
        birth=birth(row.get("NGAY_SINH", "")),
        sex=SEX.get(said(row, "GIOI_TINH"), "unknown"),
        citizen_number=number if is_citizen else "",
        old_citizen_number=number if is_old else "",
        passport="" if is_citizen or is_old else number,
        cards=cards,
        insurance_numbers=_insurance_numbers(row, cards),
        phone=said(row, "DIEN_THOAI"),
        address=said(row, "DIA_CHI"),
        province=said(row, "MATINH_CU_TRU"),
        district=said(row, "MAHUYEN_CU_TRU"),
        commune=said(row, "MAXA_CU_TRU"),
        ethnicity=said(row, "MA_DANTOC"),
        nationality=said(row, "MA_QUOCTICH"),
        occupation=said(row, "MA_NGHE_NGHIEP"),
        blood_group=said(row, "NHOM_MAU"),
        started_at=context.start if row.get("NGAY_VAO") else None,
    )


def facts_of_check_in(row: Row, seen_at: datetime) -> PersonFacts:
    """Fill what a row of a check-in (XML0) says of the person who came."""
    number, cards = said(row, "SO_CCCD"), cards_of(row)
    is_citizen, is_old = bool(_CITIZEN.fullmatch(number)), bool(_OLD_CITIZEN.fullmatch(number))
    return PersonFacts(
        facility=said(row, "MA_CSKCB"),
        local_id=local_id(row, said(row, "MA_LK")),
        seen_at=seen_at,
        sequence=0,
        name=said(row, "HO_TEN"),
        birth=birth(row.get("NGAY_SINH", "")),
        sex=SEX.get(said(row, "GIOI_TINH"), "unknown"),
        citizen_number=number if is_citizen else "",
        old_citizen_number=number if is_old else "",
        passport="" if is_citizen or is_old else number,
        cards=cards,
        insurance_numbers=_insurance_numbers(row, cards),
        started_at=seen_at,
    )


def birth_of(context: Context, row: Row, newborn: str) -> PersonFacts:
    """Fill what a row of XML9 says of the child; `newborn` is the id of its Patient. What is said of the mother is not its own."""
    card = said(row, "MA_THE_TAM").upper()
    return PersonFacts(
        facility=context.facility,
        local_id=f"xml9:{context.link}:{context.key}",
        seen_at=context.end,
        sequence=0,
        name=said(row, "HO_TEN_CON"),
        birth=birth(row.get("NGAY_SINH_CON", "")),
        sex=SEX.get(said(row, "GIOI_TINH_CON"), "unknown"),
        cards=(Card(card),) if card else (),
        born_of=local_id(context.header, context.link),
        patient=UUID(newborn),
    )


def is_the_child(context: Context, row: Row) -> bool:
    """Say whether the claim is the newborn's own: born on that day, and the only child of this birth or of this card."""
    day = said(row, "NGAY_SINH_CON")[:8]
    if len(day) < DAY or said(context.header, "NGAY_SINH")[:8] != day:
        return False
    card = said(row, "MA_THE_TAM").upper()
    return said(row, "SO_CON") == "1" or (card != "" and card in {one.number for one in cards_of(context.header)})


def said(row: Row, field: str) -> str:
    """Give a value without outer blanks; "" when it is not there."""
    return row.get(field, "").strip()


def cards_of(row: Row) -> tuple[Card, ...]:
    """Give the cards: parallel ";" lists of number, facility, first day, last day; a shorter list leaves blanks."""
    get = row.get
    return _cards(get("MA_THE_BHYT", ""), get("MA_THE", ""), get("MA_DKBD", ""), get("GT_THE_TU", ""), get("GT_THE_DEN", ""))


@lru_cache(maxsize=16)  # asked twice a claim
def _cards(insured: str, card: str, registered: str, since: str, until: str) -> tuple[Card, ...]:
    numbers = _parts(insured) or _parts(card)
    places, starts, ends = _parts(registered), _parts(since), _parts(until)
    return tuple(Card(number.upper(), _at(places, n), _day(_at(starts, n)), _day(_at(ends, n))) for n, number in enumerate(numbers) if number)


def insurance_number(card: Card) -> str:
    """Give the ten-digit social insurance number that ends a fifteen-character card, else ""."""
    tail = card.number[-10:]
    return tail if len(card.number) == CARD_LENGTH and _INSURANCE.fullmatch(tail) else ""


def _insurance_numbers(row: Row, cards: tuple[Card, ...]) -> tuple[str, ...]:
    """Give the numbers that end cards and the one an assessment (XML12) names itself."""
    own = said(row, "MA_BHXH")
    return tuple(dict.fromkeys(filter(None, (*map(insurance_number, cards), own if _INSURANCE.fullmatch(own) else ""))))


def _parts(raw: str) -> list[str]:
    return [part.strip() for part in raw.split(";")] if raw else []


def _at(values: list[str], n: int) -> str:
    return values[n] if n < len(values) else ""


def _day(raw: str) -> str:
    digits = raw[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if is_date(digits) else ""
