"""FHIRPath trees compiled to closures over plain documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from yba.fhir.definitions import is_type as is_fhir_type
from yba.fhir.definitions import known, supertypes

from . import temporal
from .arithmetic import Descending, Negative, calculate, negative
from .compare import Seen, equal, equal_items, equivalent, less
from .context import CONSTANTS, Context, Expr, single, truth, whole_of
from .errors import FHIRPathError, FHIRPathSemanticError, FHIRPathSyntaxError
from .functions import FUNCTIONS, Function
from .values import SYSTEM_TYPES, TERMINOLOGIES, Item, Items, Long, Node, Plans, Quantity, TypeInfo, is_type, step, system

if TYPE_CHECKING:
    from collections.abc import Callable

    from .parser import Tree

Step = "Callable[[Context, Items], Items]"
_COPYING: Final = frozenset("distinct isDistinct tail skip take intersect exclude subsetOf supersetOf sum min max avg sort join type".split())
_FEW: Final = 64  # items that these look at for nothing
_TYPED: Final = frozenset({"is", "as", "ofType"})


class Compiler:
    """Compiles the parts of one expression; `lenient`: `as` on several items filters, as R4's own search parameters need."""

    def __init__(self, *, lenient: bool = False) -> None:
        """Keep the mode."""
        self._lenient = lenient

    def compile(self, tree: Tree) -> Expr:
        """Return the closure of an expression that begins at $this."""
        made: Expr = getattr(self, f"_{tree.kind}")(tree)
        return made

    def _after(self, tree: Tree) -> Callable[[Context, Items], Items]:
        """Return the closure of what follows a dot."""
        if tree.kind == "member":
            return _member(tree.text)
        if tree.kind == "call":
            return self._called(tree)
        found = self.compile(tree)  # $this, $index, $total
        return lambda ctx, focus: found(ctx)  # noqa: ARG005

    # --- values

    def _literal(self, tree: Tree) -> Expr:
        found = [tree.value]
        return lambda ctx: found  # noqa: ARG005

    def _number(self, tree: Tree) -> Expr:
        text = tree.text
        found: Items = [Long(text[:-1]) if text[-1] == "L" else Decimal(text) if "." in text else int(text)]
        return lambda ctx: found  # noqa: ARG005

    def _quantity(self, tree: Tree) -> Expr:
        unit, calendar = tree.value
        found: Items = [Quantity(Decimal(tree.text), unit, calendar)]
        return lambda ctx: found  # noqa: ARG005

    def _date(self, tree: Tree) -> Expr:
        value = temporal.literal(tree.text)
        if value is None:
            message = f"{tree.text} is no date or time"
            raise FHIRPathSyntaxError(message, place=tree.place)
        found: Items = [value]
        return lambda ctx: found  # noqa: ARG005

    def _empty(self, tree: Tree) -> Expr:  # noqa: ARG002
        return lambda ctx: []  # noqa: ARG005

    def _this(self, tree: Tree) -> Expr:  # noqa: ARG002
        return lambda ctx: [ctx.this]

    def _index(self, tree: Tree) -> Expr:  # noqa: ARG002
        return lambda ctx: [] if ctx.index is None else [ctx.index]

    def _total(self, tree: Tree) -> Expr:  # noqa: ARG002
        return lambda ctx: ctx.total

    def _constant(self, tree: Tree) -> Expr:
        name = tree.text
        if name in {"resource", "rootResource"}:
            return lambda ctx: [ctx.resource if name == "resource" else ctx.root]
        if name == "terminologies":
            return lambda ctx: [TERMINOLOGIES]  # noqa: ARG005
        fixed = CONSTANTS.get(name)
        if name.startswith(("vs-", "ext-")):
            fixed = f"http://hl7.org/fhir/{'ValueSet' if name[0] == 'v' else 'StructureDefinition'}/{name.partition('-')[2]}"

        def constant(ctx: Context) -> Items:
            if name in ctx.variables:
                return ctx.variables[name]
            if fixed is None:
                message = f"unknown constant %{name}"
                raise FHIRPathError(message, place=tree.place)
            return [fixed]

        return constant

    # --- paths

    def _member(self, tree: Tree) -> Expr:
        """Compile a name at the beginning: the type of $this, or one of its elements."""
        name, after = tree.text, _member(tree.text)
        may_be_type = name[0].isupper()

        def begin(ctx: Context) -> Items:
            this = ctx.this
            if may_be_type and isinstance(this, Node) and (this.type == name or name in supertypes(this.type)):
                return [this]
            return after(ctx, [this])

        return begin

    def _call(self, tree: Tree) -> Expr:
        after = self._called(tree)
        return lambda ctx: after(ctx, [ctx.this])

    def _invoke(self, tree: Tree) -> Expr:
        before, after = self.compile(tree.parts[0]), self._after(tree.parts[1])
        return lambda ctx: after(ctx, before(ctx))

    def _scoped(self, tree: Tree) -> Expr:
        """Compile an operand or argument: variables that it defines are gone behind it."""
        made = self.compile(tree)
        if not _defines(tree):
            return made

        def scoped(ctx: Context) -> Items:
            before = ctx.variables
            try:
                return made(ctx)
            finally:
                ctx.variables = before

        return scoped

    def _item(self, tree: Tree) -> Expr:
        before, at = self.compile(tree.parts[0]), self._scoped(tree.parts[1])

        def item(ctx: Context) -> Items:
            number = whole_of(at(ctx), "[ ]")
            found = before(ctx)
            return [] if number is None or not 0 <= number < len(found) else [found[number]]

        return item

    def _called(self, tree: Tree) -> Callable[[Context, Items], Items]:
        if tree.text in _TYPED:
            if len(tree.parts) != 1:
                raise FHIRPathSyntaxError(f"{tree.text}() takes one type", place=tree.place)
            test = self._typed(tree.text, _dotted(tree.parts[0]), tree.place, strict=not self._lenient)
            return lambda ctx, focus: test(focus)  # noqa: ARG005
        function: Function | None = FUNCTIONS.get(tree.text)
        if function is None:
            message = f"unknown function {tree.text}()"
            raise FHIRPathSemanticError(message, place=tree.place)
        if not function.least <= len(tree.parts) <= function.most:
            message = f"{tree.text}() takes {function.least} to {function.most} arguments, found {len(tree.parts)}"
            raise FHIRPathSemanticError(message, place=tree.place)
        if tree.text == "getReferenceKey" and tree.parts:  # its argument is the name of a type
            kind: Items = [tree.parts[0].value if tree.parts[0].kind == "literal" else _dotted(tree.parts[0]).removeprefix("FHIR.")]
            return lambda ctx, focus: function.run(ctx, focus, (lambda _: kind,))
        run, arguments = function.run, tuple(self._argument(part) for part in tree.parts)

        if tree.text not in _COPYING:
            return lambda ctx, focus: run(ctx, focus, arguments)

        def copying(ctx: Context, focus: Items) -> Items:
            if len(focus) > _FEW:  # a chain of hundreds of them over all of a document
                ctx.spend(len(focus) // 4)
            return run(ctx, focus, arguments)

        return copying

    def _argument(self, tree: Tree) -> Expr:
        """Compile an argument; a closure that says which way sort() goes is kept as it is."""
        made = self.compile(tree)
        return made if isinstance(made, Negative) else self._scoped(tree)

    def _order(self, tree: Tree) -> Expr:
        made = self._scoped(tree.parts[0])
        return Descending(made) if tree.text == "desc" else made

    def _type(self, tree: Tree) -> Expr:
        before = self.compile(tree.parts[0])
        test = self._typed(tree.text, tree.value, tree.place, strict=not self._lenient)
        return lambda ctx: test(before(ctx))

    @staticmethod
    def _typed(operation: str, name: str, place: int, *, strict: bool) -> Callable[[Items], Items]:
        namespace, _, own = name.rpartition(".")
        if known(name):
            namespace, own = "", name
        if namespace not in {"", "System", "FHIR"} or not (own in SYSTEM_TYPES or known(own) or is_fhir_type(own)):
            message = f"unknown type {name}"
            raise FHIRPathError(message, place=place)

        def test(focus: Items) -> Items:
            if operation == "ofType":
                return [item for item in focus if is_type(item, namespace, own, exact=True)]
            if not focus:
                return []
            if operation == "as" and not strict:
                return [item for item in focus if is_type(item, namespace, own, exact=True)]
            if len(focus) > 1:
                message = f"{operation} needs one value, found {len(focus)}"
                raise FHIRPathError(message, place=place)
            if operation == "as" and namespace == "System":  # of a FHIR primitive it is its value
                focus = [system(focus[0])]
            found = is_type(focus[0], namespace, own, exact=operation == "as")
            return [found] if operation == "is" else focus if found else []

        return test

    # --- operators

    def _unary(self, tree: Tree) -> Expr:
        inner = self.compile(tree.parts[0])
        return Negative(inner) if tree.text == "-" else lambda ctx: negative(inner(ctx), "+")

    def _binary(self, tree: Tree) -> Expr:
        left, right = self._scoped(tree.parts[0]), self._scoped(tree.parts[1])
        operator = tree.text
        made = _BINARY.get(operator)
        if made is not None:
            return made(left, right)
        return lambda ctx: calculate(operator, left(ctx), right(ctx))


def _defines(tree: Tree) -> bool:
    return (tree.kind == "call" and tree.text == "defineVariable") or any(_defines(part) for part in tree.parts)


def _member(name: str) -> Callable[[Context, Items], Items]:
    plans = Plans(name)

    def member(ctx: Context, focus: Items) -> Items:
        out: Items = []
        for item in focus:
            if type(item) is Node:
                step(item, plans, out)
            elif isinstance(item, (TypeInfo, Quantity)) and name in {"namespace", "name", "value", "unit"}:
                out += [part for part in [getattr(item, name, None)] if part is not None]
        if len(out) > 1:
            ctx.spend(len(out))
        return out

    return member


def _dotted(tree: Tree) -> str:
    """Return the name of a type given as an argument: `FHIR.Patient`, `System.String`."""
    if tree.kind == "member":
        return tree.text
    if tree.kind == "invoke" and tree.parts[1].kind == "member":
        return f"{_dotted(tree.parts[0])}.{tree.parts[1].text}"
    raise FHIRPathSyntaxError("expected the name of a type", place=tree.place)


# --- binary operators: each makes a closure of two ---------------------------------------------------------------------------


def _equal(left: Expr, right: Expr) -> Expr:
    def run(ctx: Context) -> Items:
        a, b = left(ctx), right(ctx)
        if len(a) == 1 and len(b) == 1:
            one, other = system(a[0]), system(b[0])
            if type(one) is str and type(other) is str:
                return [one == other]
        found = equal(a, b)
        return [] if found is None else [found]

    return run


def _not_equal(left: Expr, right: Expr) -> Expr:
    def run(ctx: Context) -> Items:
        found = equal(left(ctx), right(ctx))
        return [] if found is None else [not found]

    return run


def _alike(ctx: Context, left: Expr, right: Expr) -> bool:
    a, b = left(ctx), right(ctx)
    if len(a) > 1 and len(a) == len(b):
        ctx.spend(len(a) * len(b))  # each may have to be paired with each
    return equivalent(a, b)


def _decided(*, by_left: bool, by_right: bool, as_: bool) -> Callable[[Expr, Expr], Expr]:
    """A connective of three values: one side alone may decide it; else it is the other way where both are known, and nothing where not."""

    def make(left: Expr, right: Expr) -> Expr:
        def run(ctx: Context) -> Items:
            a = truth(left(ctx))
            if a is by_left:
                return [as_]
            b = truth(right(ctx))
            return [as_] if b is by_right else [] if a is None or b is None else [not as_]

        return run

    return make


def _xor(left: Expr, right: Expr) -> Expr:
    def run(ctx: Context) -> Items:
        a, b = truth(left(ctx)), truth(right(ctx))
        return [] if a is None or b is None else [a is not b]

    return run


def _union(left: Expr, right: Expr) -> Expr:
    def run(ctx: Context) -> Items:
        both = [*left(ctx), *right(ctx)]
        if len(both) < 2:  # noqa: PLR2004  nothing to merge
            return both
        ctx.spend(len(both))
        seen = Seen()
        return [item for item in both if seen.add(item)]

    return run


def _in(left: Expr, right: Expr) -> Expr:
    def run(ctx: Context) -> Items:
        items, among = left(ctx), right(ctx)
        if not items:
            return []
        if len(items) > 1:
            raise FHIRPathError("in needs one value on its left")
        return [_among(items[0], among)]

    return run


def _among(item: Item, among: Items) -> bool:
    return any(equal_items(item, other) for other in among)


def _ordered(test: Callable[[int], bool]) -> Callable[[Expr, Expr], Expr]:
    def make(left: Expr, right: Expr) -> Expr:
        def run(ctx: Context) -> Items:
            a, b = left(ctx), right(ctx)
            if not a or not b:
                return []
            if len(a) > 1 or len(b) > 1:
                single(a if len(a) > 1 else b)
            found = less(a[0], b[0])
            return [] if found is None else [test(found)]

        return run

    return make


_BINARY: Final[dict[str, Callable[[Expr, Expr], Expr]]] = {
    "=": _equal,
    "!=": _not_equal,
    "~": lambda left, right: lambda ctx: [_alike(ctx, left, right)],
    "!~": lambda left, right: lambda ctx: [not _alike(ctx, left, right)],
    "<": _ordered(lambda found: found < 0),
    ">": _ordered(lambda found: found > 0),
    "<=": _ordered(lambda found: found <= 0),
    ">=": _ordered(lambda found: found >= 0),
    "and": _decided(by_left=False, by_right=False, as_=False),
    "or": _decided(by_left=True, by_right=True, as_=True),
    "xor": _xor,
    "implies": _decided(by_left=False, by_right=True, as_=True),
    "|": _union,
    "in": _in,
    "contains": lambda left, right: _in(right, left),
}
