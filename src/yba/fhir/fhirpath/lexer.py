"""A FHIRPath text cut into tokens."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .errors import FHIRPathSyntaxError

LONGEST: Final = 20_000  # characters; the longest invariant of R4 has some 900
_TIME: Final = r"\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)"
    rf"|(?P<date>@(?:T{_TIME}(?![:\dZ]|[+-]\d\d:)|\d{{4}}(?:-\d{{2}}(?:-\d{{2}})?)?(?:T(?:{_TIME})?(?:Z|[+-]\d{{2}}:\d{{2}})?)?))"
    r"|(?P<number>[0-9]+(?:L\b|\.[0-9]+)?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<quoted>`(?:[^`\\]|\\.)*`)"
    r'|(?P<constant>"(?:[^"\\]|\\.)*")'
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<special>\$(?:this|index|total)\b)"
    r"|(?P<symbol><=|>=|!=|!~|[-+*/&|<>=~.,()\[\]{}%])",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_SURROGATES: Final = range(0xD800, 0xE000)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "'": "'", '"': '"', "`": "`", "\\": "\\", "/": "/"}


class Token(NamedTuple):
    """One word or sign of an expression."""

    kind: str  # date, number, text, name, quoted, constant (in double quotes: R4's %"vs-name"), special, symbol, end
    text: str  # strings without their quotes and escapes
    place: int

    @property
    def shown(self) -> str:
        """What an error says of it: a sign as it is, of all else only the kind, because a patch names people."""
        return repr(self.text) if self.kind in {"symbol", "special"} else f"a {self.kind}" if self.kind != "end" else "the end"


def tokens(text: str) -> list[Token]:
    """Cut an expression; ends with a token of kind "end". Raises FHIRPathSyntaxError."""
    if len(text) > LONGEST:
        message = f"longer than {LONGEST} characters"
        raise FHIRPathSyntaxError(message)
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FHIRPathSyntaxError("unexpected character", place=at)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, _plain(match.lastgroup, match[0], at), at))
        at = match.end()
    found.append(Token("end", "", at))
    return found


def _plain(kind: str, text: str, place: int) -> str:
    if kind not in {"text", "quoted", "constant"}:
        return text

    def one(escape: re.Match[str]) -> str:
        if escape[1]:  # two halves of one character outside of the first plane
            return bytes.fromhex(escape[1] + escape[2]).decode("utf-16-be")
        sign = escape[3]
        if len(sign) == 1:
            return _ESCAPED.get(sign, sign)  # a backslash before anything else is left out
        if int(sign[1:], 16) in _SURROGATES:
            raise FHIRPathSyntaxError("half of a surrogate pair", place=place)
        return chr(int(sign[1:], 16))

    found = _ESCAPE.sub(one, text[1:-1])
    if kind == "quoted" and not found:
        raise FHIRPathSyntaxError("a name needs letters", place=place)
    return found
