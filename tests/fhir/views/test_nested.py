"""Selects in selects in any order: unions inside of unions, lists beside each other, numbers of rows; random views, both runners."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fhir.views.test_equal import PATIENT, table
from yba.fhir import views

Doc = dict[str, Any]
Slot = tuple[str, str]  # name and kind of a column: branches of a union need the same
# What each element may be asked for, by kind of column, and the lists that it leads to.
ASKED = {
    "Patient": {"text": ["id", "gender", "'x'", "%who", "name[1].use"], "number": ["%rowIndex", "name.count()", "multipleBirth.ofType(integer)"], "truth": ["active", "name.exists()"]},
    "HumanName": {"text": ["use", "given.first()", "%resource.gender"], "number": ["%rowIndex", "given.count()", "%rowIndex * 2 + 1"], "truth": ["use = 'official'", "given.empty()"]},
    "Contact": {"text": ["gender", "name.family", "telecom.first().value"], "number": ["%rowIndex", "telecom.count()"], "truth": ["name.exists()", "telecom.exists(rank > 1)"]},
    "ContactPoint": {"text": ["system", "value", "%resource.id"], "number": ["%rowIndex", "rank"], "truth": ["rank > 1", "$this.system.exists()"]},
    "Text": {"text": ["$this", "$this & '!'"], "number": ["%rowIndex", "$this.length()"], "truth": ["$this = 'a'", "%resource.active"]},
}  # fmt: skip
LISTS = {"Patient": ["name.given", "telecom.value"], "HumanName": ["given", "period.start"], "Contact": ["telecom.value", "name.given"], "ContactPoint": ["value", "system"], "Text": ["$this", "'z'"]}  # fmt: skip
WAYS = {
    "Patient": [("name", "HumanName"), ("contact", "Contact"), ("telecom.where(rank > 0)", "ContactPoint"), ("name.given", "Text"), ("photo.url", "Text"), ("$this", "Patient")],
    "HumanName": [("given", "Text"), ("%resource.telecom", "ContactPoint"), ("given.where($this != %who)", "Text")],
    "Contact": [("telecom", "ContactPoint"), ("name", "HumanName"), ("telecom.value", "Text")],
    "ContactPoint": [("value", "Text"), ("%resource.contact", "Contact")],
    "Text": [("$this", "Text")],
}  # fmt: skip


@st.composite
def selects(draw: st.DrawFn, type_: str, slots: list[Slot], depth: int) -> Doc:
    """Give a select with just these columns, in this order: its own first, then those of selects inside, then those of a union."""
    found: Doc = {}
    ways = ["forEach", "forEachOrNull"]
    if draw(st.booleans()):
        path, type_ = draw(st.sampled_from(WAYS[type_]))
        found[draw(st.sampled_from(ways))] = path
    own, inside = sorted((draw(st.integers(0, len(slots))), draw(st.integers(0, len(slots)))) if depth else (len(slots), len(slots)))
    if slots[:own]:
        found["column"] = [draw(columns(type_, slot)) for slot in slots[:own]]
    if slots[own:inside]:
        cut = draw(st.integers(own, inside))
        parts = [part for part in (slots[own:cut], slots[cut:inside]) if part]
        found["select"] = [draw(selects(type_, part, depth - 1)) for part in parts]
    if slots[inside:]:
        found["unionAll"] = [draw(selects(type_, slots[inside:], depth - 1)) for _ in range(draw(st.integers(1, 3)))]
    return found


@st.composite
def columns(draw: st.DrawFn, type_: str, slot: Slot) -> Doc:
    name, kind = slot
    if kind == "list":
        return {"name": name, "path": draw(st.sampled_from(LISTS[type_])), "collection": True}
    return {"name": name, "path": draw(st.sampled_from(ASKED[type_][kind]))}


@st.composite
def nested_views(draw: st.DrawFn) -> Doc:
    kinds = draw(st.lists(st.sampled_from(["text", "number", "truth", "list"]), min_size=1, max_size=6))
    slots = [(f"c{number}", kind) for number, kind in enumerate(kinds)]
    cut = draw(st.integers(0, len(slots) - 1))
    parts = [part for part in (slots[:cut], slots[cut:]) if part]
    top = [draw(selects("Patient", part, 3)) for part in parts]
    return {"name": "v", "resource": "Patient", "select": top, "constant": [{"name": "who", "valueString": "a"}]}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(nested_views(), st.lists(PATIENT, min_size=1, max_size=3))
def test_selects_in_selects(view: Doc, docs: list[Doc]) -> None:
    obvious = views.run(view, docs)
    assert table(views.run(view, docs, engine="duckdb")) == table(obvious)
    assert all(list(row) == [column.name for column in views.columns_of(views.read(view))] for row in obvious)
