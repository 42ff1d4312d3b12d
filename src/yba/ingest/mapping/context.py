"""What the mapping of one claim carries along: ids, references, the row at work and everything made so far."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from yba.kit.ids import derived_joined, derived_text
from yba.specs import labels as restricted
from yba.specs import systems

from . import vocabulary
from .codecs import CODECS
from .dates import FIRST_MOMENT, moment
from .model import Resource

if TYPE_CHECKING:
    from datetime import datetime

    from yba.identity import PersonFacts
    from yba.ingest.model import ParsedClaim

    from .model import Doc, Row

Known = tuple[dict[str, str], Resource | None]
"""A reference and the shared resource it needs."""
PLACES_KEPT: Final = 65_536
_NATIONAL: Final = re.compile(r"\d{10}|.*[-/](?:CCHN|GPHN)", re.IGNORECASE)
"""Licence numbers (and the ten-digit social insurance numbers of older files) are nationwide; anything else is one facility's own."""
_LENT: Final = re.compile(r"\.(?:TX|HD|CG|C)\.\w{5}$")
"""Suffixes that say on what ground a practitioner acts here (3176): not part of the number."""
_safe = CODECS["text"]


class Context:
    """The mapping of one claim.

    `source` and `row` are what all ids of the claim, of the row begin their facts with, `ground` the table's labels, `start_text` and `end_text`
    the visit's first and last moment as FHIR writes them.
    """

    __slots__ = (
        "above", "births", "claim_doc", "decision", "encounter", "encounter_doc", "end", "end_text", "facility", "ground", "header", "key", "labels",
        "last", "link", "made", "on", "place", "row", "service", "shared", "source", "start", "start_text", "subject", "table",
    )  # fmt: skip

    def __init__(self, claim: ParsedClaim) -> None:
        self.decision, self.facility, self.link = claim.decision, claim.facility, claim.link
        rows = claim.tables.get("XML1") or assessment_header(claim.tables) or [{}]
        self.header: Row = rows[0]
        start, end = moment(self.header.get("NGAY_VAO", "")), moment(self.header.get("NGAY_RA", ""))
        fallback = moment(claim.envelope.created) or FIRST_MOMENT
        self.start: datetime = start or end or fallback
        self.end: datetime = end or start or fallback
        self.start_text, self.end_text = self.start.isoformat(), self.end.isoformat()
        self.on = self.end.date()
        patient = derived_joined(f"Patient\0{self.facility}\0{local_id(self.header, self.link)}")
        self.subject = {"reference": f"Patient/{patient}"}
        self.encounter: dict[str, str] = {}
        self.made: list[Resource] = []
        self.births: list[PersonFacts] = []
        self.shared: dict[str, Resource] = {}
        self.labels: dict[str, None] = {}
        self.claim_doc: Doc = {}
        self.encounter_doc: Doc = {}
        self.source = f"\0{self.facility}\0{self.link}\0"
        self.at("XML1", 1)
        self.last = "0"
        self.above: Row = {}
        self.service: str | None = None

    def at(self, table: str, key: int) -> None:
        """Stand at a row."""
        self.enter(table)
        self.move(key)

    def enter(self, table: str) -> None:
        """Stand at a table."""
        self.table = table
        self.place = f"{self.source}{table}\0"
        self.ground = restricted.of_table(table)

    def move(self, key: int) -> None:
        """Stand at a row of this table."""
        self.key = key
        self.row = f"{self.place}{key}\0"

    def id(self, rtype: str, role: str) -> str:
        """Give the id of the resource of a role of this row."""
        return derived_joined(f"{rtype}{self.row}{role}")

    def new(self, rtype: str, role: str, **elements: Any) -> Doc:  # noqa: ANN401 - FHIR elements
        """Start a further resource of this row that no role of the mapping files describes."""
        return {"resourceType": rtype, "id": self.id(rtype, role), **elements}

    def add(self, doc: Doc, labels: tuple[str, ...] = ()) -> None:
        """Hand a resource in, with the restricted categories it belongs to; the visit and the Claim get them too."""
        if self.ground:
            labels = tuple(dict.fromkeys((*self.ground, *labels)))
        if labels:
            for label in labels:
                self.labels[label] = None
        self.made.append(Resource(doc["resourceType"], doc["id"], doc, self.table, self.key, labels))

    def reference(self, kind: str, raw: str) -> dict[str, str] | None:
        """Give the reference to a shared resource by its code, the raw code as display; None for what is no code.

        Several codes (";") are displayed together; the reference is to the first.
        """
        found = _place(kind, self.facility, raw)
        if found is None:
            return None
        reference, resource = found
        if resource is not None:
            self.shared[resource.id] = resource
        return reference


def assessment_header(tables: dict[str, list[Row]]) -> list[Row]:
    """Give what an assessment (XML12, without XML1) says of its person, under the names of XML1; its day is that of the meeting."""
    return [row | {"NGAY_RA": row["NGAY_HOP"]} if "NGAY_HOP" in row else row for row in tables.get("XML12", ())[:1]]


def local_id(header: Row, link: str) -> str:
    """Give the facility's patient number; a claim without one is a patient of its own, named after its link."""
    return header.get("MA_BN", "").strip() or f"lk:{link}"


@lru_cache(maxsize=PLACES_KEPT)
def _place(kind: str, facility: str, raw: str) -> Known | None:
    shown = _safe.encode(raw) or _safe.loose(raw)
    code = raw.partition(";")[0].strip()
    if shown is None:
        return None
    if not code or not _safe.encode(code):
        return {"display": shown}, None
    resource = _MAKERS[kind](facility, code)
    return {"reference": f"{resource.rtype}/{resource.id}", "display": shown}, resource


def _practitioner(facility: str, code: str) -> Resource:
    number = _LENT.sub("", code)
    id_ = derived_text("Practitioner", number) if _NATIONAL.fullmatch(number) else derived_text("Practitioner", facility, number)
    identifier = [{"system": systems.identifier("practitioner"), "value": number}]
    return _shared("Practitioner", id_, {"identifier": identifier})


def _department(facility: str, code: str) -> Resource:
    name = vocabulary.department_name(code) or code
    doc = {
        "identifier": [{"system": systems.system("department"), "value": code}],
        "name": name,
        "managingOrganization": {"reference": f"Organization/{organization_id(facility)}"},
    }
    return _shared("Location", derived_text("Location", facility, code), doc)


def _organization(_facility: str, code: str) -> Resource:
    doc = {"identifier": [{"system": systems.identifier("facility"), "value": code}]}
    return _shared("Organization", organization_id(code), doc)


def organization_id(code: str) -> str:
    """Give the id of a facility's Organization."""
    return derived_text("Organization", code)


def _shared(rtype: str, id_: str, doc: Doc) -> Resource:
    return Resource(rtype, id_, {"resourceType": rtype, "id": id_, **doc}, "", 0, (), shared=True)


_MAKERS: Final = {"practitioner": _practitioner, "department": _department, "organization": _organization}
