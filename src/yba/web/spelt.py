"""A record's page for paper: what clinicians abbreviated is spelled out (TT 32/2023 art. 52); names, numbers, codes and places stay as they are."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from yba.specs.abbreviations import spelled, spelled_in

if TYPE_CHECKING:
    from yba.record import Page

_T = TypeVar("_T")
# Fields of the page's parts whose words somebody wrote; a test holds that every other text is named in KEPT.
SPELT: Final = {
    "Alert": ("text",),
    "Problem": ("text",),
    "Medicine": ("name", "dosage", "quantity"),
    "Result": ("name", "value", "unit", "range"),
    "Visit": ("kind_text", "reason", "outcome", "medicines", "results", "procedures", "notes"),
    "Paper": ("title", "summary"),
}
KEPT: Final = {
    "Page": ("person_id", "facilities"),
    "Identity": ("name", "sex", "birth", "deceased", "address", "phone", "numbers"),
    "Origin": ("facility", "day", "kind"),
    "Alert": ("kind",),
    "Problem": ("code", "first", "last"),
    "Medicine": ("given_on", "ends_on"),
    "Point": ("day",),
    "Result": ("code", "flag", "when", "group"),
    "Visit": ("id", "start", "end", "kind", "facility", "department", "sources"),
    "Paper": ("day",),
    "Extent": ("first", "last", "facilities", "updated"),
    "Insurance": ("number", "start", "end"),
}


def spelled_page(page: Page) -> Page:
    """Return the page with its clinical words spelled out."""
    visits = [replace(_part(one), diagnoses=[(code, spelled(text)) for code, text in one.diagnoses]) for one in page.visits]
    vaccines = [(spelled(name), day, origin) for name, day, origin in page.vaccines]
    return replace(
        page, visits=visits, vaccines=vaccines, alerts=_parts(page.alerts), problems=_parts(page.problems), medicines=_parts(page.medicines),
        results=_parts(page.results), papers=_parts(page.papers),
    )  # fmt: skip


def _parts(listed: list[_T]) -> list[_T]:
    return [_part(one) for one in listed]


def _part(one: Any) -> Any:  # noqa: ANN401  one part of the page's model
    names = SPELT[type(one).__name__]
    return replace(one, **{each.name: spelled_in(getattr(one, each.name)) for each in fields(one) if each.name in names})
