"""What people fall ill with, read from `specs/synth/conditions.toml` and `epidemics.toml` into typed objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from .dice import Wheel
from .tables import Medicine, Service, diagnoses, medicines, services, spec

BANDS = (1, 5, 15, 30, 45, 60, 75, 200)
"""Upper ages of the eight age bands of all rates."""


def band(age: float) -> int:
    """Give the number of an age band."""
    for number, limit in enumerate(BANDS):
        if age < limit:
            return number
    return len(BANDS) - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """One illness: how often, where treated, with what."""

    key: str
    kind: str
    """acute, injury, chronic, epidemic or newborn"""
    icd: tuple[str, ...]
    severe: tuple[str, ...]
    rate: tuple[float, ...]
    """visits per 1,000 people and month, share in care (chronic), or attack rate of a season (epidemic), by age band"""
    male: float
    season: tuple[float, ...]
    where: tuple[float, ...]
    """weights of station, district hospital, provincial hospital"""
    admit: float
    day: float
    los: int
    die: float
    refer: float
    emergency: float
    accident: Wheel | None
    exam: Service
    bed: Service
    why: tuple[str, ...]
    drugs: tuple[tuple[Medicine, float], ...]
    kid: tuple[tuple[Medicine, float], ...]
    inside: tuple[Medicine, ...]
    tests: tuple[tuple[Service, float], ...]
    inside_tests: tuple[tuple[Service, float], ...]
    operation: Service | None
    also: tuple[tuple[str, float], ...]
    shift: dict[str, float]
    positive: frozenset[str]
    every: int
    flare: tuple[str, float, Service, tuple[Medicine, ...]] | None
    programme: str
    tradition: str
    peak: tuple[int, int]
    sigma: float
    travel: float
    """epidemic: days per 100 km"""


def main_code(codes: tuple[str, ...], pick: float, *, new: bool) -> str:
    """Draw a code that may be the main diagnosis in the edition in force; `pick` in [0, 1)."""
    edition = diagnoses()[int(new)]
    fit = [code for code in codes if code in edition and edition[code][1]]
    return fit[int(pick * len(fit))]


@cache
def acute() -> tuple[Condition, ...]:
    """Give acute illnesses and injuries."""
    told = spec("conditions")
    season = told["season"]
    return tuple(_condition(key, kind, one, season) for kind in ("acute", "injury") for key, one in told[kind].items())


@cache
def chronic() -> tuple[Condition, ...]:
    """Give the long illnesses with monthly visits."""
    told = spec("conditions")
    return tuple(_condition(key, "chronic", one, told["season"]) for key, one in told["chronic"].items())


@cache
def newborn() -> tuple[tuple[Condition, float], ...]:
    """Give the illnesses of the newborn with the share of births they befall."""
    told = spec("conditions")
    return tuple((_condition(key, "newborn", one, told["season"]), one["share"]) for key, one in told["newborn"].items())


@cache
def epidemics() -> tuple[tuple[Condition, int], ...]:
    """Give the epidemics with the number of years between large waves."""
    told = spec("epidemics")
    season = spec("conditions")["season"]
    return tuple((_condition(key, "epidemic", one, season), one["every"]) for key, one in told["epidemic"].items())


@cache
def pregnancy() -> dict[str, Any]:
    """Give the figures of pregnancy and birth."""
    told: dict[str, Any] = spec("conditions")["pregnancy"]
    return told


@cache
def monthly(sex: int, age_band: int, month: int) -> Wheel:
    """Give the acute illnesses of one sex, age band and calendar month (1-12); `total` is visits per person and month."""
    weighted: list[tuple[object, float]] = []
    for one in acute():
        factor = 2 * one.male / (1 + one.male) if sex == 1 else 2 / (1 + one.male)
        weighted.append((one, one.rate[age_band] * factor * one.season[month - 1] / 1000))
    return Wheel(weighted)


def _drugs(one: dict[str, Any], name: str) -> tuple[tuple[Medicine, float], ...]:
    known = medicines()
    found = []
    for entry in one.get(name, ()):
        key, share = (entry[0], entry[1]) if isinstance(entry, list) else (entry, 0.85)
        found.append((known[key], share))
    return tuple(found)


def _tests(one: dict[str, Any], name: str) -> tuple[tuple[Service, float], ...]:
    return tuple((services()[key], share) for key, share in one.get(name, ()))


def _usable(key: str, *lists: list[str]) -> None:
    """Promise that each list of codes holds a main diagnosis in both editions."""
    for edition in diagnoses():
        for codes in lists:
            if not any(edition.get(code, ("", False))[1] for code in codes):
                raise ValueError(f"{key}: none of {codes} may be the main diagnosis in both ICD-10 editions")


def _condition(key: str, kind: str, one: dict[str, Any], seasons: dict[str, list[float]]) -> Condition:
    known = services()
    flare = one.get("flare")
    _usable(key, one["icd"], one.get("icd_severe", one["icd"]))
    accident = one.get("accident")
    return Condition(
        key=key,
        kind=kind,
        icd=tuple(one["icd"]),
        severe=tuple(one.get("icd_severe", one["icd"])),
        rate=tuple(float(value) for value in one.get("rate") or one.get("prev") or one.get("attack") or ()),
        male=float(one.get("m", 1)),
        season=tuple(seasons[one.get("season", "flat")]),
        where=tuple(one.get("where", (0, 1, 1))),
        admit=one.get("admit", 0),
        day=one.get("day", 0),
        los=one.get("los", 0),
        die=one.get("die", 0),
        refer=one.get("refer", 0),
        emergency=one.get("emergency", 0.05),
        accident=Wheel([(str(code), weight) for code, weight in accident]) if accident else None,
        exam=known[one.get("exam", "exam_child")],
        bed=known[one.get("bed", "bed_child")],
        why=tuple(one["why"]),
        drugs=_drugs(one, "drugs"),
        kid=_drugs(one, "kid") or _drugs(one, "drugs"),
        inside=tuple(medicines()[name] for name in one.get("inside", ())),
        tests=_tests(one, "tests"),
        inside_tests=_tests(one, "inside_tests"),
        operation=known[one["operation"]] if "operation" in one else None,
        also=tuple((code, share) for code, share in one.get("also", ())),
        shift={name: float(value) for name, value in one.get("shift", {}).items()},
        positive=frozenset(one.get("positive", ())),
        every=one.get("every", 30),
        flare=(flare[0], flare[1], known[flare[2]], tuple(medicines()[name] for name in flare[3])) if flare else None,
        programme=one.get("programme", ""),
        tradition=one.get("tradition", ""),
        peak=(one["peak"][0], one["peak"][1]) if "peak" in one else (1, 1),
        sigma=float(one.get("sigma_days", 20)),
        travel=float(one.get("days_per_100_km", 0)),
    )
