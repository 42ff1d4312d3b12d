"""Rooms above that keep something by person: told of a merge, split or undo in its transaction, never called by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from yba.kit.errors import Internal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import Begun, SourceRef
    from yba.kit.actor import Actor


class Held(NamedTuple):
    """What a room keeps of a person by the sources it came from: document ids (`source_id` of resources, ground of relations)."""

    leaving: list[UUID]
    staying: list[UUID]
    relations: list[UUID]
    """Further grounds of relations that leave: visits that were announced only."""


class Follower(Protocol):
    """A room above the record; ``reason`` is its word in `since` of specs/identity/merging.toml."""

    reason: str

    def held(self, conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]) -> Held:
        """Say which documents of a person belong to the sources that leave, and which to those that stay."""
        ...

    def move(self, conn: Connection[Any], *, documents: Sequence[UUID], taker: UUID) -> None:
        """Let documents be another person's."""
        ...

    def settle(self, conn: Connection[Any], *, by: Actor, begun: Begun) -> None:
        """Write what follows from the new golden documents (where people live)."""
        ...

    def standing(self, conn: Connection[Any], *, people: Sequence[UUID]) -> str:
        """Return a mark that changes when something about these people is added, changed or taken back."""
        ...


class Leaves(Protocol):
    """Says of each row of a person whether it goes with the sources that move: (id, whether)."""

    def __call__(
        self, conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]
    ) -> Iterable[tuple[UUID, bool]]:
        """Return the rows of the giver."""
        ...


@dataclass(frozen=True)
class Rows:
    """The Follower of a room that keeps workflow rows by person and derives nothing from golden documents."""

    reason: str
    leaves: Leaves
    give: Callable[[Connection[Any], Sequence[UUID], UUID], None]
    mark: Callable[[Connection[Any], Sequence[UUID]], str]

    def held(self, conn: Connection[Any], *, giver: UUID, moving: Sequence[SourceRef], staying: Sequence[SourceRef]) -> Held:
        """Say which rows leave, and which stay."""
        found = list(self.leaves(conn, giver=giver, moving=moving, staying=staying))
        return Held([id_ for id_, goes in found if goes], [id_ for id_, goes in found if not goes], [])

    def move(self, conn: Connection[Any], *, documents: Sequence[UUID], taker: UUID) -> None:
        """Let rows be another person's."""
        self.give(conn, documents, taker)

    def settle(self, conn: Connection[Any], *, by: Actor, begun: Begun) -> None:
        """Nothing follows from a golden document here."""

    def standing(self, conn: Connection[Any], *, people: Sequence[UUID]) -> str:
        """Mark the rows of people."""
        return self.mark(conn, people)


class _Known:
    """How to find the followers: the roof says it, because nobody below knows the rooms above."""

    find: Callable[[], Sequence[Follower]] | None = None


def follow_by(find: Callable[[], Sequence[Follower]]) -> None:
    """Say how the rooms above are found; the roof does, once a process; they are loaded at the first act."""
    _Known.find = find


def followers() -> Sequence[Follower]:
    """Return the rooms that must be told. Raises Internal where nobody has said which: an act would leave half behind."""
    if _Known.find is None:
        raise Internal("nobody has told the record which rooms follow a merge.")
    return _Known.find()
