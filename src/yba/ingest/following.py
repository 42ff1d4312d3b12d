"""What ingest does when a person is merged, split or restored: claims, visits under way and homes follow; the record finds it through the roof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Home
from yba.kit import clock
from yba.record import Held, commune_of

from . import store_following
from .pipeline.relations import checked_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import Begun, SourceRef
    from yba.kit.actor import Actor

Place = tuple[str, str]


class Claims:
    """The claims of a person by the sources they came from (record.Follower)."""

    reason = "claims"

    def held(self, conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]) -> Held:
        """Say which claims leave: a claim is its source's; of several under one patient number the claim says which, else it is the first's."""
        leaving: list[UUID] = []
        stay: list[UUID] = []
        sources = sorted((*moving, *staying), key=lambda ref: (ref.variant, ref.local_id))
        going = {ref.key for ref in moving}
        for id_, facility, patient, source in store_following.claims_of(conn, giver):
            of = next((ref for ref in sources if _is_of(ref, facility, patient, source)), None)
            (leaving if of is not None and of.key in going else stay).append(id_)
        if not staying:
            leaving, stay = [*leaving, *stay], []
        places = [(ref.facility, ref.local_id) for ref in moving]
        return Held(leaving, stay, [checked_in(*visit) for visit in store_following.check_ins_at(conn, places)])

    def move(self, conn: Connection[Any], *, documents: Sequence[UUID], taker: UUID) -> None:
        """Let claims be another person's: findings across claims and visits after a death read it."""
        store_following.give_claims(conn, documents, taker)

    def settle(self, conn: Connection[Any], *, by: Actor, begun: Begun) -> None:
        """Write where the people live whose golden document is new."""
        homes = []
        for person, doc in begun.golden.items():
            seen = begun.seen.get(person, clock.now())
            homes.append(Home(person, commune_of(doc, seen), min(seen, clock.now())))
        access.reside_many(conn, by=by, homes=homes)

    def standing(self, conn: Connection[Any], *, people: Sequence[UUID]) -> str:
        """Mark the claims of people and their versions."""
        return store_following.standing(conn, people)


def _is_of(ref: SourceRef, facility: str, patient: UUID, source: str | None) -> bool:
    if source is not None:
        return ref.facility == facility and f"{ref.variant}/{ref.local_id}" == source
    return ref.patient == patient


FOLLOWER: Final = Claims()
