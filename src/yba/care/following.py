"""What the desks do when a person is merged, split or restored: visits and due items follow their source; the record finds it through the roof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record import Rows

from . import store_following

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import SourceRef


def _leaves(
    conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]
) -> Iterator[tuple[UUID, bool]]:  # fmt: skip
    """Those of a source that moves leave; all where nothing stays."""
    going = {ref.patient for ref in moving}
    for id_, patient in store_following.of(conn, giver):
        yield id_, patient in going or not staying


FOLLOWER: Final = Rows("visits", _leaves, store_following.give, store_following.standing)
