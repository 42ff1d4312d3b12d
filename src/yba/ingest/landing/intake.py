"""Keep the bytes that arrive: hash, split, seal and store them in one transaction, and say what they are."""

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from yba.ingest import store
from yba.ingest.channel import Channel, Landing, Outcome, State
from yba.ingest.checks import check
from yba.ingest.claims_xml import CHECK_IN, read_rows
from yba.ingest.context import context
from yba.ingest.faults import finding
from yba.ingest.model import Envelope, Finding, ParsedClaim
from yba.ingest.signatures import Signature, examine, required
from yba.kit import ids
from yba.kit.charsets import decode_legacy

from .packing import Packer
from .peek import Head, MessageKind, read_head
from .scanner import Part, Range, scan
from .sealing import Sealer, seal, sealing_key
from .sources import Limits, Source, UnreadableError

IN_MEMORY: Final = 16 << 20  # larger files are read twice from disk instead of held
ORIGINAL: Final = b"original"
RESIDUE: Final = b"residue"
_STATES: Final = {
    MessageKind.HEALTH_CHECK: State.SET_ASIDE,
    MessageKind.ASSESSMENT: State.SET_ASIDE,
    MessageKind.CHECK_IN: State.DONE,
}
_SET_ASIDE: Final = {MessageKind.HEALTH_CHECK: "LAND011", MessageKind.ASSESSMENT: "LAND014"}
_WIDE_LIMIT: Final = 64 << 20  # UTF-16 must be converted whole; nobody sends it in bulk
_SIGNED: Final = re.compile(rb"<CHUKYDONVI(?:\s[^<>]*)?>\s*[^<\s]|<CHUKYDONVI(?:\s[^<>]*)?>\s*<(?!/CHUKYDONVI)")


@dataclass(slots=True)
class Task:
    """One claim range waiting to be processed; ``data`` is its text as bytes, ``key`` the opened key of its segment."""

    message: int
    ordinal: int
    part: Part
    data: bytes
    envelope: Envelope
    lone: bool
    key: bytes

    @property
    def landing(self) -> int:
        """The claim's place in the order of landing."""
        return store.landing_of(self.message, self.ordinal)


@dataclass(slots=True)
class Landed:
    """A landing and, for small files, its claims still in memory (None: read them back from the database)."""

    landing: Landing
    tasks: list[Task] | None
    findings: list[Finding] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class Vault:
    """What sealing and packing need; one per process."""

    sealer: Sealer
    packer: Packer

    @classmethod
    def open(cls) -> "Vault":
        """With the installation's sealing key (made at first use, mode 0600)."""
        return cls(Sealer(sealing_key()), Packer.create())

    def sealed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """Pack and seal a range: (its key, the wrapped key, the body)."""
        key, wrapped = self.sealer.new_key()
        return key, wrapped, seal(key, self.packer.pack(data), ORIGINAL)


def transaction_code(sha256: str, sender: str) -> str:
    """26 letters and digits: the same for the same bytes from the same sender, telling nothing of either."""
    return b32encode(ids.derived("message", sha256, sender).bytes).decode().rstrip("=")


def land(
    conn: Connection[Any],
    vault: Vault,
    source: Source,
    *,
    sender: str,
    channel: Channel,
    limits: Limits,
    mismatch: str = "",
    runner: int | None = None,
) -> Landed:
    """Store one file in the caller's transaction; nothing is durable before that commits.

    ``mismatch`` is a rule id (LAND009) when the face already knows that the file must be refused.
    """
    try:
        digest, size, whole = _hash(source, limits)
    except UnreadableError as unreadable:
        return _unreadable(conn, source, unreadable.args[0], sender=sender, channel=channel)
    code = transaction_code(digest.hex(), sender)
    known = store.find_message(conn, code)
    if known is not None:
        return Landed(known_landing(known, again=True), None, size=size)
    wide = ""
    if whole is not None:
        whole, wide = narrowed(whole)
    arrival = _Arrival(conn, vault, store.reserve_message(conn), keep=whole is not None)
    arrival.read(iter([whole]) if whole is not None else source.chunks(limits.file_bytes), mismatch)
    arrival.judge_signature(whole)
    row = arrival.row(code, digest, sender, channel, source.name, size, wide, runner)
    received = store.insert_message(conn, arrival.seq, row)
    arrival.write_refusals()
    if row.kind == MessageKind.CHECK_IN and not row.fault:
        arrival.keep_status(whole or b"")
    tasks = arrival.tasks() if whole is not None else None
    return Landed(_landing(arrival.seq, row, received, again=False), tasks, arrival.findings, size)


def known_landing(row: Any, *, again: bool) -> Landing:  # noqa: ANN401  # any JSON, or a row of either kind
    """The landing of a stored message."""
    return _landing(row.seq, row, row.received_at, again=again)


def _landing(seq: int, row: Any, received: datetime, *, again: bool) -> Landing:  # noqa: ANN401  # any JSON, or a row of either kind
    return Landing(
        transaction=row.code,
        sequence=seq,
        sha256=row.sha256.hex(),
        received_at=received,
        again=again,
        kind=MessageKind(row.kind),
        state=State(row.state),
        facility=row.facility,
        claims_present=row.claims_present,
        refusal=finding(row.fault) if row.fault else None,
    )


def envelope_of(head: dict[str, Any], channel: str) -> Envelope:
    """What stands around the claims of a stored message."""
    declared = head.get("declared", "")
    count = int(declared) if declared.isdecimal() and len(declared) < len("1000000000") else None
    return Envelope(head.get("facility", ""), head.get("created", ""), count, signed=head.get("signed", False), channel=channel)


def _unreadable(conn: Connection[Any], source: Source, fault: str, *, sender: str, channel: Channel) -> Landed:
    """A file whose bytes cannot be had (damaged archive, bomb, no such file) still gets a receipt, under its name."""
    digest = hashlib.sha256(f"{fault}\0{source.name}".encode("utf-8", "replace")).digest()
    code = transaction_code(digest.hex(), sender)
    known = store.find_message(conn, code)
    if known is not None:
        return Landed(known_landing(known, again=True), [])
    seq = store.reserve_message(conn)
    row = store.MessageRow(code, digest, sender, channel, _plain(source.name), 0, MessageKind.UNKNOWN, "", 0, State.REFUSED, fault, None, {})
    received = store.insert_message(conn, seq, row)
    store.copy_findings(conn, [store.finding_row(store.landing_of(seq, 0), finding(fault, value=_plain(source.name)))])
    return Landed(_landing(seq, row, received, again=False), [])


def _plain(name: str) -> str:
    """A file name that PostgreSQL can keep, whatever its bytes were."""
    return name.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _hash(source: Source, limits: Limits) -> tuple[bytes, int, bytes | None]:
    """SHA-256 and size, and the bytes themselves when they are few."""
    sha, size = hashlib.sha256(), 0
    kept: list[bytes] = []
    for chunk in source.chunks(limits.file_bytes):
        sha.update(chunk)
        size += len(chunk)
        if size <= IN_MEMORY or (kept and size <= _WIDE_LIMIT and kept[0][:2] in (b"\xff\xfe", b"\xfe\xff")):
            kept.append(chunk)
        else:
            kept = []
    whole = b"".join(kept)
    return sha.digest(), size, whole if len(whole) == size else None


def narrowed(data: bytes) -> tuple[bytes, str]:
    """Turn UTF-16 into UTF-8, so that tags can be found; every other character set is a superset of ASCII."""
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" not in data[:256]:
        return data, ""
    text, charset = decode_legacy(data)
    if not charset.startswith("utf-16"):
        return data, ""
    return text.encode("utf-8", "surrogatepass"), charset


class _Arrival:
    """One message on its way into the tables."""

    def __init__(self, conn: Connection[Any], vault: Vault, seq: int, *, keep: bool) -> None:
        self.conn, self.vault, self.seq, self.keep = conn, vault, seq, keep
        self.head = Head(MessageKind.UNKNOWN, "", fault="LAND001")
        self.fault = ""
        self.signed = False
        self.signature: Signature | None = None
        self.claims: list[tuple[int, Part, bytes, bytes]] = []  # ordinal, part, data, key; data only when kept
        self.findings: list[Finding] = []

    def read(self, chunks: Iterable[bytes], mismatch: str) -> None:
        """Scan, seal and copy every range."""
        store.copy_segments(self.conn, self._segments(scan(chunks)))
        self.fault = self.head.fault or mismatch
        if self.head.kind is MessageKind.CLAIMS and not self.fault and not self.claims:
            self.fault = "LAND013"
        declared = self.head.declared
        if self.claims and declared and declared != str(len(self.claims)):
            self.findings.append(finding("LAND012", table="THONGTINHOSO", field="SOLUONGHOSO", value=declared, expected=str(len(self.claims))))

    def _segments(self, ranges: Iterator[Range]) -> Iterator[tuple[int, int, int, int, bytes, bytes]]:
        for ordinal, found in enumerate(ranges):
            part = found.part
            if ordinal == 0:
                self.head = read_head(found.data)
                if self.head.lone:
                    part = Part.CLAIM
            if part is Part.GAP or part is Part.HEAD:
                self.signed = self.signed or _SIGNED.search(found.data) is not None
            key, wrapped, body = self.vault.sealed(found.data)
            if part in (Part.CLAIM, Part.UNFINISHED) and self.head.kind is MessageKind.CLAIMS:
                self.claims.append((ordinal, part, found.data if self.keep else b"", key))
            yield self.seq, ordinal, part, len(found.data), wrapped, body

    def row(self, code: str, digest: bytes, sender: str, channel: Channel, name: str, size: int, wide: str, runner: int | None) -> store.MessageRow:
        head: dict[str, Any] = {"facility": self.head.facility, "created": self.head.created, "declared": self.head.declared, "root": self.head.root}
        head |= {name: value for name, value in (("signed", self.signed), ("lone", self.head.lone), ("charset", wide)) if value}
        if self.signature is not None:
            head["signature"] = self.signature.as_json()
        kind = self.head.kind
        state = State.REFUSED if self.fault else _STATES.get(kind, State.RECEIVED)
        return store.MessageRow(
            code, digest, sender, channel, _plain(name), size, kind, self.head.facility, len(self.claims), state, self.fault, runner, head
        )

    def write_refusals(self) -> None:
        """Findings of the message itself stand at its first range; a refused message rejects every claim in it."""
        place = store.landing_of(self.seq, 0)
        own = [*self.findings, *([finding(self.fault)] if self.fault else [])]
        if self.head.kind in _SET_ASIDE and not self.fault:
            own.append(finding(_SET_ASIDE[self.head.kind]))
        if own and not (self.fault and self.claims):
            store.copy_findings(self.conn, [store.finding_row(place, one) for one in own])
        if self.fault and self.claims:
            places = [store.landing_of(self.seq, ordinal) for ordinal, *_ in self.claims]
            store.copy_findings(self.conn, [store.finding_row(at, one) for at in places for one in own])
            outcomes = [(at, None, None, len(own), 0, Outcome.REJECTED, False, self.head.facility, "") for at in places]
            store.copy_outcomes(self.conn, outcomes)

    def judge_signature(self, whole: bytes | None) -> None:
        """Verify what is signed (files held in memory), and refuse where the facility's policy says so."""
        if self.signed and whole is not None:
            self.signature = examine(whole)
            self.findings += self.signature.findings
        if not self.fault and required(self.head.facility) and not (self.signature and self.signature.valid and self.signature.trusted):
            self.fault = "LAND015"

    def keep_status(self, data: bytes) -> None:
        """Keep who came as status only; a check-in never becomes a claim (BHYT-DATA-R03)."""
        rows, notes = read_rows(data, CHECK_IN)
        place = store.landing_of(self.seq, 0)
        claim = ParsedClaim("3176", rows[0].get("MA_CSKCB", "").strip() if rows else "", "", {CHECK_IN: rows})
        self.findings += [*notes, *check(claim, context())]
        store.copy_findings(self.conn, [store.finding_row(place, one) for one in self.findings])
        store.insert_check_ins(self.conn, [(place + number, row) for number, row in enumerate(rows)])

    def tasks(self) -> list[Task]:
        if self.fault:
            return []
        envelope = envelope_of(
            {"facility": self.head.facility, "created": self.head.created, "declared": self.head.declared, "signed": self.signed}, ""
        )
        return [Task(self.seq, ordinal, part, data, envelope, self.head.lone, key) for ordinal, part, data, key in self.claims]
