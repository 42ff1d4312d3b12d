"""The receipt of a transaction as a good compiler would write it: by cause with counts, then claim by claim."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from dataclasses import field as having
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from yba.ingest import Outcome, Severity, decided_words
from yba.kit import clock

from .explain import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.ingest import Finding, Receipt

STATE_VI: Final = {
    "received": "Đã tiếp nhận, chờ xử lý",
    "processing": "Đang xử lý",
    "done": "Đã xử lý xong",
    "refused": "Không nhận được cả tệp",
    "set-aside": "Đã lưu, không thuộc hồ sơ KCB nên không xử lý",
    "withdrawn": "Đã rút lại",
}
OUTCOME_VI: Final = {
    Outcome.ACCEPTED: "nhận mới",
    Outcome.UNCHANGED: "không thay đổi",
    Outcome.REPLACED: "thay thế bản trước",
    Outcome.REJECTED: "từ chối",
}
_SEVERITY_VI: Final = {Severity.REJECT: "từ chối", Severity.FINDING: "cần sửa", Severity.NOTE: "lưu ý"}
_ORDER: Final = (Severity.REJECT, Severity.FINDING, Severity.NOTE)
_EXAMPLES: Final = 5


@dataclass(slots=True)
class Cause:
    """One cause: a rule on one field. Mend it once in the hospital's software and all its findings go."""

    rule: str
    severity: Severity
    table: str
    field: str
    what: str
    mend: str
    edition: str
    number: int = 0
    claims: set[str] = having(default_factory=set)
    examples: list[tuple[str, int, str, str]] = having(default_factory=list)  # (claim link, row, value, expected)


def causes(receipt: Receipt) -> list[Cause]:
    """Group the findings by rule, table and field: what rejects first, then the most frequent."""
    found: dict[tuple[str, str, str], Cause] = {}
    decided = {(claim.link, rule): decided_words(told).vi for claim in receipt.claims for rule, told in claim.decided.items()}
    for link, finding in _findings(receipt):
        key = (finding.rule, finding.table, finding.field)
        cause = found.get(key)
        if cause is None:
            said = words(finding)
            cause = found[key] = Cause(finding.rule, finding.severity, finding.table, finding.field, said.what, said.mend, finding.edition)
        cause.number += _more(finding)
        cause.claims.add(link)
        if len(cause.examples) < _EXAMPLES:
            cause.examples.append((link, finding.row, finding.value, decided.get((link, finding.rule), finding.expected)))
    return sorted(found.values(), key=lambda cause: (_ORDER.index(cause.severity), -cause.number, cause.rule))


def as_page(receipt: Receipt) -> str:
    """Write the receipt as a printable page in Vietnamese."""
    rejected = [claim for claim in receipt.claims if claim.outcome is Outcome.REJECTED]
    grouped = causes(receipt)
    return (
        _environment()
        .get_template("receipt.html")
        .render(
            receipt=receipt,
            state=STATE_VI.get(receipt.state, receipt.state),
            counts=[(OUTCOME_VI[outcome], count) for outcome, count in receipt.counts.items()],
            causes=grouped,
            severities=Counter(_SEVERITY_VI[cause.severity] for cause in grouped),
            severity_vi=_SEVERITY_VI,
            rejected=rejected,
            received=receipt.received_at.astimezone(clock.VIETNAM).strftime("%d/%m/%Y %H:%M:%S"),
        )
    )


def _more(finding: Finding) -> int:
    """Findings beyond those told one by one stand as "+n" on the whole table."""
    return int(finding.value) if finding.row == 0 and finding.value[:1] == "+" and finding.value[1:].isdigit() else 1


def _findings(receipt: Receipt) -> Iterator[tuple[str, Finding]]:
    for finding in receipt.findings:
        yield "", finding
    for claim in receipt.claims:
        for finding in claim.findings:
            yield claim.link, finding


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("yba.gateway", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
