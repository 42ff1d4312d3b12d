"""Functions on collections: existence, filtering, subsetting, combining, iteration, aggregates."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Final

from yba.fhir.fhirpath.arithmetic import Descending, Negative, calculate
from yba.fhir.fhirpath.compare import Seen, less
from yba.fhir.fhirpath.context import Context, Expr, single, truth, whole_of
from yba.fhir.fhirpath.errors import FHIRPathError
from yba.fhir.fhirpath.quantities import as_quantity
from yba.fhir.fhirpath.values import Item, Items, children, system

from .base import Function, of_focus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def each(ctx: Context, focus: Items) -> Iterator[Item]:
    """Go through items with $this and $index set, and put them back afterwards."""
    ctx.spend(len(focus))
    this, index = ctx.this, ctx.index
    try:
        for ctx.index, ctx.this in enumerate(focus):
            yield ctx.this
    finally:
        ctx.this, ctx.index = this, index


def _where(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    return [item for item in each(ctx, focus) if truth(args[0](ctx))]


def _select(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    return [found for _ in each(ctx, focus) for found in args[0](ctx)]


def _exists(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    if not args:
        return [bool(focus)]
    running = each(ctx, focus)
    try:
        return [any(truth(args[0](ctx)) for _ in running)]
    finally:
        running.close()  # type: ignore[attr-defined]  # it is a generator: puts $this back at once


def _all(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    running = each(ctx, focus)
    try:
        return [all(truth(args[0](ctx)) for _ in running)]
    finally:
        running.close()  # type: ignore[attr-defined]  # as above


def _repeat(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    seen, out, now = Seen(), [], focus
    while now:
        found = [item for _ in each(ctx, now) for item in args[0](ctx)]
        now = [item for item in found if seen.add(item)]
        _spend_texts(ctx, now)
        out += now
    return out


def _repeat_all(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    out, now = [], focus
    while now:
        now = [item for _ in each(ctx, now) for item in args[0](ctx)]
        _spend_texts(ctx, now)
        out += now
    return out


def _spend_texts(ctx: Context, items: Items) -> None:
    """Account for texts that a repetition makes: they may grow with every turn."""
    ctx.spend(sum(len(item) for item in items if type(item) is str) // 8)


def _aggregate(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    before = ctx.total
    try:
        ctx.total = args[1](ctx) if len(args) > 1 else []
        for _ in each(ctx, focus):
            ctx.total = args[0](ctx)
            ctx.spend(len(ctx.total))
        return ctx.total
    finally:
        ctx.total = before


def _iif(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    if len(focus) > 1:
        raise FHIRPathError("iif() needs at most one value before it")
    this = ctx.this
    try:
        if focus:
            ctx.this = focus[0]
        if truth(args[0](ctx)):
            return args[1](ctx)
        return args[2](ctx) if len(args) > 2 else []  # noqa: PLR2004  the third is `otherwise`
    finally:
        ctx.this = this


def _booleans(focus: Items) -> list[bool]:
    found = [system(item) for item in focus]
    if not all(isinstance(value, bool) for value in found):
        raise FHIRPathError("expected true or false")
    return found


def _distinct(focus: Items) -> Items:
    seen = Seen()
    return [item for item in focus if seen.add(item)]


def _among(focus: Items, other: Items) -> bool:
    seen = Seen()
    for item in other:
        seen.add(item)
    return all(item in seen for item in focus)


def _skip(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    count = whole_of(args[0](ctx), "skip()")
    return [] if count is None else focus[max(0, count) :]


def _take(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    count = whole_of(args[0](ctx), "take()")
    return [] if count is None else focus[: max(0, count)]


def _single(focus: Items) -> Items:
    if len(focus) > 1:
        message = f"single() found {len(focus)}"
        raise FHIRPathError(message)
    return focus


def _intersect(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    other = Seen()
    for item in args[0](ctx):
        other.add(item)
    return _distinct([item for item in focus if item in other])


def _exclude(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    other = Seen()
    for item in args[0](ctx):
        other.add(item)
    return [item for item in focus if item not in other]


def _union(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    both = [*focus, *args[0](ctx)]
    ctx.spend(len(both))
    return _distinct(both)


def _combine(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    both = [*focus, *args[0](ctx)]
    ctx.spend(len(both))
    return both


def _coalesce(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    return next((found for arg in args if (found := arg(ctx))), [])


def _descendants(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    out: Items = []
    now = focus
    while now:
        now = [child for item in now for child in children(item)]
        ctx.spend(4 * len(now))  # finding children costs about what four other steps cost
        out += now
    return out


def _sort(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    """Sort by keys; a leading minus, even on text, means descending and leaves what has no key first (testSort10); `desc` puts that last."""
    if not args:
        return sorted(focus, key=cmp_to_key(_order))
    keyed = [([_key(arg, ctx) for arg in args], item) for item in each(ctx, focus)]

    def compare(one: tuple[list[Key], Item], other: tuple[list[Key], Item]) -> int:
        for (a, sign, empty), (b, _, _) in zip(one[0], other[0], strict=True):
            found = _order(a, b) * (empty if a is None or b is None else sign)
            if found:
                return found
        return 0

    return [item for _, item in sorted(keyed, key=cmp_to_key(compare))]


Key = tuple[Item, int, int]  # value, direction of values, direction of what has none


def _key(arg: Expr, ctx: Context) -> Key:
    if isinstance(arg, Negative):
        return single(arg.inner(ctx)), -1, -1 if isinstance(arg, Descending) else 1
    return single(arg(ctx)), 1, 1


def _order(a: Item, b: Item) -> int:
    if a is None or b is None:
        return (a is not None) - (b is not None)
    return less(a, b) or 0


def _sum(focus: Items) -> Items:
    if any(as_quantity(value) is None for item in focus if (value := system(item)) is not None):
        raise FHIRPathError("only numbers and quantities have a sum")
    total = focus[:1]
    for item in focus[1:]:
        total = calculate("+", total, [item])
    return total


def _extreme(sign: int) -> Callable[[Items], Items]:
    def run(focus: Items) -> Items:
        best = focus[:1]
        for item in focus[1:]:
            if (less(item, best[0]) or 0) * sign < 0:
                best = [item]
        return best

    return run


def _average(focus: Items) -> Items:
    return calculate("/", _sum(focus), [len(focus)]) if focus else []


def _not(focus: Items) -> Items:
    found = truth(focus)
    return [] if found is None else [not found]


COLLECTIONS: Final[dict[str, Function]] = {
    "where": Function(_where, 1, 1),
    "select": Function(_select, 1, 1),
    "exists": Function(_exists, 0, 1),
    "all": Function(_all, 1, 1),
    "repeat": Function(_repeat, 1, 1),
    "repeatAll": Function(_repeat_all, 1, 1),
    "aggregate": Function(_aggregate, 1, 2),
    "iif": Function(_iif, 2, 3),
    "sort": Function(_sort, 0, 20),
    "coalesce": Function(_coalesce, 1, 20),
    "skip": Function(_skip, 1, 1),
    "take": Function(_take, 1, 1),
    "intersect": Function(_intersect, 1, 1),
    "exclude": Function(_exclude, 1, 1),
    "union": Function(_union, 1, 1),
    "combine": Function(_combine, 1, 2),
    "subsetOf": Function(lambda ctx, focus, args: [_among(focus, args[0](ctx))], 1, 1),
    "supersetOf": Function(lambda ctx, focus, args: [_among(args[0](ctx), focus)], 1, 1),
    "descendants": Function(_descendants),
    "children": of_focus(lambda focus: [child for item in focus for child in children(item)]),
    "empty": of_focus(lambda focus: [not focus]),
    "not": of_focus(_not),
    "count": of_focus(lambda focus: [len(focus)]),
    "first": of_focus(lambda focus: focus[:1]),
    "last": of_focus(lambda focus: focus[-1:]),
    "tail": of_focus(lambda focus: focus[1:]),
    "single": of_focus(_single),
    "distinct": of_focus(_distinct),
    "isDistinct": of_focus(lambda focus: [len(_distinct(focus)) == len(focus)]),
    "allTrue": of_focus(lambda focus: [all(_booleans(focus))]),
    "anyTrue": of_focus(lambda focus: [any(_booleans(focus))]),
    "allFalse": of_focus(lambda focus: [not any(_booleans(focus))]),
    "anyFalse": of_focus(lambda focus: [not all(_booleans(focus))]),
    "sum": of_focus(_sum),
    "min": of_focus(_extreme(1)),
    "max": of_focus(_extreme(-1)),
    "avg": of_focus(_average),
}
