"""Until people sign in, pages are for the operator at this machine only: the guard every page passes."""

from __future__ import annotations

from functools import wraps
from ipaddress import ip_address
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
# What a proxy adds. Behind one, everybody in the world would come from 127.0.0.1.
_PROXIED: Final = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
_REFUSED: Final = (
    "Trang này chỉ mở được trên chính máy chủ (địa chỉ 127.0.0.1) cho đến khi có đăng nhập.\n"
    "This page opens on the server's own machine only, until sign-in exists.\n"
)


def loopback_only(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Refuse whoever is not at this machine: by address, by the name asked for (DNS rebinding), by what proxies add, by foreign pages."""

    @wraps(view)
    def run(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_local(request):
            return HttpResponseForbidden(_REFUSED, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", run)


def is_local(request: HttpRequest) -> bool:
    """Whether a request was made by a browser at this machine, for this machine, from a page of this machine."""
    return (
        _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname in _NAMES
        and not any(name in request.headers for name in _PROXIED)
        and request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    )


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)
