"""What a FHIRPath function is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from yba.fhir.fhirpath.context import Context, Expr
from yba.fhir.fhirpath.values import Items

Run = Callable[[Context, Items, Sequence[Expr]], Items]


class Function(NamedTuple):
    """How many arguments it takes, and what it does with what stands before the dot."""

    run: Run
    least: int = 0
    most: int = 0


def of_focus(run: Callable[[Items], Items]) -> Function:
    """Make a function without arguments that looks at nothing but what stands before the dot."""
    return Function(lambda ctx, focus, args: run(focus))  # noqa: ARG005
