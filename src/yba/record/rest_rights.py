"""Who may write what where: the facility a write is for, the person it is about, and whose the row is that it replaces."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Denied, Right
from yba.kit.errors import Forbidden, Invalid
from yba.kit.platform import platform as whole_platform
from yba.specs import visits

from . import store
from .rest_model import ReadOnly

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor

FHIR: Final = "fhir"  # `mapped_by` of what came as FHIR
WRITE: Final = Right.RECORD_CLINICAL_WRITE


def platform(conn: Connection[Any], by: Actor) -> AbstractContextManager[tuple[Connection[Any], Actor]]:
    """Reach all rows for what a right was asked for before, still named as who acts; at once for whoever reaches them anyway."""
    return nullcontext((conn, by)) if by.standing and access.places(by, WRITE) is None else whole_platform(by)


def require_writer(by: Actor) -> None:
    """Raise Denied unless the actor may write anything at all."""
    if not access.holds(by, WRITE):
        raise Denied(WRITE)


def facility_for(by: Actor, named: str) -> str:
    """Return the facility a write is for: the one named, else the only one where the actor may write. Raises Denied, Invalid."""
    require_writer(by)
    found = access.places(by, WRITE)
    if found is None:
        return named
    if not found or (named and named not in found):
        raise Denied(WRITE)
    if named or len(found) == 1:
        return named or next(iter(found))
    raise Invalid(f"Hãy nói ghi cho cơ sở nào: {', '.join(sorted(found))}.", advice="Name the facility: the actor may write for several.")


def open_for_writing(conn: Connection[Any], by: Actor) -> None:
    """Open row security as far as the right to write reaches, before anything is looked up."""
    if not by.standing:
        access.predicate(conn, by=by, right=WRITE)


def require_rows(conn: Connection[Any], by: Actor, rows: Iterable[tuple[str, UUID, str]]) -> None:
    """Raise Denied unless the actor's rules reach every row (type, person, facility) that would be written.

    A machine's rules are by facility alone, which `facility_for` has asked.
    """
    wanted = sorted(set(rows))
    if by.standing or not wanted:
        return
    seen = access.predicate(conn, by=by, right=WRITE)
    if not store.rest.permitted(conn, seen, wanted):
        raise Denied(WRITE)


def require_own(by: Actor, facility: str, mapped_by: str) -> None:
    """Raise unless a stored row may be replaced: written by this facility, and not made from a claim. Raises Forbidden, ReadOnly."""
    within = access.places(by, WRITE)
    if within is not None and facility not in within:
        raise Forbidden("Mục này do cơ sở khác ghi.", advice="Only the facility that wrote it may change it.")
    if mapped_by not in visits.rules().written:
        raise ReadOnly(
            "Mục này sinh ra từ hồ sơ XML đã gửi: hãy gửi lại hồ sơ đã sửa.",
            advice="It was made from a claim: send the corrected claim, which replaces it.",
        )
