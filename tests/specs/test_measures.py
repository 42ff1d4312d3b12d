"""Every measure's file is whole, and one that is not refuses with file, key and rule."""

import re

import pytest

from yba.specs import measures as specs
from yba.specs.claims import SpecError

GOOD = (specs.FOLDER / "visits.toml").read_text("utf-8")
SQL = (specs.FOLDER / "visits.sql").read_text("utf-8")


def load(folder, toml=GOOD, sql=SQL):
    (folder / "m.toml").write_text(toml, "utf-8")
    if sql:
        (folder / "m.sql").write_text(sql, "utf-8")
    return specs.load(folder)


def test_every_measure_is_right():
    assert len(specs.measures()) >= 20
    for one in specs.measures().values():
        assert one.title.vi != one.title.en, one.name
        assert all(specs.code_list(name)[1] for name in one.lists), one.name
        assert one.theme, f"{one.name}: under which head of the page does it stand"


def test_no_code_is_on_a_list_twice_and_no_prefix_within_another():
    prefixes = [row[1] for row in specs.code_list("notifiable")[1]]
    assert [one for one in prefixes for other in prefixes if one != other and one.startswith(other)] == []
    for name in ("notifiable", "antibiotic"):
        keys = [row[:2] if name == "notifiable" else row[0] for row in specs.code_list(name)[1]]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("found", "put", "words"),
    [
        ('encounter = ["id", ', 'visits = ["id", ', r"m\.toml: reads\.visits: there is no such view"),
        ('encounter = ["id", ', 'encounter = ["nosuch", ', r"m\.toml: reads\.encounter: the view has no column nosuch"),
        ('kind = "count"', 'kind = "median"', r"m\.toml: kind: is one of count, share, mean, not 'median'"),
        ('kind = "count"', 'kind = "share"', r"m\.toml: denominator: a share and a mean have one"),
        ('semantics = "flow"', 'semantics = "net"', r"m\.toml: semantics: is one of flow, stock, cumulative"),
        ('owner = "Sở Y tế"', "", r"m\.toml: owner: is needed"),
        ('owner = "Sở Y tế"', 'owner = "Sở Y tế"\nowned = "x"', r"m\.toml: owned: is no key of a measure"),
        ('"week"', '"fortnight"', r"m\.toml: periods: is one of week"),
        (', "detail"]', "]", r"m\.toml: detail: says what the dimension detail is"),
        ("next_review = 2027-06-30", "next_review = 2020-01-01", r"m\.toml: next_review: comes after"),
        ("next_review = 2027-06-30", 'next_review = "soon"', r"m\.toml: next_review: is a day"),
        (" · Visits by kind", "", r"m\.toml: title: is written as Vietnamese · English"),
        ("kind = ", "kind ", r"m\.toml: .*line 2"),
        ('owner = "Sở Y tế"', 'owner = "Sở Y tế"\nlists = ["none"]', r"none\.csv: there is no such list"),
        ('owner = "Sở Y tế"', 'owner = "Sở Y tế"\nsource = ["claim"]', r"m\.toml: source: claim is not among"),
        ('owner = "Sở Y tế"', 'owner = "Sở Y tế"\nmissing = "a · b"', r"m\.toml: missing: a measure has SQL, or says"),
        ('theme = "activity"', 'theme = "leisure"', r"m\.toml: theme: is one of record, activity"),
        ('owner = "Sở Y tế"', 'owner = "Sở Y tế"\ndetail_of = "icd11"', r"m\.toml: detail_of: is one of icd10, facility, notifiable"),
        ("AMB = ", 'IMP2 = "Nội trú"\nAMB = ', r"m\.toml: details\.IMP2: is written as Vietnamese"),
        ("[reads]", "[steps.nosuch]\n[reads]", r"nosuch\.sql: there is no such step"),
        ("[reads]", '[steps.cascade]\nfirst = "I10"\n[reads]', r"m\.toml: steps\.cascade: gives first, last, as base/cascade\.sql asks"),
        ("[reads]", "[steps.cascade]\nfirst = \"I10\"\nlast = \"I15' OR ''='\"\n[reads]", r"m\.toml: steps\.cascade: gives codes"),
        ("[reads]", '[steps.cascade]\nfirst = "I10"\nlast = "I15"\n[reads]', r"m\.toml: reads: the SQL reads condition, medication_dispense, medication_req"),
    ],
)  # fmt: skip
def test_a_measure_that_is_not_right_refuses_with_file_and_key(tmp_path, found, put, words):
    assert found in GOOD
    with pytest.raises(SpecError, match=words):
        load(tmp_path, GOOD.replace(found, put, 1))


def test_sql_that_reads_what_is_not_named_refuses(tmp_path):
    with pytest.raises(SpecError, match=re.escape("m.toml: reads: the SQL reads claim, which is not named")):
        load(tmp_path, sql="SELECT * FROM visit JOIN claim c ON true")


def test_sql_that_nothing_describes_refuses(tmp_path):
    (tmp_path / "stray.sql").write_text("SELECT 1", "utf-8")
    with pytest.raises(SpecError, match=r"stray\.sql: no stray\.toml"):
        load(tmp_path)


def test_without_sql_a_measure_says_what_is_missing(tmp_path):
    with pytest.raises(SpecError, match=r"m\.toml: missing:"):
        load(tmp_path, sql="")


def test_a_step_shared_by_two_measures_is_one_text_with_each_ones_codes():
    (alive, one), (_, other) = (specs.measures()[name].steps for name in ("hypertension-cascade", "diabetes-cascade"))
    assert alive == specs.base("alive")
    assert one.replace("'I10'", "'E10'").replace("'I15'", "'E14'") == other
    assert "{" not in one
