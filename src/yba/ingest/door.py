"""One message at a time: what the gateway, the watched folder and the pages call."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, Final

from psycopg.errors import UniqueViolation

from yba import access, audit
from yba.access import Denied, Right
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import NotFound

from . import decided, store
from .channel import ClaimReceipt, Landing, Outcome, Peek, Receipt
from .claims_xml import ASSESSMENT, CHECK_IN, read_claim, read_rows
from .faults import finding
from .landing.arrival import Arrived, arrive, narrowed, put_together
from .landing.intake import Sending, land_all
from .landing.peek import Head, MessageKind, ranges
from .landing.scanner import Part
from .landing.sources import Limits, Source
from .landing.vault import Vault
from .model import Envelope, Finding
from .pipeline.drive import bound, landing_note
from .pipeline.relations import check_in

if TYPE_CHECKING:
    from yba.identity import Told
    from yba.kit.actor import Actor

    from .channel import Channel
    from .stored import StoredMessage, StoredOutcome

_CODE: Final = 60  # characters of what is looked up: a code has 26
_TABLES: Final = {MessageKind.CHECK_IN: CHECK_IN, MessageKind.ASSESSMENT: ASSESSMENT}
_BYTE_ORDER: Final = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def land(*, by: Actor, channel: Channel, data: bytes, filename: str = "", sender: str = "") -> Landing:
    """Keep one message; it is on disk when this returns.

    The same bytes from the same sender are the same transaction (``again`` is True then, and nothing is written). An archive is not
    unpacked here: use `ingest` for files and folders. A check-in opens a visit under way for whom it names. Raises Denied.
    """
    access.require(by, Right.INGEST_MESSAGE_LAND)
    who = sender or by.name
    file = arrive(Source(filename, lambda: io.BytesIO(data)), Limits(), who)
    mismatch = _mismatch(by, data)
    try:
        return _land(file, by=by, channel=channel, sender=who, mismatch=mismatch)
    except UniqueViolation:  # the same bytes came over two connections at once; the other one was first
        return _land(file, by=by, channel=channel, sender=who, mismatch=mismatch)


def _land(file: Arrived, *, by: Actor, channel: Channel, sender: str, mismatch: str) -> Landing:
    with unit_of_work(by=by, durable=True) as conn:
        (landed,) = land_all(conn, Vault.open(), [file], Sending(sender, channel, Limits(), mismatch, only=bound(by)))
        if not landed.landing.again:
            audit.note_many(conn, by=by, rows=[landing_note(landed)])
            check_in(conn, landed.statuses, by=by)
    return landed.landing


def peek(data: bytes) -> Peek:
    """Say what a message is without keeping it."""
    plain, _ = narrowed(data)
    head, named, claims = Head(MessageKind.UNKNOWN, "", fault="LAND001"), set(), 0
    for head, one in ranges([plain]):
        if head.kind is not MessageKind.CLAIMS or head.fault:
            continue
        if one.part in (Part.CLAIM, Part.UNFINISHED):
            claims += 1
            named.add(read_claim(one.data, Envelope(head.facility), lone=head.lone).facility)
    named |= {head.facility, *_named_in_rows(head.kind, data)}
    fault = head.fault or ("LAND013" if head.kind is MessageKind.CLAIMS and not claims else "")
    return Peek(head.kind, frozenset(named - {""}), claims, finding(fault) if fault else None)


def _named_in_rows(kind: MessageKind, data: bytes) -> set[str]:
    """The facilities that the rows of a check-in or an assessment name."""
    table = _TABLES.get(kind)
    return {row.get("MA_CSKCB", "").strip() for row in read_rows(data, table)[0]} if table else set()


def receipt(*, by: Actor, transaction: str) -> Receipt:
    """What became of a message; NotFound unless it exists and ``by`` sent it for its facility or it is of that facility. Raises Denied.

    Of a file with claims of several facilities (only the operator can send one) a facility sees its own claims. A refusal is audited too.
    """
    with reading(by=by) as conn:
        row = store.find_message(conn, _code(transaction), access.predicate(conn, by=by, right=Right.INGEST_RECEIPT_READ, columns=store.MESSAGE))
        # Row security does not tell a foreign message from none: asking for either is noted.
        tag = audit.Tag.INGEST_RECEIPT_READ if row is not None else audit.Tag.INGEST_RECEIPT_REFUSED
        facility = row.facility if row is not None else ""
        audit.note(conn, by=by, tag=tag, about_type="Message", about_id=_code(transaction), facility=facility or None)
        if row is not None:
            within = access.predicate(conn, by=by, right=Right.INGEST_RECEIPT_READ, columns=store.OUTCOME)
            outcomes = store.outcomes(conn, row.seq, within)
            within = access.predicate(conn, by=by, right=Right.INGEST_RECEIPT_READ, columns=store.FINDING)
            found = store.findings(conn, row.seq, within)
            return _receipt(row, outcomes, found, decided.since(conn, by=by, outcomes=outcomes, findings=found))
    message = f"Không có giao dịch {transaction[:40]!r}."
    raise NotFound(message)


def _code(transaction: str) -> str:
    """A transaction code as it is kept; what cannot be one finds nothing."""
    return transaction[:_CODE].strip().upper().replace("\0", "")


def _receipt(row: StoredMessage, outcomes: list[StoredOutcome], findings: dict[int, list[Finding]], told: dict[int, dict[str, Told]]) -> Receipt:
    claims = tuple(
        ClaimReceipt(
            store.ordinal_of(one.landing), one.facility, one.link, Outcome(one.outcome), tuple(findings.pop(one.landing, ())),
            told.get(one.landing, {}),
        )
        for one in outcomes
    )  # fmt: skip
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

    NotFound without such a message or when a key was destroyed; Denied (audited) for who may not.
    """
    try:
        access.require(by, Right.INGEST_ORIGINAL_OPEN)
    except Denied:
        with unit_of_work(by=by) as conn:
            audit.note(
                conn, by=by, tag=audit.Tag.INGEST_ORIGINAL_REFUSED, about_type="Message", about_id=_code(transaction), facility=None, reason=reason
            )
        raise
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.INGEST_ORIGINAL_OPEN, columns=store.MESSAGE)
        row = store.find_message(conn, _code(transaction), seen)
        if row is None:
            raise NotFound(f"Không có giao dịch {transaction[:40]!r}.")
        tag, about = audit.Tag.INGEST_ORIGINAL_OPEN, row.facility or None
        audit.note(conn, by=by, tag=tag, about_type="Message", about_id=row.code, facility=about, reason=reason)
        data = put_together(Vault.open(), store.segments(conn, row.seq))
    charset = row.head.get("charset", "")
    return _BYTE_ORDER[charset] + data.decode("utf-8", "surrogatepass").encode(charset, "surrogatepass") if charset else data
