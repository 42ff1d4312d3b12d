"""What forms do when a person is merged, split or restored: drafts follow; finished answers stand in the record, which moves them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record import Rows

from . import store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import SourceRef


def _leaves(
    conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]
) -> Iterator[tuple[UUID, bool]]:  # fmt: skip
    """Those about a Patient that leaves, or of a facility whose every source leaves; all when nothing stays."""
    going, left = {str(ref.patient) for ref in moving}, {str(ref.patient) for ref in staying}
    facilities = {ref.facility for ref in moving} - {ref.facility for ref in staying}
    for id_, facility, patient in store.of_person(conn, giver):
        yield id_, not staying or patient in going or (patient not in left and facility in facilities)


FOLLOWER: Final = Rows("drafts", _leaves, store.give, store.standing)
