"""The cells of a row: FHIRPath over the documents of its parts, written for people."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from yba import directory, terminology
from yba.fhir import fhirpath
from yba.specs.codes import code_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from yba.specs.books import Column

    Doc = dict[str, Any]

BETWEEN: Final = "; "
YES: Final = "x"
_SEX: Final = {"male": ("Nam", "Male"), "female": ("Nữ", "Female"), "other": ("Khác", "Other"), "unknown": ("Không rõ", "Unknown")}
_TAG: Final = re.compile(r"<[^>]*>")
_BLANKS: Final = re.compile(r"\s+")
_COMMUNE: Final = re.compile(r"\d{5}")


def cell(column: Column, parts: Mapping[str, Sequence[Doc]], *, day: date, english: bool) -> str:
    """Write a cell: what the first place of the column that says anything says, or every place's; "" = the record says nothing."""
    found: list[str] = []
    for field in column.fields:
        values = (value for doc in parts.get(field.part, ()) for value in path(field.path)(doc))
        told = [text for value in values if (text := shaped(column.shape, value, day=day, english=english))]
        found += told
        if told and not column.every:
            break
    return BETWEEN.join(dict.fromkeys(found))


@cache
def path(text: str) -> fhirpath.Expression:
    """Compile a path once. Raises FHIRPathError."""
    return fhirpath.compile(text)


def shaped(shape: str, value: Any, *, day: date, english: bool) -> str:  # noqa: ANN401, PLR0911  what a document holds; one return a shape
    """Write a value for people; a code that its list does not know stays as it is."""
    text = _plain(value)
    kind, _, name = shape.partition(":")
    match kind:
        case "list":
            known = terminology.lookup(name, text, day)
            return text if known is None else (known.display_en if english else "") or known.display or text
        case "claims":
            listed = code_list(name).by_code.get(text)
            return listed.meaning_vi if listed else text
        case "yes":
            return YES if value is True else ""
        case "sex":
            return _SEX[text][english] if text in _SEX else text
        case "day":
            return _day(text[:10])
        case "moment":
            return f"{_day(text[:10])} {text[11:16]}".strip()
        case "number":
            return text.removesuffix(".0").replace(".", "," if not english else ".")
        case "place":
            return _place(text, day)
        case _:
            return text


def _plain(value: Any) -> str:  # noqa: ANN401  same
    if isinstance(value, dict):  # a Quantity or another structure where a text was asked for
        return ""
    return _BLANKS.sub(" ", unescape(_TAG.sub(" ", str(value))) if str(value).startswith("<div") else str(value)).strip()


def _day(iso: str) -> str:
    """Write an ISO date as precise as it is."""
    return "/".join(reversed(iso.split("-")))


def _place(text: str, day: date) -> str:
    """Write a commune's code by its name."""
    area = directory.commune(text, day) if _COMMUNE.fullmatch(text) else None
    return text if area is None else area.name
