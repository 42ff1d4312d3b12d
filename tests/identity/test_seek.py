"""The search box: anything finds, nothing more is shown than who, age, commune and whether the place knows them; and no table is read through."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.identity.people import facts
from yba import access, identity
from yba.access import Denied, Right
from yba.identity import matching, store_seek
from yba.identity.seeking import _asked
from yba.kit import Actor, Grant, Invalid, NotFound, clock
from yba.kit.db import unit_of_work
from yba.kit.settings import LIKENESS
from yba.specs.identity import matching as specs

STATION, COMMUNE = "11001", "03127"
NURSE = Actor.user(UUID(int=5), [Grant("station-nurse", frozenset({STATION}), areas=frozenset({COMMUNE}))], purpose="treatment")
MAN = {
    "name": "Nguyễn Văn Hùng",
    "birth": "1959-03-12",
    "sex": "male",
    "citizen_number": "001059000001",
    "phone": "0983417265",
    "commune": COMMUNE,
    "province": "11",
}
WOMAN = {"name": "Trần Thị Hương", "birth": "1970", "sex": "female", "citizen_number": "001170000002", "insurance_numbers": ("0123456789",)}
CHILD = {"name": "Lê Hưng", "birth": "2020-05-01", "sex": "male"}


@pytest.fixture
def people(conn, operator):
    """Three people, the first known at the own station."""
    with LIKENESS.set_to("off"):
        said = [facts(STATION, "A1", **MAN), facts("11002", "B1", sequence=2, **WOMAN), facts("11002", "B2", sequence=3, **CHILD)]
        return [one.person_id for one in identity.resolve_many(conn, by=operator, facts=said)]


def found(text, by=NURSE, **more):
    with unit_of_work(by=by) as mine:
        return identity.seek(mine, by=by, text=text, **more)


@pytest.mark.parametrize(
    ("text", "who", "why"),
    [
        ("001059000001", 0, "number"),
        ("001 059 000 001", 0, "number"),
        ("0123456789", 1, "number"),
        ("DN4010123456789", 1, "number"),
        ("A1", 0, "number"),
        ("0983 417 265", 0, "phone"),
        ("+84983417265", 0, "phone"),
        ("001059000001||Nguyễn Văn Hùng|12031959|Nam|Xã A|01012022", 0, "number"),
        ("nguyen van hung", 0, "name"),
        ("Hùng", 0, "name"),
        ("ng v hung", 0, "name"),
        ("hung nguyen", 0, "name"),
        ("trần thị h", 1, "name"),
        ("HUONG", 1, "name"),
    ],
)
def test_anything_finds(people, text, who, why):
    assert next((one.person_id, one.why) for one in found(text)) == (people[who], why)


def test_own_people_come_first_and_tones_decide_among_others(people):
    assert [one.person_id for one in found("hung")] == [people[0], people[2]]
    assert [one.own for one in found("hung")] == [True, False]
    assert [one.name for one in found("Hưng")] == ["Nguyễn Văn Hùng", "Lê Hưng"]
    elsewhere = Actor.user(UUID(int=6), [Grant("doctor", frozenset({"99999"}))], purpose="treatment")
    assert next(one.name for one in found("Hưng", by=elsewhere)) == "Lê Hưng"


def test_nothing_more_is_shown_than_who_age_and_commune(people):
    with clock.frozen("2026-11-22T08:00"):
        (one,) = found("001059000001")
    assert (one.name, one.birth, one.age, one.sex, one.own) == ("Nguyễn Văn Hùng", "1959-03-12", 67, "male", True)
    assert one.commune
    assert one._fields == ("person_id", "name", "birth", "age", "sex", "commune", "own", "why")


@pytest.mark.parametrize("text", ["", " ", "x", "a b", "%%%", "' OR 1=1 --", "\\", "000000000000", "🙂" * 500, "_" * 2000])
def test_what_means_nothing_finds_nothing(people, text):
    assert found(text) == []


def test_a_broken_qr_text_says_so(people):
    with pytest.raises(Invalid):
        found("12|x|y")


def test_the_look_up_leaves_its_line_without_what_was_typed(people, conn):
    found("Nguyễn Văn")
    (row,) = conn.execute("SELECT detail::text, about_id FROM audit_event WHERE tag = 'identity:person:find' ORDER BY id DESC LIMIT 1").fetchall()
    assert "Nguy" not in row[0]
    assert '"found"' in row[0]


def test_without_the_right_nobody_is_looked_up(people):
    with pytest.raises(Denied):
        found("hung", by=Actor.user(UUID(int=7), [Grant("provincial-manager", areas=frozenset({"*"}))], purpose="administration"))
    clerk = Actor.user(UUID(int=8), [Grant("record-clerk", frozenset({"11002"}))], purpose="administration")
    assert found("001059000001", by=clerk) == []
    assert [one.name for one in found("0123456789", by=clerk)] == ["Trần Thị Hương"]


def test_every_set_of_comparisons_has_the_key_by_which_phones_are_found():
    for name in specs.releases():
        model = matching.load(name)
        key = model.key_alone("phone", "0983417265")
        row = matching.features(matching.Description(name="Nguyễn Văn Hùng", phone="0983417265"))
        assert key in {each.key for each in model.keys(row)}
        with pytest.raises(NotFound):
            model.key_alone("address", "x")


def test_no_table_is_read_through(conn):
    """At 30,000 people, as the app role under row security, with the commune and facility of the one who asks."""
    conn.execute(FILL)
    conn.execute("INSERT INTO match_block (key, row_id) SELECT id % 20000, id FROM match_row")
    conn.execute("ANALYZE match_row, match_block, person_source, identifier_owner")
    # What holds nothing is read through whenever autovacuum has told PostgreSQL so: no page is touched.
    empty = [f" on {name} " for (name,) in conn.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages = 0")]
    with unit_of_work(by=NURSE) as mine:
        seen = access.predicate(mine, by=NURSE, right=Right.IDENTITY_PERSON_FIND, columns=store_seek.PERSON)
        for text in ("nguyen van hung", "hung", "anh", "001059000001", "0983417265", "HN-7"):
            plan = [row[0] for row in mine.execute(*explained(_asked(text, NURSE, ()), seen))]
            assert not [line for line in plan if "Seq Scan" in line and not any(name in line for name in empty)], "\n".join((text, *plan))


def explained(asked, seen):
    """The statement of the search box behind EXPLAIN."""
    statements = []

    class Spy:
        def execute(self, text, given):
            statements.append((text, given))
            return self

        def fetchall(self):
            return []

    store_seek.seek(Spy(), asked, seen, 20)
    ((text, given),) = statements
    return "EXPLAIN " + text.as_string(None), given


FILL = """
WITH n AS (SELECT i, md5(i::text)::uuid AS id, (ARRAY['hung','huong','anh','lan','minh','thao','tuan','duc'])[1 + i % 8] AS given,
                  (ARRAY['nguyen','tran','le','pham'])[1 + i % 4] AS family FROM generate_series(1, 30000) i),
     p AS (INSERT INTO person (id) SELECT id FROM n),
     s AS (INSERT INTO person_source (facility, local_id, variant, person_id, patient_id, sent, kept, seen_at, sequence)
           SELECT CASE WHEN i % 50 = 0 THEN '11001' ELSE '11002' END, 'HN-' || i, 1, id, id, '{"name": "x"}', '{}', now(), i FROM n),
     o AS (INSERT INTO identifier_owner (type, value, person_id, sequence, claimed) SELECT 'SDDCN', lpad(i::text, 12, '0'), id, i, false FROM n)
INSERT INTO match_row (person_id, digest, name, marked, front, front_marked, family, given, bag, year, days, born, sex, citizen, old, insurance, phone,
                       commune, province, address, mother)
SELECT id, i, family || ' van ' || given, '', family || ' van', '', family, given, '', 1950 + i % 60, '', '', 'male', '', '', '', '09' || lpad(i::text, 8, '0'),
       lpad((i % 100)::text, 5, '0'), '11', '', '' FROM n
"""
