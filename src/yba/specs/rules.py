"""The rules a claim is checked by, as data: what is checked, how much a fault weighs here, why, and how to mend it."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .claims import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

FOLDER = Path(__file__).with_name("rules")
FILES = ("claim", "xml1", "money", "lines", "documents", "ours")
FAMILIES = ("917", "4210", "130")
SEVERITIES = ("reject", "finding", "note")


class CheckKind(StrEnum):
    """How a rule is checked."""

    LENGTH = "length"
    NUMBER = "number"
    DATETIME = "datetime"
    MEMBER_OF = "member_of"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_TABLE = "unknown_table"
    REQUIRED = "required"
    PATTERN = "pattern"
    ONE_OF = "one_of"
    COMPARE = "compare"
    PRODUCT_OF = "product_of"
    BALANCE = "balance"
    EQUAL_TO = "equal_to"
    ANY_OF = "any_of"
    FORBIDDEN = "forbidden"
    COUNT = "count"
    SUM_OF = "sum_of"
    EXISTS_WHEN = "exists_when"
    FUNCTION = "function"
    FILE = "file"
    """Judged once per file, not per claim."""
    ACROSS = "across"
    """Judged when the claim is written, against other claims of its person or against its check-in (`ingest.across`)."""
    DEFERRED = "deferred"
    """Not judged yet: needs something that is not there; `door` names who will bring it."""
    NONE = "none"
    """A permission or a duty of the receiver: there is nothing to judge in the data."""


_EMPTY = frozenset({CheckKind.REQUIRED, CheckKind.ANY_OF, CheckKind.EXISTS_WHEN})
_CONDITIONS = frozenset({"when", "unless", "unless_also", "decisions", "lesser"})
_PARAMS: Mapping[CheckKind, frozenset[str]] = {
    CheckKind.DATETIME: frozenset({"fields"}),
    CheckKind.MEMBER_OF: frozenset({"fields", "required"}),
    CheckKind.REQUIRED: frozenset({"fields"}),
    CheckKind.PATTERN: frozenset({"fields", "pattern", "pattern_from", "expected", "each"}),
    CheckKind.ONE_OF: frozenset({"fields", "values", "numeric"}),
    CheckKind.COMPARE: frozenset({"pairs", "numeric", "text"}),
    CheckKind.PRODUCT_OF: frozenset({"total", "of", "percent", "tolerance"}),
    CheckKind.BALANCE: frozenset({"total", "plus", "minus", "tolerance"}),
    CheckKind.EQUAL_TO: frozenset({"fields", "pairs", "within"}),
    CheckKind.ANY_OF: frozenset({"fields"}),
    CheckKind.FORBIDDEN: frozenset({"fields", "expected"}),
    CheckKind.COUNT: frozenset({"fields", "at_most"}),
    CheckKind.SUM_OF: frozenset({"total", "of", "where", "tolerance"}),
    CheckKind.EXISTS_WHEN: frozenset({"table", "where", "expected"}),
    CheckKind.NONE: frozenset({"reason"}),
    CheckKind.DEFERRED: frozenset({"reason", "door"}),
}
_RULE_KEYS = frozenset(
    "tables kind checks severity lesser lesser_when why vi en mend_vi mend_en families decisions partly reason door "
    "valid_from valid_to source".split()
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a rule looks at; `params` are those of its kind plus the conditions when/unless."""

    kind: CheckKind
    params: Mapping[str, Any]
    lesser: bool
    """True when a fault found by this check weighs the rule's lesser severity."""
    decisions: tuple[str, ...]
    """Decisions it is made for; empty = all of the rule's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with everything a reader is told about it."""

    id: str
    tables: tuple[str, ...]
    """Tables it looks at; ("*",) = all."""
    families: tuple[str, ...]
    decisions: tuple[str, ...]
    severity: str
    lesser: str
    lesser_when: str
    why: str
    """Its cause: a name of reasons.toml."""
    why_vi: str
    why_en: str
    checks: tuple[Check, ...]
    vi: str
    en: str
    mend_vi: str
    mend_en: str
    fill_vi: str
    """How to mend where nothing was found; the same as mend_vi where there is no difference."""
    fill_en: str
    statement: str
    portal_severity: str
    source: str
    partly: str
    """What part of the statement is not judged, and why; empty = all of it."""
    reason: str
    door: str
    valid_from: date | None
    valid_to: date | None

    @property
    def judged(self) -> bool:
        """True when the rule can make findings today."""
        return all(check.kind not in {CheckKind.DEFERRED, CheckKind.NONE} for check in self.checks)


def rule(rule_id: str) -> Rule:
    """Give one rule; KeyError when there is none of that id."""
    return rules()[rule_id]


@cache
def rules() -> dict[str, Rule]:
    """Give every rule by id, in the order of the ids."""
    stated = _statements()
    reasons = tomllib.loads((FOLDER / "reasons.toml").read_text("utf-8"))
    mends = tomllib.loads((FOLDER / "kinds.toml").read_text("utf-8"))
    found: dict[str, Rule] = {}
    for name in FILES:
        path = FOLDER / f"{name}.toml"
        for rule_id, data in tomllib.loads(path.read_text("utf-8")).items():
            if rule_id in found:
                message = f"{path}: {rule_id} stands twice"
                raise SpecError(message)
            found[rule_id] = _rule(rule_id, data, stated.get(rule_id, {}), reasons, mends)
    missing = set(stated) - set(found)
    if missing:
        message = f"{FOLDER}: stated but not written: {sorted(missing)}"
        raise SpecError(message)
    return dict(sorted(found.items()))


@cache
def unlisted() -> Mapping[str, str]:
    """What to do (``mend_vi``, ``mend_en``) about a code that is not in a list of which only a part is held."""
    return dict(tomllib.loads((FOLDER / "kinds.toml").read_text("utf-8"))["unlisted"])


def _statements() -> dict[str, dict[str, str]]:
    with (FOLDER / "statements.csv").open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def _rule(rule_id: str, data: dict[str, Any], stated: dict[str, str], reasons: dict[str, Any], mends: dict[str, Any]) -> Rule:
    checks = _checks(rule_id, data)
    mend, fill = _advice(checks, data, mends)
    try:
        return Rule(
            id=rule_id,
            tables=tuple(data["tables"]),
            families=tuple(data.get("families", FAMILIES)),
            decisions=tuple(data.get("decisions", ())),
            severity=_severity(rule_id, data["severity"]),
            lesser=_severity(rule_id, data["lesser"]) if "lesser" in data else "",
            lesser_when=data["lesser_when"] if "lesser" in data else "",
            why=data["why"],
            why_vi=reasons[data["why"]]["vi"],
            why_en=reasons[data["why"]]["en"],
            checks=checks,
            vi=data["vi"],
            en=data.get("en") or stated["statement"],
            mend_vi=mend["mend_vi"],
            mend_en=mend["mend_en"],
            fill_vi=fill["mend_vi"],
            fill_en=fill["mend_en"],
            statement=stated.get("statement", ""),
            portal_severity=stated.get("portal_severity", ""),
            source=data.get("source") or stated["source"],
            partly=data.get("partly", ""),
            reason=data.get("reason", ""),
            door=data.get("door", ""),
            valid_from=data.get("valid_from"),
            valid_to=data.get("valid_to"),
        )
    except KeyError as missing:
        message = f"{FOLDER}: rule {rule_id}: {missing} is missing"
        raise SpecError(message) from missing


def _advice(checks: tuple[Check, ...], data: dict[str, Any], mends: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """How to mend a wrong value, and a missing one."""
    if "mend_vi" in data:
        return data, data
    nothing = {"mend_vi": "", "mend_en": ""}
    kinds = [check.kind for check in checks]
    if any(check.params.get("required") for check in checks):
        kinds.append(CheckKind.REQUIRED)
    wrong = next((kind for kind in kinds if kind not in _EMPTY), kinds[0])
    missing = next((kind for kind in kinds if kind in _EMPTY), wrong)
    return mends.get(wrong.value, nothing), mends.get(missing.value, nothing)


def _checks(rule_id: str, data: dict[str, Any]) -> tuple[Check, ...]:
    if "checks" in data:
        listed, extra = data["checks"], set(data) - _RULE_KEYS
    else:
        own = {key: value for key, value in data.items() if key not in _RULE_KEYS or key in {"reason", "door"}}
        listed, extra = [{**own, "kind": data.get("kind", "")}], set()
    if extra:
        message = f"{FOLDER}: rule {rule_id}: unknown keys {sorted(extra)}"
        raise SpecError(message)
    return tuple(_check(rule_id, one) for one in listed)


def _check(rule_id: str, data: dict[str, Any]) -> Check:
    try:
        kind = CheckKind(data["kind"])
    except (KeyError, ValueError) as fault:
        message = f"{FOLDER}: rule {rule_id}: {fault}"
        raise SpecError(message) from fault
    params = {key: value for key, value in data.items() if key not in {"kind", "decisions", "lesser"}}
    extra = set(params) - _PARAMS.get(kind, frozenset()) - _CONDITIONS
    if extra:
        message = f"{FOLDER}: rule {rule_id}, {kind}: unknown keys {sorted(extra)}"
        raise SpecError(message)
    return Check(kind, MappingProxyType(params), data.get("lesser", False) is True, tuple(data.get("decisions", ())))


def _severity(rule_id: str, name: str) -> str:
    if name not in SEVERITIES:
        message = f"{FOLDER}: rule {rule_id}: severity {name!r} is not one of {SEVERITIES}"
        raise SpecError(message)
    return name
