"""What the desks do when a person is merged, split or restored: visits and due items follow their source; the record finds it through the roof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record import Held

from . import store_following

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import Begun, SourceRef
    from yba.kit.actor import Actor


class Desks:
    """Visits and due items of a person by the source Patient they refer to (record.Follower)."""

    reason = "visits"

    def held(self, conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]) -> Held:
        """Say which visits and due items leave: those of a source that moves; all where nothing stays."""
        going = {ref.patient for ref in moving}
        leaving: list[UUID] = []
        stay: list[UUID] = []
        for id_, patient in store_following.of(conn, giver):
            (leaving if patient in going or not staying else stay).append(id_)
        return Held(leaving, stay, [])

    def move(self, conn: Connection[Any], *, documents: Sequence[UUID], taker: UUID) -> None:
        """Let visits and due items be another person's."""
        store_following.give(conn, documents, taker)

    def settle(self, conn: Connection[Any], *, by: Actor, begun: Begun) -> None:
        """Nothing follows from a golden document here."""

    def standing(self, conn: Connection[Any], *, people: Sequence[UUID]) -> str:
        """Mark the visits and due items of people."""
        return store_following.standing(conn, people)


FOLLOWER: Final = Desks()
