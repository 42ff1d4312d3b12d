"""A decision and an epoch compiled once: which closures judge which column, row and claim."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from yba.ingest.model import Severity
from yba.specs import claims, codes, rules
from yba.specs.claims import Column, Required
from yba.specs.rules import Check, CheckKind, Rule

from .claims import compile_claim_check
from .columns import External, Judge, Owners, judge
from .model import Told
from .rows import ROW_KINDS, compile_row_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yba.specs.claims import Edition, Table

    from .claims import ClaimCheck
    from .rows import RowCheck

EVERY: Final = "*"
GROUP: Final = "MA_NHOM"
NEWEST: Final = "3176"
_COLUMN_KINDS: Final = {CheckKind.DATETIME: "datetime", CheckKind.MEMBER_OF: "member", CheckKind.REQUIRED: "required"}
_CLAIM_KINDS: Final = frozenset({CheckKind.FUNCTION, CheckKind.EXISTS_WHEN, CheckKind.SUM_OF})


class TablePlan:
    """How the rows of one table are judged."""

    __slots__ = ("checks", "columns", "external", "grouped", "name", "needed", "unknown")

    def __init__(self, table: Table, columns: dict[str, Judge], needed: dict[str, Told], external: External | None, unknown: Told) -> None:
        self.name = table.name
        self.columns = columns
        self.needed = needed
        """Fields that every row must have, with the rule that says so."""
        self.external = external
        self.unknown = unknown
        self.checks: list[RowCheck] = []
        self.grouped: dict[str, list[RowCheck]] = {}
        """Checks that hold only for some cost groups (MA_NHOM)."""


class Plan:
    """How the claims of one decision are judged in one epoch."""

    __slots__ = ("checks", "edition", "tables", "unknown_table")

    def __init__(self, edition: Edition, on: date) -> None:
        self.edition = edition
        in_force = [rule for rule in rules.rules().values() if _applies(rule, edition, on)]
        self.tables = {name: _table_plan(table, edition, in_force, on) for name, table in edition.tables.items()}
        self.checks = list(_claim_checks(edition, in_force))
        self.unknown_table = told(rules.rule("YB008"))


def plan(decision: str, end: date) -> Plan:
    """Give the plan for a decision and the day a visit ended; an unknown decision is judged by the one in force."""
    return _plan(decision, bisect_right(_epochs(), end))


@cache
def _plan(decision: str, epoch: int) -> Plan:
    on = _epochs()[epoch - 1] if epoch else date(2000, 1, 1)
    known = {edition.decision: edition for edition in claims.editions()}
    edition = known.get(decision) or claims.in_force(on) or claims.editions()[0]
    return Plan(edition, on)


@cache
def _epochs() -> tuple[date, ...]:
    """Every day on which a rule or a code list changes."""
    days: set[date] = set()
    for one in codes.lists().values():
        days |= one.changes()
    for rule in rules.rules().values():
        days |= {rule.valid_from} if rule.valid_from else set()
        days |= {date.fromordinal(rule.valid_to.toordinal() + 1)} if rule.valid_to else set()
    return tuple(sorted(days))


def told(rule: Rule) -> Told:
    """Carry a rule's id and weights; a rule without a lesser weight keeps its own."""
    return Told(rule.id, Severity(rule.severity), Severity(rule.lesser or rule.severity))


def _weighed(rule: Rule, kind: CheckKind) -> Told:
    """A miss in a list marked incomplete is a note, whatever the rule weighs otherwise."""
    one = told(rule)
    return one._replace(lesser=Severity.NOTE) if kind is CheckKind.MEMBER_OF else one


def _applies(rule: Rule, edition: Edition, on: date) -> bool:
    early = rule.valid_from is not None and on < rule.valid_from
    late = rule.valid_to is not None and on > rule.valid_to
    decided = not rule.decisions or edition.decision in rule.decisions
    return rule.judged and edition.family in rule.families and decided and not early and not late


@cache
def _names() -> dict[tuple[str, str], str]:
    """Our name of a field of the newest tables, for finding the same concept under an older name."""
    found: dict[tuple[str, str], str] = {}
    for edition in claims.editions():
        for table in edition.tables.values():
            found |= {(table.name, column.field): column.name for column in table.columns}
    newest = claims.edition(NEWEST).tables
    return found | {(name, column.field): column.name for name, table in newest.items() for column in table.columns}


def resolver(table: Table) -> Callable[[str], str | None]:
    """Find a field of the rules in one table: by its name, else by the concept it stands for."""
    by_name = {column.name: column.field for column in table.columns}

    def resolve(field: str) -> str | None:
        if field in table.by_field:
            return field
        return by_name.get(_names().get((table.name, field), ""))

    return resolve


def _checks(rule: Rule, edition: Edition) -> Iterator[Check]:
    return (check for check in rule.checks if not check.decisions or edition.decision in check.decisions)


def _table_plan(table: Table, edition: Edition, in_force: list[Rule], on: date) -> TablePlan:
    resolve = resolver(table)
    owned = _owners(table, edition, in_force, resolve)
    general = Owners(
        told(rules.rule("VR008")), told(rules.rule("VR009")), told(rules.rule("YB003")),
        _weighed(rules.rule("YB004"), CheckKind.MEMBER_OF), told(rules.rule("YB002")),
    )  # fmt: skip
    columns: dict[str, Judge] = {}
    outside: dict[str, tuple[Column, Owners]] = {}
    needed: dict[str, Told] = {}
    for column in table.columns:
        mine = general._replace(**owned.get(column.field, {}))
        columns[column.field] = judge(table.name, column, mine, on)
        if column.codes in codes.external_lists():
            outside[column.field] = (column, mine)
        if column.field != "MA_LK" and (column.required is Required.YES or "required" in owned.get(column.field, {})):
            needed[column.field] = mine.required
    made = TablePlan(table, columns, needed, External(outside) if outside else None, told(rules.rule("YB001")))
    for rule in in_force:
        if table.name in rule.tables or EVERY in rule.tables:
            for check in _checks(rule, edition):
                if check.kind in ROW_KINDS and not (check.kind is CheckKind.REQUIRED and _plain(check)):
                    _place(made, told(rule), check, table, resolve, edition.decision)
    return made


def _plain(check: Check) -> bool:
    return not {"when", "unless", "unless_also"} & check.params.keys()


def _owners(table: Table, edition: Edition, in_force: list[Rule], resolve: Callable[[str], str | None]) -> dict[str, dict[str, Any]]:
    """Which rule speaks for which column; columns nobody names are spoken for by the general rules."""
    owned: dict[str, dict[str, Any]] = {}
    for rule in in_force:
        if table.name not in rule.tables:
            continue
        for check in _checks(rule, edition):
            word = _COLUMN_KINDS.get(check.kind)
            if word is None or not _plain(check):
                continue
            for field in map(resolve, check.params.get("fields", ())):
                if field is None:
                    continue
                mine = owned.setdefault(field, {})
                mine.setdefault(word, _weighed(rule, check.kind))
                # The text of 917 was not seen, so nothing is asked for that other rules do not name outright.
                known = table.by_field[field].required
                if check.params.get("required") and (known is Required.YES or (known is Required.UNKNOWN and edition.family != "917")):
                    weighed = told(rule)
                    mine.setdefault("required", weighed._replace(severity=weighed.lesser) if check.params["required"] == "lesser" else weighed)
    return owned


def _place(made: TablePlan, one: Told, check: Check, table: Table, resolve: Callable[[str], str | None], decision: str) -> None:
    """Put a check where it runs: with the rows of its cost groups when that is its only condition."""
    groups = check.params.get("when", {}).get("is", {}).get(GROUP)
    only = groups and check.params["when"] == {"is": {GROUP: groups}} and not {"unless", "unless_also"} & check.params.keys()
    if not only or GROUP not in table.by_field:
        made.checks += compile_row_check(one, check, table, resolve, decision)
        return
    bare = Check(check.kind, {key: value for key, value in check.params.items() if key != "when"}, check.lesser, check.decisions)
    for group in groups:
        made.grouped.setdefault(group, []).extend(compile_row_check(one, bare, table, resolve, decision))


def _claim_checks(edition: Edition, in_force: list[Rule]) -> Iterator[ClaimCheck]:
    ways = {name: resolver(table) for name, table in edition.tables.items()}

    def resolve(table: str, field: str) -> str | None:
        return ways[table](field) if table in ways else None

    for rule in in_force:
        for check in _checks(rule, edition):
            if check.kind in _CLAIM_KINDS:
                yield from compile_claim_check(told(rule), check, edition, resolve)
