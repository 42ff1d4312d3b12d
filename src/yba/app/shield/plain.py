"""The shield before a face that is a WSGI application of its own: proxies' words, TLS, sizes and headers as Django's middleware has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.accounts import PROXIES
from yba.specs.edge import class_of

from .headers import ALWAYS, HSTS, OTHER
from .proxies import SAID, TLS, is_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Environ = dict[str, Any]
    Start = Callable[..., Callable[[bytes], object]]
    Application = Callable[[Environ, Start], Iterable[bytes]]

REFUSED: Final = "yba.refused"  # in the environ: why the shield would not let it through, for the face to say in its own shape


def shielded(application: Application) -> Application:
    """Put an application behind the shield; what is refused here is told by the application itself, which finds REFUSED in the environ."""

    def run(environ: Environ, start: Start) -> Iterable[bytes]:
        secure = _believe(environ)
        if TLS() and not secure:
            environ[REFUSED] = "tls"  # whatever it carried went over the wire in the clear: it must not seem to work
        elif _too_large(environ):
            environ[REFUSED] = "size"

        def started(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:  # noqa: ANN401  # WSGI's
            own = {name.lower() for name, _ in headers}
            more = {**ALWAYS, "Content-Security-Policy": OTHER, **({"Strict-Transport-Security": HSTS} if secure else {})}
            return start(status, headers + [(name, value) for name, value in more.items() if name.lower() not in own], *error)

        return application(environ, started)

    return run


def _believe(environ: Environ) -> bool:
    """Throw away what strangers say of others; whether the caller came by TLS."""
    if not (PROXIES() and is_ours(environ.get("REMOTE_ADDR", ""))):
        for name in SAID:
            environ.pop(name, None)
    elif environ.get("HTTP_X_FORWARDED_PROTO") == "https":
        environ["wsgi.url_scheme"] = "https"
    return environ.get("wsgi.url_scheme") == "https"


def _too_large(environ: Environ) -> bool:
    declared = environ.get("CONTENT_LENGTH") or "0"
    largest = class_of(str(environ.get("PATH_INFO", ""))).largest_body
    return bool(largest) and (not declared.isascii() or not declared.isdigit() or int(declared) > largest)
