"""What a route, gateway call or command asks for before it runs: a right, or the reason why it is open to all; undeclared ones refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from .holding import holds
from .model import Denied

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.kit.actor import Actor

    from .rights import Right

_ATTRIBUTE: Final = "yba_declaration"
F = TypeVar("F", bound="Callable[..., object]")


class Declaration(NamedTuple):
    """What was declared: all ``rights`` are needed; without any, ``reason`` says why it is open to all."""

    rights: tuple[Right, ...]
    reason: str = ""

    def admits(self, by: Actor) -> bool:
        """Whether the actor may come in; what it sees then is the predicates' matter."""
        return all(holds(by, right) for right in self.rights)

    def check(self, by: Actor) -> None:
        """Raise Denied for the first right the actor lacks."""
        for right in self.rights:
            if not holds(by, right):
                raise Denied(right)


def needs(right: Right, *more: Right) -> Callable[[F], F]:
    """Declare that all of these rights are needed: ``@needs(Right.RECORD_CLINICAL_READ)``."""
    return _declare(Declaration((right, *more)))


def open_to_all(reason: str) -> Callable[[F], F]:
    """Declare that no right is needed, and why: ``@open_to_all("the sign-in page itself")``."""
    if not reason.strip():
        message = "open_to_all needs a reason"
        raise ValueError(message)
    return _declare(Declaration((), reason))


def declared(view: object) -> Declaration | None:
    """Return what a view or command declared (also through functools.wraps); None = nothing: refuse it."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, Declaration) else None


def _declare(declaration: Declaration) -> Callable[[F], F]:
    def mark(view: F) -> F:
        setattr(view, _ATTRIBUTE, declaration)
        return view

    return mark
