"""One search as it is carried out: who asks, under which right, with which bound, what it has looked up so far, and how its statements run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yba import access, audit
from yba.access import Denied, Right
from yba.audit import Tag
from yba.fhir import match
from yba.kit import clock
from yba.kit.db import Unproven, one_read, run
from yba.kit.reach import CLOSED
from yba.kit.settings import SEARCH_SCAN
from yba.record import store
from yba.record.rest_model import TooCostly

from .codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.prepared import Ask
    from yba.kit.reach import Lock, Predicate
    from yba.record.model import StoredResource
    from yba.record.store.searching import Cut, Whom


def right_of(by: Actor) -> Right:
    """The right a search is made under: to search, or for who may only read (a resident the own record) to read. Raises Denied."""
    for right in (Right.RECORD_CLINICAL_SEARCH, Right.RECORD_CLINICAL_READ):
        if access.holds(by, right):
            return right
    raise Denied(Right.RECORD_CLINICAL_SEARCH)


class NotAtOnce(Unproven):
    """More than single messages can do: a unit of work does it, from the beginning."""


@dataclass(slots=True)
class Asking:
    """What the steps of one search share. Its statements run in a unit of work, or (``unit`` None) each as a message and a unit of its own."""

    unit: Connection[Any] | None
    by: Actor
    right: Right
    left: int  # resources that may still be read and judged
    lock: Lock = CLOSED  # of single messages: how far row security opens for people
    proof: Ask | None = None  # of single messages: that who was guessed at asks (`kit.db.one_read`)
    people: dict[str, Whom | None] = field(default_factory=dict)  # Patient id -> whose it is
    predicates: dict[UUID | None, Predicate] = field(default_factory=dict)
    snapshot: tuple[str, datetime] | None = None  # what the statement saw that read the page, and the moment: what a cursor holds
    held: bool = False  # the snapshot is a cursor's, or was taken before several statements that are one search
    masked: dict[UUID, bool] = field(default_factory=dict)  # whether anything of a person is, where a statement has said it
    noted: bool = False  # the statement that found the page has written its row of the trail

    @classmethod
    def begin(cls, conn: Connection[Any], by: Actor) -> Asking:
        """Begin a search."""
        return cls(conn, by, right_of(by), SEARCH_SCAN())

    @classmethod
    def at_once(cls, by: Actor, proof: Ask | None) -> Asking:
        """Begin a search whose statements are messages of their own: who asks is proven by each."""
        right = right_of(by)
        seen, lock = access.at_once(by=by, right=right)
        return cls(None, by, right, SEARCH_SCAN(), lock, proof, predicates={None: seen})

    @property
    def conn(self) -> Connection[Any]:
        """The unit of work. Raises NotAtOnce where there is none."""
        if self.unit is None:
            raise NotAtOnce
        return self.unit

    def run(self, ask: Ask) -> list[tuple[Any, ...]]:
        """Run a statement. Raises Unproven where a single message does not prove who asks."""
        if self.unit is None:
            return one_read(by=self.by, ask=ask, lock=self.lock, proof=self.proof)
        return run(self.unit, ask)

    def rows(self, cut: Cut, about: UUID | None = None) -> list[StoredResource]:
        """Take the rows of a statement (about one person), and what it saw: a chain's steps come first, the page last."""
        if not self.held:
            self.snapshot = cut.snapshot or self.snapshot
        if about is not None and cut.labelled is False:
            self.masked[about] = False
        return cut.rows

    def hold(self, snapshot: tuple[str, datetime]) -> tuple[str, datetime]:
        """Let the page be as of a snapshot, whatever its statements see; gives it back."""
        self.snapshot, self.held = snapshot, True
        return snapshot

    def seen(self, person: UUID | None = None) -> Predicate:
        """The predicate of the right, for one person where the question is about one."""
        if person not in self.predicates:
            if self.unit is None and not self.by.standing:
                raise NotAtOnce  # a person's lock opens for the one who is asked about
            made = access.at_once(by=self.by, right=self.right, person=person)[0] if self.unit is None else None
            self.predicates[person] = made or access.predicate(self.conn, by=self.by, right=self.right, person=person)
        return self.predicates[person]

    def whom(self, ids: Iterable[str]) -> dict[str, Whom]:
        """Say whose Patients ids are; those out of reach are not there."""
        wanted = list(dict.fromkeys(ids))
        new = [id_ for id_ in wanted if id_ not in self.people]
        if new:
            self.seen()  # row security has to be open before anything is looked up
            found = {one.id: one for one in store.searching.whom(self.run, new)}
            self.people |= {id_: found.get(id_) for id_ in new}
        return {id_: one for id_ in wanted if (one := self.people[id_]) is not None}

    def is_masked(self, person: UUID) -> bool:
        """Whether a restricted category hides anything of a person."""
        if person not in self.masked:
            seen = self.seen(person)
            within = access.masked_within(by=self.by, seen=seen, table="resource")
            self.masked[person] = (
                store.searching.says(self.run, seen, within) if within else access.anything_masked(self.conn, by=self.by, seen=seen, table="resource")
            )
        return self.masked[person]

    def note(self, *, about_type: str, person_id: UUID | None, detail: dict[str, Any], about_id: str = "") -> None:
        """Write the search to the trail: with COMMIT, or as a message of its own."""
        told: dict[str, Any] = {"about_type": about_type, "about_id": about_id, "person_id": person_id, "detail": detail, "under": self.right.value}
        if self.unit is None:
            self.run(audit.to_note(by=self.by, tag=Tag.RESOURCE_SEARCH, **told))
        else:
            audit.note(self.unit, by=self.by, tag=Tag.RESOURCE_SEARCH, late=True, **told)

    def spend(self, resources: int) -> None:
        """Count what was read. Raises TooCostly above the bound."""
        self.left -= resources
        if self.left < 0:
            raise too_costly()

    def world(self) -> match.World:
        """What `match` may ask beside the document: chains and lists are resolved before it is asked."""
        return match.World(codes=CODES, now=clock.now())


def too_costly() -> TooCostly:
    """The refusal of a search that would read too much."""
    return TooCostly(
        "Tìm kiếm này phải đọc quá nhiều: hãy thêm người bệnh (patient=…), mã, hoặc số định danh.",
        advice="This search would read too much: add a patient, a code or an identifier.",
    )
