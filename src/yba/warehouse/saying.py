"""Numbers, periods and details as people write them, in Vietnamese and English: on desks and papers, in alerts and beside forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba import terminology
from yba.specs.measures import DetailOf, code_list
from yba.specs.reading import Words
from yba.terminology import lists

if TYPE_CHECKING:
    from datetime import date

    from yba.specs.measures import Measure

_LARGE: Final = 1000  # from here on decimals say nothing
_SEPARATORS: Final = str.maketrans(",.", ".,")


def number(value: float, lang: str = "vi", places: int = 1) -> str:
    """Write a number with as many digits after the point as it has, ``places`` at most: 1.234,5 in Vietnamese, 1,234.5 in English.

    >>> number(1234.5), number(99.96), number(-0.02), number(0.125, "en", 2)
    ('1.234,5', '100', '0', '0.12')
    """
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if places else text
    return as_written("0" if text == "-0" else text, lang)


def rounded(value: float, lang: str = "vi") -> str:
    """Write a number as it is read at a glance: one digit after the point, none where it is whole or from a thousand on.

    >>> rounded(31.04), rounded(31), rounded(1234.5)
    ('31,0', '31', '1.234')
    """
    return as_written(f"{value:,.0f}" if abs(value) >= _LARGE or value == round(value) else f"{value:,.1f}", lang)


def as_written(text: str, lang: str) -> str:
    """Give a number that was written as English does (1,234.5) the separators of a language."""
    return text.translate(_SEPARATORS) if lang == "vi" else text


def period_words(label: str) -> Words:
    """Say a period by its label as people do: tháng 11/2026, tuần 47/2026, quý 4/2026, năm 2026, ngày 18/10/2026, 15/09/2026 – 14/10/2026.

    One with a cut-off ("2026-10@15") says so.
    """
    label, _, cut = label.partition("@")
    first, between, last = label.partition("..")
    if between:
        both = f"{_day(first)} – {_day(last)}"
        return Words(both, both)
    year, _, rest = label.partition("-")
    if "-" in rest:
        return Words(f"ngày {_day(label)}", _day(label))
    vi, en = (
        ("tuần", "week") if rest.startswith("W") else ("quý", "quarter") if rest.startswith("Q") else ("tháng", "month") if rest else ("năm", "year")
    )
    when = f"{rest.lstrip('WQ')}/{year}" if rest else year
    return Words(f"{vi} {when}, chốt ngày {cut}", f"{en} {when}, cut off on day {cut}") if cut else Words(f"{vi} {when}", f"{en} {when}")


def detail_words(measure: Measure, value: str, on: date) -> Words:
    """Say a value of a measure's own dimension as it was called on a day; what nobody names here (facilities: the directory does) stays a code."""
    if value in measure.details:
        return measure.details[value]
    match measure.detail_of:
        case DetailOf.ICD10 if (concept := terminology.lookup(lists.ICD10, value, on)) is not None:
            return Words(f"{value} {concept.display}".strip(), f"{value} {concept.display_en or concept.display}".strip())
        case DetailOf.NOTIFIABLE:
            (*_, vi, en) = next((row for row in code_list("notifiable")[1] if row[0] == value), (value, value))
            return Words(vi, en)
    return Words(value, value)


def _day(text: str) -> str:
    return "/".join(reversed(text.split("-")))
