"""Every list: dated, sourced, honest about what is missing; and the grammars that stand in for missing rows."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.kit.clock import VIETNAM
from yba.terminology import (
    Membership,
    UnknownList,
    all_lists,
    department_parts,
    edition_on,
    expand,
    is_member,
    lists,
    lookup,
    maps,
    service_base,
    translate,
)

DAY = date(2026, 9, 1)
EDITIONS = [(info.id, edition) for info in all_lists() for edition in info.editions]


@pytest.mark.law("BHYT-DATA-R13")
@pytest.mark.parametrize(("name", "edition"), EDITIONS, ids=lambda value: getattr(value, "id", value))
def test_each_edition_says_where_it_comes_from_and_what_is_missing(name, edition):
    assert edition.source
    assert edition.licence
    assert edition.as_of <= date(2026, 11, 21)
    assert edition.complete or edition.why
    assert edition.codes > 0
    assert getattr(lists, name.upper(), name) == name


@pytest.mark.law("BHYT-DATA-R13")
def test_editions_of_a_list_follow_each_other_without_gap_or_overlap():
    for info in all_lists():
        for one, other in zip(info.editions, info.editions[1:], strict=False):
            assert one.valid_to is not None, info.id
            assert other.valid_from is not None, info.id
            assert (other.valid_from - one.valid_to).days == 1, info.id


@given(st.sampled_from([(name, e) for name, e in EDITIONS if not e.complete]), st.text(max_size=30))
def test_an_incomplete_list_never_says_no(which, code):
    name, edition = which
    day = edition.valid_to or edition.valid_from or DAY
    assert is_member(name, code, day) is not Membership.NO


@given(st.sampled_from(EDITIONS), st.text(max_size=80))
def test_any_text_is_answered_without_a_fault(which, code):
    name, edition = which
    day = edition.valid_to or edition.valid_from or DAY
    found = lookup(name, code, day)
    assert (found is None) == (is_member(name, code, day) is not Membership.YES) or found.abstract


def test_every_row_is_found_by_its_own_code():
    for info in all_lists():
        for about in info.editions:
            edition = edition_on(info.id, about.valid_to or about.valid_from or DAY)
            for concept in edition.all():
                assert edition.find(concept.code) == concept, (info.id, concept.code)


def test_lists_are_known_by_id_and_by_uri():
    for info in all_lists():
        if info.id not in {"lab", "ucum_atom"}:  # parts of LOINC and UCUM share the URI of the whole
            assert edition_on(info.uri, DAY) is edition_on(info.id, DAY)
    with pytest.raises(UnknownList, match="no list"):
        lookup("no-such-list", "1", DAY)
    with pytest.raises(UnknownList):
        translate("no-such-map", "1")


def test_a_moment_counts_as_its_day():
    assert lookup("visit_type", "16", datetime(2026, 8, 1, 0, 5, tzinfo=VIETNAM)).code == "16"
    assert lookup("visit_type", "16", datetime(2026, 7, 31, 23, 55, tzinfo=VIETNAM)) is None


@pytest.mark.law("BHYT-DATA-R14")
@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("01", date(2026, 7, 31), "yes"),
        ("11", date(2026, 7, 31), "no"),
        ("11", date(2026, 8, 1), "yes"),
        ("16", date(2026, 8, 1), "yes"),
        ("17", date(2026, 8, 1), "no"),
        ("99", date(2026, 8, 1), "no"),
        ("1", date(2026, 8, 1), "no"),
        ("00", date(2023, 1, 1), "unknown"),
    ],
)
def test_sixteen_visit_types_as_text(code, day, expected):
    assert is_member(lists.VISIT_TYPE, code, day) == expected


@pytest.mark.law("BHYT-DATA-R15")
@pytest.mark.parametrize(
    ("code", "parts", "member"),
    [
        ("K01", ("K01",), "yes"),
        ("K60", ("K60",), "yes"),
        ("K99", ("K99",), "yes"),
        ("K0809", ("K08", "K09"), "yes"),
        ("K02.D35", ("K02",), "yes"),
        ("K16.2", ("K16",), "yes"),
        ("k27", ("K27",), "yes"),
        ("K61", ("K61",), "unknown"),
        ("KHOA NOI", (), "unknown"),
        ("K1", (), "unknown"),
        ("", (), "unknown"),
        ("K02.D3", (), "unknown"),
        ("K02;K03", (), "unknown"),
    ],
)
def test_departments_are_judged_by_grammar(code, parts, member):
    assert department_parts(code) == parts
    assert is_member(lists.DEPARTMENT, code, date(2026, 8, 1)) == member


def test_the_department_list_has_the_61_rows_and_sub_codes():
    codes = {c.code for c in edition_on("department", DAY).all()}
    assert {f"K{n:02d}" for n in range(1, 61)} | {"K99"} <= codes
    assert len([c for c in codes if "." not in c]) == 61
    assert lookup("department", "K99", DAY).display == "Khoa điều trị bệnh truyền nhiễm nhóm A"
    assert lookup("department", "K99", date(2026, 7, 31)) is None


@pytest.mark.law("BHYT-DATA-R16")
def test_object_codes_are_text_in_the_order_that_decides():
    ranked = list(edition_on(lists.OBJECT, DAY).all())
    assert len(ranked) == 27
    assert [c.properties["rank"] for c in ranked] == [str(n) for n in range(1, 28)]
    assert ranked[0].code == "1.1"
    assert lookup("object", "1.10", DAY) is None  # not 1.1: text, never a number
    assert lookup("object", "1.1", DAY).code == "1.1"
    assert is_member("object", "1.10", DAY) is Membership.NO
    assert is_member("object", "1.10", date(2025, 12, 31)) is Membership.UNKNOWN  # transition
    assert is_member("object", "1.10", date(2025, 6, 30)) is Membership.YES
    assert lookup("fuel", "R954V1", DAY).properties["region"] == "1"


def test_services_with_suffixes():
    assert service_base("01.0009.0098_GT") == "01.0009.0098"
    assert service_base("01.0009.0098.K.01013") == "01.0009.0098"
    assert lookup("service", "01.0009.0098_TB", DAY).display == "Đặt catheter động mạch"
    assert [t.code for t in translate("service-icd9cm", "01.0115.0297")] == ["88.73"]
    assert translate("service-icd9cm", "01.0097.0111") == ()


def test_maps_point_to_codes_that_exist():
    icd9 = edition_on("icd9cm", DAY)
    techniques = edition_on("technique", DAY)
    for code in (c.code for c in edition_on("service", DAY).all()):
        assert all(techniques.find(t.code) for t in translate("service-technique", code))
        assert all(icd9.find(t.code) for t in translate("service-icd9cm", code))
    assert len(maps()) == 7


def test_people_and_medicines():
    assert lookup("ethnic", "01", DAY).display == "Kinh"
    assert lookup("country", "VNM", DAY).code == lookup("country", "704", DAY).code == "VN"
    assert lookup("drug", " vd-22154-15", DAY).properties["ingredient"] == "40.576"
    assert lookup("route", "1.01", DAY).display == "Uống"
    assert lookup("occupation", "22", DAY).parent == "2"
    assert [c.code for c in expand("ethnic", "hmong", DAY)] == [c.code for c in expand("ethnic", "hmông", DAY)]
