"""Verifying: every seal, every row under it, the heads outside the database and the time stamps."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from yba.kit.db import unit_of_work
from yba.kit.errors import Forbidden

from . import heads, rows, store_anchors, store_seals
from .actions import note
from .anchor import stamp_fits
from .archived import archives_of
from .chain import content_of
from .keys import is_signed, public_keys
from .links import link
from .sealing import MAX_AGE
from .tags import Store, Tag
from .verdict import Checked, Trouble, TroubleKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    from .chain import Seal
    from .heads import Head

    Progress = Callable[[int], object]
    Sight = Callable[[Connection[Any]], Predicate]

_GROUP: Final = 200_000  # rows read in one statement: small seals are read together


def verify(
    *,
    by: Actor,
    stores: tuple[Store, ...] = tuple(Store),
    since: datetime | None = None,
    progress: Progress | None = None,
    sight: Sight | None = None,
) -> Verdict:
    """Hold everything sealed (since a moment: from the first seal made then) against the rows; notes that it was done.

    ``sight`` opens row security for an actor without a standing reach (it asks access for the predicate);
    ``progress`` is called with the number of rows looked at since its last call. Raises Forbidden when the actor does not see the whole store,
    for whom every row out of reach would be a missing one.
    """
    begun = time.monotonic()
    checked, troubles = [], []
    with unit_of_work(by=by) as conn:
        if sight:
            sight(conn)
        _demand_whole_sight(conn)
        store_seals.as_lines(conn)
        for store in stores:
            check = _Check(conn, store.value, since, progress)
            checked.append(check.run())
            troubles += check.troubles
    verdict = Verdict(tuple(checked), tuple(troubles), time.monotonic() - begun)
    with unit_of_work(by=by) as conn:
        detail = {"rows": verdict.rows, "troubles": len(verdict.troubles), "whole": verdict.is_whole}
        note(conn, by=by, tag=Tag.STORE_VERIFY, about_type="AuditStore", about_id=",".join(stores), detail=detail)
    return verdict


def _demand_whole_sight(conn: Connection[Any]) -> None:
    row = conn.execute("SELECT current_setting('yba.scope', true)").fetchone()
    if not row or row[0] not in {"all", "province"}:
        raise Forbidden("Chỉ người thấy toàn bộ nhật ký mới kiểm tra được. Only who sees the whole log can verify it.")


class _Check:
    """The check of one store."""

    def __init__(self, conn: Connection[Any], store: str, since: datetime | None, progress: Progress | None) -> None:
        self.conn, self.store, self.progress = conn, store, progress
        self.troubles: list[Trouble] = []
        self.keys = public_keys()
        self.after = store_seals.first_since(conn, store, since) if since else 0
        self.archived = archives_of(conn, store)
        self.logged = _Logged(store, self.after)
        self.seals = self.rows = self.put_by = 0

    def run(self) -> Checked:
        """Walk the chain, read the rows in groups, then look at both ends."""
        before = store_seals.seal_numbered(self.conn, self.store, self.after) if self.after else None
        first = before
        group: list[Seal] = []
        waiting = 0
        for seal in store_seals.seals(self.conn, self.store, self.after):
            first = first or seal
            self._link(seal, before)
            before = seal
            self.seals += 1
            if self._is_detached(seal):
                self.put_by += seal.rows
                continue
            group.append(seal)
            waiting += seal.rows
            if waiting >= _GROUP:
                self._group(group)
                group, waiting = [], 0
        self._group(group)
        self._ends(before, first if not self.after else None)
        self._anchors()
        unsealed, age = store_seals.unsealed(self.conn, self.store, before.last_id if before else 0)
        if age > MAX_AGE:
            self._say(TroubleKind.SEALING_LATE, note=f"{unsealed} dòng / rows, {age:.0f} s")
        return Checked(self.store, self.seals, self.rows, self.put_by, unsealed, round(age, 1))

    def _say(self, kind: TroubleKind, seal: int | None = None, row: int | None = None, note: str = "") -> None:
        self.troubles.append(Trouble(kind, self.store, seal, row, note))

    def _link(self, seal: Seal, before: Seal | None) -> None:
        """Check one seal against the one before it, its own head, its signature and the log outside."""
        self.troubles += link(seal, before, self.after, self.keys)
        self.troubles += self.logged.compare(seal)

    def _is_detached(self, seal: Seal) -> bool:
        return any(one.detached and one.first_number <= seal.number <= one.last_number for one in self.archived)

    def _group(self, group: list[Seal]) -> None:
        """Read the rows of seals that follow each other in one go; seal by seal where they are not what they were."""
        for run in _runs(group):
            if not self._is_same(run):
                for seal in run:
                    self._name(seal)
            count = sum(seal.rows for seal in run)
            self.rows += count
            if self.progress:
                self.progress(count)

    def _is_same(self, run: list[Seal]) -> bool:
        with store_seals.lines(self.conn, self.store, run[0].first_id, run[-1].last_id) as copy:
            lines = iter(copy)
            same = all([content_of(islice(lines, seal.rows)) == seal.content for seal in run])  # noqa: C419  read them all
            return sum(1 for _ in lines) == 0 and same

    def _name(self, seal: Seal) -> None:
        with store_seals.lines(self.conn, self.store, seal.first_id, seal.last_id) as copy:
            found = list(copy)
        if content_of(found) != seal.content:
            self.troubles += rows.differences(seal, store_seals.digests_of(self.conn, self.store, seal.number), found)

    def _ends(self, last: Seal | None, first: Seal | None) -> None:
        """Look before the first seal and after the last one."""
        for archived in self.archived:
            if not is_signed(self.keys.get(archived.key), archived.signature, archived.text()):
                self._say(TroubleKind.ARCHIVE_WRONG, archived.first_number, note=archived.name)
            elif archived.detached and archived.first_number > self.after:
                self._say(TroubleKind.ARCHIVED_UNSEEN, archived.first_number, note=f"{archived.name}: {archived.rows} dòng / rows")
        if first is not None:
            for number in store_seals.rows_below(self.conn, self.store, first.first_id):
                self._say(TroubleKind.ROW_ADDED, row=number)
        self.troubles += self.logged.rest(last.number if last else 0)

    def _anchors(self) -> None:
        for number, head, token in store_anchors.anchors(self.conn, self.store, self.after):
            seal = store_seals.seal_numbered(self.conn, self.store, number)
            if seal is None or seal.head != head or not stamp_fits(head, token):
                self._say(TroubleKind.ANCHOR_WRONG, number)


class _Logged:
    """The lines of heads.log for one store, walked beside its seals."""

    def __init__(self, store: str, after: int) -> None:
        self.store, self.after = store, after
        self.lines = self._mine()
        self.next: Head | None = next(self.lines, None)
        self.last = after
        self.damaged: list[Trouble] = []

    def _mine(self) -> Iterator[Head]:
        for head in heads.read():
            if not head.store:
                self.damaged.append(Trouble(TroubleKind.HEADS_DIFFER, self.store, note=f"heads.log:{head.at}"))
            elif head.store == self.store and head.number > self.after:
                yield head

    def compare(self, seal: Seal) -> Iterator[Trouble]:
        """Hold one seal against the log; lines of seals before it that the database does not have are told as missing."""
        while self.next is not None and self.next.number < seal.number:
            yield Trouble(TroubleKind.SEAL_MISSING, self.store, self.next.number, note=f"heads.log:{self.next.at}")
            self._on()
        if self.next is not None and self.next.number == seal.number:
            if self.next.head != seal.head:
                yield Trouble(TroubleKind.HEADS_DIFFER, self.store, seal.number, note=f"heads.log:{self.next.at}")
            self._on()
        elif self.next is not None:  # the log goes on behind it, and never mentions it
            yield Trouble(TroubleKind.HEADS_DIFFER, self.store, seal.number, note="không có trong / not in heads.log")

    def rest(self, last: int) -> Iterator[Trouble]:
        """Tell what is left: lines after the last seal mean that the end was cut off, seals after the last line that a run was killed."""
        if self.next is not None:
            first = self.next
            self.last = max([first.number, *(line.number for line in self.lines)])
            yield Trouble(TroubleKind.TAIL_CUT_OFF, self.store, first.number, note=f"{first.number}–{self.last}, heads.log:{first.at}")
        elif self.last < last:
            yield Trouble(TroubleKind.HEADS_BEHIND, self.store, self.last + 1, note=f"{last - self.last}")
        yield from self.damaged

    def _on(self) -> None:
        self.last = self.next.number if self.next else self.last
        self.next = next(self.lines, None)


def _runs(group: list[Seal]) -> Iterator[list[Seal]]:
    """Split seals into runs without a gap between their numbers, so that one statement reads one run."""
    run: list[Seal] = []
    for seal in group:
        if run and seal.first_id != run[-1].last_id + 1:
            yield run
            run = []
        run.append(seal)
    if run:
        yield run
