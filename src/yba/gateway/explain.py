"""What a finding says to a hospital: the rule's own words from the specs, filled in."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from yba.ingest import Finding


class Words(NamedTuple):
    """What is wrong and how to mend it, in Vietnamese."""

    what: str
    mend: str


def words(finding: Finding) -> Words:
    """Give the words of a finding; a rule without words of its own is named by its id."""
    told = _texts().get(finding.rule)
    if told is None:
        return Words(f"Không đạt quy tắc {finding.rule}.", "")
    return Words(_filled(told.what, finding), _filled(told.mend, finding))


def _filled(text: str, finding: Finding) -> str:
    return text.replace("{field}", finding.field).replace("{expected}", finding.expected).replace("{table}", finding.table)


@cache
def _texts() -> dict[str, Words]:
    """Words by rule id: landing and reading first, then the rules of content, whose mending may come from their kind of check."""
    specs = files("yba.specs")
    found: dict[str, Words] = {}
    for rule, text in tomllib.loads(specs.joinpath("intake", "faults.toml").read_text("utf-8")).items():
        found[rule] = Words(text["vi"], text.get("mend_vi", ""))
    rules = specs.joinpath("rules")
    kinds = tomllib.loads(rules.joinpath("kinds.toml").read_text("utf-8"))
    for file in sorted(rules.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".toml") or file.name in {"kinds.toml", "reasons.toml"}:
            continue
        for rule, text in tomllib.loads(file.read_text("utf-8")).items():
            mend = text.get("mend_vi") or kinds.get(text.get("kind", ""), {}).get("mend_vi", "")
            found[rule] = Words(text.get("vi", ""), mend)
    return found
