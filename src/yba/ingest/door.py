"""One message at a time: what the gateway, the watched folder and the pages call."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from psycopg.errors import UniqueViolation

from yba import audit
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import NotFound

from . import store
from .channel import ClaimReceipt, Landing, Outcome, Peek, Receipt
from .claims_xml import read_claim
from .faults import finding
from .landing.intake import Vault, known_landing, narrowed, transaction_code
from .landing.intake import land as land_source
from .landing.peek import MessageKind, read_head
from .landing.scanner import Part, scan
from .landing.sources import Limits, Source
from .model import Envelope, Finding
from .pipeline.drive import landing_note

if TYPE_CHECKING:
    from yba.kit.actor import Actor

    from .channel import Channel
    from .stored import StoredMessage, StoredOutcome


def land(*, by: Actor, channel: Channel, data: bytes, filename: str = "", sender: str = "") -> Landing:
    """Keep one message; it is on disk when this returns.

    The same bytes from the same sender are the same transaction (``again`` is True then, and nothing is written). An archive is not
    unpacked here: use `ingest` for files and folders.
    """
    who = sender or by.name
    vault = Vault.open()
    source = Source(filename, lambda: io.BytesIO(data))
    try:
        with unit_of_work(by=by, durable=True) as conn:
            landed = land_source(
                conn, vault, source, sender=who, channel=channel, limits=Limits(file_bytes=len(data) + 1), mismatch=_mismatch(by, data)
            )
            if not landed.landing.again:
                audit.note_many(conn, by=by, rows=[landing_note(landed)])
            return landed.landing
    except UniqueViolation:  # the same bytes came over two connections at once; the other one was first
        with reading(by=by) as conn:
            known = store.find_message(conn, transaction_code(landed_sha(data), who))
        if known is None:
            raise
        return known_landing(known, again=True)


def peek(data: bytes) -> Peek:
    """Say what a message is without keeping it."""
    plain, _ = narrowed(data)
    head = read_head(plain)
    if head.kind is not MessageKind.CLAIMS or head.fault:
        return Peek(head.kind, frozenset({head.facility} - {""}), 0, finding(head.fault) if head.fault else None)
    claims = [plain] if head.lone else [one.data for one in scan([plain]) if one.part in (Part.CLAIM, Part.UNFINISHED)]
    envelope = Envelope(head.facility)
    named = {head.facility, *(read_claim(one, envelope, lone=head.lone).facility for one in claims)}
    fault = finding("LAND013") if not claims else None
    return Peek(head.kind, frozenset(named - {""}), len(claims), fault)


def receipt(*, by: Actor, transaction: str) -> Receipt:
    """What became of a message; NotFound unless it exists and ``by`` may see the facility it is of."""
    with reading(by=by) as conn:
        row = store.find_message(conn, transaction.strip().upper())
        if row is None or not (by.facilities is None or row.sender == by.name or row.facility in by.facilities):
            message = f"Không có giao dịch {transaction[:40]!r}."
            raise NotFound(message)
        outcomes = store.outcomes(conn, row.seq)
        findings = store.findings(conn, row.seq)
        audit.note(conn, by=by, tag=audit.Tag.INGEST_RECEIPT_READ, about_type="Message", about_id=row.code, facility=row.facility or None)
    return _receipt(row, outcomes, findings)


def _receipt(row: StoredMessage, outcomes: list[StoredOutcome], findings: dict[int, list[Finding]]) -> Receipt:
    claims = tuple(
        ClaimReceipt(store.ordinal_of(one.landing), one.facility, one.link, Outcome(one.outcome), tuple(findings.pop(one.landing, ())))
        for one in outcomes
    )
    own = tuple(one for place in sorted(findings) for one in findings[place])
    state = "processing" if row.state == "received" and outcomes else row.state
    return Receipt(row.code, row.filename, MessageKind(row.kind), row.facility, row.received_at, state, row.claims_present, own, claims)


def landed_sha(data: bytes) -> str:
    """The SHA-256 of a message, as its transaction code is made from."""
    return hashlib.sha256(data).hexdigest()


def _mismatch(by: Actor, data: bytes) -> str:
    """A facility's own software files for its facility only; the operator may load any file."""
    if by.facilities is None:
        return ""
    return "LAND009" if peek(data).facilities - by.facilities else ""
