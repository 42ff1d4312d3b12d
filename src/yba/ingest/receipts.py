"""Receipts in words and as data: like a good compiler, grouped by cause, so that one fix at the hospital clears a thousand findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from yba.kit import clock
from yba.specs.identity import reviews

from .checks import render as render_rule
from .decided import words
from .faults import faults
from .model import CONFLICT, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .channel import ClaimReceipt, Receipt
    from .model import Finding
    from .pipeline import Totals

OUTCOMES_VI: Final = {"accepted": "đã nhận", "unchanged": "không đổi", "replaced": "đã thay thế", "rejected": "từ chối"}
SEVERITIES_VI: Final = {Severity.REJECT: "TỪ CHỐI", Severity.FINDING: "PHÁT HIỆN", Severity.NOTE: "GHI CHÚ"}
_STATES_VI: Final = {
    "received": "đã nhận, chờ xử lý", "processing": "đang xử lý", "done": "đã xử lý xong", "refused": "bị từ chối cả tệp",
    "set-aside": "đã lưu, để riêng", "withdrawn": "đã thu hồi",
}  # fmt: skip


def render(one: Finding, lang: str = "vi") -> str:
    """One finding in words: where, what, expected, how to mend, by which edition."""
    if one.rule.startswith(CONFLICT):
        kind = reviews()[one.rule.removeprefix(CONFLICT)]
        return f"{one.table}: {kind.vi}. {kind.mend}." if lang == "vi" else f"{one.table}: {kind.en}."
    fault = faults().get(one.rule)
    if fault is None:
        return render_rule(one, lang)
    place = " ".join(part for part in (one.table, f"dòng {one.row}" if one.row else "", one.field) if part)
    found = f" («{one.value}»)" if one.value else ""
    text, mend = (fault.vi, fault.mend_vi) if lang == "vi" else (fault.en, fault.mend_en)
    return f"{place + ': ' if place else ''}{text}{found} {mend}"


def causes(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings grouped by rule, table and field, most frequent first, with one example each."""
    counts: Counter[tuple[str, str, str]] = Counter()
    example: dict[tuple[str, str, str], Finding] = {}
    for one in findings:
        cause = one.rule, one.table, one.field
        counts[cause] += 1
        example.setdefault(cause, one)
    return [
        {
            "rule": rule, "table": table, "field": field, "count": count, "severity": example[rule, table, field].severity.value,
            "example": render(example[rule, table, field]),
        }
        for (rule, table, field), count in counts.most_common()
    ]  # fmt: skip


def totals_text(totals: Totals) -> str:
    """What a run did, in one paragraph."""
    return (
        f"{totals.files} tệp ({totals.files_refused} bị từ chối, {totals.set_aside} để riêng), {totals.claims_present} hồ sơ: "
        f"nhận {totals.claims_accepted}, không đổi {totals.claims_unchanged}, thay thế {totals.claims_replaced}, từ chối {totals.claims_rejected}; "
        f"{totals.findings} phát hiện; {totals.persons_new} người mới, {totals.resources_written} tài nguyên; {totals.elapsed:.1f} giây"
    )


def all_findings(receipt: Receipt) -> list[Finding]:
    """Every finding of a message, its own first."""
    return [*receipt.findings, *(one for claim in receipt.claims for one in claim.findings)]


def as_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt as data."""
    return {
        "transaction": receipt.transaction,
        "file": receipt.filename,
        "kind": receipt.kind.value,
        "facility": receipt.facility,
        "received_at": receipt.received_at.astimezone(clock.VIETNAM).isoformat(),
        "state": receipt.state,
        "claims_present": receipt.claims_present,
        "counts": {what.name.lower(): count for what, count in receipt.counts.items()},
        "causes": causes(all_findings(receipt)),
        "findings": [finding_json(one) for one in receipt.findings],
        "claims": [
            {
                "facility": claim.facility,
                "link": claim.link,
                "outcome": claim.outcome.name.lower(),
                "findings": [finding_json(one) | _decided_json(claim, one) for one in claim.findings],
            }
            for claim in receipt.claims
        ],
    }


def finding_json(one: Finding) -> dict[str, Any]:
    """One finding as data, with its words."""
    return {
        "rule": one.rule, "severity": one.severity.value, "table": one.table, "row": one.row, "field": one.field, "value": one.value,
        "expected": one.expected, "edition": one.edition, "text": render(one), "text_en": render(one, "en"),
    }  # fmt: skip


def _decided_json(claim: ClaimReceipt, one: Finding) -> dict[str, Any]:
    told = claim.decided.get(one.rule)
    if told is None:
        return {}
    said = words(told)
    return {
        "decided": told.kind.value,
        "decided_at": told.at.astimezone(clock.VIETNAM).isoformat(),
        "decided_text": said.vi,
        "decided_text_en": said.en,
    }


def as_text(receipt: Receipt, most: int = 20) -> str:
    """The receipt for a terminal; at most ``most`` findings are spelled out, all are counted."""
    counts = ", ".join(f"{OUTCOMES_VI[what.name.lower()]} {count}" for what, count in receipt.counts.items())
    received = receipt.received_at.astimezone(clock.VIETNAM)
    lines = [
        f"Giao dịch {receipt.transaction} · {receipt.filename or '(không tên)'} · nhận {received:%d/%m/%Y %H:%M}",
        f"Cơ sở {receipt.facility or '(không rõ)'} · {_STATES_VI.get(receipt.state, receipt.state)} · {receipt.claims_present} hồ sơ: {counts}",
    ]
    findings = all_findings(receipt)
    grouped = causes(findings)
    if grouped:
        lines += ["", f"{len(findings)} phát hiện, {len(grouped)} nguyên nhân:"]
        lines += [f"  {one['count']:>6} × {one['rule']} {one['table']}.{one['field']}  {one['example']}" for one in grouped[:most]]
    shown = 0
    for claim in receipt.claims:
        if claim.findings and shown < most:
            lines += ["", f"MA_LK {claim.link or '(không đọc được)'}: {OUTCOMES_VI[claim.outcome.name.lower()]}"]
            for one in claim.findings[: most - shown]:
                lines.append(f"  {SEVERITIES_VI[one.severity]} {one.rule} {render(one)}")
                told = claim.decided.get(one.rule)
                lines += [f"    → {words(told).vi}"] if told else []
            shown += len(claim.findings)
    return "\n".join(lines) + "\n"
