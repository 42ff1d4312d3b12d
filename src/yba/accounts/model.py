"""What an API client, a session and a refused sign-in are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Client:
    """One facility's account for software: it files claims of that facility and of no other."""

    id: str
    facility: str
    username: str
    created_at: datetime
    disabled_at: datetime | None
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret just made; it is shown once and kept only as a hash."""

    facility: str
    username: str
    secret: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session just opened; the two tokens are known to nobody else from here on."""

    facility: str
    username: str
    access_token: str
    id_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a request comes from, as proven by its token or password."""

    facility: str
    username: str


class Why(StrEnum):
    """Why a sign-in or a request was refused; what the caller is told is chosen by the face."""

    WRONG = "wrong"  # unknown account, disabled account or wrong password: not told apart
    LOCKED = "locked"  # too many failures from this address or on this account
    NO_TOKEN = "no-token"  # noqa: S105  # a reason, not a token
    EXPIRED = "expired"  # unknown or outlived token
    TOO_FAST = "too-fast"  # over the rate limit
    FACTOR = "factor"  # a token made without the second factor that its account needs here


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal; ``wait`` is how many seconds the caller should wait before trying again (0 = not a matter of time)."""

    why: Why
    wait: int = 0
