"""Running a plan over a claim: every column of every row, then the rules of rows and of the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.ingest.model import Envelope, Finding, ParsedClaim
from yba.specs import rules

from .columns import Verdict, blank, length
from .model import Context, Visit, end_of
from .plan import plan, told

if TYPE_CHECKING:
    from yba.ingest.model import Row

    from .plan import TablePlan


def check(claim: ParsedClaim, on: Context) -> list[Finding]:
    """Give everything that is wrong with a claim at once; never raises, whatever the values hold.

    The decision is the one the reader recognised; rules and code lists are those of the day the visit ended.
    """
    end = end_of(claim, on.today)
    chosen = plan(claim.decision, end)
    visit = Visit(claim, chosen.edition, on, end)
    for name, rows in claim.tables.items():
        table = chosen.tables.get(name)
        if table is None:
            visit.add(chosen.unknown_table, name, 0, "", str(len(rows)), chosen.edition.title)
        else:
            _rows(table, visit, rows)
    for run in chosen.checks:
        run(visit)
    return visit.close()


def _rows(table: TablePlan, visit: Visit, rows: list[Row]) -> None:
    need, checks, grouped, external = table.needed.keys(), table.checks, table.grouped, table.external
    for number, row in enumerate(rows, 1):
        _values(table, visit, number, row)
        if not row.keys() >= need:
            for field, rule in table.needed.items():
                if field not in row:
                    visit.add(rule, table.name, number, field, "", "")
        if external is not None:
            external(visit, row, number, table.name)
        for run in checks:
            run(visit, row, number)
        if grouped:
            for run in grouped.get(row.get("MA_NHOM", ""), ()):
                run(visit, row, number)


def _values(table: TablePlan, visit: Visit, number: int, row: Row) -> None:
    """Judge every value of a row by its column: the loop that runs a thousand times per claim."""
    columns = table.columns.get
    for field, value in row.items():
        known = columns(field)
        if known is None:
            visit.add(table.unknown, table.name, number, field, value, "")
            continue
        limit, seen, _ = known
        if seen is None:
            if len(value) > limit or value[:1] <= " ":
                _text(table, visit, number, field, value)
        elif verdicts := seen[value]:
            _report(table, visit, number, field, value, verdicts)


def _text(table: TablePlan, visit: Visit, number: int, field: str, value: str) -> None:
    """Free text that is too long or begins with a blank."""
    limit, _, owners = table.columns[field]
    column = visit.edition.tables[table.name].by_field[field]
    verdicts = length(column, owners, limit, value) if value.strip() else blank(column, owners)
    _report(table, visit, number, field, value, verdicts)


def _report(table: TablePlan, visit: Visit, number: int, field: str, value: str, verdicts: tuple[Verdict, ...]) -> None:
    for verdict in verdicts:
        visit.add(verdict.told, table.name, number, field, value, verdict.expected, lesser=verdict.lesser, edition=verdict.edition)


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
