"""What charts are given: plain numbers with the words that stand beside them; nothing of where they come from."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """One value of a course, in the order of time; without a value ``why`` says in words what is missing ("chưa gửi gì trong kỳ")."""

    label: str
    value: float | None
    why: str = ""


class Level(NamedTuple):
    """A line to hold a value against: a target, in the unit of the values."""

    value: float
    words: str


class Watched(NamedTuple):
    """One value of a control chart with the limits of its own moment.

    ``signal``: what else is odd about it, in words ("8 tháng liền trên trung bình").
    """

    label: str
    value: float | None
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""
    signal: str = ""


class Coming(NamedTuple):
    """One value to come, and between what it lies 80 and 95 times of a hundred."""

    label: str
    value: float
    low80: float
    high80: float
    low95: float
    high95: float


class Dot(NamedTuple):
    """One unit of a funnel plot: its value, how many it is made of, and beyond how many of the bands it lies (0 = within all)."""

    label: str
    value: float
    size: float
    beyond: int = 0
    href: str = ""


class Band(NamedTuple):
    """Limits of a funnel plot, the narrow band first: ``curve`` is (size, low, high) in rising order of size."""

    words: str
    curve: tuple[tuple[float, float, float], ...]


class Flow(NamedTuple):
    """So many from one place to another."""

    source: str
    target: str
    value: float


class Bar(NamedTuple):
    """One bar; without a value ``why`` says in words what is missing."""

    label: str
    value: float | None
    why: str = ""
    href: str = ""


class Shade(NamedTuple):
    """What a map says of one area: a value, or None with the words why.

    ``hidden``: there is a number, too small to be shown; ``stale``: in words how old the value is, "" where it is not; ``unheard``: in words that
    nobody was heard who would tell of this area, "" where somebody was.
    """

    value: float | None
    why: str = ""
    hidden: bool = False
    stale: str = ""
    href: str = ""
    unheard: str = ""
