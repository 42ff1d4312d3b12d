"""ICD-10: which edition on which day, every spelling of a code, and what each edition rules about it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.terminology import Membership, edition_on, expand, icd10, is_member, lists, lookup, subsumes

OLD, NEW = date(2026, 6, 30), date(2026, 7, 1)
ALL_NEW = [c.code for c in edition_on("icd10", NEW).all() if not c.abstract]
ALL_OLD = [c.code for c in edition_on("icd10", OLD).all() if not c.abstract]


@pytest.mark.law("BHYT-DATA-R20")
def test_the_list_of_2026_has_the_published_totals():
    codes = [icd10.entry(code, NEW) for code in ALL_NEW]
    assert len(codes) == 15_844
    assert [len(c.code.replace(".", "")) for c in codes].count(3) == 2_090
    assert [len(c.code.replace(".", "")) for c in codes].count(5) == 3_531
    assert sum(c.marker == "†" for c in codes) == 111
    assert sum(c.marker == "*" for c in codes) == 807
    assert sum(c.never_main for c in codes) == 2_427
    assert sum(c.discouraged_main for c in codes) == 221
    assert sum(c.unusable for c in codes) == 2_119
    assert sum(c.death_only for c in codes) == 12
    assert all(c.display for c in codes)


@pytest.mark.law("BHYT-DATA-R20")
@pytest.mark.parametrize(
    ("code", "before", "after"),
    [("A90", Membership.YES, Membership.NO), ("J18.9", Membership.YES, Membership.YES), ("A97.0", Membership.NO, Membership.YES)],
)
def test_the_day_a_visit_ended_decides_the_edition(code, before, after):
    if code == "A97.0":
        code = next(c for c in ALL_NEW if c not in set(ALL_OLD))
    assert is_member("icd10", code, OLD) is before
    assert is_member("icd10", code, NEW) is after


def test_before_the_decision_of_2020_a_miss_is_not_wrong():
    assert is_member("icd10", "Z99.99", date(2020, 10, 27)) is Membership.UNKNOWN
    assert is_member("icd10", "Z99.99", date(2020, 10, 28)) is Membership.NO
    assert is_member("icd10", "J18.9", date(2017, 1, 1)) is Membership.YES


@given(
    st.sampled_from(ALL_NEW),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "†", "*", "+", " †", "(*)", " (†)"]),
    st.sampled_from(["", " ", "\t"]),
)
def test_every_spelling_leads_to_the_same_code(code, dot, small, marker, blank):
    spelled = code if dot else code.replace(".", "")
    spelled = blank + (spelled.lower() if small else spelled) + marker + blank
    assert icd10.normalise(spelled) == code
    found = lookup("icd10", spelled, NEW)
    assert found is not None
    assert found.code == code


@given(st.text(max_size=12))
def test_normalising_twice_changes_nothing_and_never_invents_a_code(text):
    once = icd10.normalise(text)
    assert icd10.normalise(once) == once
    if once:
        assert once[0] in text.upper()


HOSTILE = [
    "",
    " ",
    "\0",
    "J18.9\0",
    "J18.9\tx",
    "J18.9\n",
    "X" * 100_000,
    "J18'; DROP TABLE x",
    "Ｊ18.9",
    "J١٨.9",
    "I",
    "X",
    "J09-J18",
    "A9O",
    "U13/9",
    "J18.9;J20",
]


@pytest.mark.parametrize("code", HOSTILE)
@pytest.mark.parametrize("day", [OLD, NEW])
def test_hostile_codes_are_no_members(code, day):
    expected = Membership.YES if code == "J18.9\n" else Membership.NO  # outer blanks are the writer's slip, not another code
    assert is_member("icd10", code, day) is expected


def test_made_up_codes_do_not_fill_the_memory():
    edition = edition_on("icd10", NEW)
    before = len(edition._concepts)
    for number in range(1000):
        lookup("icd10", f"Q{number}XX", NEW)
    assert len(edition._concepts) == before


@pytest.mark.parametrize("day", [OLD, NEW])
def test_every_code_stands_under_a_block_and_a_chapter_that_exist(day):
    edition = edition_on("icd10", day)
    for code in ALL_OLD if day == OLD else ALL_NEW:
        entry = icd10.entry(code, day)
        assert edition.subsumes(entry.chapter, code), code
        parent = edition.find(edition.find(code).parent)
        assert parent is not None, code


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("J18", "J18.9", True),
        ("J09-J18", "J189", True),
        ("X", "J18.9", True),
        ("IX", "J18.9", False),
        ("J18.9", "J18", False),
        ("C15-C26", "C16.9", True),
        ("C00-C75", "C16.9", True),
        ("C00-C97", "C16.9", True),
        ("J18.9", "J18.9", True),
        ("nonsense", "J18.9", False),
        ("J18", "nonsense", False),
    ],
)
def test_subsumption_goes_up_to_the_chapter(above, below, expected):
    assert subsumes("icd10", above, below, NEW) is expected


def test_edits_of_2020():
    assert icd10.entry("B95.0", OLD).never_main
    assert icd10.entry("O80.0", OLD).sex == "female"
    assert icd10.entry("N40", OLD).sex == "male"
    assert {rule.text_vi.split(" (")[0] for rule in icd10.entry("P22.0", OLD).ages} == {"Bệnh trẻ sơ sinh"}
    ages = icd10.entry("P22.0", OLD).ages[0]
    assert (ages.unit, ages.least, ages.most) == ("day", 0, 365)


def test_dagger_and_asterisk():
    assert icd10.asterisks_of("A010") == ("G01", *icd10.asterisks_of("A01.0")[1:])
    assert "I39.0" in icd10.asterisks_of("A01.0†")
    for dagger in ("A17.0", "E14.3"):
        for star in icd10.asterisks_of(dagger):
            assert icd10.entry(star, OLD) is not None


def test_a_dropped_code_has_no_invented_successor():
    assert icd10.successor("J18.9") == "J18.9"
    assert icd10.successor("A90") == ""
    gone = [code for code in ALL_OLD if "." in code and len(code) <= 5 and code not in set(ALL_NEW)]
    assert all(icd10.successor(code) == "" for code in gone)


def test_search_with_and_without_tones():
    plain = [c.code for c in expand("icd10", "viem phoi", NEW, 40)]
    toned = [c.code for c in expand("icd10", "viêm phổi", NEW, 40)]
    assert "J18.9" in plain
    assert set(plain) & set(toned)
    assert expand("icd10", "J18.9", NEW)[0].code == "J18.9"
    assert expand("icd10", "j189", NEW)[0].code == "J18.9"
    assert expand("icd10", "pneumonia unspecified", NEW)[0].code == "J18.9"
    assert expand("icd10", "", NEW) == expand("icd10", "zzzz", NEW) == expand("icd10", "viem", NEW, 0) == []


@given(st.dates(date(2020, 10, 28), date(2040, 1, 1)))
def test_exactly_one_edition_is_in_force_each_day(day):
    edition = edition_on(lists.ICD10, day)
    assert edition.info.id == ("qd4469-2020" if day < NEW else "tt06-2026")
    assert edition_on(lists.ICD10, day + timedelta(days=0)) is edition
