"""Builds a person's page from the resources of the record: one pass, a handler per type, nothing looked up in a database.

Each document is parsed when its turn comes and let go before the next one is: a thousand at once would not fit a processor's cache, and
building from them and freeing them took twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Protocol

from . import read
from .model import (
    Alert,
    Extent,
    Identity,
    Insurance,
    Medicine,
    Origin,
    Page,
    Paper,
    Point,
    Problem,
    Result,
    Visit,
)
from .twice import Again, Twice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .read import Doc

_DAY: Final = 10
_MAX_POINTS: Final = 40  # what a sparkline of 96 px can show
# Identifier systems end with these words (specs/fhir/systems.toml); the base differs between installations.
_NUMBERS: Final = {
    "id/cccd": "citizen",
    "id/bhxh": "insurance",
    "id/the-bhyt": "card",
    "id/the-tam": "card",  # a newborn has no other number
    "id/ho-chieu": "passport",
    "id/cmnd": "old-citizen",
}


class Fact(Protocol):
    """What the page needs of a stored resource; ``doc`` is the parsed JSON, asked for once."""

    @property
    def rtype(self) -> str:
        """The resource type."""

    @property
    def id(self) -> str:
        """The resource id."""

    @property
    def doc(self) -> Doc:
        """The resource."""

    @property
    def facility_id(self) -> str:
        """The facility it came from, "" when unknown."""


def build(person_id: str, facts: Iterable[Fact], *, facilities: Mapping[str, str], masked: bool = False, again: Iterable[Again] = ()) -> Page:
    """Build the page of the facts the reader's right covers; ``masked``: there are others, of a restricted category; ``again``: visits told twice."""
    given = sorted(facts, key=attrgetter("rtype", "id"))  # the same page from the same facts, however the database hands them out
    builder = _Builder(person_id, Twice(again))
    builder.know([(fact.id, fact.doc) for fact in given if fact.rtype == "Patient"])
    visits = [fact for fact in given if fact.rtype == "Encounter"]  # first: everything else finds its own; the primary ones before what joins them
    builder.take(sorted(visits, key=lambda fact: fact.id in builder.twice.links))
    builder.take(fact for fact in given if fact.rtype != "Encounter")
    return builder.page(person_id, facilities, masked=masked)


@dataclass(slots=True)
class _Given:
    """The last time a medicine was handed out or prescribed: the resource, and what of it tells days and quantity."""

    doc: Doc
    facility: str
    day: str
    supplied: Doc
    times: int = 0


def _handed_out(name: str, given: _Given) -> Medicine:
    supply = given.supplied.get("daysSupply") or given.supplied.get("expectedSupplyDuration")
    days = read.supply_days(supply)
    dosages = given.doc.get("dosageInstruction")
    dosage = (dosages[0].get("text") or dosages[0].get("patientInstruction") or "") if dosages else ""
    _, value, unit = read.quantity(given.supplied.get("quantity"))
    ends_on = read.last_day(given.day, days)
    return Medicine(name, dosage, given.day, days, ends_on, f"{value} {unit}".strip(), given.times, Origin(given.facility, given.day))


class _Builder:
    """Collects the facts of one person by section."""

    def __init__(self, person_id: str, twice: Twice) -> None:
        self.person_id = person_id
        self.twice = twice
        self.golden = False
        self.others: set[str] = set()  # Patients in this record who are not this person: a newborn in the mother's
        self.principal: set[str] = set()  # Conditions that visits name first
        self.deaths: list[tuple[str, Origin]] = []
        self.identity = Identity()
        self.alerts: list[Alert] = []
        self.allergies_recorded = False
        self.problems: dict[str, Problem] = {}
        self.given: dict[str, _Given] = {}
        self.dispensed: set[str] = set()
        self.results: dict[tuple[str, str], Result] = {}
        self.newest: dict[tuple[str, str], tuple[str, Doc]] = {}  # facility and document of the Observation a Result's value is of
        self.visits: dict[str, Visit] = {}
        self.papers: list[Paper] = []
        self.insurance: list[Insurance] = []
        self.vaccines: list[tuple[str, str, Origin]] = []
        self.data = Extent()
        self.handlers: dict[str, Callable[[Fact, Doc], None]] = {
            "Patient": self._patient,
            "AllergyIntolerance": self._allergy,
            "Flag": self._flag,
            "Condition": self._condition,
            "MedicationDispense": self._dispense,
            "MedicationRequest": self._request,
            "Observation": self._observation,
            "Encounter": self._encounter,
            "Procedure": self._procedure,
            "DiagnosticReport": self._report,
            "Composition": self._paper,
            "DocumentReference": self._paper,
            "Coverage": self._coverage,
            "Immunization": self._vaccine,
        }

    def know(self, patients: Sequence[tuple[str, Doc]]) -> None:
        """Tell who of the Patients is somebody else: what FHIR clients and desks store has no link back, the golden one says whom it means."""
        same = {one for id_, doc in patients if id_ == self.person_id for one in read.linked(doc)}
        self.others = {id_ for id_, doc in patients if id_ not in same and read.is_other(id_, doc, self.person_id)}

    def take(self, facts: Iterable[Fact]) -> None:
        """Put facts where they belong; one entered in error is not there, nor is an earlier id of this person."""
        handlers, count = self.handlers, 0
        for fact in facts:
            doc, rtype = fact.doc, fact.rtype
            if doc.get("status") == read.IN_ERROR or ("verificationStatus" in doc and read.in_error(doc)):
                continue
            if rtype == "Patient" and read.is_pointer(doc):
                continue
            count += 1
            if handler := handlers.get(rtype):
                handler(fact, doc)
        self.data.resources += count

    def _patient(self, fact: Fact, doc: Doc) -> None:
        if self.golden or fact.id in self.others:
            return  # one facility's Patient: the golden one says it all
        self.golden = fact.id == self.person_id
        who = self.identity = Identity()
        names = doc.get("name")
        who.name = names[0].get("text") or " ".join((names[0].get("family", ""), *names[0].get("given", ()))) if names else ""
        who.sex, who.birth = doc.get("gender", "unknown"), doc.get("birthDate", "")
        deceased = doc.get("deceasedDateTime") or doc.get("deceasedBoolean") or ""
        who.deceased = deceased if isinstance(deceased, str) else "true"
        addresses = doc.get("address")
        who.address = _address(addresses[0]) if addresses else ""
        phones = [each.get("value", "") for each in doc.get("telecom") or () if each.get("system") == "phone"]
        who.phone = phones[0] if phones else ""
        for each in doc.get("identifier") or ():
            kind = next((kind for ending, kind in _NUMBERS.items() if each.get("system", "").endswith(ending)), "")
            if kind:
                who.numbers.append((kind, each.get("value", ""), (each.get("period") or {}).get("end", "")))

    def _allergy(self, fact: Fact, doc: Doc) -> None:
        self.allergies_recorded = True
        origin = self._origin(fact, read.when(doc, "recordedDate", "onsetDateTime"))
        self.alerts.append(Alert("allergy", read.concept(doc.get("code"))[1], origin))

    def _flag(self, fact: Fact, doc: Doc) -> None:
        self.alerts.append(Alert("flag", read.concept(doc.get("code"))[1], self._origin(fact, read.when(doc, "period"))))

    def _condition(self, fact: Fact, doc: Doc) -> None:
        day = read.when(doc, "recordedDate", "onsetDateTime", "onsetPeriod")[:_DAY]
        code, text = read.concept(doc.get("code"), day)
        stay = read.target(doc.get("encounter"))
        if self.twice.links and self.twice.has(stay, doc.get("code"), text, "condition"):
            return
        if visit := self.visits.get(stay):
            visit.diagnoses.insert(0 if fact.id in self.principal else len(visit.diagnoses), (code, text))
        known = self.problems.get(code or text)
        if known is None:
            self.problems[code or text] = Problem(code, text, day, day, 1, self._origin(fact, day))
            return
        known.times += 1
        known.first = min(known.first or day, day or known.first)
        if day >= known.last:
            known.last, known.text, known.origin = day, text or known.text, self._origin(fact, day)

    def _dispense(self, fact: Fact, doc: Doc) -> None:
        self.dispensed.update(read.target(each) for each in doc.get("authorizingPrescription") or ())
        self._medicine(doc, fact.facility_id, read.when(doc, "whenHandedOver", "whenPrepared"), doc)

    def _request(self, fact: Fact, doc: Doc) -> None:
        """A prescription without a dispense; by the order of types every dispense has been seen."""
        if doc.get("status") == read.DRAFT:  # said in its visit; nobody has it in hand yet
            self._drafted(doc)
        elif fact.id not in self.dispensed:
            self._medicine(doc, fact.facility_id, read.when(doc, "authoredOn"), doc.get("dispenseRequest") or {})

    def _medicine(self, doc: Doc, facility: str, moment: str, supplied: Doc) -> None:
        name = read.concept(doc.get("medicationCodeableConcept"))[1] or (doc.get("medicationReference") or {}).get("display", "")
        stay = read.target(doc.get("context") or doc.get("encounter"))
        if self.twice.links and self.twice.has(stay, doc.get("medicationCodeableConcept"), name, "medicine"):
            return
        if visit := self.visits.get(stay):
            visit.medicines.append(name)
        day, known = moment[:_DAY], self.given.get(name)
        if known is None:
            known = self.given[name] = _Given(doc, facility, day, supplied)
        elif known.day <= day:
            known.doc, known.facility, known.day, known.supplied = doc, facility, day, supplied
        known.times += 1

    def _drafted(self, doc: Doc) -> None:
        if visit := self.visits.get(read.target(doc.get("encounter"))):
            visit.medicines.append(read.with_strength(doc, read.concept(doc.get("medicationCodeableConcept"))[1]))

    def _observation(self, fact: Fact, doc: Doc) -> None:
        if self.others and read.target(doc.get("subject")) in self.others:
            return  # a newborn's weight is not the mother's
        code, name = read.concept(doc.get("code"))
        value, text, unit = read.measured(doc)
        moment = doc.get("effectiveDateTime")
        if not isinstance(moment, str):
            moment = read.when(doc, "effectiveDateTime", "effectivePeriod", "issued")
        out = read.flag(doc, value)
        stay = read.target(doc.get("encounter"))
        if self.twice.links and self.twice.has(stay, doc.get("code"), name, text if value is None else value, unit):
            return
        if visit := self.visits.get(stay):
            visit.results.append((name, f"{text} {unit}".strip(), out))
        key = (read.measure_key(doc.get("code"), name), unit)
        known = self.results.get(key)
        if known is None:
            known = self.results[key] = Result(code, name, "", unit, "", "", "", [], 0, _group(doc), Origin(fact.facility_id, moment[:_DAY]))
        known.times += 1
        drawn = value if value is not None else read.leading(doc)
        if drawn is not None:
            known.points.append(Point(moment, drawn))
        if moment >= known.when:
            known.value, known.flag, known.when, known.name = text, out, moment, name or known.name
            self.newest[key] = fact.facility_id, doc

    def _encounter(self, fact: Fact, doc: Doc) -> None:
        period = doc.get("period") or {}
        start, kind, day = period.get("start", ""), doc.get("class") or {}, period.get("start", "")[:_DAY]
        reasons, kinds = doc.get("reasonCode"), doc.get("type")
        self.principal.update(read.target(each.get("condition")) for each in doc.get("diagnosis") or () if each.get("rank") == 1)
        if read.is_death(doc):
            self.deaths.append((period.get("end") or start, self._origin(fact, period.get("end") or start)))
        visit = Visit(
            fact.id,
            start,
            period.get("end", ""),
            kind.get("code", ""),
            (read.concept(kinds[0], day)[1] if kinds else "") or kind.get("display", ""),
            fact.facility_id,
            read.department(doc, day),
            read.concept(reasons[0])[1] if reasons else "",
            read.outcome(doc, day),
        )
        if not self.twice.join(self.visits, visit):
            self.visits[fact.id] = visit

    def _procedure(self, _: Fact, doc: Doc) -> None:
        stay = read.target(doc.get("encounter"))
        if visit := self.visits.get(stay):
            name = read.concept(doc.get("code"))[1]
            if not (self.twice.links and self.twice.has(stay, doc.get("code"), name, "procedure")):
                visit.procedures.append(name)

    def _report(self, _: Fact, doc: Doc) -> None:
        conclusion = doc.get("conclusion") or ""
        if conclusion and (visit := self.visits.get(read.target(doc.get("encounter")))):
            visit.notes.append(f"{read.concept(doc.get('code'))[1]}: {conclusion}")

    def _paper(self, fact: Fact, doc: Doc) -> None:
        moment = read.when(doc, "date", "period")
        title = doc.get("title") or read.concept(doc.get("type"))[1] or doc.get("description") or ""
        summary = doc.get("description") or "" if doc.get("description") != title else ""
        self.papers.append(Paper(moment[:_DAY], title, summary, self._origin(fact, moment)))

    def _coverage(self, fact: Fact, doc: Doc) -> None:
        numbers = doc.get("identifier")
        number = doc.get("subscriberId") or (numbers[0].get("value", "") if numbers else "")
        period = doc.get("period") or {}
        self.insurance.append(Insurance(number, period.get("start", ""), period.get("end", ""), Origin(fact.facility_id, "")))

    def _vaccine(self, fact: Fact, doc: Doc) -> None:
        moment = read.when(doc, "occurrenceDateTime")
        self.vaccines.append((read.concept(doc.get("vaccineCode"))[1], moment[:_DAY], self._origin(fact, moment)))

    def _origin(self, fact: Fact, moment: str) -> Origin:
        return Origin(fact.facility_id, moment[:_DAY])

    def page(self, person_id: str, facilities: Mapping[str, str], *, masked: bool) -> Page:
        """Close the collection: the newest of each in full, everything in the order a reader wants."""
        visits = sorted({visit.id: visit for visit in self.visits.values()}.values(), key=lambda visit: visit.start, reverse=True)
        for key, result in self.results.items():
            self._finish(result, self.newest.get(key))
        medicines = [_handed_out(name, given) for name, given in self.given.items()]
        self._cover(visits)
        self._tell_death(visits)
        return Page(
            person_id,
            self.identity,
            self.alerts,
            self.allergies_recorded,
            sorted(self.problems.values(), key=lambda problem: (problem.last, problem.times), reverse=True),
            sorted(medicines, key=lambda medicine: medicine.given_on, reverse=True),
            sorted(self.results.values(), key=lambda result: result.when, reverse=True),
            visits,
            sorted(self.papers, key=lambda paper: paper.day, reverse=True),
            _distinct(self.insurance),
            sorted(self.vaccines, key=lambda vaccine: vaccine[1], reverse=True),
            self.data,
            masked,
            dict(facilities),
        )

    def _finish(self, result: Result, newest: tuple[str, Doc] | None) -> None:
        """Complete a course of values by what only the newest one has to tell."""
        if newest is not None:
            facility, doc = newest
            result.range, result.origin = read.normal_range(doc), Origin(facility, result.when[:_DAY])
        result.points.sort(key=lambda point: point.day)
        del result.points[:-_MAX_POINTS]

    def _tell_death(self, visits: list[Visit]) -> None:
        """A visit that ended in death says so on top; a visit after it makes it doubtful, and that is said instead."""
        if not self.deaths or self.identity.deceased:
            return
        moment, origin = max(self.deaths, key=lambda death: death[0])
        if any(visit.start[:_DAY] > moment[:_DAY] for visit in visits):
            self.alerts.append(Alert("flag", "Có hồ sơ ghi người này đã tử vong, nhưng vẫn còn lần khám sau ngày đó: cần đối chiếu", origin))
        else:
            self.identity.deceased = moment

    def _cover(self, visits: list[Visit]) -> None:
        days = [day[:_DAY] for visit in visits for day in (visit.start, visit.end) if day]
        counts: dict[str, int] = {}
        for visit in visits:
            if visit.facility:
                counts[visit.facility] = counts.get(visit.facility, 0) + 1
        self.data.visits = len(visits)
        self.data.first, self.data.last = (min(days), max(days)) if days else ("", "")
        self.data.facilities = sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _address(element: Doc) -> str:
    if element.get("text"):
        return str(element["text"])
    parts = (*element.get("line", ()), element.get("city", ""), element.get("district", ""), element.get("state", ""))
    return ", ".join(part for part in parts if part)


def _group(doc: Doc) -> str:
    categories = doc.get("category")
    code = read.concept(categories[0])[0] if categories else ""
    return {"vital-signs": "vital", "laboratory": "laboratory"}.get(code, "other")


def _distinct(cards: list[Insurance]) -> list[Insurance]:
    """One line a card: every claim repeats it."""
    seen: dict[tuple[str, str, str], Insurance] = {}
    for card in cards:
        seen.setdefault((card.number, card.start, card.end), card)
    return sorted(seen.values(), key=lambda card: card.end, reverse=True)
