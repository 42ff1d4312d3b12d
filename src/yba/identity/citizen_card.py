"""The text in the QR code of a citizen card, as a scanner types it; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from yba.kit.errors import Invalid
from yba.kit.text import nfc

# number|old number|name|ddmmyyyy|sex|address|ddmmyyyy issued. Cards since 2024 add fields behind (parents, cancelled numbers) whose order is
# published nowhere: they are not read, because a parent's number taken for the own one would join two people.
_FIELDS: Final = 7
_LONGEST: Final = 1000
_NUMBER: Final = re.compile(r"[0-9]{12}")
_OLD: Final = re.compile(r"[0-9]{9}|[0-9]{12}")
_DAY: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_SEX: Final = {"nam": "male", "nữ": "female", "nu": "female"}


@dataclass(frozen=True, slots=True)
class CitizenCard:
    """What the QR code of a citizen card says: personal number, earlier number ("" none), name, birth (partial ISO), sex, address, day of issue."""

    number: str
    old: str
    name: str
    birth: str
    sex: str
    address: str
    issued: str


def is_card_text(text: str) -> bool:
    """Whether a text that was typed into a search box is that of a card rather than a number."""
    return "|" in text


def read_card(text: str) -> CitizenCard:
    """Take the text of a card apart; what a scanner adds around it is forgiven. Raises Invalid, naming the field and never its value."""
    parts = [" ".join(part.split()) for part in nfc(text).split("|")]
    if len(parts) < _FIELDS or len(text) > _LONGEST:
        raise Invalid("Mã QR này không phải của thẻ căn cước.", advice="Quét lại, hoặc gõ 12 chữ số trên thẻ.")
    number, old, name, birth, sex, address, issued = parts[:_FIELDS]
    if not _NUMBER.fullmatch(number) or (old and not _OLD.fullmatch(old)):
        raise Invalid("Số trong mã QR không đọc được.", advice="Quét lại, hoặc gõ 12 chữ số trên thẻ.")
    if not name:
        raise Invalid("Mã QR thiếu họ tên.", advice="Quét lại.")
    return CitizenCard(number, old, name, _day(birth, "ngày sinh"), _SEX.get(sex.casefold(), "unknown"), address, _day(issued, "ngày cấp"))


def _day(text: str, what: str) -> str:
    """ISO of ddmmyyyy; zeros stand for parts that are not known; "" says nothing."""
    if not text:
        return ""
    found = _DAY.fullmatch(text)
    if found is None:
        raise Invalid(f"Mã QR: {what} không đọc được.", advice="Quét lại, hoặc gõ 12 chữ số trên thẻ.")
    day, month, year = found.groups()
    if month == "00":
        return year
    known = "" if day == "00" else f"-{day}"
    try:
        date.fromisoformat(f"{year}-{month}{known or '-01'}")
    except ValueError:
        raise Invalid(f"Mã QR: {what} không có trong lịch.", advice="Quét lại, hoặc gõ 12 chữ số trên thẻ.") from None
    return f"{year}-{month}{known}"
