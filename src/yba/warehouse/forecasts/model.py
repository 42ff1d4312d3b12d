"""The words of forecasts: a week that was, a week to come, how well it did when it was tried, and all of it for one series."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.reading import Words
from yba.warehouse.saying import as_written

if TYPE_CHECKING:
    from datetime import date, datetime

    from yba.specs.forecasts import Series


class WeekState(StrEnum):
    """Whether a week's number may be read, and if not why."""

    SHOWN = "shown"
    TOO_FEW = "too_few"
    NOT_HEARD = "not_heard"


class Past(NamedTuple):
    """A week that was: its Monday, and its number where it may be read; a gap is no zero."""

    week: date
    value: float | None
    state: WeekState


class Point(NamedTuple):
    """A week to come: its Monday, the number in the middle, and between what it lies 80 and 95 times of a hundred, if weeks go on as they did."""

    week: date
    value: float
    low80: float
    high80: float
    low95: float
    high95: float


class Score(NamedTuple):
    """How the same way of forecasting did when it was tried at earlier weeks with what was known then.

    ``error``: mean distance from what came; ``naive_error``: of the same week a year before. ``covered80``, ``covered95``: share of the tried weeks
    that lay within (0 to 1). ``tried``: weeks compared, from ``origins`` starting points.
    """

    error: float
    naive_error: float
    covered80: float
    covered95: float
    tried: int
    origins: int

    @property
    def ratio(self) -> float:
        """Error ÷ naive error: below 1 is better than the same week a year before."""
        return self.error / self.naive_error if self.naive_error else float("inf")


class Verdict(StrEnum):
    """Whether a forecast is shown, and if not why."""

    SHOWN = "shown"
    TOO_SHORT = "too_short"
    TOO_FEW = "too_few"
    NO_BETTER = "no_better"
    NOT_COVERED = "not_covered"
    NO_SOURCE = "no_source"


@dataclass(frozen=True, slots=True)
class Forecast:
    """One series: the weeks that were, the weeks to come (none unless ``shown``), the score of the back-test, and words that belong beside it."""

    series: Series
    facility: str | None
    made_at: datetime
    history: tuple[Past, ...]
    points: tuple[Point, ...]
    tested: Score | None
    verdict: Verdict

    @property
    def shown(self) -> bool:
        """Whether it beat the same week of the year before, and may be read."""
        return self.verdict is Verdict.SHOWN

    @property
    def score(self) -> float | None:
        """Mean error of the back-test, in the series' unit; None where none was possible."""
        return self.tested.error if self.tested else None

    @property
    def words(self) -> Words:
        """Say how good it is, or why it is not shown."""
        vi, en = _SAID[self.verdict]
        if self.tested is None:
            return Words(vi, en)
        told = {"covered": f"{100 * self.tested.covered95:.0f}", "tried": self.tested.tried}
        ratio = f"{self.tested.ratio:.2f}"
        return Words(vi.format(ratio=as_written(ratio, "vi"), **told), en.format(ratio=ratio, **told))


_SAID: Final[dict[Verdict, tuple[str, str]]] = {
    Verdict.SHOWN: (
        "sai số bằng {ratio} lần cách lấy tuần cùng kỳ năm trước; khoảng 95 % đã chứa {covered} % của {tried} tuần thử",
        "its error is {ratio} of taking the same week a year before; the 95 % interval held {covered} % of {tried} weeks tried",
    ),
    Verdict.TOO_SHORT: (
        "chưa dự báo: chuỗi tuần quá ngắn hoặc thiếu nhiều tuần để thử so với cùng kỳ năm trước",
        "no forecast: too few weeks to try it against the same week a year before",
    ),
    Verdict.TOO_FEW: ("không dự báo: quá ít người mỗi tuần, số được che", "no forecast: too few people a week, numbers hidden"),
    Verdict.NO_BETTER: (
        "không dự báo: sai số bằng {ratio} lần cách lấy tuần cùng kỳ năm trước, không tốt hơn",
        "no forecast: its error is {ratio} of taking the same week a year before, no better",
    ),
    Verdict.NOT_COVERED: (
        "không dự báo: khoảng 95 % chỉ chứa {covered} % của {tried} tuần thử",
        "no forecast: the 95 % interval held only {covered} % of {tried} weeks tried",
    ),
    Verdict.NO_SOURCE: ("chưa có nguồn", "no source yet"),
}
