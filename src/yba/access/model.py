"""The words of access: which columns carry the reach, one row in plain Python, and the refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.errors import Forbidden
from yba.specs import access as specs

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .rights import Right


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table says what a rule asks; None where it does not say.

    ``person`` and ``facility`` are column names. A table that has no facility of its own may say how to find one: ``at`` is SQL with
    ``{codes}`` (a text[]) and ``{alias}``. A rule that asks for what a table cannot say reaches none of its rows.
    """

    person: str | None = "person_id"
    facility: str | None = "facility_id"
    labels: str | None = "labels"
    rtype: str | None = "rtype"
    at: str = ""
    alias: str = ""

    def of(self, alias: str) -> Columns:
        """Return the same columns of a table named otherwise in the statement: RESOURCE.of("r")."""
        return replace(self, alias=alias)


RESOURCE: Final = Columns()


class Row(NamedTuple):
    """What a rule asks of one row, in plain Python."""

    person: UUID | None = None
    facility: str | None = None
    labels: frozenset[str] = frozenset()
    rtype: str = ""


class Held(NamedTuple):
    """What a rule asks of one relation: is it in force for this unit and kind, and since when has it ended."""

    person: UUID
    kind: str
    unit: str  # "facility:01013", "user:<account>", "department:01013/K01", "area:00004"
    start: datetime
    end: datetime | None


class Denied(Forbidden):
    """The actor does not hold this right here; ``vi`` and ``en`` say so to people."""

    def __init__(self, right: Right) -> None:
        """Take the right that is missing."""
        spec = specs.rights()[right.value]
        self.right = right
        self.vi = f"Bạn chưa được giao quyền “{spec.vi}” ở đây."
        self.en = f"You do not hold the right “{spec.en}” here."
        super().__init__(self.vi, advice=f"({right.value})")
