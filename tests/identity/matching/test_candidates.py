"""Whom a description may belong to: found online, with the weight the pair has everywhere."""

from uuid import UUID

from yba.identity import matching
from yba.identity.matching import Asked, Description, candidates, choose, features, forget, remember
from yba.kit import Actor, Grant
from yba.kit.db import unit_of_work, widen
from yba.kit.reach import Lock

MODEL = matching.load("2026.2")
LAN = Description(name="Nguyễn Thị Lan", birth="1980-03-12", sex="female", citizen="001180012345", phone="0912345671", commune="00004")
ONE, TWO = UUID(int=1), UUID(int=2)


def _row(**changed):
    return features(Description(**({name: getattr(LAN, name) for name in Description.__slots__} | changed)))


def test_a_second_paper_finds_its_person(conn):
    remember(conn, MODEL, [(ONE, _row())])
    [found] = candidates(conn, MODEL, [Asked(_row(name="NGUYEN THI LAN", citizen="", phone=""))])
    assert [(one.person_id, one.zone) for one in found] == [(ONE, "link")]
    explained = MODEL.explain(_row(name="NGUYEN THI LAN", citizen="", phone=""), _row())
    assert (explained.weight, explained.zone) == (found[0].weight, "link")
    assert explained.prior + sum(part.weight for part in explained.parts) == explained.weight
    assert choose(MODEL, found).zone == "link"


def test_another_human_is_not_found(conn):
    remember(conn, MODEL, [(ONE, _row())])
    assert candidates(conn, MODEL, [Asked(_row(name="Trần Văn Hùng", birth="1955", sex="male", citizen="", phone="", commune=""))]) == [[]]


def test_earlier_descriptions_of_the_batch_are_found(conn):
    first, second, third = candidates(conn, MODEL, [Asked(_row()), Asked(_row(phone="")), Asked(_row(citizen=""), but=ONE)])
    assert (first, [one.earlier for one in second], [one.earlier for one in third]) == ([], [0], [0, 1])


def test_a_common_name_is_left_to_finer_blocks_and_found_there(conn):
    """Forty people of one name and birth year: too many to look at, but the birth day tells, and the commune where a paper has no day."""
    crowd = [(UUID(int=100 + at), _row(birth=f"1980-{1 + at % 12:02d}-{1 + at // 12:02d}", citizen="", phone="", commune="")) for at in range(40)]
    there = (ONE, _row(birth="1980", citizen="", phone="", commune="00004"))
    remember(conn, MODEL, [*crowd, there])
    told = _row(birth="1980-05-03", citizen="", phone="", commune="")
    same_day, same_commune = candidates(conn, MODEL, [Asked(told), Asked(_row(birth="1980", citizen="", phone=""))])
    assert {one.person_id for one in same_day} == {person for person, row in crowd if row.born == told.born}
    assert [one.person_id for one in same_commune if one.person_id] == [ONE]


def test_two_of_equal_weight_are_for_a_clerk(conn):
    remember(conn, MODEL, [(ONE, _row(citizen="", phone="")), (TWO, _row(citizen="", phone=""))])
    [found] = candidates(conn, MODEL, [Asked(_row(citizen="", phone=""))])
    assert [one.zone for one in found] == ["link", "link"]
    assert choose(MODEL, found).zone == "review"


def test_remembering_twice_is_remembering_once_and_forgetting_is_whole(conn):
    remember(conn, MODEL, [(ONE, _row()), (ONE, _row())])
    remember(conn, MODEL, [(ONE, _row())])
    assert len(forget(conn, MODEL, [ONE])) == 1
    assert conn.execute("SELECT count(*) FROM match_row").fetchone() == (0,)
    assert conn.execute("SELECT count(*) FROM match_block").fetchone() == (0,)


def test_a_key_is_within_reach_where_its_description_is(conn):
    """A key says nothing of whose it is: its row does, and the row's own policy."""
    remember(conn, MODEL, [(ONE, _row()), (TWO, _row(citizen="", phone="0912000111"))])
    clerk = Actor.user(UUID(int=9), [Grant("record-clerk", frozenset({"11001"}))], purpose="administration")
    with unit_of_work(by=clerk) as mine:
        for persons, rows in (((), 0), ((ONE,), 1), ((ONE, TWO), 2)):
            widen(mine, Lock("bound", persons=frozenset(persons)), by=clerk)
            assert len(mine.execute("SELECT DISTINCT row_id FROM match_block").fetchall()) == rows
            assert mine.execute("SELECT count(*) FROM match_row").fetchone() == (rows,)
        [found] = candidates(mine, MODEL, [Asked(_row())])
        assert {one.person_id for one in found} <= {ONE, TWO}
    with unit_of_work(by=clerk) as mine:
        assert mine.execute("DELETE FROM match_block").rowcount == 0
