"""Keep the bytes that arrive: everything of a group of files in one transaction and a handful of round trips."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from yba.ingest import store
from yba.ingest.channel import Channel, Landing, Outcome, State
from yba.ingest.faults import finding

from .arrival import Arrival, Arrived, Task, narrowed
from .peek import MessageKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.ingest.model import Finding, Row
    from yba.ingest.stored import StoredMessage

    from .sources import Limits
    from .vault import Vault


@dataclass(slots=True)
class Landed:
    """A landing and, for files held in memory, its claims (None: read them back from the database)."""

    landing: Landing
    tasks: list[Task] | None
    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    statuses: list[Row] = field(default_factory=list)
    """Of a check-in: its rows, when it landed now."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends, how, within which limits.

    ``mismatch``: a rule id (LAND009) when the face already knows that the files must be refused; ``runner``: the run that will process them;
    ``only``: the facilities the sender may file for (empty: all), kept with the message, so that processing holds every claim against it again.
    """

    sender: str
    channel: Channel
    limits: Limits
    mismatch: str = ""
    runner: int | None = None
    only: tuple[str, ...] = ()


def land_all(conn: Connection[Any], vault: Vault, files: Sequence[Arrived], sending: Sending) -> list[Landed]:
    """Store files in the caller's transaction, in order; nothing is durable before that commits.

    Bytes that this sender sent before are not stored again (``again``). UniqueViolation when the same bytes land over another connection at
    the same moment: try again.
    """
    known = store.find_messages(conn, [one.code for one in files])
    new = {one.code: one for one in files if one.code not in known}
    numbers, received = store.reserve_messages(conn, len(new))
    group = _Group(conn, vault, sending, received)
    landed = {one.code: group.land(one, seq) for one, seq in zip(new.values(), numbers, strict=True)}
    group.write()
    out: list[Landed] = []
    for one in files:
        if one.code in known:
            out.append(Landed(known_landing(known[one.code], again=True), None, size=one.size))
        else:
            found = landed[one.code]
            out.append(found)
            landed[one.code] = Landed(replace(found.landing, again=True), None, size=one.size)  # for its twin in this group
    return out


@dataclass(slots=True)
class _Group:
    """What a group of files writes, table by table."""

    conn: Connection[Any]
    vault: Vault
    sending: Sending
    received: datetime
    messages: list[tuple[Any, ...]] = field(default_factory=list)
    segments: list[tuple[Any, ...]] = field(default_factory=list)
    findings: list[tuple[Any, ...]] = field(default_factory=list)
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)
    statuses: list[tuple[Any, ...]] = field(default_factory=list)

    def write(self) -> None:
        store.copy_segments(self.conn, self.segments)
        store.copy_messages(self.conn, self.messages)
        store.copy_findings(self.conn, self.findings)
        store.copy_outcomes(self.conn, self.outcomes)
        store.copy_check_ins(self.conn, self.statuses)

    def land(self, file: Arrived, seq: int) -> Landed:
        """Scan, seal and judge one file."""
        arrival = Arrival(self.vault, seq, self.sending.only)
        if file.fault:
            arrival.fault = file.fault
            arrival.findings.append(finding(file.fault, value=_plain(file.source.name)))
        elif file.whole is None:
            chunks = file.source.chunks(self.sending.limits.file_bytes)
            store.copy_segments(self.conn, arrival.segments(chunks, keep=False))
            arrival.judge(None, self.sending.mismatch)
        else:
            data, arrival.charset = narrowed(file.whole)
            self.segments += arrival.segments(iter([data]), keep=True)
            arrival.judge(file.whole, self.sending.mismatch)
        landing = self._landing(file, arrival)
        self._add_findings(arrival)
        self.statuses += [store.check_in_row(store.landing_of(seq, number), row) for number, row in enumerate(arrival.statuses)]
        tasks = arrival.tasks(self.sending.channel) if file.whole is not None else None
        return Landed(landing, tasks, arrival.findings, file.size, arrival.statuses)

    def _landing(self, file: Arrived, arrival: Arrival) -> Landing:
        head, to, name = arrival.head, self.sending, _plain(file.source.name)
        place = (arrival.seq, file.code, file.digest, to.sender, to.channel.value, name, file.size, self.received)
        what = (head.kind.value, head.facility, arrival.claims_present, arrival.state.value, arrival.fault, to.runner, arrival.head_json())
        self.messages.append(place + what)
        return Landing(
            transaction=file.code,
            sequence=arrival.seq,
            sha256=file.digest.hex(),
            received_at=self.received,
            again=False,
            kind=head.kind,
            state=arrival.state,
            facility=head.facility,
            claims_present=arrival.claims_present,
            refusal=finding(arrival.fault) if arrival.fault else None,
        )

    def _add_findings(self, arrival: Arrival) -> None:
        """Findings on the message itself stand at its frame; a refused message rejects every claim in it."""
        if not (arrival.fault and arrival.claims_present):
            place = store.landing_of(arrival.seq, 0)
            self.findings += [store.finding_row(place, one) for one in arrival.findings]
            return
        for ordinal, *_ in arrival.claims:
            place = store.landing_of(arrival.seq, ordinal)
            self.findings += [store.finding_row(place, one) for one in arrival.findings]
            self.outcomes.append((place, None, None, len(arrival.findings), 0, Outcome.REJECTED, False, arrival.head.facility, ""))


def known_landing(row: StoredMessage, *, again: bool) -> Landing:
    """The landing of a stored message."""
    return Landing(
        transaction=row.code,
        sequence=row.seq,
        sha256=row.sha256.hex(),
        received_at=row.received_at,
        again=again,
        kind=MessageKind(row.kind),
        state=State(row.state),
        facility=row.facility,
        claims_present=row.claims_present,
        refusal=finding(row.fault) if row.fault else None,
    )


def _plain(name: str) -> str:
    """A file name that can be kept and shown: control characters would reach the terminal of whoever reads the receipt."""
    clean = name.encode("utf-8", "replace").decode()
    return clean if clean.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in clean)
