"""Pages packed for weak lines: a fifth of the bytes where the browser takes gzip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_WORTH: Final = 600  # bytes: below it one packet carries the page anyway
# Up to so many random bytes in the packed page's header: its length then tells nothing exact of a secret in it (BREACH).
_NOISE: Final = 100


def packed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Pack an answer's content where that is understood and worth it; one already packed or streamed stays as it is."""
    if answer.streaming or answer.has_header("Content-Encoding") or len(answer.content) < _WORTH:
        return answer
    patch_vary_headers(answer, ("Accept-Encoding",))
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.content = compress_string(answer.content, max_random_bytes=_NOISE)
        answer["Content-Encoding"] = "gzip"
    return answer
