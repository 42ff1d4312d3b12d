"""Running a plan over a claim: the rows of every table, then the rules of the whole."""

from __future__ import annotations

from yba.ingest.model import Envelope, Finding, ParsedClaim
from yba.specs import rules

from .model import Context, Visit, end_of
from .plan import plan, told


def check(claim: ParsedClaim, on: Context) -> list[Finding]:
    """Give everything that is wrong with a claim at once; never raises, whatever the values hold.

    The decision is the one the reader recognised; rules and code lists are those of the day the visit ended.
    """
    end = end_of(claim, on.today)
    chosen = plan(claim.decision, end)
    visit = Visit(claim, chosen.edition, on, end)
    for name, rows in claim.tables.items():
        judge = chosen.rows(name)
        if judge is None:
            visit.add(chosen.unknown_table, name, 0, "", str(len(rows)), chosen.edition.title)
        else:
            judge(visit, rows)
    for run in chosen.checks(claim.tables):
        run(visit)
    return visit.close()


def check_file(envelope: Envelope, present: int) -> list[Finding]:
    """Judge what stands around the claims of one file, once per file (VR004, VR005); `present` as the scanner counted."""
    found = []
    if not envelope.facility.strip():
        found.append(_file_finding("VR004", "MACSKCB", envelope.facility, "5 ký tự"))
    declared = envelope.declared_count
    if present == 0 or (declared is not None and declared != present):
        found.append(_file_finding("VR005", "SOLUONGHOSO", "" if declared is None else str(declared), str(present)))
    return found


def _file_finding(rule_id: str, field: str, value: str, expected: str) -> Finding:
    rule = told(rules.rule(rule_id))
    return Finding(rule.rule, rule.severity, "ENVELOPE", 0, field, value, expected, "envelope")
