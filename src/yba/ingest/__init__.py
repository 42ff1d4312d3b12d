"""Claims files in, receipts out: landing, reading, checking, mapping and processing."""

from .channel import Channel, ClaimReceipt, Landing, Outcome, Peek, Receipt, State
from .decided import words as decided_words
from .door import land, original, peek, receipt
from .export import export_claim
from .history import Withdrawn, replay, withdraw
from .landing.peek import MessageKind
from .listing import Listed, messages
from .mapping import CURRENT as CURRENT_RELEASE
from .measured import CLAIM_COLUMNS, FINDING_COLUMNS, Touched, forget_touched, received_claims, received_findings, received_months, touched
from .model import CONFLICT, Envelope, Finding, ParsedClaim, Row, Severity
from .pipeline import Totals, ingest, process
from .receipts import as_json as receipt_json
from .receipts import as_text as receipt_text
from .receipts import causes, render, totals_text
from .rewrap import key_versions, rewrap
from .signatures import add_trusted, trusted

__all__ = [
    "CLAIM_COLUMNS",
    "CONFLICT",
    "CURRENT_RELEASE",
    "FINDING_COLUMNS",
    "Channel",
    "ClaimReceipt",
    "Envelope",
    "Finding",
    "Landing",
    "Listed",
    "MessageKind",
    "Outcome",
    "ParsedClaim",
    "Peek",
    "Receipt",
    "Row",
    "Severity",
    "State",
    "Totals",
    "Touched",
    "Withdrawn",
    "add_trusted",
    "causes",
    "decided_words",
    "export_claim",
    "forget_touched",
    "ingest",
    "key_versions",
    "land",
    "messages",
    "original",
    "peek",
    "process",
    "receipt",
    "receipt_json",
    "receipt_text",
    "received_claims",
    "received_findings",
    "received_months",
    "render",
    "replay",
    "rewrap",
    "totals_text",
    "touched",
    "trusted",
    "withdraw",
]
