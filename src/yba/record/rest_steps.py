"""Steps that every write by resource shares: the version asked for, new rows, what became of a deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.kit.errors import Conflict

from . import store
from .lines import columns_of
from .model import NOBODY
from .rest_model import Saved, VersionConflict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from .model import Put, Ref
    from .rest_model import Write
    from .store.write import Current

_FEW: Final = 200  # rows above which COPY is quicker than one statement with arrays


def check_version(write: Write, over: Current | None) -> None:
    """Raise VersionConflict where the write asks for another version than the one that stands."""
    standing, ref = over is not None and not over.deleted, (write.rtype, str(write.id))
    if write.if_match is not None and (over is None or not standing or (write.if_match and over.version != write.if_match)):
        raise VersionConflict.of(ref, "Phiên bản hiện hành không phải là phiên bản bạn sửa.", "The version named is not the current one.")
    if write.only_if_new and standing:
        raise VersionConflict.of(ref, "Tài nguyên này đã có.", "It exists already.")


def keep_home(conn: Connection[Any], put: Put, over: Current | None, patients: Sequence[str]) -> None:
    """Leave a resource in the record of the person it has always been about, in whatever order it names people now. Raises Conflict where it leaves.

    Its earlier versions are read with the record it stands in (a merge or split takes them along): overwritten with another human's, a
    result would show the first one's to everybody who reads the second.
    """
    if over is None or over.person_id in {put.person_id, NOBODY}:
        return
    if over.person_id not in (put.also or ()):
        raise Conflict(
            "Mục này thuộc hồ sơ của một người khác, không chuyển được: hãy đánh dấu entered-in-error (hoặc xóa) và ghi mục mới.",
            advice="It stands in another person's record and stays there: mark it entered-in-error, or delete it, and write a new one.",
        )
    whose = store.rest.people_of(conn, patients)
    put.also = tuple(one for one in (put.person_id, *(put.also or ())) if one != over.person_id)
    put.person_id, put.source_id = over.person_id, next(columns_of(one)[0] for one in patients if whose[one] == over.person_id)


def insert(conn: Connection[Any], new: Sequence[Put], moment: datetime, *, sure: bool) -> None:
    """Write new resources: few of them in one statement, many by COPY. Raises Conflict for an id somebody else has taken.

    ``sure``: nobody can have the ids but by a race, which is a UniqueViolation; then it waits for the unit's next statement.
    """
    if len(new) > _FEW:
        store.insert(conn, new, moment)
        store.rest.index_rows(conn, new, over=False)
    elif new and not store.rest.insert_few(conn, new, moment, sure=sure):
        raise taken()


def taken() -> Conflict:
    """The refusal of an id that is somebody's out of reach: whose and what is not said."""
    return Conflict("Mã này không dùng được.", advice="This id cannot be used: choose another one, or let the server give one.")


def check_deletion(over: Current, if_match: int | None) -> None:
    """Raise VersionConflict where another version stands than the one to be deleted."""
    if if_match and not over.deleted and over.version != if_match:
        raise VersionConflict("Phiên bản hiện hành không phải là phiên bản bạn xóa.", advice="The version named is not the current one.")


def buried(ref: Ref, over: Current, updated: datetime, moment: datetime) -> Saved:
    """Say what became of one deletion."""
    if over.deleted:
        return Saved(*ref, over.version, updated, "unchanged", over.person_id, "{}")
    return Saved(*ref, over.version + 1, moment, "deleted", over.person_id, "{}")
