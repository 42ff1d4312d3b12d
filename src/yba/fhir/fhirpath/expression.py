"""A compiled FHIRPath expression, and the cache of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .checking import check
from .compiler import Compiler
from .context import NOTHING, Context, Environment, Expr
from .errors import FHIRPathError, FHIRPathSyntaxError
from .parser import Tree, parse
from .values import Item, Items, Node, Plans, plain, root, walk


class Purse:
    """Steps that several evaluations share: a thousand invariants of one document must not each take the most."""

    __slots__ = ("left", "memo")

    def __init__(self, steps: int) -> None:
        """Fill it; `memo` is the owner's, for what is asked of one document again and again."""
        self.left = steps
        self.memo: dict[int, frozenset[str]] = {}


class Expression:
    """An expression that can be asked of any number of documents."""

    __slots__ = ("_path", "_run", "text")

    def __init__(self, text: str, run: Expr, path: tuple[str, ...] = ()) -> None:
        """Take the text, its closure, and the names where it is a plain path."""
        self.text = text
        self._run = run
        self._path = tuple(Plans(name) for name in path)

    def __repr__(self) -> str:
        """Show the text."""
        return f"<FHIRPath {self.text}>"

    def __call__(self, resource: dict[str, Any] | Node, environment: Environment = NOTHING, **variables: Any) -> list[Any]:  # noqa: ANN401
        """Return the values as JSON would hold them. Raises FHIRPathError.

        `variables` are %name constants; `resource` is what %resource and %context are, too.
        """
        if self._path and type(resource) is dict:
            return walk(resource, self._path)
        return [value for item in self.items(resource, environment, **variables) if (value := plain(item)) is not None]

    def items(self, resource: dict[str, Any] | Node | Item, environment: Environment = NOTHING, **variables: Any) -> Items:  # noqa: ANN401
        """Return elements (Node: data, type, path()) and system values (bool, int, Decimal, str, Temporal, Quantity). Raises FHIRPathError."""
        node = root(resource) if isinstance(resource, dict) else resource
        known = {name: value if isinstance(value, list) else [value] for name, value in variables.items()}
        known.setdefault("context", [node])
        return self.run(Context(node, node, node, environment, known, environment.steps))

    def run(self, context: Context) -> Items:
        """Evaluate in a context of the caller's. Raises FHIRPathError."""
        try:
            return self._run(context)
        except RecursionError as error:
            raise FHIRPathError("nested too deeply") from error

    def holds(self, node: Node, resource: Node, whole: Node, environment: Environment, purse: Purse) -> bool:
        """Whether an invariant holds of an element; empty counts as true. Raises FHIRPathError, TooManySteps when the purse is empty."""
        context = Context(node, resource, whole, environment, {"context": [node]}, purse.left)
        try:
            found = self.run(context)
        finally:
            purse.left = context.left
        return not found or found[0] is not False


@lru_cache(maxsize=4096)
def compile(text: str, types: str | None = None, *, lenient: bool = False) -> Expression:  # noqa: A001  the contract's name
    """Read an expression once. Raises FHIRPathError (an Invalid) with the place.

    types: the type it is asked of ("Patient", "Patient.contact"); then steps that this type cannot take are refused before anything runs.
    lenient: `as` on several items filters, as R4's own search parameters need.
    """
    try:
        tree = parse(text)
        if types is not None:
            check(tree, types)
        return Expression(text, Compiler(lenient=lenient).compile(tree), _names(tree))
    except RecursionError as error:  # a chain of thousands of steps
        raise FHIRPathSyntaxError("nested too deeply") from error


def _names(tree: Tree) -> tuple[str, ...]:
    """Return the names of a plain path (`name.family`); nothing for any other expression, or one that begins with a type."""
    if tree.kind == "member":
        return () if tree.text[0].isupper() else (tree.text,)
    if tree.kind != "invoke" or tree.parts[1].kind != "member":
        return ()
    before = _names(tree.parts[0])
    if tree.parts[1].text in {"extension", "id"}:  # of a primitive they stand beside its value
        return ()
    return (*before, tree.parts[1].text) if before else ()
