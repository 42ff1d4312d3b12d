"""The shelf: one small file for each count, found by what was asked, true for as long as the files of the lake it was made of stand."""

from __future__ import annotations

import fcntl
import hashlib
import re
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import IO, TYPE_CHECKING, Any, Final

import orjson
import xxhash

from yba.kit import clock, log
from yba.kit.durable import put
from yba.specs.measures import BASE, Dimension, base, code_list, measures
from yba.specs.reading import Words
from yba.warehouse.lake import Folder
from yba.warehouse.lake.model import Zone
from yba.warehouse.measures.model import Cell, Counted, State
from yba.warehouse.views import known_views

from . import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from yba.specs.measures import Measure
    from yba.warehouse.lake.model import Manifest
    from yba.warehouse.measures.periods import Period

    from .faults import Fault

_log = log.get(__name__)
FORM: Final = 2  # of a kept file: another one is counted anew
ALWAYS: Final = ("Encounter", "Patient")  # every measure reads visits and people: who was heard, who is meant
_LOCKS: Final = ".counting"  # folder of empty files: who counts which measure holds its lock
_PLACE: Final = ".place-"  # in the same folder: who counts at all holds one of some places
_LOOK: Final = 0.05  # seconds between two looks for a free one
FORGOTTEN: Final = timedelta(days=40)  # what nobody asked for so long goes
ONES_OWN: Final = timedelta(days=2)  # … of places and days of somebody's choice: there are as many as people think of
_CHOSEN: Final = re.compile(r"\.\.|-[0-9a-f]{32}\.")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: a measure, a period, by what; of some facilities (MA_CSKCB) and communes (codes of 2025) or, None, of all."""

    name: str
    period: Period
    by: tuple[Dimension, ...] = ()
    facilities: frozenset[str] | None = None
    areas: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A count as it lies on the shelf: of which export, until when that export saw, when it was made, and of which files of the lake."""

    counted: Counted
    seq: int
    until: datetime
    made_at: datetime
    inputs: str = field(repr=False)


class Shelf:
    """The kept counts beside one lake; whoever may read the lake may read them, nobody else."""

    def __init__(self, folder: Folder | None = None) -> None:
        """Take the lake of the settings, or another one."""
        self._lake = folder or Folder()
        self.root = self._lake.root.parent / "results"

    def knows(self, seq: int) -> bool:
        """Whether the lake as it is now has had an export of this number. Raises ManifestDamaged."""
        newest = self._lake.newest()
        return newest is not None and seq <= newest.seq

    def path(self, ask: Ask) -> Path:
        """Return where the answer to a question lies; another wording of the measure has another folder."""
        where = orjson.dumps([sorted(one) if one is not None else None for one in (ask.facilities, ask.areas)])
        narrow = "" if ask.facilities is None and ask.areas is None else f"-{hashlib.sha256(where).hexdigest()[:32]}"  # of an asker's own words
        return self.root / f"{ask.name}@{digest(measures()[ask.name])}" / ("+".join(ask.by) or "all") / f"{ask.period.label}{narrow}.json"

    def find(self, ask: Ask) -> Standing | None:
        """Return what is kept; None where nothing is, or nothing that can be read: it is counted anew then."""
        path = self.path(ask)
        try:
            found = _read(ask, orjson.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            _log.warning("warehouse.result.unreadable", measure=ask.name)
            return None
        return found

    def keep(self, ask: Ask, one: Standing) -> None:
        """Put a count on the shelf in one piece; after a power cut it may be gone, never half."""
        path = self.path(ask)
        put(path, orjson.dumps(_told(one)))
        _of_fault(path).unlink(missing_ok=True)

    def fault(self, ask: Ask) -> Fault | None:
        """Return why a question could not be counted when it was tried last, after what is kept of it."""
        try:
            return faults.read(orjson.loads(_of_fault(self.path(ask)).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def blame(self, ask: Ask, one: Fault) -> None:
        """Put down why a question could not be counted; what was kept of it stays."""
        put(_of_fault(self.path(ask)), orjson.dumps(faults.told(one)))

    @contextmanager
    def alone(self, ask: Ask, *, wait: bool) -> Iterator[bool]:
        """Be the only one who counts this measure, in any process; False: somebody else does (``wait``: until that is over)."""
        path = self.root / _LOCKS / ask.name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    @contextmanager
    def place(self, most: int, *, until: float | None) -> Iterator[bool]:
        """Hold one of so many places for counting, in any process; False: none came free by a moment of `time.monotonic` (None: it is waited for).

        Taken before the lock of any measure (`alone`): whoever holds one of those has a place already, so nobody waits in a ring.
        """
        folder = self.root / _LOCKS
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as held:
            files = [held.enter_context((folder / f"{_PLACE}{number}").open("ab")) for number in range(max(1, most))]
            while not (mine := any(map(_held, files))) and (until is None or time.monotonic() < until):
                time.sleep(_LOOK)
            yield mine

    def sweep(self) -> int:
        """Remove what is of an earlier wording, what nobody needed for long and what a killed writer left; returns how many files."""
        wanted = {f"{name}@{digest(one)}" for name, one in measures().items()}
        now, gone = time.time(), 0
        for path in self.root.rglob("*"):
            if (
                path.is_file()
                and path.parent.name != _LOCKS
                and (path.relative_to(self.root).parts[0] not in wanted or now - path.stat().st_mtime > _life(path.name).total_seconds())
            ):
                path.unlink(missing_ok=True)
                gone += 1
        for folder in sorted((one for one in self.root.rglob("*") if one.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
        return gone


def _held(file: IO[bytes]) -> bool:
    """Take the lock of an open file, unless somebody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _of_fault(path: Path) -> Path:
    return path.with_suffix(".fault")


def _life(name: str) -> timedelta:
    return ONES_OWN if _CHOSEN.search(name) else FORGOTTEN


def types_of(measure: Measure) -> set[str]:
    """Return the resource types a measure reads; tables beside the record have none."""
    return {*ALWAYS, *(known for name in measure.reads if (known := _types().get(name)))}


@cache
def _types() -> dict[str, str]:
    return {view.name: view.resource for view in known_views()}


def inputs(manifest: Manifest, measure: Measure) -> str:
    """Name the files a measure would read now: while they stand, its count does."""
    if any(name not in _types() for name in measure.reads):  # tables beside the record too
        return f"export {manifest.seq}"
    state, types = xxhash.xxh3_128(), types_of(measure)
    for one in sorted(file.digest for file in manifest.files if file.rtype in types and file.zone is Zone.OPEN):
        state.update(one.encode())
    return state.hexdigest()


def digest(measure: Measure) -> str:
    """Name a measure as it is worded now, with what it shares with others and the lists it joins."""
    parts: Iterable[Any] = (measure, [base(name) for name in BASE], [code_list(name) for name in measure.lists], FORM)
    return xxhash.xxh3_64_hexdigest(repr(tuple(parts)).encode())


def _told(one: Standing) -> dict[str, Any]:
    cells = [
        [[cell.dimensions.get(name) for name in one.counted.by], cell.numerator, cell.denominator, cell.value, cell.state, cell.heard, cell.expected,
         [cell.words.vi, cell.words.en] if cell.words else None, bool(cell.dimensions)]
        for cell in one.counted.cells
    ]  # fmt: skip
    head = {"form": FORM, "seq": one.seq, "until": one.until, "made_at": one.made_at, "inputs": one.inputs, "by": list(one.counted.by)}
    return {**head, "cells": cells, "people": one.counted.people}


def _read(ask: Ask, told: dict[str, Any]) -> Standing:
    if told["form"] != FORM:
        raise ValueError(told["form"])
    by = tuple(Dimension(one) for one in told["by"])
    cells = tuple(
        Cell(ask.period.label, dict(zip(by, names, strict=True)) if apart else {}, numerator, denominator, value, State(state), heard, expected,
             Words(*words) if words else None)
        for names, numerator, denominator, value, state, heard, expected, words, apart in told["cells"]
    )  # fmt: skip
    people = tuple((int(counted), int(asked)) for counted, asked in told["people"])
    counted = Counted(measures()[ask.name], ask.period, by, cells, people)
    until, made_at = (datetime.fromisoformat(told[name]) for name in ("until", "made_at"))
    return Standing(counted, int(told["seq"]), until, made_at, told["inputs"])


def stand(counted: Counted, manifest: Manifest) -> Standing:
    """Give a count made just now the words it is kept with."""
    return Standing(counted, manifest.seq, manifest.until, clock.now(), inputs(manifest, counted.measure))
