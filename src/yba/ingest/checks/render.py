"""Findings in words, Vietnamese first: where, what was found, what was expected, how to mend, by which edition; and by cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from yba.ingest.model import Finding, Severity
from yba.specs import claims, rules
from yba.specs.rules import CheckKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yba.specs.rules import Rule

WEIGHT: Final = {Severity.REJECT: 0, Severity.FINDING: 1, Severity.NOTE: 2}
WORDS: Final = {
    "vi": ("dòng", "cả bảng", "tìm thấy", "để trống", "cần", "Cách sửa", "Xét theo"),
    "en": ("row", "whole table", "found", "empty", "expected", "To mend", "Judged by"),
}


def render(finding: Finding, lang: str = "vi") -> str:
    """Give one finding as one paragraph in Vietnamese ("vi") or English ("en")."""
    words = WORDS["vi" if lang == "vi" else "en"]
    rule = rules.rules().get(finding.rule)
    row, _, found, nothing, expected, mend, judged = words
    value = f"{found} “{finding.value}”" if finding.value else nothing
    facts = f"{value}, {expected}: {finding.expected}" if finding.expected else value
    if rule is None:
        return f"{_place(finding, lang, row)}: {facts}. ({judged}: {finding.edition}; {finding.rule})"
    text, wrong, missing = (rule.vi, rule.mend_vi, rule.fill_vi) if lang == "vi" else (rule.en, rule.mend_en, rule.fill_en)
    advice = wrong if finding.value else missing
    if finding.value and finding.severity is Severity.NOTE and any(check.kind is CheckKind.MEMBER_OF for check in rule.checks):
        advice = rules.unlisted()["mend_vi" if lang == "vi" else "mend_en"]
    mended = f" {mend}: {_filled(advice, finding)}" if advice else ""
    return f"{_place(finding, lang, row)}: {text} ({facts}.){mended} {judged}: {finding.edition} ({finding.rule})."


def _place(finding: Finding, lang: str, row: str) -> str:
    column = _meaning(finding, lang)
    name = f"{finding.field} ({column})" if column else finding.field
    where = [finding.table, f"{row} {finding.row}" if finding.row else "", name]
    return " · ".join(part for part in where if part)


def _meaning(finding: Finding, lang: str) -> str:
    known = {edition.decision: edition for edition in claims.editions()}
    edition = known.get(finding.edition) or known["3176"]
    table = edition.tables.get(finding.table)
    column = table.by_field.get(finding.field) if table is not None else None
    if column is None:
        return ""
    return column.meaning_vi if lang == "vi" else column.meaning_en


def _filled(advice: str, finding: Finding) -> str:
    # Not str.format: what was found may hold braces.
    text = advice.replace("{field}", finding.field or finding.table).replace("{table}", finding.table)
    return text.replace("{expected}", finding.expected or "…")


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings that one correction at the facility clears: same rule, table and field."""

    rule: str
    table: str
    field: str
    severity: Severity
    count: int
    example: Finding


def group(findings: Iterable[Finding]) -> list[Cause]:
    """Group findings by cause, the most frequent first, then the heavier."""
    held: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        held.setdefault((finding.rule, finding.table, finding.field), []).append(finding)
    causes = [
        Cause(rule, table, field, min((one.severity for one in same), key=WEIGHT.__getitem__), _count(same), same[0])
        for (rule, table, field), same in held.items()
    ]
    return sorted(causes, key=lambda cause: (-cause.count, WEIGHT[cause.severity], cause.rule, cause.table, cause.field))


def _count(same: list[Finding]) -> int:
    """Findings counted beyond those told one by one stand as "+n" on the whole table."""
    rest = sum(int(one.value) for one in same if one.row == 0 and one.value[:1] == "+" and one.value[1:].isdigit())
    told = sum(1 for one in same if not (one.row == 0 and one.value[:1] == "+" and one.value[1:].isdigit()))
    return told + rest


def rule_of(finding: Finding) -> Rule | None:
    """Give the rule behind a finding; None for those of reading and landing."""
    return rules.rules().get(finding.rule)
