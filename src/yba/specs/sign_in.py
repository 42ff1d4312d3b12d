"""How people sign in: lengths, limits and periods as the law sets them (sign_in.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from yba.kit.errors import Internal

T = TypeVar("T")
FILE: Final = Path(__file__).with_suffix(".toml")


class Limit(NamedTuple):
    """So many failures within so many seconds lock for so many seconds."""

    failures: int
    within: int
    locked: int


@dataclass(frozen=True, slots=True)
class Password:
    """Lengths in characters; ``history`` is how many earlier ones may not come back."""

    shortest_alone: int
    shortest_with_factor: int
    longest: int
    history: int
    administrators_change_after_days: int


@dataclass(frozen=True, slots=True)
class Session:
    """How long a session lives without and with use."""

    idle_minutes_administrators: int
    idle_minutes: int
    longest_hours: int


@dataclass(frozen=True, slots=True)
class LockOut:
    """When guessers are kept out, and how much of them is written down."""

    pair: Limit
    address: Limit
    account: Limit
    attempts_per_minute_address: int
    attempts_per_minute_own_address: int
    attempts_per_minute_strangers: int
    noted_failures: int
    known_address_days: int


@dataclass(frozen=True, slots=True)
class Account:
    """Periods of accounts."""

    idle_days: int
    code_hours: int
    review_months: int


@dataclass(frozen=True, slots=True)
class Token:
    """Accounts' own tokens for the API: how long one may live, how many at once."""

    longest_hours: int
    most: int


@dataclass(frozen=True, slots=True)
class Screen:
    """Devices on a wall: for how long one is made (usually, at most), how long its code lives and may be guessed at, how many a unit has."""

    days: int
    longest_days: int
    code_minutes: int
    tries_per_minute: int
    most: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """The whole file."""

    password: Password
    session: Session
    lock_out: LockOut
    account: Account
    token: Token
    screen: Screen


@cache
def sign_in() -> SignIn:
    """Read the packaged file; a missing, unknown or senseless value stops the platform and says which."""
    told = tomllib.loads(FILE.read_text("utf-8"))
    return SignIn(
        _part(told, "password", Password),
        _part(told, "session", Session),
        _part(told, "lock_out", LockOut),
        _part(told, "account", Account),
        _part(told, "token", Token),
        _part(told, "screen", Screen),
    )


def _part(told: dict[str, Any], name: str, kind: type[T]) -> T:
    table = told.get(name, {})
    wanted = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # each is a dataclass
    if table.keys() != wanted:
        raise Internal(f"{FILE.name} [{name}]: missing {sorted(wanted - table.keys())}, unknown {sorted(table.keys() - wanted)}.")
    return kind(**{key: _value(name, key, value) for key, value in table.items()})


def _value(table: str, key: str, value: object) -> object:
    if isinstance(value, list) and len(value) == len(Limit._fields) and all(isinstance(each, int) and each > 0 for each in value):
        return Limit(*value)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise Internal(f"{FILE.name} [{table}] {key}: a whole number above nothing, or three of them.")
