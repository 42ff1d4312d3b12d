"""The outside registers as data: limits, breaker, expiry, purposes and the shapes that are spoken (population.toml, card.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from yba.specs.claims import SpecError

from .reading import read

MEANINGS: Final = frozenset({"good", "changed", "expired", "gone", "name", "birth", "unknown", "other", "fault"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often one register is asked: seconds, attempts, bytes, questions."""

    connect_seconds: float
    answer_seconds: float
    attempts: int
    back_off_seconds: tuple[float, ...]
    longest_retry_after: float
    largest_answer: int
    per_minute: int
    per_day: int


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When questions stop going out: failures in a row, seconds until a probe, seconds a probe may take."""

    failures: int
    open_seconds: float
    longest_open_seconds: float
    probe_seconds: float


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody is asked for."""

    code: str
    vi: str
    en: str
    law: str


@dataclass(frozen=True, slots=True)
class Mode:
    """How the population database is reached; ``consent``: each question names the person's consent."""

    code: str
    vi: str
    en: str
    consent: bool
    law: str


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """What both registers have: limits, breaker, days a verdict is kept, purposes."""

    limits: Limits
    breaker: BreakerRules
    keep_found: int
    keep_not_found: int
    purposes: dict[str, Purpose]


@dataclass(frozen=True, slots=True)
class PopulationRules(RegisterRules):
    """population.toml; ``direct`` and ``licensed`` are the words of the two protocols."""

    modes: dict[str, Mode]
    direct: dict[str, Any]
    licensed: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CardCode:
    """One value of maKetQua: what it says in one word (MEANINGS) and in Vietnamese."""

    code: str
    meaning: str
    vi: str


@dataclass(frozen=True, slots=True)
class CardRules(RegisterRules):
    """card.toml."""

    token_path: str
    path: str
    token_margin: int
    token_minutes: int
    before_days: int
    after_days: int
    codes: dict[str, CardCode]


def _shared(name: str, data: dict[str, Any]) -> dict[str, Any]:
    limits = Limits(**data["limits"] | {"back_off_seconds": tuple(data["limits"]["back_off_seconds"])})
    if len(limits.back_off_seconds) < limits.attempts - 1:
        raise SpecError(f"{name}: {limits.attempts} attempts need {limits.attempts - 1} pauses")
    return {
        "limits": limits,
        "breaker": BreakerRules(**data["breaker"]),
        "keep_found": data["keep"]["found"],
        "keep_not_found": data["keep"]["not_found"],
        "purposes": {code: Purpose(code, **words) for code, words in data["purpose"].items()},
    }


@cache
def population() -> PopulationRules:
    """Read population.toml."""
    data = read("population.toml")
    modes = {code: Mode(code, **words) for code, words in data["mode"].items()}
    return PopulationRules(**_shared("population.toml", data), modes=modes, direct=data["direct"], licensed=data["licensed"])


@cache
def card() -> CardRules:
    """Read card.toml; raises SpecError for a code whose meaning is not one of MEANINGS."""
    data = read("card.toml")
    codes = {code: CardCode(code, words["is"], words["vi"]) for code, words in data["code"].items()}
    if wrong := {one.code for one in codes.values() if one.meaning not in MEANINGS}:
        raise SpecError(f"card.toml: codes that mean nothing known: {sorted(wrong)}")
    return CardRules(
        **_shared("card.toml", data),
        token_path=data["token_path"],
        path=data["path"],
        token_margin=data["token_margin"],
        token_minutes=data["token_minutes"],
        before_days=data["keep"]["judged_before_days"],
        after_days=data["keep"]["judged_after_days"],
        codes=codes,
    )
