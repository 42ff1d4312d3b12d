"""Rights and roles as data: what there is to be allowed, and which role may do it where, with the reason of each rule."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from .claims import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER: Final = Path(__file__).with_name("access")
LABELS: Final = Path(__file__).with_name("labels.toml")
FHIR_TYPES: Final = frozenset(
    """
    AllergyIntolerance Appointment Binary CarePlan ChargeItem Claim ClaimResponse ClinicalImpression Communication Composition Condition Coverage
    Device DeviceUseStatement DiagnosticReport DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal ImagingStudy Immunization
    Invoice List Location MeasureReport Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement
    Observation Organization Patient Practitioner PractitionerRole Procedure Provenance QuestionnaireResponse RelatedPerson RiskAssessment Schedule
    ServiceRequest Slot Specimen Task
""".split()
)
KINDS: Final = ("visit", "order", "referral", "enrolment", "household", "residence", "emergency")
UNITS: Final = ("facility", "department", "user", "area")
ABOUT: Final = frozenset({
    "", "resource", "person", "claim", "message", "review", "account", "client", "relation", "emergency", "trail", "security", "facility", "measure",
})  # fmt: skip
ALL: Final = "*"
_NAME: Final = re.compile(r"[a-z][a-z-]*:[a-z][a-z-]*:[a-z][a-z-]*\Z")
_HEAD: Final = frozenset({"source", "valid_from", "owner", "checked_by", "next_review"})


class Where(StrEnum):
    """Over which rows a rule reaches."""

    OWN_PERSON = "own-person"
    RELATION = "relation"
    FACILITY = "facility"
    COMMUNE = "commune"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class RightSpec:
    """One right of rights.toml; ``about`` says what its rows are, "" when it is not about rows."""

    name: str
    vi: str
    en: str
    about: str
    purposes: frozenset[str]
    sensitive: bool
    law: str


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of emergency access, with its words."""

    name: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class EmergencySpec:
    """Emergency access: its length in hours, days until its review, the least length of a reason, and the grounds."""

    hours: int
    review_days: int
    reason_at_least: int
    law: str
    grounds: Mapping[str, Ground]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a role: these rights over these rows; everything in it holds together. Empty ``types`` = all, empty ``labels`` = none."""

    rights: frozenset[str]
    where: Where
    why: str
    purposes: frozenset[str]  # empty: the right's own
    types: frozenset[str]
    labels: frozenset[str]
    kinds: frozenset[str]
    units: frozenset[str]
    days: int
    aggregate: bool


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role of roles.toml."""

    name: str
    vi: str
    en: str
    why: str
    kind: str  # staff | citizen | machine
    purpose: str
    second_factor: str  # always | outside | no
    may: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """Both files, read and checked against each other."""

    purposes: tuple[str, ...]
    emergency: EmergencySpec
    rights: Mapping[str, RightSpec]
    roles: Mapping[str, RoleSpec]


@cache
def reasons_in_english() -> dict[str, str]:
    """Return the English of each reason (`why`) of roles and rules, by its Vietnamese words."""
    return dict(tomllib.loads((FOLDER / "reasons.toml").read_text("utf-8"))["en"])


@cache
def access() -> Access:
    """Return what stands in the package's files."""
    return load(FOLDER, LABELS)


def rights() -> Mapping[str, RightSpec]:
    """Return every right by its name, in the order of the alphabet."""
    return access().rights


def roles() -> Mapping[str, RoleSpec]:
    """Return every role by its name, in the order of the alphabet."""
    return access().roles


def emergency() -> EmergencySpec:
    """Return the terms of emergency access."""
    return access().emergency


def load(folder: Path, labels: Path) -> Access:
    """Read rights.toml and roles.toml of a folder; SpecError names file, table and line of the first fault."""
    categories = frozenset(tomllib.loads(labels.read_text("utf-8"))["category"])
    paper = _Paper(folder / "rights.toml")
    purposes = tuple(paper.data["purposes"])
    found = {name: _right(paper, name, data, purposes) for name, data in paper.data["right"].items()}
    if list(found) != sorted(found):
        first = next(name for name, right in zip(found, sorted(found), strict=True) if name != right)
        paper.fault(f"right.{first}", "stands outside the order of the alphabet")
    emergency_ = _emergency(paper)
    paper = _Paper(folder / "roles.toml")
    roles_ = {name: _role(paper, name, data, found, categories, purposes) for name, data in paper.data["role"].items()}
    return Access(purposes, emergency_, found, roles_)


class _Paper:
    """One file: its data, and its lines to say where a fault stands."""

    def __init__(self, path: Path) -> None:
        self.path, self.text = path, path.read_text("utf-8")
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:  # says the line itself
            message = f"{path.name}: {error}"
            raise SpecError(message) from error
        if missing := _HEAD - self.data.keys():
            self.fault("", f"does not say {', '.join(sorted(missing))}")

    def fault(self, table: str, words: str, value: str = "", nth: int = 0) -> NoReturn:
        """Raise SpecError for a value in the nth table of that name."""
        message = f"{self.path.name}, line {self._line(table, value, nth)}, [{table}]: {words}"
        raise SpecError(message)

    def _line(self, table: str, value: str, nth: int) -> int:
        room, _, name = table.partition(".")
        heads = {f"[{table}]", f"[[{table}]]", f'[{room}."{name}"]'}
        lines = self.text.splitlines()
        starts = [number for number, line in enumerate(lines) if line.strip() in heads]
        start = starts[nth] if nth < len(starts) else 0
        for number, line in enumerate(lines[start:], start):
            if value and f'"{value}"' in line:
                return number + 1
            if number > start and line.startswith("["):
                break
        return start + 1

    def take(self, table: str, data: dict[str, Any], needed: Iterable[str], optional: Iterable[str] = (), nth: int = 0) -> None:
        """Refuse a table that lacks a key, or has one nobody reads."""
        for key in needed:
            if key not in data:
                self.fault(table, f"does not say {key}", nth=nth)
        for key in data.keys() - {*needed, *optional}:
            self.fault(table, f"has a key nobody reads: {key}", nth=nth)

    def known(self, table: str, what: str, values: Iterable[str], known: Iterable[str], nth: int = 0) -> frozenset[str]:
        """Return the values as a set; refuse one that is not known."""
        taken, listed = frozenset(values), set(known)
        for value in sorted(taken - listed):
            self.fault(table, f"names an unknown {what}: {value!r}", value, nth)
        return taken


def _right(paper: _Paper, name: str, data: dict[str, Any], purposes: Iterable[str]) -> RightSpec:
    table = f"right.{name}"
    paper.take(table, data, ("vi", "en", "about", "purposes", "law"), ("sensitive",))
    if not _NAME.match(name):
        paper.fault(table, "is not room:thing:verb")
    paper.known(table, "kind of row", [data["about"]], ABOUT)
    allowed = paper.known(table, "purpose", data["purposes"], purposes)
    if not allowed:
        paper.fault(table, "may be used for no purpose")
    return RightSpec(name, data["vi"], data["en"], data["about"], allowed, data.get("sensitive", False), data["law"])


def _emergency(paper: _Paper) -> EmergencySpec:
    data = paper.data["emergency"]
    paper.take("emergency", data, ("hours", "review_days", "reason_at_least", "law", "ground"))
    for key in ("hours", "review_days", "reason_at_least"):
        if not isinstance(data[key], int) or data[key] < 1:
            paper.fault("emergency", f"{key} is not a whole number above 0")
    grounds = {name: Ground(name, words["vi"], words["en"]) for name, words in data["ground"].items()}
    return EmergencySpec(data["hours"], data["review_days"], data["reason_at_least"], data["law"], grounds)


_RULE: Final = ("purposes", "types", "labels", "kinds", "units", "days", "aggregate")


def _role(  # a reader of one table and what it may name
    paper: _Paper, name: str, data: dict[str, Any], known: Mapping[str, RightSpec], categories: frozenset[str], purposes: Iterable[str]
) -> RoleSpec:
    table = f"role.{name}"
    paper.take(table, data, ("vi", "en", "why", "kind", "purpose", "second_factor", "may"))
    paper.known(table, "kind of role", [data["kind"]], ("staff", "citizen", "machine"))
    paper.known(table, "purpose", [data["purpose"]], purposes)
    paper.known(table, "second factor", [data["second_factor"]], ("always", "outside", "no"))
    rules = tuple(_rule(paper, f"{table}.may", nth, rule, known, categories) for nth, rule in enumerate(data["may"]))
    return RoleSpec(name, data["vi"], data["en"], data["why"], data["kind"], data["purpose"], data["second_factor"], rules)


def _rule(  # as above
    paper: _Paper, table: str, nth: int, data: dict[str, Any], known: Mapping[str, RightSpec], categories: frozenset[str]
) -> Rule:
    paper.take(table, data, ("rights", "where", "why"), _RULE, nth)
    rights_ = paper.known(table, "right", data["rights"], known, nth)
    paper.known(table, "place", [data["where"]], list(Where), nth)
    where = Where(data["where"])
    offered = frozenset[str]().union(*(known[name].purposes for name in rights_))
    days = data.get("days", 0)
    if where is not Where.RELATION and (days or (where is not Where.COMMUNE and data.keys() & {"kinds", "units"})):
        paper.fault(table, f"says kinds, units or days, which {where} has not", nth=nth)
    if not isinstance(days, int) or days < 0:
        paper.fault(table, "days is not a whole number", nth=nth)
    at_home = where is Where.COMMUNE
    kinds = data.get("kinds", ("residence", "household") if at_home else [kind for kind in KINDS if kind != "residence"])
    return Rule(
        rights=rights_,
        where=where,
        why=data["why"],
        purposes=paper.known(table, "purpose of these rights", data.get("purposes", ()), offered, nth),
        types=paper.known(table, "resource type", data.get("types", ()), FHIR_TYPES, nth),
        labels=paper.known(table, "restricted category", data.get("labels", ()), {*categories, ALL}, nth),
        kinds=paper.known(table, "kind of relation", kinds, KINDS, nth),
        units=paper.known(table, "kind of unit", data.get("units", ("area",) if at_home else UNITS), UNITS, nth),
        days=days,
        aggregate=data.get("aggregate", False),
    )
