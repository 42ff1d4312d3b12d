"""What forms do when a person is merged, split or restored: drafts follow; finished answers stand in the record, which moves them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record import Held

from . import store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import Begun, SourceRef
    from yba.kit.actor import Actor


class Drafts:
    """The drafts of a person by the source they name, else by their facility (record.Follower)."""

    reason = "drafts"

    def held(self, conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]) -> Held:
        """Say which drafts leave: those about a Patient that leaves, or of a facility whose every source leaves; all when nothing stays."""
        leaving: list[UUID] = []
        stay: list[UUID] = []
        going, left = {str(ref.patient) for ref in moving}, {str(ref.patient) for ref in staying}
        facilities = {ref.facility for ref in moving} - {ref.facility for ref in staying}
        for id_, facility, patient in store.of_person(conn, giver):
            goes = not staying or patient in going or (patient not in left and facility in facilities)
            (leaving if goes else stay).append(id_)
        return Held(leaving, stay, [])

    def move(self, conn: Connection[Any], *, documents: Sequence[UUID], taker: UUID) -> None:
        """Let drafts be another person's."""
        store.give(conn, documents, taker)

    def settle(self, conn: Connection[Any], *, by: Actor, begun: Begun) -> None:
        """Nothing follows from new golden documents."""

    def standing(self, conn: Connection[Any], *, people: Sequence[UUID]) -> str:
        """Mark the drafts of people."""
        return store.standing(conn, people)


FOLLOWER: Final = Drafts()
