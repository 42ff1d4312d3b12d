"""Believing a proxy's word of the caller only when it is one of ours that says it; leading plain requests to TLS where the operator says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponsePermanentRedirect

from yba.accounts import PROXIES
from yba.kit import network, settings

from .faults import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


PROXY_ADDRESSES: Final = settings.declare(
    "YBA_PROXY_ADDRESSES",
    network.networks,
    default="127.0.0.0/8,::1",
    meaning="From which addresses our own reverse proxies call; what anybody else says in X-Forwarded-… is thrown away. Counts with YBA_PROXIES.",
    write="addresses or networks separated by commas, for example 127.0.0.1,10.0.0.2",
)
TLS: Final = settings.declare(
    "YBA_TLS",
    settings.yes_no,
    default="no",
    meaning="The platform is reached by TLS only: plain requests are led to https (GET) or refused, and browsers are told to stay there (HSTS).",
    write="yes or no",
)
SAID: Final = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)


class Proxies:
    """The outermost middleware but one: after it, what a proxy said is either gone or ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Throw away what strangers say of others; answer a plain request where TLS is a must."""
        if not (PROXIES() and is_ours(request.META.get("REMOTE_ADDR", ""))):
            for name in SAID:
                request.META.pop(name, None)
        if not TLS() or request.is_secure():
            return self.get_response(request)
        if request.method in {"GET", "HEAD"} and not request.path.startswith(("/api/", "/intake/")):
            return HttpResponsePermanentRedirect(f"https://{request.get_host()}{request.get_full_path()}")
        return answer(request, 403, "tls")  # whatever it carried went over the wire in the clear: it must not seem to work


def is_ours(told: str) -> bool:
    """Whether an address is one our own proxies call from."""
    found = network.address(told)
    if found is None:
        return not told  # a socket file: only our own machine's proxy can open it
    return any(found in ours for ours in PROXY_ADDRESSES())
