"""The words of measures: a cell, the state it is in, and the answer of all cells with what must be said beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from yba.specs.reading import Words

if TYPE_CHECKING:
    from yba.specs.measures import Dimension, Measure

    from .periods import Period


class State(StrEnum):
    """Whether a value may be read, and if not why."""

    SHOWN = "shown"
    TOO_FEW = "too_few"
    NO_SOURCE = "no_source"
    NOT_HEARD = "not_heard"
    FAILED = "failed"


NOBODY: Final = Words("không có ai trong mẫu số", "nobody in the denominator")
FEW: Final = Words("quá ít người, được che", "too few people, hidden")
UNHEARD: Final = Words("chưa gửi gì trong kỳ", "nothing was sent in the period")
NO_NUMBER: Final = Words("phép chia cho 0 hoặc số quá lớn: không có giá trị", "a division by zero or too large a number: there is no value")
WITHOUT_RESTRICTED: Final = Words("không tính nhóm thông tin hạn chế", "restricted categories are not counted")
WITH_RESTRICTED: Final = Words("có tính nhóm thông tin hạn chế", "restricted categories are counted")
RUNNING: Final = Words("kỳ chưa kết thúc", "the period has not ended")
ROUNDED: Final = Words(
    "câu hỏi tự chọn: số được làm tròn ngẫu nhiên để không lộ một người",
    "a question of one's own: numbers are rounded at random, so that nobody can be told from them",
)
ROUGH: Final = Words("đã làm tròn ngẫu nhiên", "rounded at random")  # beside one number, in files too


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: per cent for a share, otherwise in the measure's unit; without one ``words`` say why.

    ``heard`` of ``expected`` facilities told of a visit in the period; expected are those that did in the twelve months to its end. A share's or
    mean's ``denominator`` is None where nothing is shown; a count has none. ``dimensions``: None = not known, or not told apart.
    """

    period: str
    dimensions: dict[Dimension, str | None]
    numerator: float | None
    denominator: float | None
    value: float | None
    state: State
    heard: int
    expected: int
    words: Words | None = None

    @property
    def heard_share(self) -> float | None:
        """Return heard ÷ expected; None when nobody is expected."""
        return self.heard / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, its cells in the order of the dimensions, and notes that belong beside them."""

    measure: Measure
    period: Period
    by: tuple[Dimension, ...]
    cells: tuple[Cell, ...]
    notes: tuple[Words, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Counted:
    """An answer before small numbers are hidden: never shown, kept beside the lake; ``people``: (counted, asked) of each cell."""

    measure: Measure
    period: Period
    by: tuple[Dimension, ...]
    cells: tuple[Cell, ...]
    people: tuple[tuple[int, int], ...]
