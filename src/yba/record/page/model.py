"""What a person's page shows, free of any language and any format: plain values a template only has to lay out."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Origin:
    """Where a fact comes from: facility code, day (ISO) and the kind of document, for the mark beside each fact."""

    facility: str
    day: str
    kind: str = "claim"


@dataclass(slots=True)
class Identity:
    """Who the person is, as the golden Patient says."""

    name: str = ""
    sex: str = "unknown"
    birth: str = ""  # ISO, as precise as it is known: "1959", "1959-03", "1959-03-12"
    deceased: str = ""  # ISO date-time, or "true"
    address: str = ""
    phone: str = ""
    numbers: list[tuple[str, str, str]] = field(default_factory=list)  # (kind, value, valid to): citizen, insurance, card …


@dataclass(slots=True)
class Alert:
    """An allergy, a flag: what must be known before anything is done."""

    kind: str  # "allergy" | "flag"
    text: str
    origin: Origin


@dataclass(slots=True)
class Problem:
    """One diagnosis code over all visits."""

    code: str
    text: str
    first: str
    last: str
    times: int
    origin: Origin


@dataclass(slots=True)
class Medicine:
    """One medicine by name and strength: the last time it was handed out, and how often before."""

    name: str
    dosage: str
    given_on: str
    days: int  # 0 = the source does not say
    ends_on: str  # ISO day, "" when the days are not known
    quantity: str
    times: int
    origin: Origin


@dataclass(slots=True)
class Point:
    """One measured value."""

    day: str
    value: float


@dataclass(slots=True)
class Result:
    """One measurement over time: the latest value, its range and its course."""

    code: str
    name: str
    value: str
    unit: str
    range: str
    flag: str  # "high" | "low" | "abnormal" | ""
    when: str
    points: list[Point]
    times: int
    group: str  # "vital" | "laboratory" | "other"
    origin: Origin


@dataclass(slots=True)
class Visit:
    """One encounter with what was found, done and handed out."""

    id: str
    start: str
    end: str
    kind: str  # AMB | IMP | EMER | … (v3-ActCode)
    kind_text: str
    facility: str
    department: str
    reason: str
    outcome: str
    diagnoses: list[tuple[str, str]] = field(default_factory=list)
    medicines: list[str] = field(default_factory=list)
    results: list[tuple[str, str, str]] = field(default_factory=list)  # (name, value with unit, flag)
    procedures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sources: list[tuple[str, str]] = field(default_factory=list)
    """(Encounter, channel of specs/visits.toml) of a visit that several channels tell of, the primary first; empty: told once."""


@dataclass(slots=True)
class Paper:
    """A document: discharge paper, transfer, certificate, report."""

    day: str
    title: str
    summary: str
    origin: Origin


@dataclass(slots=True)
class Extent:
    """What the record rests on: from when to when, and from whom. Outside of it nothing is known, which is not "none"."""

    first: str = ""
    last: str = ""
    facilities: list[tuple[str, int]] = field(default_factory=list)  # (code, visits), most visits first
    visits: int = 0
    resources: int = 0
    updated: str = ""


@dataclass(slots=True)
class Insurance:
    """One insurance card with its days."""

    number: str
    start: str
    end: str
    origin: Origin


@dataclass(slots=True)
class Page:
    """The whole page. ``masked``: there is something of a restricted category that the reader's right does not cover; no more is said of it."""

    person_id: str
    identity: Identity
    alerts: list[Alert]
    allergies_recorded: bool
    problems: list[Problem]
    medicines: list[Medicine]
    results: list[Result]
    visits: list[Visit]
    papers: list[Paper]
    insurance: list[Insurance]
    vaccines: list[tuple[str, str, Origin]]
    data: Extent
    masked: bool
    facilities: dict[str, str]  # code -> name, where known
