"""One message at a time: what the gateway, the watched folder and the pages call."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, Final

from psycopg.errors import UniqueViolation

from yba import audit
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Forbidden, NotFound

from . import store
from .channel import ClaimReceipt, Landing, Outcome, Peek, Receipt
from .claims_xml import read_claim
from .faults import finding
from .landing.arrival import Arrived, arrive, narrowed, put_together
from .landing.intake import Sending, land_all
from .landing.peek import MessageKind, read_head
from .landing.scanner import Part, scan
from .landing.sources import Limits, Source
from .landing.vault import Vault
from .model import Envelope, Finding
from .pipeline.drive import landing_note

if TYPE_CHECKING:
    from yba.kit.actor import Actor

    from .channel import Channel
    from .stored import StoredMessage, StoredOutcome

_BYTE_ORDER: Final = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def land(*, by: Actor, channel: Channel, data: bytes, filename: str = "", sender: str = "") -> Landing:
    """Keep one message; it is on disk when this returns.

    The same bytes from the same sender are the same transaction (``again`` is True then, and nothing is written). An archive is not
    unpacked here: use `ingest` for files and folders.
    """
    who = sender or by.name
    file = arrive(Source(filename, lambda: io.BytesIO(data)), Limits(), who)
    mismatch = _mismatch(by, data)
    try:
        return _land(file, by=by, channel=channel, sender=who, mismatch=mismatch)
    except UniqueViolation:  # the same bytes came over two connections at once; the other one was first
        return _land(file, by=by, channel=channel, sender=who, mismatch=mismatch)


def _land(file: Arrived, *, by: Actor, channel: Channel, sender: str, mismatch: str) -> Landing:
    with unit_of_work(by=by, durable=True) as conn:
        (landed,) = land_all(conn, Vault.open(), [file], Sending(sender, channel, Limits(), mismatch))
        if not landed.landing.again:
            audit.note_many(conn, by=by, rows=[landing_note(landed)])
    return landed.landing


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


def _mismatch(by: Actor, data: bytes) -> str:
    """A facility's own software files for its facility only; the operator may load any file."""
    if by.facilities is None:
        return ""
    return "LAND009" if peek(data).facilities - by.facilities else ""


def original(*, by: Actor, transaction: str, reason: str) -> bytes:
    """The very bytes of a message, put together from its sealed ranges; a right of its own (the operator's), audited with its reason.

    NotFound without such a message or when a key was destroyed; Forbidden for a facility's client.
    """
    if by.facilities is not None:
        raise Forbidden("Chỉ người vận hành được mở bản gốc.")
    with unit_of_work(by=by) as conn:
        row = store.find_message(conn, transaction.strip().upper())
        if row is None:
            raise NotFound(f"Không có giao dịch {transaction[:40]!r}.")
        tag, about = audit.Tag.INGEST_ORIGINAL_OPEN, row.facility or None
        audit.note(conn, by=by, tag=tag, about_type="Message", about_id=row.code, facility=about, reason=reason)
        data = put_together(Vault.open(), store.segments(conn, row.seq))
    charset = row.head.get("charset", "")
    return _BYTE_ORDER[charset] + data.decode("utf-8", "surrogatepass").encode(charset, "surrogatepass") if charset else data
