"""What a finding says to a hospital: the rule's own words from the specs, filled in."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from yba.ingest import CONFLICT
from yba.specs import rules
from yba.specs.identity import reviews

if TYPE_CHECKING:
    from yba.ingest import Finding


class Words(NamedTuple):
    """What is wrong and how to mend it, in Vietnamese."""

    what: str
    mend: str


def words(finding: Finding) -> Words:
    """Give the words of a finding: of a rule of content, else of landing and reading; an unknown rule is named by its id."""
    if finding.rule.startswith(CONFLICT) and (kind := reviews().get(finding.rule.removeprefix(CONFLICT))):
        return Words(f"{kind.vi}.", f"{kind.mend}.")
    rule = rules.rules().get(finding.rule)
    told = Words(rule.vi, rule.mend_vi) if rule is not None else _faults().get(finding.rule)
    if told is None:
        return Words(f"Không đạt quy tắc {finding.rule}.", "")
    return Words(told.what, _filled(told.mend, finding))


def _filled(text: str, finding: Finding) -> str:
    # Not str.format: what was found may hold braces.
    return text.replace("{field}", finding.field or finding.table).replace("{table}", finding.table).replace("{expected}", finding.expected or "…")


@cache
def _faults() -> dict[str, Words]:
    """The words of landing and reading."""
    faults = tomllib.loads(files("yba.specs").joinpath("intake", "faults.toml").read_text("utf-8"))
    return {rule: Words(text["vi"], text["mend_vi"]) for rule, text in faults.items()}
