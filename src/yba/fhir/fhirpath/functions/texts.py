"""Functions on text."""

from __future__ import annotations

import base64
import binascii
import html
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import regex

from yba.fhir.fhirpath.context import LONGEST, Context, Expr, made, text_of, whole_of
from yba.fhir.fhirpath.errors import FHIRPathError, TooManySteps

from .base import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yba.fhir.fhirpath.values import Items

PATIENCE: Final = 0.25  # seconds for one regular expression on one text: honest ones take microseconds


_FLAGS: Final = {"i": regex.IGNORECASE, "m": regex.MULTILINE}
_BLANKS: Final = " \t\r\n"  # what separates words of FHIRPath: a no-break space is text


@lru_cache(maxsize=512)
def _pattern(text: str, flags: str = "") -> regex.Pattern[str]:
    if not set(flags) <= _FLAGS.keys():
        raise FHIRPathError("the flags of a regular expression are i and m")
    try:
        return regex.compile(text, sum({_FLAGS[one] for one in flags}) | regex.DOTALL | regex.VERSION0)
    except (regex.error, RecursionError) as error:
        raise FHIRPathError("not a regular expression") from error


def _flags(ctx: Context, args: Sequence[Expr], name: str) -> str:
    return text_of(args[0](ctx), f"{name}()") or "" if args else ""


def _matching(run: Callable[[regex.Pattern[str], str], bool]) -> Function:
    def matches(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
        text, pattern = text_of(focus, "matches()"), text_of(args[0](ctx), "matches()")
        if text is None or pattern is None:
            return []
        try:
            return [run(_pattern(pattern, _flags(ctx, args[1:], "matches")), text)]
        except TimeoutError as error:
            raise TooManySteps("a regular expression takes too long") from error

    return Function(matches, 1, 2)


def _replace_matches(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    text = text_of(focus, "replaceMatches()")
    pattern, put = (text_of(arg(ctx), "replaceMatches()") for arg in args[:2])
    if text is None or pattern is None or put is None:
        return []
    if not pattern:
        return [text]
    try:
        # $1 and ${name} are how FHIRPath (and Java) write groups
        return made(_pattern(pattern, _flags(ctx, args[2:], "replaceMatches")).sub(_groups(put), text, timeout=PATIENCE, count=LONGEST))
    except TimeoutError as error:
        raise TooManySteps("a regular expression takes too long") from error
    except (regex.error, IndexError) as error:
        raise FHIRPathError("not a replacement") from error


@lru_cache(maxsize=512)
def _groups(put: str) -> str:
    return str(regex.sub(r"\$(?:\{(\w+)\}|(\d+))", lambda found: f"\\g<{found[1] or found[2]}>", put.replace("\\", "\\\\")))


def _on_text(name: str, run: Callable[..., Any], least: int = 0, most: int | None = None) -> Function:
    """Make a function of text whose arguments are texts; an empty one makes the result empty."""

    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
        values = [text_of(focus, f"{name}()"), *(text_of(arg(ctx), f"{name}()") for arg in args)]
        if any(value is None for value in values):
            return []
        found = run(*values)
        if found is None:
            return []
        return made(found) if isinstance(found, str) else found if isinstance(found, list) else [found]

    return Function(call, least, least if most is None else most)


def _substring(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    text, start = text_of(focus, "substring()"), whole_of(args[0](ctx), "substring()")
    if text is None or start is None or not 0 <= start < len(text):
        return []
    length = whole_of(args[1](ctx), "substring()") if len(args) > 1 else None
    return [text[start:] if length is None else text[start : start + max(0, length)]]


def _join(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    between = text_of(args[0](ctx), "join()") if args else ""
    found = [text for item in focus if (text := text_of([item], "join()")) is not None]
    return made((between or "").join(found)) if found else []


def _replaced(text: str, old: str, new: str) -> str:
    if len(new) * (text.count(old) if old else len(text) + 1) > LONGEST:
        raise TooManySteps("a text grew too long")
    return text.replace(old, new)


def _encoded(text: str, form: str) -> str | None:
    if form == "ascii":
        return text.encode("ascii", "replace").decode()
    data = text.encode()
    if form == "hex":
        return data.hex()
    coders = {"base64": base64.b64encode, "urlbase64": base64.urlsafe_b64encode}
    return coders[form](data).decode() if form in coders else None


def _decoded(text: str, form: str) -> str | None:
    forms: dict[str, Callable[[str], bytes]] = {
        "hex": lambda one: binascii.unhexlify(one.encode()),
        "base64": lambda one: base64.b64decode(one, validate=True),
        "urlbase64": lambda one: base64.b64decode(one, altchars=b"-_", validate=True),
    }
    if form not in forms:
        return None
    try:
        data = forms[form](text)
    except (ValueError, binascii.Error) as error:
        message = f"not {form}"
        raise FHIRPathError(message) from error
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None  # bytes that are no text


def _escaped(text: str, form: str) -> str | None:
    if form == "html":
        return html.escape(text)
    return json.dumps(text, ensure_ascii=False)[1:-1] if form == "json" else None


def _unescaped(text: str, form: str) -> str | None:
    if form == "html":
        return html.unescape(text)
    if form != "json":
        return None
    try:
        found = str(json.loads(f'"{text}"', strict=False))
        found.encode()  # half of a surrogate pair is no text
    except (json.JSONDecodeError, UnicodeEncodeError) as error:
        raise FHIRPathError("not json") from error
    return found


TEXTS: Final[dict[str, Function]] = {
    "matches": _matching(lambda pattern, text: pattern.search(text, timeout=PATIENCE) is not None),
    "matchesFull": _matching(lambda pattern, text: pattern.fullmatch(text, timeout=PATIENCE) is not None),
    "replaceMatches": Function(_replace_matches, 2, 3),
    "substring": Function(_substring, 1, 2),
    "join": Function(_join, 0, 1),
    "indexOf": _on_text("indexOf", lambda text, part: text.find(part), 1),
    "lastIndexOf": _on_text("lastIndexOf", lambda text, part: text.rfind(part), 1),
    "startsWith": _on_text("startsWith", str.startswith, 1),
    "endsWith": _on_text("endsWith", str.endswith, 1),
    "contains": _on_text("contains", lambda text, part: part in text, 1),
    "replace": _on_text("replace", _replaced, 2),
    "upper": _on_text("upper", str.upper),
    "lower": _on_text("lower", str.lower),
    "trim": _on_text("trim", lambda text: text.strip(_BLANKS)),
    "length": _on_text("length", len),
    "toChars": _on_text("toChars", list),
    "split": _on_text("split", lambda text, by: text.split(by) if by else list(text), 1),
    "encode": _on_text("encode", _encoded, 1),
    "decode": _on_text("decode", _decoded, 1),
    "escape": _on_text("escape", _escaped, 1),
    "unescape": _on_text("unescape", _unescaped, 1),
}
