"""Areas: the same code on two days, the way from the old tree to the new one, and its listed gaps."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba import directory
from yba.terminology import edition_on

EVE, REFORM, TODAY = date(2025, 6, 30), date(2025, 7, 1), date(2026, 11, 21)
OLD = [c.code for c in edition_on("commune", EVE).all()]
OLDER = [c.code for c in edition_on("commune", date(2024, 7, 1)).all()]
NEW = [c.code for c in edition_on("commune", REFORM).all()]


def test_the_trees_have_the_published_sizes():
    assert len(NEW) == 3_321
    assert len(OLD) == 10_051 + 10
    assert len(OLDER) == 10_595
    assert sum(len(directory.communes_of(p.code, TODAY)) for p in edition_on("province", TODAY).all()) == 3_321
    assert len(directory.communes_of("01", TODAY)) == 126


@pytest.mark.parametrize(
    ("code", "day", "name", "province"),
    [
        ("00004", EVE, "Phường Trúc Bạch", "01"),
        ("00004", REFORM, "Phường Ba Đình", "01"),
        ("06978", TODAY, "Xã Ba Chẽ", "22"),
        ("00001", EVE, "Phường Phúc Xá", "01"),
    ],
)
def test_a_code_means_what_it_meant_that_day(code, day, name, province):
    area = directory.commune(code, day)
    assert (area.name, area.province) == (name, province)


def test_a_code_of_the_old_tree_is_nothing_afterwards():
    assert directory.commune("00001", REFORM) is None
    assert directory.district("001", REFORM) is None
    assert directory.district("001", EVE).name == "Quận Ba Đình"
    assert directory.province("02", REFORM) is None
    assert directory.province_now("02").name == "Tỉnh Tuyên Quang"
    assert directory.province_now("82").code == "82"  # one boundary shift to Tây Ninh does not move a province


def test_every_old_commune_has_a_successor_but_the_listed_gaps():
    edition = edition_on("commune", EVE)
    gaps = {c.code for c in edition.all() if "gap" in c.properties}
    assert len(gaps) == 28
    assert {code for code in OLD if not directory.successors(code)} == gaps
    older = edition_on("commune", date(2024, 7, 1))
    assert {code for code in OLDER if not directory.successors(code)} == {c.code for c in older.all() if "gap" in c.properties}


def test_every_new_commune_comes_from_somewhere():
    reached = {s.area.code for code in OLD for s in directory.successors(code)}
    islands = {s.area.code for d in ("318", "471", "498", "536", "755") for s in directory.district_successors(d)}
    assert len(islands) == 5
    assert set(NEW) - reached == islands
    assert directory.district_successors("001") == ()


@given(st.sampled_from(OLD))
def test_successors_exist_and_whole_ones_come_first(code):
    found = directory.successors(code)
    assert all(directory.commune(s.area.code, REFORM) == s.area for s in found)
    whole = [s.relation == "whole" for s in found]
    assert whole == sorted(whole, reverse=True)


@given(st.sampled_from(OLD))
def test_an_old_address_is_followed_only_when_beyond_doubt(code):
    now = directory.commune_of(code, TODAY, written=EVE)
    found = directory.successors(code)
    if now is not None:
        assert now in [s.area for s in found]
    if len(found) == 1:
        assert now == found[0].area


@given(st.sampled_from(NEW))
def test_a_new_code_stays_what_it_is(code):
    assert directory.commune_of(code, TODAY) == directory.commune(code, TODAY)
    assert directory.commune_of(code, TODAY).tree == "2025-07-01"


def test_an_old_code_written_after_the_reform_is_still_understood():
    assert directory.commune_of("00001", TODAY) == directory.commune_of("00001", TODAY, written=EVE)
    assert directory.commune_of("00001", EVE).name == "Phường Phúc Xá"
    divided = next(code for code in OLD if len(directory.successors(code)) > 1 and all(s.relation == "part" for s in directory.successors(code)))
    assert directory.commune_of(divided, TODAY, written=EVE) is None


@pytest.mark.parametrize("code", ["", " ", "1", "99999", "0" * 500, "'; --", "district:318", "0000４"])
def test_hostile_codes_are_no_places(code):
    assert directory.commune(code, TODAY) is None
    assert directory.commune_of(code, TODAY) is None or code == "district:318"
    assert directory.province(code, TODAY) is None


def test_every_code_leads_where_it_leads_when_written_today():
    """All of the three trees, one by one; what was divided leads nowhere, but where its number is that of a commune of today."""
    now = directory.communes_now(TODAY)
    every = {*OLD, *OLDER, *NEW}
    assert dict(now) == {code: area.code for code in every if (area := directory.commune_of(code, TODAY))}
    assert {code: now[code] for code in NEW} == {code: code for code in NEW}
    divided = {code for code in OLD if directory.successors(code) and directory.commune_of(code, TODAY, written=EVE) is None}
    assert (len(divided - {*NEW}), len(divided & {*NEW})) == (264, 117)
    assert every - now.keys() == (divided - {*NEW}) | {code for code in {*OLD, *OLDER} - {*NEW} if not directory.successors(code)}


def test_a_code_that_means_two_places_is_named():
    """Codes of both trees whose people went elsewhere than to the commune that bears the number now: what was written then is read wrong now."""
    moved = {code for code in {*OLD} & {*NEW} if directory.commune_of(code, TODAY, written=EVE) not in {None, directory.commune(code, TODAY)}}
    assert len(moved) == 1
