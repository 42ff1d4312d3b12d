"""When a register may be asked: a breaker and a pace shared by all processes, in one row of the database each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from yba.kit import clock

from . import store
from .model import HeldBack, Register

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

    from yba.specs.identity.registers import RegisterRules

_MINUTE = 60.0
_DAY = 86_400.0


class Pace(NamedTuple):
    """How often a register may be asked."""

    per_minute: int
    per_day: int

    @property
    def burst(self) -> int:
        """Credits that can be spent at once: with what comes back in a minute never more than the minute's number."""
        return max(1, self.per_minute // 6)

    @property
    def rate(self) -> float:
        """Credits that come back in a second."""
        return max(self.per_minute - self.burst, 1) / _MINUTE


class Standing(NamedTuple):
    """How a register stands now, for whoever runs the platform."""

    failures: int
    open_until: datetime | None
    spent_today: int


def admit(conn: Connection[Any], register: Register, rules: RegisterRules, pace: Pace) -> None:
    """Take leave to ask once; raises HeldBack (breaker open or being probed, minute spent, day spent)."""
    given = _given(register, rules, pace)
    if pace.per_minute and pace.per_day and store.admit(conn, given):
        return
    found = store.state(conn, given)
    now = clock.now()
    if found is None or not pace.per_minute or not pace.per_day:
        raise HeldBack("Hệ thống ngoài này đang tắt (hạn mức bằng 0).", why="day", seconds=_DAY)
    retry_at, probing, credit, spent, *_ = found
    if retry_at is not None and (retry_at > now or probing is not None):
        until = max(retry_at, (probing or retry_at) + timedelta(seconds=rules.breaker.probe_seconds) if probing else retry_at)
        raise HeldBack("Hệ thống ngoài không trả lời nhiều lần liên tiếp: tạm ngừng hỏi.", why="breaker", seconds=(until - now).total_seconds())
    if spent >= pace.per_day:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        raise HeldBack(f"Đã dùng hết {pace.per_day} lượt hỏi của hôm nay.", why="day", seconds=(midnight - now).total_seconds())
    raise HeldBack(f"Đã dùng hết {pace.per_minute} lượt hỏi của phút này.", why="minute", seconds=max(0.05, (1 - credit) / pace.rate))


def standing(conn: Connection[Any], register: Register, rules: RegisterRules, pace: Pace) -> Standing:
    """Read how a register stands."""
    found = store.state(conn, _given(register, rules, pace))
    return Standing(found[4], found[0], found[3]) if found else Standing(0, None, 0)


def failed(conn: Connection[Any], register: Register, rules: RegisterRules) -> None:
    """Count a failure; opens the breaker at the limit, for twice as long with each probe that fails."""
    spec = rules.breaker
    longest, open_for = timedelta(seconds=spec.longest_open_seconds), timedelta(seconds=spec.open_seconds)
    store.failed(conn, register.value, now=clock.now(), most=spec.failures, open_for=open_for, longest=longest)


def _given(register: Register, rules: RegisterRules, pace: Pace) -> dict[str, Any]:
    now = clock.now()
    return {
        "register": register.value, "now": now, "day": now.date(), "burst": float(pace.burst), "rate": pace.rate, "per_day": pace.per_day,
        "probe": timedelta(seconds=rules.breaker.probe_seconds),
    }  # fmt: skip
