"""Dirt in who the person is: numbers, cards, births, names, sex, address."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from . import people
from .dates import DAY
from .draft import Draft, Row
from .faults import BIRTH, CITIZEN, NAME, everywhere, fault, head, relative

if TYPE_CHECKING:
    from .dice import Dice


def _rename(draft: Draft, new: str) -> str | None:
    return everywhere(draft, NAME, head(draft)[NAME], new)


def plain(text: str) -> str:
    """Take all marks off."""
    text = text.replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


_TONES = {
    "oà": "òa",
    "oá": "óa",
    "oả": "ỏa",
    "uý": "úy",
    "uỳ": "ùy",
    "oè": "òe",
    "Lý": "Lí",
    "Mỹ": "Mĩ",
    "Hòa": "Hoà",
    "Thúy": "Thuý",
    "Thủy": "Thuỷ",
    "Hóa": "Hoá",
    "Quý": "Quí",
}


@fault
def _missing_citizen_number(draft: Draft, dice: Dice) -> str | None:
    del dice
    return everywhere(draft, CITIZEN, head(draft)[CITIZEN], "")


@fault
def _foreign_citizen_number(draft: Draft, dice: Dice) -> str | None:
    other = relative(draft, dice)
    return everywhere(draft, CITIZEN, head(draft)[CITIZEN], other.citizen) if other else None


@fault
def _old_identity_card(draft: Draft, dice: Dice) -> str | None:
    return everywhere(draft, CITIZEN, head(draft)[CITIZEN], "04" + dice.digits(7)) if draft.person.age(draft.visit.arrive // DAY) > 20 else None  # noqa: PLR2004 - old cards are of grown people


@fault
def _garbled_citizen_number(draft: Draft, dice: Dice) -> str | None:
    number = head(draft)[CITIZEN]
    at = dice.below(max(1, len(number)))
    return everywhere(draft, CITIZEN, number, number[:at] + number[at + 1 :])


@fault
def _shared_card(draft: Draft, dice: Dice) -> str | None:
    other = relative(draft, dice)
    field = "MA_THE" if "MA_THE" in head(draft) else "MA_THE_BHYT"
    if other is None or not other.cards or ";" in head(draft)[field]:
        return None
    return everywhere(draft, field, head(draft)[field], other.cards[-1].number)


@fault
def _year_only_birth(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = head(draft)[BIRTH]
    return everywhere(draft, BIRTH, old, old[:4].ljust(len(old), "0"))


@fault
def _first_of_january(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = head(draft)[BIRTH]
    return everywhere(draft, BIRTH, old, (old[:4] + "0101").ljust(len(old), "0")[: len(old)])


@fault
def _bare_year(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = head(draft)[BIRTH]
    return everywhere(draft, BIRTH, old, old[:4])


@fault
def _swapped_birth_day(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = head(draft)[BIRTH]
    return everywhere(draft, BIRTH, old, old[:4] + old[6:8] + old[4:6] + old[8:]) if old[6:8] <= "12" else None


@fault
def _lost_diacritics(draft: Draft, dice: Dice) -> str | None:
    del dice
    return _rename(draft, plain(head(draft)[NAME]))


@fault
def _name_typo(draft: Draft, dice: Dice) -> str | None:
    name = head(draft)[NAME]
    if len(name) < 4:  # noqa: PLR2004 - too short to misspell
        return None
    at = dice.between(1, len(name) - 2)
    act = dice.below(3)
    new = (
        name[:at] + name[at + 1 :]
        if act == 0
        else name[:at] + name[at] + name[at:]
        if act == 1
        else name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    )
    return _rename(draft, new)


@fault
def _moved_tone(draft: Draft, dice: Dice) -> str | None:
    del dice
    name = head(draft)[NAME]
    for old, new in _TONES.items():
        if old in name:
            return _rename(draft, name.replace(old, new))
    return None


@fault
def _swapped_name(draft: Draft, dice: Dice) -> str | None:
    del dice
    parts = head(draft)[NAME].split()
    return _rename(draft, " ".join([parts[-1], *parts[:-1]])) if len(parts) > 1 else None


@fault
def _decomposed_text(draft: Draft, dice: Dice) -> str | None:
    del dice
    return _rename(draft, unicodedata.normalize("NFD", head(draft)[NAME]))


@fault
def _wrong_sex(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = head(draft)["GIOI_TINH"]
    return everywhere(draft, "GIOI_TINH", old, "2" if old == "1" else "1")


@fault
def _bad_phone(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    if "DIEN_THOAI" not in top or "MA_THE" in top:
        return None
    top["DIEN_THOAI"] = dice.pick(("0", "000000000", "0912 345 67", "+84912345678", "khong co", "0123456789;0987654321"))
    return top["DIEN_THOAI"]


@fault
def _old_commune(draft: Draft, dice: Dice) -> str | None:
    del dice
    top, person = head(draft), draft.person
    if "MA_THE" in top or draft.end // DAY < people.MERGED_COMMUNES:
        return None
    _, province, district, commune = people.address(person.place, person.former, False)  # noqa: FBT003
    new = top["MAXA_CU_TRU"]
    for field, value in (("MATINH_CU_TRU", province), ("MAHUYEN_CU_TRU", district), ("MAXA_CU_TRU", commune)):
        for rows in draft.rows.values():
            for row in rows:
                if field in row:
                    row[field] = value
    return f"{new} -> {commune}"


@fault
def _markup_in_text(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    top["DIA_CHI"] = dice.pick(("<b>Bản Nà Lơi</b> & Thanh Nưa", "<script>alert(1)</script>", "Bản '; DROP TABLE claim; --", 'Tổ 3 "A" > B < C && D'))
    return top["DIA_CHI"]


@fault
def _two_people(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    other = relative(draft, dice)
    if other is None or "XML1" not in draft.rows:
        return None
    second = Row(top)
    second[NAME], second[CITIZEN], second[BIRTH], second["GIOI_TINH"] = (
        other.name,
        other.citizen,
        people.birth_text(other)[: len(top[BIRTH])],
        str(other.sex),
    )
    second["MA_BN"] = top["MA_BN"] + "9"
    draft.rows["XML1"] = [top, second]
    return other.uid
