"""The faults of landing and reading as data: id, severity, words; judged by us, so their edition is our own."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .model import VALUE_LENGTH, Finding, Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that landing or reading can find; texts are shown to the facility."""

    id: str
    severity: Severity
    vi: str
    mend_vi: str
    en: str
    mend_en: str
    why: str


def finding(rule: str, *, table: str = "", row: int = 0, field: str = "", value: str = "", expected: str = "") -> Finding:
    """Make the finding of one fault."""
    return Finding(rule, faults()[rule].severity, table, row, field, value[:VALUE_LENGTH], expected, "yba")


@cache
def faults() -> dict[str, Fault]:
    """Every fault by id."""
    data = tomllib.loads(files("yba.specs").joinpath("intake", "faults.toml").read_text("utf-8"))
    return {id_: Fault(id=id_, **{**texts, "severity": Severity(texts["severity"])}) for id_, texts in data.items()}
