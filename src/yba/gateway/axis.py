"""The shape of the Hà Nội health axis: sign-in by code, several files in one call, state of a transaction (section 4)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from yba import ingest
from yba.access import Right, needs, open_to_all

from .answers import as_json, axis_fault, axis_session, axis_session_fault, sentence, stamp
from .body import parse, read_body, unpack_base64
from .door import ANY, MAX_FILE, SIGN_IN, actor_of, caller, message_of, sign_in, take_in
from .edge import speaking
from .faults import Fault, GatewayFault
from .receipts import STATE_VI

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from yba.accounts import SignedIn

_SMALL: Final = 1 << 14
_MAX_FILES: Final = 200


@speaking(axis_session_fault, "POST")
@open_to_all(SIGN_IN)
def take_token(request: HttpRequest) -> HttpResponse:
    """``POST /api/auth/token/take``: username, password and the facility's code."""
    posted = parse(request.headers.get("Content-Type", ""), read_body(request, max_file=_SMALL))
    opened = sign_in(request, posted.text("username"), posted.text("password"), facility=_facility(posted.text("code")))
    return as_json(axis_session(opened))


@speaking(axis_fault, "POST")
@needs(Right.INGEST_MESSAGE_LAND)
def claims(request: HttpRequest) -> HttpResponse:
    """``POST /api/kcb/xml/qd3176/guiHoSoXml``: each file stands for itself; ``maKetQua`` is "200" when one was taken in."""
    who = caller(request)
    posted = parse(request.headers.get("Content-Type", ""), read_body(request, max_file=MAX_FILE()))
    files = posted.document.get("files")
    if not isinstance(files, list) or not files:
        raise GatewayFault(Fault.EMPTY)
    if len(files) > _MAX_FILES:
        raise GatewayFault(Fault.TOO_BIG)
    results = [_one(request, who, place, content, posted.text("maCSKCB")) for place, content in enumerate(files, 1)]
    good = [result for result in results if result["maKetQua"] == "200"]
    batch = hashlib.sha256("|".join(str(result["maGiaoDich"]) for result in results).encode()).hexdigest()[:26]
    return as_json(
        {
            "maKetQua": "200" if good else results[0]["maKetQua"],
            "batchId": batch,
            "totalSuccess": len(good),
            "totalFailed": len(results) - len(good),
            "fileResults": results,
        }
    )


@speaking(axis_fault, "GET")
@needs(Right.INGEST_RECEIPT_READ)
def state(request: HttpRequest, transaction: str) -> HttpResponse:
    """``GET /api/kcb/tra-cuu-trang-thai/{maGiaoDich}``: how far a transaction is, and what was found."""
    who = caller(request)
    found = ingest.receipt(by=actor_of(request, who), transaction=transaction)
    outcomes = [claim.outcome for claim in found.claims]
    return as_json(
        {
            "maKetQua": "200",
            "maGiaoDich": found.transaction,
            "trangThai": found.state,
            "moTa": STATE_VI.get(found.state, found.state),
            "thoiGianTiepNhan": stamp(found.received_at),
            "tongHoSo": len(outcomes),
            "hoSoTuChoi": outcomes.count(ingest.Outcome.REJECTED),
        }
    )


def _one(request: HttpRequest, who: SignedIn, place: int, content: object, claimed: str) -> dict[str, object]:
    """Take in one file of the call; its fault is its own and says which file it was."""
    try:
        data = unpack_base64(content if isinstance(content, str) else "")
        landing = take_in(request, who, data, channel=ingest.Channel.GATEWAY, allowed=ANY, claimed=claimed)
    except GatewayFault as fault:
        return {
            "index": place - 1,
            "maKetQua": fault.fault.value.code,
            "maGiaoDich": fault.transaction,
            "thongDiep": f"Tệp thứ {place}: {sentence(fault)}",
        }
    return {
        "index": place - 1,
        "maKetQua": "200",
        "maGiaoDich": landing.transaction,
        "thoiGianTiepNhan": stamp(landing.received_at),
        "thongDiep": message_of(landing),
    }


def _facility(code: str) -> str:
    """The axis's ``code`` is the facility's; longer ones (13 digits, GLN) are another register and are not compared."""
    return code if len(code) == len("01234") else ""
