"""Periodic reports attacked: another facility's by its commune's name, forged units and periods, hostile names in the files, acts on what is another's."""

from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from lxml import etree

from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from tests.warehouse.lake_world import OPERATOR, SYSTEM, write
from tests.warehouse.reports.test_acts import FORM, HERE, MANAGER, ON, OTHER, THERE, user, visit, visits
from yba import directory, warehouse
from yba.access import Denied
from yba.kit import Invalid, NotFound, clock
from yba.kit.db import unit_of_work
from yba.kit.errors import YbaError
from yba.warehouse import reports
from yba.warehouse.reports import Format

COMMUNE = "03127"
EVIL = '=HYPERLINK("http://x","y")<script>alert(1)</script>]]>&\x07\u202e{{7*191}}'
CLERK_THERE = OTHER
HEAD_HERE = user(2, "facility-manager", "administration", HERE)
HEAD_THERE = user(12, "facility-manager", "administration", THERE)


@pytest.fixture
def commune(lake):  # noqa: F811  # the fixture
    """A station and a hospital in one commune: three visits here, two there, counted on 3 November."""
    with clock.frozen(ON):
        with unit_of_work(by=OPERATOR) as conn:
            for code, name in ((HERE, "Trạm Y tế Mường Thanh"), (THERE, "Bệnh viện Đa khoa tỉnh")):
                directory.complete_facility(conn, by=OPERATOR, code=code, name=name, province="11", commune=COMMUNE)
        write(visit(1), visit(2), visit(3), visit(4, THERE), visit(5, THERE))
        warehouse.refresh(by=SYSTEM)
        yield lake


def test_a_hospital_is_not_told_of_the_others_of_its_commune(commune):
    """Its clerk says that it reports for the commune it stands in: then each facility of the commune would stand there with its numbers."""
    of_commune = reports.unit(f"commune:{COMMUNE}", station=THERE)
    for by in (CLERK_THERE, HEAD_THERE, MANAGER):
        with pytest.raises(Invalid, match="không phải trạm"):
            reports.draft(FORM, by=by, unit=of_commune, period="2026-10")
    with pytest.raises(Invalid):
        reports.make(FORM, by=CLERK_THERE, unit=of_commune, period="2026-10")
    whole = reports.draft(FORM, by=HEAD_HERE, unit=reports.unit(f"commune:{COMMUNE}", station=HERE), period="2026-10")
    assert (visits(whole), visits(whole, f"facility:{THERE}")) == (5, 2), "the station is who reports for the commune"


@pytest.mark.parametrize(
    "text", ["province", f"facility:{HERE}", f"facility: {HERE}", f"facility:{HERE}\n", "facility:", "", f"facility:{THERE}' OR '1'='1", "facility:*", f"Facility:{HERE}",
             f"facility:{HERE},{THERE}", "province:11", f"commune:{COMMUNE}", "commune:*", "facility:１１００１", "facility:../../etc/passwd"],
)  # fmt: skip
def test_no_way_of_writing_a_unit_opens_anothers(commune, text):
    for station in ("", HERE, THERE, "' OR 1=1--"):
        with pytest.raises((Denied, Invalid)):  # noqa: PT012  a unit that is none is refused at once
            unit = reports.unit(text, station=station)
            reports.draft(FORM, by=CLERK_THERE, unit=unit, period="2026-10")


@pytest.mark.parametrize(
    "when", ["0001-01", "9999-12", "0000-10", "2026-10'; DROP TABLE encounter--", "2026-10\x00", "２０２６-10", "-2026-10", "2026-10" * 999, "%s", ""]
)
def test_a_forged_period_is_none(commune, when):
    with pytest.raises((Invalid, NotFound)) as refused:
        reports.draft(FORM, by=MANAGER, unit=reports.unit("province"), period=when)
    assert len(str(refused.value)) < 400


def test_acts_on_anothers_report_are_acts_on_none(commune):
    made = reports.make(FORM, by=user(1, "record-clerk", "administration", HERE), unit=reports.unit(f"facility:{HERE}"), period="2026-10")
    for act in (
        reports.approve,
        reports.lock,
        lambda id_, by: reports.give_back(id_, by=by, words="không đúng số liệu"),
        reports.report,
        reports.recount,
    ):
        told = set()
        for ident in (made.id, UUID(int=1)):
            with pytest.raises(YbaError) as refused:
                act(ident, by=HEAD_THERE)
            told.add((type(refused.value), str(refused.value)))
        assert len(told) == 1, "one that is another's and one that is not there are refused alike"
    assert reports.report(made.id, by=HEAD_HERE).state is reports.Step.MADE
    with pytest.raises(Denied):
        reports.write(made, by=HEAD_THERE, form=Format.XML)


def test_a_hostile_name_is_text_in_every_file(commune):
    """Formulas, markup, control characters: the name of a facility comes from a list somebody typed."""
    with unit_of_work(by=OPERATOR) as conn:
        directory.complete_facility(conn, by=OPERATOR, code="11003", name=EVIL, province="11")
    write(visit(9, "11003"))
    warehouse.refresh(by=SYSTEM)
    found = reports.draft(FORM, by=MANAGER, unit=reports.unit("facility:11003"), period="2026-10")
    tree = etree.fromstring(reports.write(found, by=MANAGER, form=Format.XML).data)
    assert "<script>" in tree.find("{*}unit").text
    assert not tree.findall(".//{*}script")
    book = openpyxl.load_workbook(BytesIO(reports.write(found, by=MANAGER, form=Format.EXCEL).data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any("HYPERLINK" in cell.value for cell in cells)
    assert "/" not in reports.write(found, by=MANAGER, form=Format.XML).name
