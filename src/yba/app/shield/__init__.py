"""What stands before every face: whom of the proxies to believe, sizes and paces, headers of every answer, pages for what went wrong."""

from .faults import bad_request, broken, csrf, forbidden, missing
from .headers import Headers
from .limits import Credits, Limits, Size
from .plain import REFUSED, shielded
from .proxies import Proxies

__all__ = [
    "REFUSED",
    "Credits",
    "Headers",
    "Limits",
    "Proxies",
    "Size",
    "bad_request",
    "broken",
    "csrf",
    "forbidden",
    "missing",
    "shielded",
]
