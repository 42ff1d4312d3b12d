"""Codes as a desk looks for them: beginnings of words, tones or none, codes, what the place uses first."""

from __future__ import annotations

from datetime import date

import pytest

from yba import terminology
from yba.terminology import find

ON = date(2026, 11, 22)


def codes(list_id, words, **more):
    return [one.code for one in find(list_id, words, on=ON, **more)]


@pytest.mark.parametrize(
    ("list_id", "words", "code"),
    [
        ("icd10", "tăng huyết áp", "I10"),
        ("icd10", "tang huyet ap vo can", "I10"),
        ("icd10", "huyet ap tang", "I10"),
        ("icd10", "i10", "I10"),
        ("icd10", "E119", "E11.9"),
        ("icd10", "đái tháo đường típ 2 không", "E11.9"),
        ("icd10", "viem hong cap", "J02.9"),
        ("service", "siêu âm ổ bụng", "02.0314.0001"),
        ("ingredient", "amlo", "40.491"),
    ],
)
def test_what_is_meant_is_among_the_first(list_id, words, code):
    assert code in codes(list_id, words, limit=8)


def test_tones_decide_and_are_not_needed():
    with_tones, without = codes("icd10", "bỏng"), codes("icd10", "bong")
    assert with_tones[0] in codes("icd10", "bong", limit=400)
    assert set(without) != set(with_tones)
    assert all("bỏng" in terminology.lookup("icd10", code, ON).display.lower() for code in with_tones[:5])


def test_what_the_place_uses_comes_first():
    assert (
        codes("icd10", "viem", favourites=["J06.9", "K29.7"])[:2] == ["J06.9", "K29.7"] or codes("icd10", "viem", favourites=["K29.7"])[0] == "K29.7"
    )
    assert codes("icd10", "", favourites=["J06.9", "I10", "no-such"]) == ["J06.9", "I10"]
    assert codes("icd10", "J06", favourites=["I10"])[0].startswith("J06")


def test_groups_and_unusable_codes_are_never_offered():
    found = find("icd10", "đái tháo đường", on=ON, limit=200)
    assert found
    assert not [one for one in found if one.abstract or one.properties.get("unusable")]


@pytest.mark.parametrize("words", ["", " ", "%", "…", "\x00", "x" * 5000, "()[]", "'"])
def test_what_means_nothing_finds_nothing(words):
    assert codes("icd10", words) == []


def test_the_edition_of_the_day_is_searched():
    assert {one.edition for one in find("icd10", "tả", on=date(2025, 1, 1))} != {one.edition for one in find("icd10", "tả", on=ON)}
