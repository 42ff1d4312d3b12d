"""A decision and an epoch compiled once: one function for the rows of each table, and the checks of whole claims."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from yba.ingest.model import Severity
from yba.specs import claims, codes, rules
from yba.specs.claims import Required
from yba.specs.rules import Check, CheckKind, Rule

from .claims import compile_claim_check
from .columns import Judge, Owners, judge
from .external import External
from .model import Told
from .rows import ROW_KINDS, write_row_check
from .source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from yba.ingest.model import Row
    from yba.specs.claims import Edition, Table

    from .claims import ClaimCheck
    from .model import Visit
    from .source import Rows

EVERY: Final = "*"
SUMMARY: Final = "XML1"
GROUP: Final = "MA_NHOM"
NEWEST: Final = "3176"
_SPOKEN_FOR: Final = {("XML1", "MA_CSKCB"): "VR024"}
"""Fields whose absence a function tells already, with the weight it has there: YB002 would tell it twice."""
_COLUMN_KINDS: Final = {CheckKind.DATETIME: "datetime", CheckKind.MEMBER_OF: "member", CheckKind.REQUIRED: "required"}
_CLAIM_KINDS: Final = frozenset({CheckKind.FUNCTION, CheckKind.EXISTS_WHEN, CheckKind.SUM_OF})


class Columns:
    """How the values of one table's rows are judged, each by its own column."""

    __slots__ = ("judges", "name", "needed", "outside", "unknown")

    def __init__(self, table: Table, edition: Edition, in_force: list[Rule], on: date) -> None:
        self.name = table.name
        self.judges: dict[str, Judge] = {}
        self.needed: dict[str, Told] = {}
        """Fields that every row must have, with the rule that says so."""
        self.outside: list[External] = []
        self.unknown = told(rules.rule("YB001"))
        owned = _owners(table, edition, in_force, resolver(table))
        spoken_for = {field for (name, field), rule_id in _SPOKEN_FOR.items() if name == table.name and any(rule.id == rule_id for rule in in_force)}
        for described in table.columns:
            column = replace(described, required=Required.NO) if described.field in spoken_for else described
            mine = _general()._replace(**owned.get(column.field, {}))
            self.judges[column.field] = judge(table.name, column, mine, on)
            if column.codes in codes.external_lists():
                self.outside.append(External(table.name, column, mine))
            if column.field != "MA_LK" and (column.required is Required.YES or "required" in owned.get(column.field, {})):
                self.needed[column.field] = mine.required

    def write(self, source: Source) -> None:
        """Write what the columns say of a row: most rows pass after one glance at each value."""
        suspects = [each.suspects(source) for each in self.judges.values()]
        known = source.constant(frozenset(self.judges))
        source.when([" or ".join([*suspects, f"not {known}.issuperset(row)"])], f"{source.constant(self.tell)}(visit, number, row)")
        if self.needed:
            absent = " or ".join(f"{source.value(field)} is None" for field in self.needed)
            source.when([absent], f"{source.constant(self.tell_absent)}(visit, number, row)")
        for each in self.outside:
            text, good = source.value(each.column.field), source.once(each.known)
            source.when([text, f"{text} not in {good}"], f"{source.constant(each)}(visit, number, {text}, {good})")

    def tell(self, visit: Visit, number: int, row: Row) -> None:
        """Judge every value of a row, in the order in which they stand there."""
        for field, value in row.items():
            known = self.judges.get(field)
            if known is None:
                visit.add(self.unknown, self.name, number, field, value, "")
                continue
            for verdict in known.faults(value):
                visit.add(verdict.told, self.name, number, field, value, verdict.expected, lesser=verdict.lesser, edition=verdict.edition)

    def tell_absent(self, visit: Visit, number: int, row: Row) -> None:
        """Name the fields a row must have and has not."""
        for field, rule in self.needed.items():
            if field not in row:
                visit.add(rule, self.name, number, field, "", "")


class Plan:
    """How the claims of one decision are judged in one epoch."""

    __slots__ = ("_checks", "_checks_of", "_in_force", "_needed", "_on", "_rows", "edition", "unknown_table")

    def __init__(self, edition: Edition, on: date) -> None:
        self.edition = edition
        self._on = on
        self._in_force = [rule for rule in rules.rules().values() if _applies(rule, edition, on)]
        self._rows: dict[str, Rows] = {}
        self._checks = list(_claim_checks(edition, self._in_force))
        self._needed = frozenset().union(*(needs for needs, _ in self._checks))
        self._checks_of: dict[frozenset[str], list[ClaimCheck]] = {}
        self.unknown_table = told(rules.rule("YB008"))

    def rows(self, table: str) -> Rows | None:
        """Give the check of a table's rows, compiled when first asked for; None when the decision has no such table."""
        made = self._rows.get(table)
        if made is None and table in self.edition.tables:
            made = self._rows[table] = _table_rows(self.edition.tables[table], self.edition, self._in_force, self._on)
        return made

    def checks(self, tables: Iterable[str]) -> list[ClaimCheck]:
        """Give the checks of a whole claim that can have something to say of one with these tables."""
        present = self._needed.intersection(tables)
        found = self._checks_of.get(present)
        if found is None:
            found = self._checks_of[present] = [run for needs, run in self._checks if not needs or needs & present]
        return found


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


@cache
def _general() -> Owners:
    """The rules that speak for columns nobody names."""
    return Owners(
        told(rules.rule("VR008")), told(rules.rule("VR009")), told(rules.rule("YB003")),
        _weighed(rules.rule("YB004"), CheckKind.MEMBER_OF), told(rules.rule("YB002")),
    )  # fmt: skip


def _table_rows(table: Table, edition: Edition, in_force: list[Rule], on: date) -> Rows:
    """Compile everything that is asked of the rows of one table: values, then rules, last the rules of single cost groups."""
    source, resolve = Source(), resolver(table)
    Columns(table, edition, in_force, on).write(source)
    grouped: list[tuple[Rule, Check, list[str]]] = []
    for rule in in_force:
        if table.name in rule.tables or EVERY in rule.tables:
            for check in _checks(rule, edition):
                if check.kind not in ROW_KINDS or (check.kind is CheckKind.REQUIRED and _plain(check)):
                    continue
                groups = _groups(check) if GROUP in table.by_field else []
                if groups:
                    grouped.append((rule, check, groups))
                else:
                    write_row_check(source, told(rule), check, table, resolve, edition.decision)
    for rule, check, groups in grouped:
        bare = Check(check.kind, {key: value for key, value in check.params.items() if key != "when"}, check.lesser, check.decisions)
        only = f"{source.value(GROUP)} in {source.constant(frozenset(groups))}"
        write_row_check(source, told(rule), bare, table, resolve, edition.decision, [only])
    return source.rows()


def _groups(check: Check) -> list[str]:
    """Give the cost groups (MA_NHOM) a check is for when that is its only condition."""
    when = check.params.get("when", {})
    groups: list[str] = when.get("is", {}).get(GROUP, [])
    only = when == {"is": {GROUP: groups}} and not {"unless", "unless_also"} & check.params.keys()
    return groups if only else []


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


def _claim_checks(edition: Edition, in_force: list[Rule]) -> Iterator[tuple[frozenset[str], ClaimCheck]]:
    """Give the checks of whole claims, each with the tables it needs one of; none named: it may speak of any claim."""
    ways = {name: resolver(table) for name, table in edition.tables.items()}

    def resolve(table: str, field: str) -> str | None:
        return ways[table](field) if table in ways else None

    for rule in in_force:
        for check in _checks(rule, edition):
            if check.kind in _CLAIM_KINDS:
                # A function of lines or papers has nothing to say without them; a summary that is not there may be the fault.
                needs = frozenset(rule.tables) - {EVERY} if check.kind is CheckKind.FUNCTION and SUMMARY not in rule.tables else frozenset()
                for run in compile_claim_check(told(rule), check, edition, resolve):
                    yield needs, run
