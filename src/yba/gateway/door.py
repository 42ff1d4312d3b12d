"""Who may come in and with what: the checks every shape goes through before a message is kept."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from yba import accounts, audit, ingest
from yba.kit import Actor, settings
from yba.kit.db import unit_of_work

from .answers import AGAIN_VI, CHECK_IN_VI, RECEIVED_VI
from .edge import admit
from .explain import words
from .faults import Fault, GatewayFault

if TYPE_CHECKING:
    from django.http import HttpRequest

MAX_FILE: Final = settings.declare(
    "YBA_GATEWAY_MAX_FILE",
    settings.whole,
    default="41943040",
    meaning="Largest file, in bytes before base64, that the gateway takes in one call; larger ones go through a folder or `yba ingest`.",
    write="a whole number of bytes, at least 20971520",
)
MAX_CLAIMS: Final = 20_000  # in one call; a real claim is 8 KB and more, so the largest file holds a fourth of that. Seven bytes make an empty one.
_MARKS: Final = tuple("<HOSO".encode(charset) for charset in ("utf-8", "utf-16-le", "utf-16-be"))
GATE: Final = Actor.system("gateway", purpose="claims-intake")
_WHY: Final = {
    accounts.Why.WRONG: Fault.SIGN_IN_WRONG,
    accounts.Why.LOCKED: Fault.LOCKED,
    accounts.Why.NO_TOKEN: Fault.NO_TOKEN,
    accounts.Why.EXPIRED: Fault.EXPIRED,
    accounts.Why.TOO_FAST: Fault.TOO_FAST,
}
_BY_RULE: Final = {
    "LAND001": Fault.EMPTY,
    "LAND002": Fault.NOT_XML,
    "LAND006": Fault.TOO_BIG,
    "LAND009": Fault.WRONG_FACILITY,
}
CLAIMS: Final = frozenset({ingest.MessageKind.CLAIMS, ingest.MessageKind.HEALTH_CHECK})
CHECK_IN: Final = frozenset({ingest.MessageKind.CHECK_IN})
ASSESSMENT: Final = frozenset({ingest.MessageKind.ASSESSMENT})
SIGN_IN: Final = "signing in is how a facility's software says who it is"
ANY: Final = CLAIMS | CHECK_IN | ASSESSMENT


def sign_in(request: HttpRequest, username: str, password: str, *, facility: str = "") -> accounts.Session:
    """Open a session; ``facility``, where a shape sends one, must be the account's. Raises GatewayFault."""
    if not username or not password or "\0" in username:
        raise GatewayFault(Fault.SIGN_IN_WRONG)
    with unit_of_work(by=GATE) as conn:
        opened = accounts.open_session(conn, by=GATE, username=username, password=password, address=accounts.address_of(request))
    if isinstance(opened, accounts.Refused):
        raise GatewayFault(_WHY[opened.why], wait=opened.wait)
    if facility and facility != opened.facility:
        raise GatewayFault(Fault.WRONG_FACILITY)
    return opened


def caller(request: HttpRequest) -> accounts.SignedIn:
    """Say who calls, by the insurer's three headers, a bearer token or a user name and password; it must hold what the address needs.

    Raises GatewayFault, and Denied (noted in a transaction of its own).
    """
    who = _signed_in(request)
    admit(request, actor_of(request, who))
    return who


def _signed_in(request: HttpRequest) -> accounts.SignedIn:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    with unit_of_work(by=GATE) as conn:
        if scheme.lower() == "basic":
            name, password = _basic(credentials)
            who = accounts.authenticate_basic(conn, by=GATE, username=name, password=password, address=accounts.address_of(request))
        else:
            who = accounts.authenticate(
                conn,
                by=GATE,
                access_token=request.headers.get("accessToken", "") or (credentials.strip() if scheme.lower() == "bearer" else ""),
                id_token=request.headers.get("tokenId", ""),
                password=request.headers.get("passwordHash", ""),
            )
    if isinstance(who, accounts.Refused):
        raise GatewayFault(_WHY[who.why], wait=who.wait)
    return who


def actor_of(request: HttpRequest, who: accounts.SignedIn) -> Actor:
    """Give the software of a facility as an actor, from where it calls."""
    return Actor.facility_client(who.facility, origin=accounts.origin_of(request))


def take_in(
    request: HttpRequest,
    who: accounts.SignedIn,
    data: bytes,
    *,
    channel: ingest.Channel,
    allowed: frozenset[ingest.MessageKind],
    claimed: str = "",
    filename: str = "",
) -> ingest.Landing:
    """Keep a message of the caller's own facility; when this returns it is on disk. Raises GatewayFault.

    ``claimed`` is the facility code of the form. Every facility code of the form, the envelope and each XML1 must be the account's.
    """
    actor = actor_of(request, who)
    if len(data) > MAX_FILE() or any(data.count(mark) > MAX_CLAIMS for mark in _MARKS):
        raise GatewayFault(Fault.TOO_BIG)
    if not data.strip():
        raise GatewayFault(Fault.EMPTY)
    peek = ingest.peek(data)
    foreign = sorted({code for code in (claimed, *peek.facilities) if code and code != who.facility})
    if foreign:
        _note_foreign(request, actor, who, foreign)
        raise GatewayFault(Fault.WRONG_FACILITY)
    if peek.kind is not ingest.MessageKind.UNKNOWN and peek.kind not in allowed:
        raise GatewayFault(Fault.WRONG_KIND)
    landing = ingest.land(by=actor, channel=channel, data=data, filename=filename, sender=who.username)
    fault = _refusal(landing)
    _keep_reply(request, actor, landing, fault)
    if fault:
        raise fault
    return landing


def message_of(landing: ingest.Landing) -> str:
    """Say in Vietnamese what became of a message that was taken in."""
    said = CHECK_IN_VI if landing.kind is ingest.MessageKind.CHECK_IN else RECEIVED_VI
    return f"{AGAIN_VI} {said}" if landing.again else said


def _basic(credentials: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise GatewayFault(Fault.SIGN_IN_WRONG) from wrong
    if not colon or "\0" in name:
        raise GatewayFault(Fault.SIGN_IN_WRONG)
    return name, password


def _note_foreign(request: HttpRequest, actor: Actor, who: accounts.SignedIn, foreign: list[str]) -> None:
    """A refusal is audited in a transaction of its own: nothing else of the call is kept."""
    with unit_of_work(by=actor) as conn:
        audit.note(
            conn,
            by=actor,
            tag=audit.Tag.INTAKE_REFUSED,
            about_type="Facility",
            about_id=who.facility,
            facility=who.facility,
            reason="file of another facility",
            detail={"facilities": foreign[:20], "address": accounts.address_of(request), "path": request.path},
        )


def _refusal(landing: ingest.Landing) -> GatewayFault | None:
    """A message that was kept and will not be processed; the rule's own words stand in the receipt."""
    if landing.refusal is None:
        return None
    rule = landing.refusal.rule
    return GatewayFault(_BY_RULE.get(rule, Fault.REFUSED), transaction=landing.transaction, detail=f"({rule}) {words(landing.refusal).mend}".strip())


def _keep_reply(request: HttpRequest, actor: Actor, landing: ingest.Landing, fault: GatewayFault | None) -> None:
    code, message = (fault.fault.value.code, fault.fault.value.vi) if fault else ("200", message_of(landing))
    # The reply itself is kept for good, with its transaction: the audit trail cannot be altered by the application.
    with unit_of_work(by=actor) as conn:
        audit.note(
            conn,
            by=actor,
            tag=audit.Tag.INTAKE_REPLY,
            about_type="Transaction",
            about_id=landing.transaction,
            facility=landing.facility or None,
            detail={"code": code, "message": message, "sha256": landing.sha256, "path": request.path, "address": accounts.address_of(request)},
        )
