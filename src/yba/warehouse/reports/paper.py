"""What a written report holds, whoever writes it: a draft (no state) or a report as it was kept, with the names it is called by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from yba.specs.reading import Words
    from yba.warehouse.measures import Period

    from .model import Difference, Figures, Late, Sheet, Signed, Step, Unit


class Paper(NamedTuple):
    """Everything a file says."""

    report: str
    edition: str
    unit: Unit
    name: str  # of the unit
    period: Period
    words: Words  # of the period
    sheet: Sheet
    figures: Figures
    state: Step | None
    number: int
    steps: tuple[Signed, ...]
    differences: tuple[Difference, ...]
    late: tuple[Late, ...]
    sha256: str
    digest: str
    seq: int
