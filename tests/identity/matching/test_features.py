"""What a description becomes: names as people write them, births by precision, numbers whatever column they stand in."""

# ruff: noqa: S608  # names of columns and made-up values

import re
from itertools import islice

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.identity.matching import Description, Features, batch, features
from yba.identity.matching.features import birth_columns, name_columns, numbers, phone_column, place_columns
from yba.specs.identity.matching import matching_set
from yba.synth import dirty
from yba.synth.faults_person import plain


@pytest.mark.parametrize(
    ("written", "name", "given"),
    [
        ("NGUYỄN THỊ LAN", "nguyen thi lan", "lan"),
        ("  nguyễn   thị  lan ", "nguyen thi lan", "lan"),
        ("Nguyeenx Thij Hoaf", "nguyen thi hoa", "hoa"),  # the keyboard was off
        ("Đặng Ðức Anh", "dang duc anh", "anh"),  # the second is an eth
        ("Hoàng", "hoang", "hoang"),
        ("K' Brể", "k bre", "bre"),
        ("H’Hen Niê", "h hen nie", "nie"),
        ("Lý Thị Mỹ", "li thi mi", "mi"),
        ("Lí Thị Mĩ", "li thi mi", "mi"),
        ("Yến", "yen", "yen"),
        ("<script>alert(1)</script>Trần Văn Ba", "alert tran van ba", "ba"),
        ("Trần Văn Ba'; DROP TABLE person; --", "tran van ba drop table person", "person"),
        ("con bà Hoa", "", ""),
        ("Vô danh", "", ""),
        ("Võ Danh Sơn", "vo danh son", "son"),  # no stranger
        ("Châu Bá Phước", "chau ba phuoc", "phuoc"),  # no newborn
        ("trẻ sơ sinh", "", ""),
        ("không rõ", "", ""),
        ("???", "", ""),
        ("", "", ""),
        ("N" * 5000, "n" * 80, "n" * 80),
    ],
)
def test_names(written, name, given):
    found = name_columns(written)
    assert (found.name, found.given) == (name, given)


def test_the_place_of_the_tone_and_the_form_of_unicode_do_not_count():
    assert name_columns("Hoà") == name_columns("Hòa") == name_columns("Ho\u0300a")
    assert name_columns("Hòa").marked != name_columns("Hóa").marked


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("1959", (1959, None, None, "", "")),
        ("19590000", (1959, None, None, "", "")),
        ("1959-03", (1959, 3, None, "", "")),
        ("195903121030", (1959, 3, 12, "0312", "19590312")),
        ("12/03/1959", (1959, 3, 12, "0312", "19590312")),
        ("1959-25-03", (1959, 3, 25, "0325", "19590325")),  # only one of the two can be a month
        ("1959-12-03", (1959, 12, 3, "0312", "19591203")),
        ("0059-01-01", (None, None, None, "", "")),
        ("hôm qua", (None, None, None, "", "")),
    ],
)
def test_births(written, found):
    assert birth_columns(written) == found


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("+84 912 345 671", "0912345671"),
        ("912.345.671", "0912345671"),
        ("0169 123 4561", "0391234561"),
        ("0120 1234561", "0701234561"),
        ("12345", ""),
        ("0000000000", ""),
    ],
)
def test_phones(written, phone):
    assert phone_column(written) == phone


def test_numbers_are_what_they_look_like():
    assert numbers("123456780", "", "GD4011234567890") == ("", "123456780", "1234567890")
    assert numbers("", "", "001080012345") == ("001080012345", "", "")  # the insurer is moving to the personal number
    assert numbers("000000000000", "", "") == ("", "", "")


def test_an_unknown_commune_is_compared_as_it_stands():
    assert place_columns("00004") == ("00004", "01")
    assert place_columns("xã Nà Tấu") == ("xa na tau", "")


names = st.lists(st.sampled_from("Nguyễn Trần Đặng Thị Văn Hữu Lan Hoà Quý Thuỷ Yến Ksor Mỹ Đức Ngọc".split()), min_size=1, max_size=5).map(" ".join)


@given(names)
def test_losing_the_marks_loses_only_the_marks(name):
    with_marks, without = name_columns(name), name_columns(plain(name))
    assert (without.name, without.front, without.given, without.bag) == (with_marks.name, with_marks.front, with_marks.given, with_marks.bag)
    assert without.marked == ""
    assert all(column.isascii() for column in with_marks)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_anything_typed_becomes_short_ascii(name, birth, phone, number):
    row = features(Description(name, birth, "x", number, number, number, phone, "1", name, name))
    assert all(value is None or isinstance(value, int) or (value.isascii() and len(value) <= 200) for value in row[:-3])


@given(
    st.one_of(
        st.from_regex(r"[0-9]{12}", fullmatch=True),
        st.from_regex(r"0[0-9]{9}", fullmatch=True),
        st.sampled_from(["1" * 12, "0912345678", "000123456789"]),
    )
)
def test_numbers_the_batch_passes_by_are_in_the_normal_form(text):
    """The conditions of `GROUPS` let the batch skip Python: they may only hold where Python would change nothing."""
    with duckdb.connect() as engine:
        for group in batch.GROUPS:
            if group.as_is:
                said = dict.fromkeys(group.texts, "") | {group.texts[0]: text}
                columns = ", ".join(f"'{value}' AS {name}" for name, value in said.items())
                if engine.execute(f"SELECT {group.as_is} FROM (SELECT {columns})").fetchone() == (True,):
                    assert group.function(*said.values()) == tuple(said[column] for column in group.columns)


def test_the_batch_makes_the_same_features():
    rows = list(dirty.residents(4, 300))
    rows += [row for row, _ in dirty.copies(4, rows, share=1.0)]
    said = [Description(row.name, row.birth, row.sex, row.citizen, phone=row.phone, commune=row.commune) for row in rows]
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE said (number INT, {', '.join(f'{text} VARCHAR' for text in batch.TEXTS)})")
        marks = ", ".join("?" for _ in range(1 + len(batch.TEXTS)))
        for number, one in enumerate(said):
            engine.execute(f"INSERT INTO said VALUES ({marks})", [number, *(getattr(one, text) for text in batch.TEXTS)])
        batch.normalise(engine, matching_set("people"), "said", "feature")
        found = engine.execute("SELECT * EXCLUDE (number) FROM feature ORDER BY number").fetchall()
    assert [Features(*row) for row in found] == [features(one) for one in said]


def test_the_generator_keeps_its_rates():
    rows = list(dirty.residents(9, 6000))
    found = [(row, done) for row, done in dirty.copies(9, rows, share=1.0)]
    shares = dirty.rates()["copies"]
    for kind in ("lost_number", "lost_marks", "other_given", "year_only", "other_commune", "lost_phone"):
        share = sum(kind in done for _, done in found) / len(found)
        assert abs(share - shares[kind]) < 0.03, (kind, share)
    assert len(rows) == 6000
    assert not any(re.search(r"\d", row.name) for row in rows)
    assert list(islice(dirty.residents(9, 6000), 5)) == rows[:5], "the same seed, the same people"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Nguyeexn Thij Hajnh", "Nguyễn Thị Hạnh"), ("Phaamj Quoosc Dduwsc", "Phậm Quốc Đức"), ("Traafn Vawn Thijnh", "Trần Văn Thịnh")],
)
def test_a_tone_typed_inside_a_word_is_read(typed, meant):
    assert name_columns(typed) == name_columns(meant)


@pytest.mark.parametrize("plain", ["misa", "bert", "bern", "mark", "marx", "ernst", "ksor", "paris", "nguyen", "quoc", "hoang", "xuan", "kasim"])
def test_a_plain_name_is_not_taken_for_typing(plain):
    assert name_columns(f"Tran {plain}").name == f"tran {plain}"
