"""Merging, splitting and undoing with clinical data, in the real database: nothing is lost, nothing is doubled, everything comes back."""

from uuid import UUID

import orjson
import pytest

from tests.ingest.builder import file_of, tables
from tests.record.world import OPERATOR, export, merge, people, snapshot, split, take, undo
from yba import identity, ingest, record
from yba.kit.db import reading

ONE = {"MA_BN": "A1", "SO_CCCD": "011159000001", "MA_THE_BHYT": None}
TWO = {"MA_BN": "B2", "SO_CCCD": None, "MA_THE_BHYT": "HT2110123456780", "MA_CSKCB": "11002"}


@pytest.fixture
def two(database):
    """Two people who are one, known at two hospitals, a visit each."""
    take(tables("25.000001", **ONE))
    take(tables("25.000002", **TWO))
    found = people()
    assert len(found) == 2
    return found


def ids_of(person):
    with reading(by=OPERATOR) as conn:
        return {(one.rtype, one.id) for one in record.of_person(conn, by=OPERATOR, person_id=person)}


def test_a_merge_takes_everything_along(two):
    keep, drop = two
    ours, theirs = ids_of(keep), ids_of(drop)
    done = merge(keep, drop)
    assert ids_of(keep) == ours | theirs
    assert ids_of(drop) == set()
    assert done.resources == len(theirs)


def test_merge_then_split_is_as_before(two):
    keep, drop = two
    before = snapshot()
    merge(keep, drop)
    assert snapshot() != before
    with reading(by=OPERATOR) as conn:
        sources = next(one for one in identity.acts_of(conn, by=OPERATOR, person_id=keep)).sources
    done = split(keep, sources)
    assert done.taker == drop
    assert snapshot() == before


def test_undo_is_as_before(two):
    keep, drop = two
    before = snapshot()
    done = merge(keep, drop)
    undo(done.act)
    assert snapshot() == before
