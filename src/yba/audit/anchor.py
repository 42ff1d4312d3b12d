"""Time stamps by RFC 3161 over the chain's head, at most one a day and store: that it existed then is told by somebody else."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response

from yba.kit import log
from yba.kit.db import unit_of_work
from yba.kit.settings import declare, text

from . import store_anchors, store_seals
from .tags import Store

if TYPE_CHECKING:
    from yba.kit.actor import Actor

    from .chain import Seal

_log = log.get(__name__)
_PATIENCE: Final = 15  # seconds
_LONGEST: Final = 1 << 17  # bytes of an answer
_EVERY: Final = timedelta(hours=23)


def _address(raw: str) -> str:
    if raw and (urlsplit(raw).scheme not in {"http", "https"} or not urlsplit(raw).hostname):
        raise ValueError(raw)
    return raw


TSA: Final = declare(
    "YBA_AUDIT_TSA",
    _address,
    default="",
    meaning="Address of a time-stamp authority (RFC 3161) that stamps the heads of the audit trail's chain once a day; empty: none.",
    write="an address such as http://tsa.ca.gov.vn/, or leave it empty",
)
TSA_ROOTS: Final = declare(
    "YBA_AUDIT_TSA_ROOTS",
    text,
    default="",
    meaning="PEM file with the root certificates the time-stamp authority must lead to; empty: `yba audit verify` compares the stamped hash only.",
    write="a path, for example /srv/yba/keys/tsa-roots.pem",
)


def anchor(*, by: Actor) -> int:
    """Have the newest head of each store stamped unless one was within the day; returns how many were.

    An authority that is away, or answers with something else, is asked again by the next run.
    """
    if not TSA():
        return 0
    made = 0
    for store in Store:
        with unit_of_work(by=by) as conn:
            seal = store_seals.last_seal(conn, store.value)
            due = seal is not None and not store_anchors.is_anchored(conn, store.value, _EVERY)
        if seal is None or not due:
            continue
        token = _stamp(seal)
        if token and stamp_fits(seal.head, token):
            with unit_of_work(by=by) as conn:
                store_anchors.add_anchor(conn, seal, TSA(), token)
            made += 1
        else:
            _log.warning("audit.anchor.failed", table=store.value)
    return made


def stamp_fits(head: bytes, token: bytes) -> bool:
    """Whether a stamp is over this head, and leads to a trusted root where YBA_AUDIT_TSA_ROOTS names some."""
    try:
        response = decode_timestamp_response(token)
        if not TSA_ROOTS():
            return response.status == 0 and bytes(response.tst_info.message_imprint.message) == hashlib.sha256(head).digest()
        builder = VerifierBuilder()
        for root in x509.load_pem_x509_certificates(Path(TSA_ROOTS()).read_bytes()):
            builder = builder.add_root_certificate(root)
        return builder.build().verify_message(response, head)
    except (ValueError, VerificationError):
        return False


def _stamp(seal: Seal) -> bytes:
    """Ask for a stamp over a head; b"" when nobody answers."""
    question = TimestampRequestBuilder().data(seal.head).hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True).build()
    request = urllib.request.Request(  # noqa: S310  the scheme is checked where the setting is read
        TSA(), data=question.as_bytes(), headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310  same
            return bytes(answer.read(_LONGEST))
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return b""
