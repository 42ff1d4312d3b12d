"""From where a request came: address, port, device; a proxy's word counts only where the operator said that there is one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from yba.kit import network, settings
from yba.kit.actor import Origin

if TYPE_CHECKING:
    from django.http import HttpRequest

PROXIES: Final = settings.declare(
    "YBA_PROXIES",
    settings.whole,
    default="0",
    meaning="How many reverse proxies of our own stand in front, append to X-Forwarded-For and set X-Forwarded-Proto; 0: no such header is believed.",
    write="a whole number, usually 1 behind one TLS proxy",
)

# The first mark that is found: browsers and systems also carry the marks of those they descend from.
_BROWSERS: Final = (("Edg", "Edge"), ("coc_coc", "Cốc Cốc"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS: Final = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))


def address_of(request: HttpRequest) -> str:
    """Return the caller's IP address in its normal form, "" when it has none."""
    told = request.META.get("REMOTE_ADDR", "")
    proxies = PROXIES()
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        told = hops[-proxies] if len(hops) >= proxies else told
    return str(network.address(told) or "")


def browser_of(request: HttpRequest) -> str:
    """Return the kind of browser and system as its owner would name it ("Firefox · Windows"), "" for an unknown one; only told, never relied on."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    return " · ".join(found for kinds in (_BROWSERS, _SYSTEMS) if (found := next((name for mark, name in kinds if mark in agent), "")))


def origin_of(request: HttpRequest) -> Origin:
    """Return the origin of a request for the trail (ANM-R11); the device is a hash of user agent and session key, no name."""
    session = getattr(request, "session", None)
    seen = f"{request.META.get('HTTP_USER_AGENT', '')}\0{session.session_key if session is not None else ''}"
    port = str(request.META.get("REMOTE_PORT", ""))
    return Origin(address_of(request), int(port) if port.isdigit() and not PROXIES() else 0, hashlib.sha256(seen.encode()).hexdigest()[:16])
