"""POST /fhir/token: software of a facility says who it is (OAuth 2.0 client credentials, RFC 6749 4.4) and gets a session."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from yba import accounts
from yba.access import open_to_all
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work

from . import bodies, negotiation
from .http import Answer, form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call import Call
    from .http import Request

_GATE: Final = Actor.system("fhir-token")
_SCOPE: Final = "system/*.*"  # what a client may is its role's matter; the scope says no more than that it stands for a facility
_WHY: Final = {
    accounts.Why.WRONG: (HTTPStatus.UNAUTHORIZED, "invalid_client", "Sai tên hoặc mật khẩu. Wrong client or secret."),
    accounts.Why.LOCKED: (HTTPStatus.TOO_MANY_REQUESTS, "temporarily_unavailable", "Sai quá nhiều lần; hãy đợi. Too many failures: wait."),
    accounts.Why.TOO_FAST: (HTTPStatus.TOO_MANY_REQUESTS, "temporarily_unavailable", "Quá nhiều lần; hãy đợi. Too many: wait."),
}


@open_to_all("signing in is how a facility's software says who it is")
def take(call: Call) -> Answer:
    """Open a session for a client and its secret, sent as HTTP Basic or as fields of the form."""
    request = call.request
    if negotiation.sent(request) != negotiation.FORM:
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_request", "Gửi application/x-www-form-urlencoded. Send a form.")
    fields = dict(form(bodies.read(request).decode("utf-8", "replace")))
    if fields.get("grant_type") != "client_credentials":
        return _refused(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", "Chỉ có client_credentials. Only client_credentials.")
    name, secret = _credentials(request, fields)
    if not name or not secret or "\0" in name:
        return _refused(HTTPStatus.UNAUTHORIZED, "invalid_client", "Thiếu client_id hoặc client_secret. Both are needed.")
    with unit_of_work(by=_GATE) as conn:
        opened = accounts.open_session(conn, by=_GATE, username=name, password=secret, address=request.origin.address)
    if isinstance(opened, accounts.Refused):
        status, code, words = _WHY[opened.why]
        return _refused(status, code, words, wait=opened.wait)
    lives = max(1, int((opened.expires_at - clock.now()).total_seconds()))
    told = {"access_token": opened.access_token, "token_type": "Bearer", "expires_in": lives, "scope": _SCOPE}
    return _answer(HTTPStatus.OK, told)


def _credentials(request: Request, fields: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, coded = request.header("authorization").partition(" ")
    if scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _refused(status: HTTPStatus, code: str, words: str, *, wait: int = 0) -> Answer:
    more = {"WWW-Authenticate": 'Basic realm="yba"'} if status is HTTPStatus.UNAUTHORIZED else {}
    return _answer(status, {"error": code, "error_description": words}, {**more, **({"Retry-After": str(wait)} if wait else {})})


def _answer(status: HTTPStatus, told: dict[str, Any], more: dict[str, str] | None = None) -> Answer:
    return Answer(
        int(status),
        told,
        headers={"Content-Type": "application/json;charset=utf-8", "Cache-Control": "no-store", "Pragma": "no-cache", **(more or {})},
    )
