"""What rights and the trail cost a reader over HTTP, and whether hot queries keep their index as the app role."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from yba import accounts, audit
from yba.kit import Actor

from .bench_plans import plans_kept
from .bench_reading import race, race_settings, served, summed, token
from .bench_world import DOCTOR, fill

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from yba.kit.actor import Origin
    from yba.kit.prepared import Ask

_GUESS: Final = accounts.guess


@dataclass(frozen=True, slots=True)
class AccessFigures:
    """What `yba bench access --json` prints of reading; docs/performance.md says what each key means."""

    read_overhead: float
    reads_per_s: float
    reads_per_s_plain: float
    plans_indexed: float
    plans: int

    def as_json(self) -> dict[str, object]:
        """The figures as the keys of the JSON line."""
        return asdict(self)


def guarded() -> None:
    """Let this process answer known software as the doctor: a predicate by relations, both locks, row in the trail, commit, all in one message."""
    _answer_as(DOCTOR)


def plain() -> None:
    """The same without the row in the trail, for a process that does nothing else; the operator's predicate is one comparison of a column."""
    vars(audit)["noting"] = _nothing
    _answer_as(Actor.operator("bench"))


def _answer_as(by: Actor) -> None:
    """Put somebody in the place of whoever a proven session of software belongs to; everything else of the FHIR API is as it is served."""
    real = _GUESS

    def guess(*, token: str, origin: Origin, patience: int) -> tuple[Actor, Ask] | None:
        found = real(token=token, origin=origin, patience=patience)
        return (by, found[1]) if found else None

    vars(accounts)["guess"] = guess


def _nothing(*_args: object, **_named: object) -> None:
    pass


class NoPace:
    """What the bench's servers have in place of the shield's paces."""

    def take(self, *_: object) -> bool:
        """Always."""
        return True

    def fetch(self, *_: object) -> int:
        """Never any seconds to wait."""
        return 0


def bench_access() -> AccessFigures:
    """Measure in an empty data folder that is thrown away afterwards.

    ``read_overhead``: the share of reads per second of ``GET /fhir/Condition/id`` that predicate, row security opened by it, and the trail's
    row (with its commit, synchronous_commit on) take away, median over rounds in which both variants have their turn; ``plans_indexed``: share
    of the statements the rooms send for a doctor's and a nurse's hot reads that touch no large table without an index.
    """
    made = fill()
    good, total = plans_kept(made)
    session = token()
    with served("guarded") as with_both, served("plain") as without:
        pairs = race(with_both, without, session, _paths(made))
    return AccessFigures(**summed(pairs), plans_indexed=round(good / total, 3), plans=total)


def bench_settings(settings: Sequence[str]) -> dict[str, dict[str, float]]:
    """Measure ``read_overhead`` under each of some settings of PostgreSQL ("commit_delay=100,commit_siblings=2"; "" = ours), all in turns."""
    paths, session = _paths(fill()), token()
    with served("guarded") as with_both, served("plain") as without:
        return race_settings(with_both, without, session, paths, settings)


def _paths(made: dict[UUID, list[str]]) -> list[str]:
    return [f"/fhir/Condition/{ident}" for idents in made.values() for ident in idents]
