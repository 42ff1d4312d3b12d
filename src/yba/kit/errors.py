"""A small tree of errors; each face translates the category once (HTTP status, exit code, OperationOutcome)."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Category(StrEnum):
    """What went wrong, seen from the caller: eight kinds are enough for every face."""

    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    TOO_MUCH = "too-much"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class YbaError(Exception):
    """An error with a category; the message is for people and carries no personal data."""

    category: ClassVar[Category] = Category.INTERNAL

    def __init__(self, message: str = "", *, advice: str = "") -> None:
        """Take what happened and, where known, what would be accepted instead."""
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        """Return the message followed by the advice."""
        return f"{self.message} {self.advice}".strip()


class NotFound(YbaError):
    """It does not exist, or the actor may not know that it does."""

    category = Category.NOT_FOUND


class Conflict(YbaError):
    """Somebody changed it in between, or it contradicts what is stored."""

    category = Category.CONFLICT


class Invalid(YbaError):
    """What was given cannot be accepted as it is."""

    category = Category.INVALID


class Forbidden(YbaError):
    """The actor is known and has no right to do this."""

    category = Category.FORBIDDEN


class Unauthenticated(YbaError):
    """The caller did not say who they are, or not convincingly."""

    category = Category.UNAUTHENTICATED


class TooMuch(YbaError):
    """Too many requests, or too many bytes in one."""

    category = Category.TOO_MUCH


class Unavailable(YbaError):
    """Something the platform leans on (database, other system) does not answer; trying again may help."""

    category = Category.UNAVAILABLE


class Internal(YbaError):
    """A mistake of ours."""

    category = Category.INTERNAL
