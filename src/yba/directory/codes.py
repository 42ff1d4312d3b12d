"""The codes of facilities: five characters of the insurer, thirteen digits of GS1, and what they say by themselves."""

from __future__ import annotations

import re
from typing import Final

from yba.kit.errors import Invalid

_FACILITY: Final = re.compile(r"[0-9A-Z]{5}")
_GLN: Final = re.compile(r"[0-9]{13}")


def is_facility_code(code: str) -> bool:
    """Whether it has the form of a facility code (QĐ 384/2019): five digits or capital letters."""
    return code.isascii() and _FACILITY.fullmatch(code) is not None


def is_gln(text: str) -> bool:
    """Whether it is a GLN-13: thirteen digits whose GS1 mod-10 check digit is right."""
    return text.isascii() and _GLN.fullmatch(text) is not None and gs1_check_digit(text[:-1]) == text[-1]


def gs1_check_digit(digits: str) -> str:
    """The GS1 mod-10 check digit: from the right, weights 3, 1, 3, 1 and so on."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def checked_gln(text: str) -> str:
    """The GLN without blanks; "" stays ""; raises Invalid with the digit that would be right."""
    gln = "".join(text.split())
    if not gln or is_gln(gln):
        return gln
    message = f"{gln!r} is not a GLN."
    if gln.isascii() and _GLN.fullmatch(gln):
        raise Invalid(message, advice=f"Its last digit would be {gs1_check_digit(gln[:-1])}.")
    raise Invalid(message, advice="Write thirteen digits.")
