"""What is known already: values of the record that fill a form or stand beside its boxes, each with where and when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit, fhir, record
from yba.access import Denied, Right
from yba.audit import Tag
from yba.fhir import fhirpath
from yba.kit import clock

from .deciding import NOWHERE, of_result
from .model import Found, Value
from .names import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.record import StoredResource

    from .model import Form, Item

# What an initialExpression may start from, beside %patient.
_VARIABLES: Final = {
    "conditions": "Condition", "allergies": "AllergyIntolerance", "immunizations": "Immunization", "procedures": "Procedure",
    "family": "FamilyMemberHistory", "observations": "Observation", "relatives": "RelatedPerson", "coverages": "Coverage",
}  # fmt: skip
_DAYS: Final = {"d": 1, "wk": 7, "mo": 30, "a": 365}
_LIVING: Final = frozenset({"entered-in-error", "cancelled"})


def prefill(conn: Connection[Any], *, by: Actor, form: Form, person_id: UUID) -> list[Found]:
    """Return the newest values of the record for a form's questions, as far as the reader may see: one statement, noted in the trail.

    A question with a `code` looks back at the newest Observation of that code (also as a component); with `observationLinkPeriod` one that
    is not older fills its box. An `initialExpression` fills its box; its variables: %patient and the lists %conditions, %allergies,
    %immunizations, %procedures, %family, %observations, %relatives, %coverages. An `itemPopulationContext` of a repeating group fills a row for
    each thing it finds, which the questions of the row name by its variable (`Found.rows`). Raises Denied.
    """
    if not any(item.population or (item.is_question and not item.above and (item.code or item.initial)) for item in form.items.values()):
        return []
    if not access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=person_id):
        raise Denied(Right.RECORD_CLINICAL_READ)
    audit.note(
        conn,
        by=by,
        tag=Tag.FORMS_RECORD_READ,
        about_type="Questionnaire",
        about_id=form.canonical,
        person_id=person_id,
        under=Right.RECORD_CLINICAL_READ.value,
    )
    held = record.of_person(conn, by=by, person_id=person_id)
    return found_in(form, held, person_id)


def found_in(form: Form, held: Sequence[StoredResource], person_id: UUID) -> list[Found]:
    """Return what resources of one person say to a form's questions; no database."""
    stock = _Stock(held, person_id)
    asked = [item for item in form.items.values() if item.is_question and not item.above]
    found = [one for item in asked if item.code and (one := stock.newest(item)) is not None]
    found += [one for item in asked if item.initial and (one := stock.told(item)) is not None]
    return found + [one for group in form.items.values() if group.population for one in stock.rows(group)]


class _Stock:
    """The resources of one person, by type, newest first."""

    def __init__(self, held: Sequence[StoredResource], person_id: UUID) -> None:
        self.held = sorted((one for one in held if not one.deleted), key=lambda one: one.start or one.updated, reverse=True)
        self.of_doc: dict[int, StoredResource] = {}
        self.patient = next((one for one in self.held if one.rtype == "Patient" and one.id == str(person_id)), None)
        self._codes: dict[tuple[str, str], tuple[StoredResource, dict[str, Any]]] | None = None
        self._variables: dict[str, list[fhirpath.Node]] = {}

    def newest(self, item: Item) -> Found | None:
        """Return the newest observation of a question's code."""
        if self._codes is None:
            self._codes = {}
            for one in self.held:
                if one.rtype == "Observation":
                    self._index(one, self._codes)
        for coding in item.code:
            known = self._codes.get((str(coding.get("system", "")), str(coding.get("code", ""))))
            if known is not None:
                return _of_observation(item, *known)
        return None

    def _index(self, one: StoredResource, codes: dict[tuple[str, str], tuple[StoredResource, dict[str, Any]]]) -> None:
        doc = one.exact
        if doc.get("status") in _LIVING:
            return
        for part in (doc, *doc.get("component", ())):
            for coding in part.get("code", {}).get("coding", ()):
                codes.setdefault((str(coding.get("system", "")), str(coding.get("code", ""))), (one, part))

    def told(self, item: Item, **more: list[Any]) -> Found | None:
        """Return what a question's initialExpression finds; ``more`` variables of its row."""
        results = self._found(item.initial, more)
        value = of_result(item, fhirpath.plain(results[0])) if results else None
        if value is None:
            return None
        source = self._source(results[0])
        if source is None:
            return Found(item.link_id, value, "", "", "", filled=True)
        return Found(item.link_id, value, _day(source), source.facility_id, f"{source.rtype}/{source.id}", filled=True)

    def rows(self, group: Item) -> Iterator[Found]:
        """Yield what fills the rows of a repeating group, newest first; what several sources say alike fills one row."""
        name, expression = group.population
        most, same = min(MOST_ROWS, group.occurs[1] or MOST_ROWS), set[tuple[tuple[str, str], ...]]()
        for node in self._found(expression, {}):
            if len(same) == most:
                return
            source = self._source(node)
            row = [one for item in group.walk() if item.is_question and item.initial and (one := self.told(item, **{name: [node]})) is not None]
            said = tuple((one.link_id, str(one.value.data)) for one in row)
            if source is None or not row or said in same:
                continue
            at = (len(same),)
            same.add(said)
            for one in row:
                yield one._replace(on=_day(source), facility=source.facility_id, ref=f"{source.rtype}/{source.id}", rows=at)

    def _found(self, expression: str, more: dict[str, list[Any]]) -> list[Any]:
        """Evaluate an expression; one that fails finds nothing."""
        known: dict[str, list[Any]] = {name: self._list(name) for name in _VARIABLES if f"%{name}" in expression}
        known["patient"] = [self._node(self.patient)] if self.patient else []
        subject: dict[str, Any] = {"resourceType": "Basic"}
        try:
            return list(fhirpath.compile(expression).items(subject, NOWHERE, **known, **more))
        except fhirpath.FHIRPathError:
            return []

    def _list(self, name: str) -> list[fhirpath.Node]:
        if name not in self._variables:
            self._variables[name] = [self._node(one) for one in self.held if one.rtype == _VARIABLES[name]]
        return self._variables[name]

    def _node(self, one: StoredResource) -> fhirpath.Node:
        doc = one.exact
        self.of_doc[id(doc)] = one
        return fhirpath.root(doc)

    def _source(self, item: Any) -> StoredResource | None:  # noqa: ANN401  # a fhirpath.Node or a plain value
        while isinstance(item, fhirpath.Node) and item.parent is not None:
            item = item.parent
        return self.of_doc.get(id(item.data)) if isinstance(item, fhirpath.Node) else None


def _of_observation(item: Item, one: StoredResource, part: Mapping[str, Any]) -> Found | None:
    key = next((name for name in part if name.startswith("value")), None)
    value = _converted(item, part[key]) if key is not None else None
    if value is None:
        return None
    day = _day(one)
    return Found(item.link_id, value, day, one.facility_id, f"Observation/{one.id}", filled=_is_fresh(item.period, day))


def _converted(item: Item, data: Any) -> Value | None:  # noqa: ANN401  # any FHIR value
    """Return an observation's value as an answer, in the question's unit where units are reckoned."""
    code = data.get("code") if isinstance(data, dict) and "value" in data else None
    if code and item.unit[0] and code != item.unit[0]:
        amount = fhir.ucum.convert(data["value"], code, item.unit[0])
        return None if amount is None else of_result(item, round(Decimal(amount.numerator) / Decimal(amount.denominator), 3).normalize())
    return of_result(item, data)


def _day(one: StoredResource) -> str:
    return (one.start or one.updated).astimezone(clock.VIETNAM).date().isoformat()


def _is_fresh(period: str, day: str) -> bool:
    """Whether a day lies within the link period ("1 a")."""
    if not period:
        return False
    amount, _, unit = period.partition(" ")
    try:
        return clock.today() - date.fromisoformat(day) <= timedelta(days=float(amount) * _DAYS.get(unit, 1))
    except ValueError:
        return False
