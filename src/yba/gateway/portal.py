"""The shape of the Điện Biên portal: multipart files with a bearer token, 200 and 201 as answers (section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba import ingest
from yba.access import Right, needs, open_to_all

from .answers import as_json, portal_fault, portal_session, sentence, stamp
from .body import parse, read_body
from .door import ANY, MAX_FILE, SIGN_IN, caller, message_of, sign_in, take_in
from .edge import speaking
from .faults import Fault, GatewayFault

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_SMALL: Final = 1 << 14


@speaking(portal_fault, "POST")
@open_to_all(SIGN_IN)
def take_token(request: HttpRequest) -> HttpResponse:
    """``POST /api/token``: multipart or form, the password plain or as MD5."""
    posted = parse(request.headers.get("Content-Type", ""), read_body(request, max_file=_SMALL))
    return as_json(portal_session(sign_in(request, posted.text("username"), posted.text("password"))))


@speaking(portal_fault, "POST")
@needs(Right.INGEST_MESSAGE_LAND)
def files(request: HttpRequest) -> HttpResponse:
    """``POST /api/Cong130/CheckIn``: field ``files``; all taken in is 200, else 201 naming the n-th file.

    What was taken in before the n-th stays: the same bytes sent again get the same transaction.
    """
    who = caller(request)
    posted = parse(request.headers.get("Content-Type", ""), read_body(request, max_file=MAX_FILE()))
    if not posted.files:
        raise GatewayFault(Fault.EMPTY)
    landings = []
    for place, (name, data) in enumerate(posted.files, 1):
        try:
            landings.append(take_in(request, who, data, channel=ingest.Channel.GATEWAY, allowed=ANY, filename=name))
        except GatewayFault as fault:
            document = {
                "trangThai": 2,
                "maGiaoDich": fault.transaction,
                "daTiepNhan": [landing.transaction for landing in landings],
                "thongDiep": f"Hồ sơ thứ {place}: {sentence(fault)}",
            }
            return as_json(document, status=201)
    return as_json(
        {
            "trangThai": 1,
            "maGiaoDich": landings[0].transaction,
            "daTiepNhan": [landing.transaction for landing in landings],
            "thoiGianTiepNhan": stamp(landings[0].received_at),
            "thongDiep": message_of(landings[0]),
        }
    )
