"""A measure asked through the door: who may, what is counted for whom, and what the trail says of it."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.warehouse.lake_world import FACILITY, OPERATOR, SYSTEM, write
from yba import warehouse
from yba.access import Denied
from yba.kit import Actor, Grant, NotFound
from yba.kit.db import reading
from yba.record import Put
from yba.specs.measures import Dimension
from yba.warehouse import State, period
from yba.warehouse.measures.model import RUNNING, WITH_RESTRICTED, WITHOUT_RESTRICTED

MANAGER = OPERATOR.acting_as(Grant("provincial-manager"), purpose="administration")
OCTOBER = period("2026-10")


def visit(number: int, labels: tuple[str, ...] = ()) -> Put:
    """One visit in October 2026 of one person each."""
    ident, person = str(UUID(int=number)), UUID(int=0xA000 + number)
    doc: dict[str, Any] = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": "AMB"}}
    doc["period"] = {"start": "2026-10-05T08:00:00+07:00", "end": "2026-10-05T09:00:00+07:00"}
    return Put("Encounter", ident, person, orjson.dumps(doc), [number], None, None, FACILITY, UUID(int=1), labels, "test")


def test_restricted_rows_are_counted_for_the_platform_alone_and_it_is_said(lake):
    write(*[visit(number) for number in range(1, 7)], visit(7, labels=("hiv",)))
    warehouse.refresh(by=SYSTEM)
    found = warehouse.measure("visits", by=MANAGER, period=OCTOBER, dimensions=[Dimension.FACILITY])
    (cell,) = found.cells
    assert (cell.dimensions, cell.value, cell.state) == ({Dimension.FACILITY: FACILITY}, 6, State.SHOWN)
    assert WITHOUT_RESTRICTED in found.notes
    whole = warehouse.measure("visits", by=SYSTEM, period=OCTOBER)
    assert [one.value for one in whole.cells] == [7]
    assert WITH_RESTRICTED in whole.notes
    assert RUNNING in warehouse.measure("visits", by=MANAGER, period=period("2099")).notes
    with reading(by=SYSTEM) as conn:
        rows = conn.execute("SELECT who, about_id FROM audit_event WHERE tag = 'warehouse:measure:read' ORDER BY id").fetchall()
    assert rows == [(MANAGER.name, "visits"), (SYSTEM.name, "visits"), (MANAGER.name, "visits")]


def test_few_are_hidden_from_everybody(lake):
    write(*[visit(number) for number in range(1, 4)])
    warehouse.refresh(by=SYSTEM)
    for by in (MANAGER, OPERATOR, SYSTEM):
        (cell,) = warehouse.measure("visits", by=by, period=OCTOBER).cells
        assert (cell.value, cell.numerator, cell.state) == (None, None, State.TOO_FEW)


def test_who_may_not_and_what_is_not_there(lake):
    with pytest.raises(Denied):
        warehouse.measure("visits", by=Actor.facility_client(FACILITY), period=OCTOBER)
    with pytest.raises(NotFound, match="no measure"):
        warehouse.measure("visit", by=MANAGER, period=OCTOBER)
    with pytest.raises(NotFound, match="no lake"):
        warehouse.measure("visits", by=MANAGER, period=OCTOBER)
