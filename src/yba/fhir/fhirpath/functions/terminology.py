"""Functions that ask what codes mean: memberOf(), subsumes(), and R4's object %terminologies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.fhir.definitions import value_set
from yba.fhir.fhirpath.context import Context, Expr, single, text_of
from yba.fhir.fhirpath.errors import FHIRPathError
from yba.fhir.fhirpath.values import TERMINOLOGIES, Item, Items, Node, root, system

from .base import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Code = tuple[str | None, str]  # system (None: not said) and code
Answer = dict[str, Any] | str | None


def _codes(item: Item) -> Iterator[Code]:
    """Give the codes of a Coding, a CodeableConcept, a code or a text."""
    data = item.data if isinstance(item, Node) else None
    if isinstance(data, dict):
        among = data.get("coding", ()) if isinstance(item, Node) and item.type == "CodeableConcept" else (data,)
        yield from ((one.get("system"), str(one["code"])) for one in among if isinstance(one, dict) and one.get("code"))
    elif isinstance(value := system(item), str):
        yield None, value


def _listed(url: str, items: Items) -> bool | None:
    """Whether a value set of R4 that is enumerated here holds a code; None for any other."""
    held = value_set(url.partition("|")[0])
    if held is None:
        return None
    return any(code in held.get(of, ()) if of else any(code in codes for codes in held.values()) for item in items for of, code in _codes(item))


def _member_of(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    url = text_of(args[0](ctx), "memberOf()")
    if len(focus) != 1 or url is None:
        return []
    asked = ctx.environment.member_of
    found = asked(focus[0], url) if asked else _listed(url, focus)
    return [] if found is None else [found]


# --- subsumes: of a code, and of %terminologies


def _subsumes(ctx: Context, general: Code, specific: Code) -> bool | None:
    """Whether one code is the other or above it; None where nobody knows."""
    if general[0] != specific[0]:
        return None
    if general == specific:
        return True
    asked = ctx.environment.subsumes
    return asked(general[0] or "", general[1], specific[1]) if asked else None


def _subsuming(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    if focus == [TERMINOLOGIES]:
        return _outcome(ctx, args)
    return _either(ctx, focus, args, upwards=True)


def _subsumed_by(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    return _either(ctx, focus, args, upwards=False)


def _either(ctx: Context, focus: Items, args: Sequence[Expr], *, upwards: bool) -> Items:
    if len(args) != 1:
        raise FHIRPathError("subsumes() takes one code")
    other = args[0](ctx)
    if len(focus) != 1 or len(other) != 1 or not all(isinstance(item, Node) and isinstance(item.data, dict) for item in (focus[0], other[0])):
        return []
    said = [_subsumes(ctx, *((a, b) if upwards else (b, a))) for a in _codes(focus[0]) for b in _codes(other[0])]
    if True in said:
        return [True]
    return [False] if False in said else []


def _outcome(ctx: Context, args: Sequence[Expr]) -> Items:
    """Return the code of $subsumes: equivalent, subsumes, subsumed-by, not-subsumed."""
    if len(args) < 3:  # noqa: PLR2004  system and two codes
        raise FHIRPathError("%terminologies.subsumes() takes a code system and two codes")
    url, one, other = text_of(args[0](ctx), "subsumes()"), args[1](ctx), args[2](ctx)
    given = _asked(ctx, "subsumes", [url, _plain(one), _plain(other)], args[3:])
    if given or url is None or len(one) != 1 or len(other) != 1:
        return given
    left, right = (next(_codes(item), None) for item in (one[0], other[0]))
    if left is None or right is None:
        return []
    a, b = (url, left[1]), (url, right[1])
    if a == b:
        return ["equivalent"]
    down, up = _subsumes(ctx, a, b), _subsumes(ctx, b, a)
    if down is None or up is None:
        return []
    return ["subsumes" if down else "subsumed-by" if up else "not-subsumed"]


# --- the other calls of %terminologies


def _plain(items: Items) -> Any:  # noqa: ANN401  JSON
    item = single(items) if items and not isinstance(items[0], Node) else items[0] if len(items) == 1 else None
    return item.data if isinstance(item, Node) else item


def _asked(ctx: Context, operation: str, given: list[Any], params: Sequence[Expr]) -> Items:
    """Ask whoever the caller named; nothing where that is nobody, or who knows nothing."""
    asked = ctx.environment.terminology
    found: Answer = asked(operation, tuple(given), text_of(params[0](ctx), operation) or "" if params else "") if asked else None
    return [] if found is None else [found if isinstance(found, str) else root(found)]


def _service(operation: str, arguments: int, here: Callable[[Context, list[Items]], Answer]) -> Function:
    """Make a call of %terminologies: the caller's terminology service first, then what R4's own lists say."""

    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
        if focus != [TERMINOLOGIES]:
            message = f"{operation}() is asked of %terminologies"
            raise FHIRPathError(message)
        given = [arg(ctx) for arg in args[:arguments]]
        if any(len(items) != 1 for items in given):
            return []
        found = _asked(ctx, operation, [_plain(items) for items in given], args[arguments:])
        if found:
            return found
        own = here(ctx, given)
        return [] if own is None else [own if isinstance(own, str) else root(own)]

    return Function(call, arguments, arguments + 1)


def _url(items: Items) -> str:
    value = _plain(items)
    return str(value.get("url", "")) if isinstance(value, dict) else str(value)


def _expand(ctx: Context, given: list[Items]) -> Answer:
    url = _url(given[0])
    held = value_set(url.partition("|")[0])
    if held is None:
        return None
    contains = [{"system": of, "code": code} for of in sorted(held) for code in sorted(held[of])]
    expansion = {"timestamp": ctx.now.isoformat(timespec="seconds"), "total": len(contains), "contains": contains}
    return {"resourceType": "ValueSet", "url": url, "status": "active", "expansion": expansion}


def _validate(ctx: Context, given: list[Items]) -> Answer:  # noqa: ARG001
    found = _listed(_url(given[0]), given[1])
    return None if found is None else {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": found}]}


def _unknown(ctx: Context, given: list[Items]) -> Answer:  # noqa: ARG001
    return None


TERMINOLOGY: Final[dict[str, Function]] = {
    "memberOf": Function(_member_of, 1, 1),
    "subsumes": Function(_subsuming, 1, 4),
    "subsumedBy": Function(_subsumed_by, 1, 1),
    "expand": _service("expand", 1, _expand),
    "validateVS": _service("validateVS", 2, _validate),
    "validateCS": _service("validateCS", 2, _unknown),
    "lookup": _service("lookup", 1, _unknown),
    "translate": _service("translate", 2, _unknown),
}
