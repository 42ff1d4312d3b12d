"""The words of alerts: a place, what a rule found there, an alert as it stands, and how a rule was judged last."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.alerts import Rule, alerts
from yba.specs.measures import Dimension, Measure, measures
from yba.specs.reading import Words
from yba.warehouse.saying import rounded

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from yba.specs.alerts import Severity


class Place(NamedTuple):
    """What an alert is about: a facility (MA_CSKCB), a commune of 2025, a value of the measure's own dimension; all None: the province."""

    facility: str | None = None
    area: str | None = None
    detail: str | None = None


PROVINCE: Final = Place()
OF: Final = {Dimension.FACILITY: "facility", Dimension.COMMUNE: "area", Dimension.DETAIL: "detail"}


class Reason(StrEnum):
    """What a rule found."""

    WORSE_THAN_TARGET = "worse-than-target"
    ABOVE_LIMIT = "above-limit"
    BELOW_LIMIT = "below-limit"
    RUN_ABOVE = "run-above"
    RUN_BELOW = "run-below"
    RISING = "rising"
    SILENT = "silent"
    ABOVE_CHANNEL = "above-channel"
    ABOVE_RECENT = "above-recent"
    FEW_CASES = "few-cases"
    SHARE_JUMP = "share-jump"
    ABOVE_FORECAST = "above-forecast"
    BELOW_FORECAST = "below-forecast"
    NONE = "none"


class State(StrEnum):
    """Whether a rule could be judged."""

    JUDGED = "judged"
    NO_SOURCE = "no_source"
    NOTHING = "nothing"  # the lake holds no period to judge yet


class Finding(NamedTuple):
    """What a rule says of one place: ``fires`` None = nothing can be said (not heard, too few people, too short a past)."""

    place: Place
    period: str
    fires: bool | None
    value: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    reason: Reason = Reason.NONE


class Alert(NamedTuple):
    """An alert as it stands; numbers in the measure's unit (silence: days), value None where it is about too few people to be said."""

    id: UUID
    rule: str
    severity: Severity
    measure: str
    period: str
    place: Place
    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    reason: Reason
    first_period: str
    raised_at: datetime
    seen_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str
    closed_at: datetime | None
    closed_by: str | None
    closing: str

    @property
    def spec(self) -> Rule | None:
        """The rule; None where it is not in force any more."""
        return alerts().get(self.rule)

    @property
    def about(self) -> Measure | None:
        """The measure."""
        return measures().get(self.measure)

    @property
    def title(self) -> Words:
        """What the rule is called."""
        return self.spec.title if self.spec else Words(self.rule, self.rule)

    @property
    def words(self) -> Words:
        """Say what was found, with its numbers."""
        vi, en = _SAID[self.reason]
        unit = self.about.unit if self.about else Words("", "")
        return Words(vi.format(**self._numbers("vi"), unit=unit.vi), en.format(**self._numbers("en"), unit=unit.en))

    def _numbers(self, lang: str) -> dict[str, str]:
        told = {"value": self.value, "expected": self.expected, "low": self.low, "high": self.high}
        return {name: "–" if one is None else rounded(one, lang) for name, one in told.items()}


class RuleStanding(NamedTuple):
    """How a rule was judged last: on which export, for which period, of how many places something, or nothing, could be said."""

    rule: str
    seq: int
    judged_at: datetime
    period: str
    state: State
    places: int
    unknown: int
    firing: int


class Judged(NamedTuple):
    """What one judging did with a rule."""

    standing: RuleStanding
    raised: int
    closed: int


_SAID: Final[dict[Reason, tuple[str, str]]] = {
    Reason.WORSE_THAN_TARGET: ("{value} {unit}, chỉ tiêu {expected}", "{value} {unit}, target {expected}"),
    Reason.ABOVE_LIMIT: (
        "{value} {unit}, vượt giới hạn trên {high} (đường giữa {expected})",
        "{value} {unit}, above its limit {high} (centre {expected})",
    ),
    Reason.BELOW_LIMIT: ("{value} {unit}, dưới giới hạn {low} (đường giữa {expected})", "{value} {unit}, below its limit {low} (centre {expected})"),
    Reason.RUN_ABOVE: ("tám kỳ liền trên đường giữa {expected}; nay {value} {unit}", "eight periods above the centre {expected}; now {value} {unit}"),
    Reason.RUN_BELOW: ("tám kỳ liền dưới đường giữa {expected}; nay {value} {unit}", "eight periods below the centre {expected}; now {value} {unit}"),
    Reason.RISING: ("tăng liền nhiều kỳ, từ {expected} lên {value} {unit}", "rising period after period, from {expected} to {value} {unit}"),
    Reason.SILENT: ("đã {value} ngày chưa được gửi như thường lệ", "not heard as usual for {value} days"),
    Reason.ABOVE_CHANNEL: (
        "{value} {unit}, vượt ngưỡng {high} của cùng kỳ các năm trước (trung vị {expected})",
        "{value} {unit}, above {high}, the channel of the same weeks of earlier years (median {expected})",
    ),
    Reason.ABOVE_RECENT: (
        "{value} {unit}, vượt ngưỡng {high} của các tuần gần đây (trung vị {expected}); chưa đủ năm để so cùng kỳ",
        "{value} {unit}, above {high} of the weeks before (median {expected}); too few years to compare with",
    ),
    Reason.FEW_CASES: ("có ca, số nhỏ được che; trước đây cùng kỳ không có", "there are cases, too few to be said; there were none before"),
    Reason.SHARE_JUMP: ("chiếm {value} %, trước đây {expected} %", "{value} % of all, {expected} % before"),
    Reason.ABOVE_FORECAST: (
        "{value} {unit}, cao hơn khoảng dự báo ({low} đến {high})",
        "{value} {unit}, above the 95 % forecast ({low} to {high})",
    ),
    Reason.BELOW_FORECAST: (
        "{value} {unit}, thấp hơn khoảng dự báo ({low} đến {high})",
        "{value} {unit}, below the 95 % forecast ({low} to {high})",
    ),
    Reason.NONE: ("", ""),
}
