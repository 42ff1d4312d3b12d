"""What can be wrong with a FHIRPath expression or its evaluation."""

from __future__ import annotations

from yba.kit import Invalid


class FHIRPathError(Invalid):
    """An expression cannot be read or evaluated; `kind` says when it showed, `place` at which character."""

    kind = "execution"

    def __init__(self, message: str = "", *, place: int | None = None) -> None:
        """Take what is wrong and where."""
        super().__init__(f"FHIRPath, character {place + 1}: {message}" if place is not None else f"FHIRPath: {message}")
        self.place = place


class FHIRPathSyntaxError(FHIRPathError):
    """The text is no expression."""

    kind = "syntax"


class FHIRPathSemanticError(FHIRPathError):
    """The expression cannot mean anything for the types it is about."""

    kind = "semantic"


class TooManySteps(FHIRPathError):
    """The evaluation was given up: more steps than any honest expression needs."""
