"""Who acts: made at the edge (command line, gateway, page), compulsory as ``by=`` below it."""

from __future__ import annotations

import getpass
import socket
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

PROVINCE: Final = "*"  # among a grant's areas: the whole province
_NOWHERE: Final[frozenset[str]] = frozenset()


class ActorKind(StrEnum):
    """The kinds of actor."""

    OPERATOR = "operator"
    FACILITY_CLIENT = "facility-client"
    SYSTEM = "system"
    USER = "user"
    SCREEN = "screen"


# Machine roles of roles.toml: who holds nothing else has one fixed reach, known before any right is asked for.
_STANDING: Final = (ActorKind.FACILITY_CLIENT, ActorKind.SYSTEM, ActorKind.OPERATOR)


class Grant(NamedTuple):
    """One role somewhere. What the role may is data (specs/access/roles.toml); a grant says where; only grants in force are in an Actor."""

    role: str  # "doctor"
    facilities: frozenset[str] = _NOWHERE  # MA_CSKCB
    areas: frozenset[str] = _NOWHERE  # commune codes of 2025, or PROVINCE
    departments: frozenset[str] = _NOWHERE  # "facility/department", as a relation names them
    persons: frozenset[UUID] | None = None  # own-person rules: whom; None = the actor's persons
    since: datetime | None = None  # when it began: a relation that ended before counts for nobody who came later; None = ever


class Origin(NamedTuple):
    """From where an act came (ANM-R11)."""

    address: str
    port: int
    device: str  # hash of user agent and session, no name


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, for which purpose and within which facilities.

    ``name`` is written to the audit trail ("operator:root@host", "client:01234", "system:ingest", "screen:<id>", "user:<account>");
    ``facilities`` is None for all of them, otherwise the facility codes (MA_CSKCB) the actor may see.
    ``persons`` are the own person and the wards. Rights come from ``grants`` alone.
    """

    name: str
    kind: ActorKind
    facilities: frozenset[str] | None
    purpose: str
    grants: tuple[Grant, ...] = ()
    account: UUID | None = None
    persons: frozenset[UUID] = frozenset()
    origin: Origin | None = field(default=None, compare=False)  # from where changes nothing of what one may: rights are remembered by actor
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Hash what is compared, once: some forty times in a request something is remembered by who acts."""
        found = self._hash
        if not found:
            found = hash((self.name, self.kind, self.facilities, self.purpose, self.grants, self.account, self.persons))
            object.__setattr__(self, "_hash", found)
        return found

    def __reduce__(self) -> tuple[object, ...]:
        """Leave the hash behind: another process has others."""
        return Actor, (self.name, self.kind, self.facilities, self.purpose, self.grants, self.account, self.persons, self.origin)

    @property
    def scope(self) -> str:
        """What row security is told before any right is asked for: "all", "bound" (to facilities) or "" (nothing)."""
        if not self.standing:
            return ""
        return "all" if self.facilities is None else "bound"

    @property
    def standing(self) -> bool:
        """Whether the actor is a machine with its own role and no other: its reach is known without asking for a right."""
        return self.kind in _STANDING and len(self.grants) == 1 and self.grants[0].role == self.kind

    def may_see(self, facility: str) -> bool:
        """Whether rows of this facility are within the actor's reach."""
        return self.facilities is None or facility in self.facilities

    def acting_as(self, grant: Grant, *, purpose: str) -> Actor:
        """Return the operator bound to the rights of a role (`yba --role`): still named as who he is, never with more than his own."""
        return replace(self, grants=(grant,), facilities=grant.facilities, persons=grant.persons or frozenset(), purpose=purpose)

    def for_purpose(self, purpose: str) -> Actor:
        """Return the same actor working for another purpose."""
        return self if purpose == self.purpose else replace(self, purpose=purpose)

    @classmethod
    def operator(cls, purpose: str = "operation") -> Actor:
        """Return the person at the command line of the installation's machine."""
        return cls(f"operator:{_login()}@{socket.gethostname()}", ActorKind.OPERATOR, None, purpose, (Grant("operator"),))

    @classmethod
    def facility_client(cls, code: str, purpose: str = "claims-intake", *, origin: Origin | None = None) -> Actor:
        """Return the software of one facility, signed in at the gateway."""
        return _client(code, purpose, origin)

    @classmethod
    def system(cls, job: str, purpose: str = "operation") -> Actor:
        """Return the platform itself, working a job nobody started by hand."""
        return cls(f"system:{job}", ActorKind.SYSTEM, None, purpose, (Grant("system"),))

    @classmethod
    def screen(cls, screen: UUID, grant: Grant, *, purpose: str, origin: Origin | None = None) -> Actor:
        """Return a device on a wall, which nobody sits at; what it sees opens by the right asked for, as a person's does."""
        return cls(f"screen:{screen}", ActorKind.SCREEN, grant.facilities, purpose, (grant,), origin=origin)

    @classmethod
    def user(cls, account: UUID, grants: Iterable[Grant], *, purpose: str, persons: Iterable[UUID] = (), origin: Origin | None = None) -> Actor:
        """Return a person signed in, with the grants in force now; ``persons``: the own person and the wards."""
        held = tuple(grants)
        own = frozenset(persons).union(*(grant.persons or () for grant in held))
        where = _NOWHERE.union(*(grant.facilities for grant in held))
        return cls(f"user:{account}", ActorKind.USER, where, purpose, held, account, own, origin)


@lru_cache(maxsize=1024)
def _client(code: str, purpose: str, origin: Origin | None) -> Actor:
    """Made once for many requests: what is remembered of it is found without comparing."""
    codes = frozenset({code})
    return Actor(f"client:{code}", ActorKind.FACILITY_CLIENT, codes, purpose, (Grant("facility-client", codes),), origin=origin)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
