"""Headers of every answer of every face: nothing from elsewhere, nothing framed, nothing kept by caches, TLS once is TLS for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

# A page that needs more says so itself (its own header stays); what is no page may load nothing at all.
_PAGE: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OTHER: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_OFF: Final = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb".split()
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _OFF),
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
HSTS: Final = "max-age=63072000"  # two years; subdomains are the province's to judge


class Headers:
    """The outermost middleware: also what other layers refuse passes here on its way out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with every header set that the answer does not set itself."""
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        kind = response.headers.get("Content-Type", "")
        response.headers.setdefault("Content-Security-Policy", _PAGE if kind.startswith("text/html") else OTHER)
        if request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response
