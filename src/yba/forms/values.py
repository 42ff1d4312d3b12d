"""One text as typed -> one typed value of a question, and back: Vietnamese dates and decimal commas, codes beside words."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from yba.kit.clock import VIETNAM
from yba.kit.text import fold

from . import lists
from .model import Value

if TYPE_CHECKING:
    from .model import Item, Option

_VN_DATE: Final = re.compile(r"(?:(?:([0-9]{1,2})[/.\-])?([0-9]{1,2})[/.\-])?([0-9]{4})\Z")
_ISO_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")
_MOMENT: Final = re.compile(r"(\S+?)(?:[T ,]+([0-9]{1,2})[:h]([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z")
_TIME: Final = re.compile(r"([0-9]{1,2})[:h]([0-9]{2})(?::([0-9]{2}))?\Z")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,10})?\Z")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+\Z|[+-]?[0-9]{1,3}(?: [0-9]{3})+\Z")
_REFERENCE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")
_URL: Final = re.compile(r"[a-z][a-z0-9+.\-]*:\S+\Z", re.IGNORECASE)
_YES: Final = frozenset({"true", "1", "co", "c", "x", "yes", "y"})
_NO: Final = frozenset({"false", "0", "khong", "k", "no", "n"})


def typed(item: Item, text: str, unit: str = "") -> Value | None:  # one way a type
    """Return what a text says; None when it cannot be read as an answer of this question."""
    match item.type:
        case "boolean":
            plain = fold(text)
            return Value("Boolean", True) if plain in _YES else Value("Boolean", False) if plain in _NO else None  # noqa: FBT003
        case "decimal":
            found = number(text)
            return None if found is None else Value("Decimal", found)
        case "integer":
            found = number(text)
            return Value("Integer", int(found)) if found is not None and found == found.to_integral_value() and abs(found) < 2**31 else None
        case "quantity":
            return _quantity(item, text, unit)
        case "date":
            day = _date(text)
            return Value("Date", day) if day else None
        case "dateTime":
            moment = _moment(text)
            return Value("DateTime", moment) if moment else None
        case "time":
            clock = _time(text)
            return Value("Time", clock) if clock else None
        case _:
            return _worded(item, text)


def _worded(item: Item, text: str) -> Value | None:
    if item.type in {"choice", "open-choice"}:
        return chosen(item, text)
    if item.type == "url":
        return Value("Uri", text) if _URL.match(text) else None
    if item.type == "reference":
        return Value("Reference", {"reference": text}) if _REFERENCE.match(text) else None
    return Value("String", text)


def number(text: str) -> Decimal | None:
    """Read "36,7", "36.7", "1.200.000"; None for anything else. A lone dot is a decimal point, as machines and half of all people write it."""
    plain = (
        text.replace(" ", "")
        if _GROUPED.match(text) and " " in text
        else text.replace(".", "")
        if text.count(".") > 1 and _GROUPED.match(text)
        else text
    )
    if not _NUMBER.match(plain):
        return None
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None


def _quantity(item: Item, text: str, unit: str) -> Value | None:
    amount, _, said = text.partition(" ")
    found = number(amount)
    known = dict(item.units or ((item.unit,) if item.unit[0] else ()))
    code = unit or next((one for one, shown in known.items() if said and said in {one, shown}), "") or (next(iter(known), "") if not said else "")
    if found is None or (code not in known and (known or said)):
        return None
    data: dict[str, Any] = {"value": found}
    if code:
        data |= {"unit": known[code], "system": "http://unitsofmeasure.org", "code": code}
    return Value("Quantity", data)


def _date(text: str) -> str:
    iso = _ISO_DATE.match(text)
    found = _VN_DATE.match(text)
    year, month, day = iso.groups() if iso else (found[3], found[2], found[1]) if found else (None, None, None)
    if year is None:
        return ""
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join(filter(None, (year, month and month.zfill(2), day and day.zfill(2))))


def _moment(text: str) -> str:
    found = _MOMENT.match(text)
    day = _date(found[1]) if found else ""
    if not found or not day or found[2] is None:
        return day
    if len(day) < len("2026-11-22"):
        return ""
    try:
        clock = time(int(found[2]), int(found[3]))
    except ValueError:
        return ""
    if found[4]:
        return f"{day}T{clock:%H:%M}:00{found[4]}"
    return datetime.combine(date.fromisoformat(day), clock, VIETNAM).isoformat()


def _time(text: str) -> str:
    found = _TIME.match(text)
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0)).isoformat() if found else ""
    except ValueError:
        return ""


def chosen(item: Item, text: str) -> Value | None:
    """Find what was chosen: by key, by the words with or without tones, or in the list the question names; free words where they are allowed."""
    option = next((one for one in item.options if one.key == text), None) or _by_words(item, text)
    if option is not None:
        return option.value
    if item.value_set:
        coding = lists.pick(item.value_set, text)
        if coding is not None:
            return Value("Coding", coding)
    return Value("String", text) if item.type == "open-choice" else None


def _by_words(item: Item, text: str) -> Option | None:
    plain = fold(text)
    found = [one for one in item.options if plain in {fold(one.vi), fold(one.en), fold(one.key)}]
    return found[0] if len(found) == 1 else None


def written(item: Item, value: Value) -> str:
    """Write a value as a person types it and a page shows it: what `typed` reads back."""
    data = value.data
    match value.type:
        case "Boolean":
            return "true" if data else "false"
        case "Decimal" | "Integer":
            return _decimal(data)
        case "Date":
            return _shown_date(data)
        case "DateTime":
            return _shown_moment(data)
        case "Coding":
            option = next((one for one in item.options if one.value.data == data), None)
            return option.key if option else f"{data.get('code', '')} – {data.get('display', '')}".strip(" –")
        case "Quantity":
            return _decimal(data.get("value", ""))
        case "Reference":
            return str(data.get("reference", ""))
        case _:
            return str(data)


def _decimal(data: Any) -> str:  # noqa: ANN401  # int, Decimal or float
    return (format(data, "f") if isinstance(data, Decimal) else str(data)).replace(".", ",")


def _shown_date(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _shown_moment(iso: str) -> str:
    day, _, clock = iso.partition("T")
    if not clock:
        return _shown_date(day)
    local = datetime.fromisoformat(iso).astimezone(VIETNAM)
    return f"{local:%d/%m/%Y %H:%M}"


def said(item: Item, value: Value, lang: str = "vi") -> str:
    """Write a value for reading, with words and unit: paper, look-back, print."""
    if value.type == "Boolean":
        return ("Có" if value.data else "Không") if lang == "vi" else ("Yes" if value.data else "No")
    if value.type == "Coding":
        option = next((one for one in item.options if one.value.data == value.data), None)
        if option:
            return option.en if lang == "en" and option.en else option.vi
    unit = value.data.get("unit", "") if value.type == "Quantity" else item.unit_text(lang) if value.type in {"Decimal", "Integer"} else ""
    return f"{written(item, value)} {unit}".strip()
