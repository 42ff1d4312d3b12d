"""Every field of every table of every decision goes where the mapping files say: nothing is only said to be mapped."""

from __future__ import annotations

from functools import cache

import orjson
import pytest

from tests.ingest.mapping import samples
from yba.ingest.mapping import CURRENT, map_claim
from yba.ingest.mapping.model import Doc, Mapped
from yba.ingest.mapping.release import RESIDUE, release
from yba.ingest.model import ParsedClaim
from yba.specs import claims

DECISIONS = [edition.decision for edition in claims.editions()]
LATER = frozenset({"XML0", "XML12"})
KEYS = frozenset({"MA_LK", "MA_CSKCB"})
"""Changing these makes another claim or another sender."""


def changed(value: str) -> str:
    """Another value of the same form."""
    if value.isdigit() and len(value) in {8, 12}:
        return value[:6] + f"{int(value[6:8]) % 27 + 1:02d}" + value[8:]
    if value.isdigit():
        return str(int(value) % 7 + 1) if len(value) == 1 else str(int(value) + 1)
    if value.replace(".", "").isdigit():
        return value[:-1] + str((int(value[-1]) + 1) % 10)
    return f"{value[:-1]}Z" if not value.endswith("Z") else f"{value[:-1]}Y"


def resources(mapped: Mapped) -> bytes:
    """Everything the record gets, as bytes."""
    made: list[Doc] = [one.doc for one in mapped.resources]
    return orjson.dumps([made, [one.labels for one in mapped.resources]])


@cache
def sample(decision: str) -> ParsedClaim:
    return samples.full(decision)


def kinds(decision: str, table: str) -> list[ParsedClaim]:
    """The full claim, and the same with each kind of row of this table."""
    found = [sample(decision)]
    changes = {
        "XML3": [{"MA_NHOM": "10"}, {"MA_NHOM": "1"}, {"MA_NHOM": "15"}],
        "XML4": [{"GIA_TRI": "Âm tính"}, {"GIA_TRI": None}],
        "XML6": [{"MA_LOAI_BN": "2"}],
    }
    for change in changes.get(table, ()):
        base = sample(decision)
        if table in base.tables and all(field in base.tables[table][0] for field in change):
            row = {name: raw for name, raw in (base.tables[table][0] | change).items() if raw is not None}
            found.append(samples.claim(base.tables | {table: [row]}, decision))
    return found


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_changed_field_changes_its_home(decision: str) -> None:
    silent = []
    for table in claims.edition(decision).tables:
        if table in LATER:
            continue
        for base in kinds(decision, table):
            before = map_claim(base, samples.keys(base))
            row = base.tables[table][0]
            for field, raw in row.items():
                if field in KEYS:
                    continue
                other = samples.claim(base.tables | {table: [row | {field: changed(raw)}]}, decision)
                after = map_claim(other, samples.keys(other))
                same_resources, same_residue = resources(before) == resources(after), before.residue == after.residue
                variant = next(iter(part[2][0][0] for part in before.residue["t"] if part[0] == table))
                home = release(CURRENT)[table].home(variant, field)
                assert home is not None, (table, field)
                if (home.role != RESIDUE and same_resources) or (same_resources and same_residue):
                    silent.append((table, variant, field, raw, changed(raw)))
    assert not silent


@pytest.mark.parametrize("decision", DECISIONS)
def test_no_field_without_a_home(decision: str) -> None:
    missing = [
        (name, column.field)
        for name, table in claims.edition(decision).tables.items()
        if name not in LATER
        for column in table.columns
        if release(CURRENT)[name].home("", column.field) is None
    ]
    assert not missing


def test_ordinary_values_live_in_resources() -> None:
    """The residue is for exceptions: what stays raw of an ordinary claim is its demographics and little else."""
    claim = samples.inpatient()
    mapped = map_claim(claim, samples.keys(claim))
    raw = {(part[0], field) for part in mapped.residue["t"] for row in part[4].values() for field in row}
    declared = {(name, home.field) for name, table in release().items() for home in table.homes.values() if home.role == RESIDUE}
    assert raw <= declared
    assert len(orjson.dumps(mapped.residue)) < 1_000


def test_ids_do_not_move() -> None:
    claim = samples.inpatient()
    first, second = (map_claim(claim, samples.keys(claim)) for _ in range(2))
    assert [(one.rtype, one.id) for one in first.resources] == [(one.rtype, one.id) for one in second.resources]
    keys = samples.keys(claim) | {"XML2": [5, 6, 7, 8, 9, 10, 11, 12]}
    moved = map_claim(claim, keys)
    kept = {one.id for one in first.resources if one.table == "XML2" and one.row_key in keys["XML2"]}
    assert kept == {one.id for one in moved.resources if one.table == "XML2" and one.row_key <= 8}
