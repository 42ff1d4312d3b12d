"""Who acts: made at the edge (command line, gateway, page), compulsory as ``by=`` below it."""

from __future__ import annotations

import getpass
import socket
from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The kinds of actor; people with roles and rights come with sign-in."""

    OPERATOR = "operator"
    FACILITY_CLIENT = "facility-client"
    SYSTEM = "system"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, for which purpose and within which facilities.

    ``name`` is written to the audit trail ("operator:root@host", "client:01234", "system:ingest");
    ``facilities`` is None for all of them, otherwise the facility codes (MA_CSKCB) the actor may see.
    """

    name: str
    kind: ActorKind
    facilities: frozenset[str] | None
    purpose: str

    @property
    def scope(self) -> str:
        """What row security is told: "all" or "facility"."""
        return "all" if self.facilities is None else "facility"

    def may_see(self, facility: str) -> bool:
        """Whether rows of this facility are within the actor's reach."""
        return self.facilities is None or facility in self.facilities

    @classmethod
    def operator(cls, purpose: str = "operation") -> Actor:
        """Return the person at the command line of the installation's machine."""
        return cls(f"operator:{_login()}@{socket.gethostname()}", ActorKind.OPERATOR, None, purpose)

    @classmethod
    def facility_client(cls, code: str, purpose: str = "claims-intake") -> Actor:
        """Return the software of one facility, signed in at the gateway."""
        return cls(f"client:{code}", ActorKind.FACILITY_CLIENT, frozenset({code}), purpose)

    @classmethod
    def system(cls, job: str, purpose: str = "operation") -> Actor:
        """Return the platform itself, working a job nobody started by hand."""
        return cls(f"system:{job}", ActorKind.SYSTEM, None, purpose)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
