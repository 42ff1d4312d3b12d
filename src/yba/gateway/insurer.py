"""The insurer's shape, which every hospital system already speaks (portal_api.md section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba import ingest
from yba.access import Right, needs, open_to_all
from yba.kit import clock

from .answers import as_json, insurer_fault, insurer_received, insurer_session
from .body import parse, read_body, unpack_base64
from .door import ASSESSMENT, CHECK_IN, CLAIMS, MAX_FILE, SIGN_IN, caller, message_of, sign_in, take_in
from .edge import speaking
from .faults import Fault, GatewayFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from .body import Posted

_SMALL: Final = 1 << 14
# loaiHoSo by what the call is for; the numbers are those of the letters (codes.csv, list "loaiHoSo (API)").
_NUMBER: Final = {CHECK_IN: "0", CLAIMS: "130", ASSESSMENT: "12"}


def _fault(fault: GatewayFault) -> HttpResponse:
    return insurer_fault(fault, clock.now())


@speaking(_fault, "POST")
@open_to_all(SIGN_IN)
def take_token(request: HttpRequest) -> HttpResponse:
    """``POST /api/token/take``: username and the MD5 of the password; answers APIKey."""
    posted = parse(request.headers.get("Content-Type", ""), read_body(request, max_file=_SMALL))
    return as_json(insurer_session(sign_in(request, posted.text("username"), posted.text("password"))))


def _submit(allowed: frozenset[ingest.MessageKind]) -> Callable[[HttpRequest], HttpResponse]:
    @speaking(_fault, "POST")
    @needs(Right.INGEST_MESSAGE_LAND)
    def submit(request: HttpRequest) -> HttpResponse:
        who = caller(request)
        posted = parse(request.headers.get("Content-Type", ""), read_body(request, max_file=MAX_FILE()))
        _fits(posted, who.username, who.facility, _NUMBER[allowed])
        landing = take_in(
            request,
            who,
            _file(posted),
            channel=ingest.Channel.GATEWAY,
            allowed=allowed,
            claimed=posted.text("maCSKCB"),
        )
        return as_json(insurer_received(landing.transaction, landing.received_at, message_of(landing)))

    return submit


def _fits(posted: Posted, username: str, facility: str, number: str) -> None:
    """Hold the form against the session: a stale form field must not send under another name."""
    if posted.text("username") and posted.text("username").casefold() != username.casefold():
        raise GatewayFault(Fault.SIGN_IN_WRONG)
    if posted.text("loaiHoSo") and posted.text("loaiHoSo").lstrip("0") != number.lstrip("0"):
        raise GatewayFault(Fault.WRONG_KIND)
    province = posted.text("maTinh")
    if province.isdigit() and not facility.startswith(province):
        raise GatewayFault(Fault.WRONG_FACILITY)


def _file(posted: Posted) -> bytes:
    text = posted.raw("fileHSBase64")
    if not text.strip() and posted.files:
        return posted.files[0][1]
    return unpack_base64(text)


check_in = _submit(CHECK_IN)
claims = _submit(CLAIMS)
assessment = _submit(ASSESSMENT)
