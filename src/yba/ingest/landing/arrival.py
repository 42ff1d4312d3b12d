"""One file on its way in: read and hashed, then scanned, sealed and judged, before anything is written."""

from __future__ import annotations

import hashlib
import re
import struct
from base64 import b32encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from yba.ingest import store
from yba.ingest.channel import State
from yba.ingest.checks import check, check_file
from yba.ingest.claims_xml import CHECK_IN, read_rows
from yba.ingest.context import context
from yba.ingest.faults import finding
from yba.ingest.model import Envelope, Finding, ParsedClaim, Row
from yba.ingest.signatures import Signature, examine, required
from yba.kit import ids
from yba.kit.charsets import decode_legacy

from .peek import Head, MessageKind, ranges
from .scanner import Part
from .sources import Limits, Source, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .vault import Vault

IN_MEMORY: Final = 16 << 20  # larger files are read twice from disk instead of held
FRAME: Final = 0
"""Ordinal of what stands around the claims: every gap of the file with its length; claims are 1, 2, 3 …"""
_GAP: Final = struct.Struct("<I")
_WIDE_LIMIT: Final = 64 << 20  # UTF-16 must be converted whole; nobody sends it in bulk
_SIGNED: Final = re.compile(rb"<CHUKYDONVI(?:\s[^<>]*)?>\s*[^<\s]|<CHUKYDONVI(?:\s[^<>]*)?>\s*<(?!/CHUKYDONVI)")
_STATES: Final = {MessageKind.HEALTH_CHECK: State.SET_ASIDE, MessageKind.CHECK_IN: State.DONE}
_RECORDED: Final = frozenset({MessageKind.CLAIMS, MessageKind.ASSESSMENT})
_BESIDE: Final = {MessageKind.HEALTH_CHECK: "LAND011", MessageKind.ASSESSMENT: "LAND014"}


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
    assessment: bool = False
    """A medical assessment (XML12): goes the way of a claim and is not counted as one."""

    @property
    def landing(self) -> int:
        """The claim's place in the order of landing."""
        return store.landing_of(self.message, self.ordinal)


@dataclass(slots=True)
class Arrived:
    """A file that was read once: ``whole`` holds its bytes when they are few; ``fault`` says that they cannot be had."""

    source: Source
    code: str
    digest: bytes
    size: int
    whole: bytes | None
    fault: str = ""


def arrive(source: Source, limits: Limits, sender: str) -> Arrived:
    """Read and hash a file. One that cannot be read still gets a transaction, under its name, so that somebody is told."""
    try:
        digest, size, whole = _hash(source, limits)
    except UnreadableError as unreadable:
        fault = str(unreadable.args[0])
        digest = hashlib.sha256(f"{fault}\0{source.name}".encode("utf-8", "replace")).digest()
        return Arrived(source, transaction_code(digest.hex(), sender), digest, 0, b"", fault)
    return Arrived(source, transaction_code(digest.hex(), sender), digest, size, whole)


def transaction_code(sha256: str, sender: str) -> str:
    """26 letters and digits: the same for the same bytes from the same sender, telling nothing of either."""
    return b32encode(ids.derived("message", sha256, sender).bytes).decode().rstrip("=")


def _hash(source: Source, limits: Limits) -> tuple[bytes, int, bytes | None]:
    """SHA-256 and size, and the bytes themselves when they are few."""
    sha, size = hashlib.sha256(), 0
    kept: list[bytes] = []
    for chunk in source.chunks(limits.file_bytes):
        sha.update(chunk)
        size += len(chunk)
        wide = size <= _WIDE_LIMIT and (kept or [chunk])[0][:2] in (b"\xff\xfe", b"\xfe\xff")
        if size <= IN_MEMORY or (kept and wide):
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


@dataclass(slots=True)
class Arrival:
    """One message under its landing number: what it is, its claims, and everything that is wrong with it as a whole."""

    vault: Vault
    seq: int
    only: tuple[str, ...] = ()
    """The facilities its sender may file for; empty: all of them."""
    head: Head = field(default_factory=lambda: Head(MessageKind.UNKNOWN, "", fault="LAND001"))
    fault: str = ""
    charset: str = ""
    signed: bool = False
    signature: Signature | None = None
    claims: list[tuple[int, Part, bytes, bytes]] = field(default_factory=list)
    """(ordinal, part, data, key); data is empty when the file is too large to be held."""
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    statuses: list[Row] = field(default_factory=list)

    def segments(self, chunks: Iterable[bytes], *, keep: bool) -> Iterator[tuple[int, int, int, int, bytes, bytes]]:
        """Scan and seal; yields the rows of table segment, the frame last. Afterwards `judge` may be asked."""
        gaps, after_claim = [b""], False
        for self.head, found in ranges(chunks):
            part = found.part
            if part in (Part.CLAIM, Part.UNFINISHED):
                if after_claim:
                    gaps.append(b"")
                after_claim = True
                yield self._claim(part, found.data, keep=keep)
            else:
                self.signed = self.signed or _SIGNED.search(found.data) is not None
                gaps[-1:] = [*gaps[-1:], found.data] if after_claim else [found.data]
                after_claim = False
        frame = b"".join(_GAP.pack(len(gap)) + gap for gap in gaps)
        _, wrapped, body = self.vault.sealed(frame)
        yield self.seq, FRAME, Part.HEAD, len(frame), wrapped, body

    def _claim(self, part: Part, data: bytes, *, keep: bool) -> tuple[int, int, int, int, bytes, bytes]:
        self.count += 1
        key, wrapped, body = self.vault.sealed(data)
        if self.head.kind in _RECORDED:
            self.claims.append((self.count, part, data if keep else b"", key))
        return self.seq, self.count, part, len(data), wrapped, body

    def judge(self, whole: bytes | None, mismatch: str) -> None:
        """Say what is wrong with the message itself; ``mismatch`` is a rule id the face already knows of."""
        self.fault = self.head.fault or mismatch
        if self.head.kind is MessageKind.CLAIMS and not self.fault and not self.claims:
            self.fault = "LAND013"
        if self.claims_present and not self.head.lone:
            self.findings += check_file(envelope_of(self.head_json(), ""), len(self.claims))
        if self.signed and whole is not None:
            self.signature = examine(whole)
            self.findings += self.signature.findings
        if not self.fault and any(map(required, {self.head.facility, *self.only})) and not (self.signature and self.signature.good):
            self.fault = "LAND015"
        if self.fault:
            self.findings.append(finding(self.fault))
        elif self.head.kind in _BESIDE:
            self.findings.append(finding(_BESIDE[self.head.kind]))
        elif self.head.kind is MessageKind.CHECK_IN:
            self._keep_status(whole or b"")

    def _keep_status(self, data: bytes) -> None:
        """Keep who came as status only; a check-in never becomes a claim (BHYT-DATA-R03)."""
        self.statuses, notes = read_rows(data, CHECK_IN)
        facility = self.statuses[0].get("MA_CSKCB", "").strip() if self.statuses else ""
        self.findings += [*notes, *check(ParsedClaim("3176", facility, "", {CHECK_IN: self.statuses}), context())]

    @property
    def claims_present(self) -> int:
        """How many claims there are: an assessment is none."""
        return len(self.claims) if self.head.kind is MessageKind.CLAIMS else 0

    @property
    def state(self) -> State:
        """Where the message stands once it is kept."""
        return State.REFUSED if self.fault else _STATES.get(self.head.kind, State.RECEIVED)

    def head_json(self) -> dict[str, Any]:
        """What is kept of the head, for processing later."""
        found: dict[str, Any] = {"facility": self.head.facility, "created": self.head.created, "declared": self.head.declared, "root": self.head.root}
        more = (("signed", self.signed), ("lone", self.head.lone), ("charset", self.charset), ("only", self.only))
        found |= {name: value for name, value in more if value}
        if self.signature is not None:
            found["signature"] = self.signature.as_json()
        return found

    def tasks(self, channel: str) -> list[Task]:
        """The claims, to be processed from memory."""
        if self.fault:
            return []
        envelope = envelope_of(self.head_json(), channel)
        beside = self.head.kind is MessageKind.ASSESSMENT
        return [Task(self.seq, ordinal, part, data, envelope, self.head.lone, key, beside) for ordinal, part, data, key in self.claims]


def envelope_of(head: dict[str, Any], channel: str) -> Envelope:
    """What stands around the claims of a message."""
    declared = head.get("declared", "")
    count = int(declared) if declared.isdecimal() and len(declared) < len("1000000000") else None
    signature, only = head.get("signature", {}), tuple(head.get("only", ()))
    trusted = bool(signature.get("valid") and signature.get("trusted"))
    return Envelope(head.get("facility", ""), head.get("created", ""), count, head.get("signed", False), channel, trusted, only)


def gaps_of(frame: bytes) -> list[bytes]:
    """The gaps of a file as they were framed: the file is gap, claim, gap, claim … gap."""
    gaps, position = [], 0
    while position < len(frame):
        (length,) = _GAP.unpack_from(frame, position)
        position += _GAP.size
        gaps.append(frame[position : position + length])
        position += length
    return gaps


def put_together(vault: Vault, segments: Sequence[tuple[int, bytes | None, bytes]]) -> bytes:
    """The bytes of a message from its segments (ordinal, wrapped key, body); BrokenSealError when one was changed or its key destroyed."""
    opened = {ordinal: vault.opened(vault.sealer.unwrap(wrapped or b""), body) for ordinal, wrapped, body in segments}
    gaps = gaps_of(opened[FRAME])
    paired = b"".join(opened[number] + gap for number, gap in enumerate(gaps[1:], 1))
    return gaps[0] + paired + b"".join(opened[number] for number in range(len(gaps), len(opened)))
