"""The people of the province: plausible ages, numbers of the legal form, names of their peoples, households that hang together."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from yba.synth import conditions, places, tables
from yba.synth.dates import DAY, calendar, day_number, stamp, ymd
from yba.synth.faults_person import plain
from yba.synth.legacy_charsets import to_1258, to_tcvn3
from yba.synth.people import birth_text, household, weight_on

TODAY = day_number(date(2026, 10, 31))
SURNAMES_THAI_HMONG = {"Lò", "Quàng", "Lường", "Cà", "Tòng", "Vì", "Vàng", "Giàng", "Sùng", "Thào", "Mùa", "Lầu", "Hạng", "Hờ", "Cứ"}


@pytest.fixture(scope="module")
def net():
    return places.build(1, "11")


@pytest.fixture(scope="module")
def people(net):
    return [person for number in range(900) for person in household(1, number, net, TODAY)]


def test_citizen_numbers_have_province_sex_century_and_year(people):
    for person in people:
        if person.nationality == "000":
            year = calendar(person.birth // DAY).year
            assert re.fullmatch(r"\d{12}", person.citizen)
            assert person.citizen[:3] == "011"
            assert int(person.citizen[3]) % 2 == person.sex - 1
            assert (int(person.citizen[3]) // 2 + 19, int(person.citizen[4:6])) == (year // 100, year % 100)
        else:
            assert re.fullmatch(r"[A-Z]\d{7}", person.citizen)
    assert len({person.citizen for person in people}) > 0.999 * len(people)


def test_cards_have_the_form_of_the_law_and_follow_each_other(people):
    for person in people:
        for card, after in zip(person.cards, [*person.cards, None][1:], strict=True):
            assert re.fullmatch(r"[A-Z]{2}[1-5]11\d{10}", card.number)
            assert card.number.endswith(person.bhxh)
            assert card.start <= card.end
            assert after is None or after.start == card.end + 1
    assert 0.02 < sum(not person.cards for person in people) / len(people) < 0.12


def test_the_mix_of_ages_and_peoples_is_that_of_the_north_west(people):
    ages = Counter(conditions.band(max(0, person.age(TODAY))) for person in people)
    assert set(ages) == set(range(8))
    peoples = Counter(person.ethnic for person in people)
    assert peoples["03"] + peoples["08"] > 0.6 * len(people)
    assert 0 < peoples["55"] < 0.02 * len(people)
    assert sum(person.name.split()[0] in SURNAMES_THAI_HMONG for person in people) > 0.4 * len(people)
    assert any(" " not in person.name for person in people), "single-word names exist"


def test_children_are_younger_than_their_mothers_and_bear_the_fathers_name(people):
    children = [person for person in people if person.mother]
    assert len(children) > 200
    for child in children:
        assert child.birth > child.mother.birth + 17 * 365 * DAY
        if child.father and " " in child.name and " " in child.father.name and child.ethnic == child.father.ethnic:
            assert child.name.split()[0] == child.father.name.split()[0]


def test_a_household_is_a_pure_function(net):
    one, other = household(1, 17, net, TODAY), household(1, 17, places.build(1, "11"), TODAY)
    assert [person.name + person.citizen for person in one] == [person.name + person.citizen for person in other]


@pytest.mark.parametrize("province", ["11", "01", "79", "92", "24", "68"])
def test_every_province_builds(province):
    net = places.build(3, province)
    codes = [one.code for one in (*net.stations, *net.bases, *net.provincial)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[0-9]{5}", code) for code in codes)
    assert household(3, 1, net, TODAY)


def test_weights_grow(people):
    for person in people:
        kilos = float(weight_on(person, TODAY)) if person.birth // DAY < TODAY else 3
        assert 1 < kilos < 120


def test_every_condition_can_be_coded_and_treated_in_both_editions():
    old, new = tables.diagnoses()
    everything = [*conditions.acute(), *conditions.chronic(), *(one for one, _ in conditions.newborn()), *(one for one, _ in conditions.epidemics())]
    for one in everything:
        for edition, is_new in ((old, False), (new, True)):
            for pick in (0.0, 0.5, 0.99):
                assert edition[conditions.main_code(one.icd, pick, new=is_new)][1]
                assert edition[conditions.main_code(one.severe, pick, new=is_new)][1]
        assert all(medicine.products for medicine, _ in (*one.drugs, *one.kid))


@pytest.mark.parametrize("name", ["services", "medicines", "conditions", "epidemics", "names", "dirt"])
def test_every_spec_says_where_it_comes_from(name):
    told = tables.spec(name)
    assert {"source", "valid_from", "owner", "checked_by", "next_review"} <= told.keys()


@pytest.mark.parametrize(("day", "text"), [(date(1959, 3, 12), "19590312"), (date(2024, 2, 29), "20240229"), (date(2026, 12, 31), "20261231")])
def test_days_are_written_without_datetime(day, text):
    assert ymd(day_number(day)) == text
    assert stamp(day_number(day) * DAY + 61) == text + "0101"
    assert calendar(day_number(day)) == day


def test_old_character_sets_are_what_old_readers_read():
    text = "Điện Biên: Lò Thị Nguyệt, Quàng Văn Hưởng, sốt xuất huyết"
    from_1258 = to_1258(text).decode("cp1258")
    assert plain(from_1258) == plain(text)
    assert to_tcvn3("ộ") == b"\xe9"
    assert len(to_tcvn3(text)) == len(text)


def test_a_birth_hour_is_known_only_where_it_is(people):
    assert {birth_text(person)[8:] == "0000" for person in people} == {True, False}
