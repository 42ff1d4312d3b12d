"""Counting what is not kept: in one reading of the lake, each measure by one counter at a time, within a time where somebody waits for a page."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from yba.kit.actor import Actor
from yba.kit.errors import YbaError
from yba.specs.measures import measures
from yba.warehouse.lake import Folder, reader
from yba.warehouse.lake.engine import EngineFailed, speaking_of
from yba.warehouse.lake.model import LakeDamaged
from yba.warehouse.measures.running import count

from .faults import Fault, fault_of
from .shelf import ALWAYS, Shelf, inputs, stand, types_of
from .state import Found, looked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta

    from yba.warehouse.engines import Rows
    from yba.warehouse.lake.engine import Engine
    from yba.warehouse.lake.model import Manifest

    from .shelf import Ask

_BROKEN_OFF = "InterruptException"


class Lake(NamedTuple):
    """What is counted from: a lake as of its newest export, and the shelf beside it."""

    folder: Folder
    manifest: Manifest
    shelf: Shelf


def newest(folder: Folder | None = None) -> Lake | None:
    """Give a lake (None: that of the settings) as of its newest export, with its shelf; None where it was never filled."""
    lake = folder or Folder()
    manifest = lake.newest()
    return None if manifest is None else Lake(lake, manifest, Shelf(lake))


def count_anew(asks: Sequence[Ask], lake: Lake, *, young: timedelta, until: float | None = None) -> dict[Ask, Found]:
    """Count in one reading of the lake and keep it; what fails is said of its own question alone.

    What another process has counted meanwhile (``young``: how old it may be) is taken as it is. ``until``: a moment of `time.monotonic` after which
    nothing is begun and what runs is broken off; what was not counted by then, or is being counted by somebody else, is not in the answer.
    """
    if until is not None:
        asks = _free(asks, lake.shelf)
    if not asks:
        return {}
    with ExitStack() as open_:
        engine, error = _opened(open_, asks, lake)
        if engine is not None:
            hurried = engine if until is None else open_.enter_context(_hurried(engine, until))
            return _each(asks, hurried, lake, young=young, until=until)
    by_measure: dict[str, list[Ask]] = {}
    for one in asks:
        by_measure.setdefault(one.name, []).append(one)
    if len(by_measure) > 1:  # one damaged file is not everybody's: each measure opens what it reads itself
        found: dict[Ask, Found] = {}
        for some in by_measure.values():
            found |= count_anew(some, lake, young=young, until=until)
        return found
    return {one: _failed(one, error, lake) for one in asks}


def _free(asks: Sequence[Ask], shelf: Shelf) -> list[Ask]:
    """Leave out the measures that somebody counts now: the lake is not opened for them."""
    free: dict[str, bool] = {}
    for one in asks:
        if one.name not in free:
            with shelf.alone(one, wait=False) as mine:
                free[one.name] = mine
    return [one for one in asks if free[one.name]]


def _opened(open_: ExitStack, asks: Sequence[Ask], lake: Lake) -> tuple[Engine | None, YbaError]:
    """Open what these questions read, as the platform (a reader of aggregates may not read rows); None, and why that cannot be."""
    try:
        engine = open_.enter_context(reader(by=Actor.system("warehouse:measure:read"), types=_types(asks, lake.manifest), folder=lake.folder))
    except (EngineFailed, LakeDamaged) as error:
        return None, error
    return engine, YbaError()


@contextmanager
def _hurried(engine: Engine, until: float) -> Iterator[_Hurried]:
    """Break off at a moment what runs, and begin nothing after it."""
    timer = threading.Timer(max(0.0, until - time.monotonic()), engine.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield _Hurried(engine, until)
    finally:
        timer.cancel()
        timer.join()  # it may be breaking off this very moment


class _Hurried:
    """An engine that begins nothing any more after a moment."""

    def __init__(self, engine: Engine, until: float) -> None:
        self._engine, self._until = engine, until

    def execute(self, query: str, parameters: Mapping[str, object] | None = None, /) -> Rows:
        """Run a statement as DuckDB does. Raises EngineFailed where it is too late to begin."""
        if time.monotonic() > self._until:
            raise EngineFailed("too late to begin", kind=_BROKEN_OFF)
        found: Any = self._engine.execute(query, parameters)
        return found  # type: ignore[no-any-return]  # DuckDB's own


def _each(asks: Sequence[Ask], engine: Engine | _Hurried, lake: Lake, *, young: timedelta, until: float | None) -> dict[Ask, Found]:
    found: dict[Ask, Found] = {}
    for one in asks:
        if until is not None and time.monotonic() > until:
            break
        with lake.shelf.alone(one, wait=until is None) as mine:
            if not mine:
                continue
            there = looked(lake.shelf, one, lake.manifest, young=young)
            try:
                found[one] = there if there is not None else _count(one, engine, lake)
            except EngineFailed as error:
                if until is None or error.kind != _BROKEN_OFF:
                    raise
                break
    return found


def _count(ask: Ask, engine: Engine | _Hurried, lake: Lake) -> Found:
    """Count one question; what fails becomes its fault, but for what was broken off."""
    spec, failed = measures()[ask.name], None
    try:
        with speaking_of(ask.name):
            counted = count(engine, spec, ask.period, by=ask.by, facilities=ask.facilities, areas=ask.areas)
    except YbaError as error:
        if isinstance(error, EngineFailed) and error.kind == _BROKEN_OFF:
            raise
        failed = error
    if failed is not None:  # said once it is handled: a log line written before would hold what it came from
        return _failed(ask, failed, lake)
    made = stand(counted, lake.manifest)
    lake.shelf.keep(ask, made)
    return Found(made)


def _failed(ask: Ask, error: YbaError, lake: Lake) -> Found:
    fault: Fault = fault_of(error, ask.name, lake.manifest, inputs(lake.manifest, measures()[ask.name]))
    lake.shelf.blame(ask, fault)
    return Found(lake.shelf.find(ask), fault)


def _types(asks: Sequence[Ask], manifest: Manifest) -> list[str]:
    """Return the types of the lake these measures read; tables beside the record are always there."""
    wanted = {rtype for one in asks for rtype in (*ALWAYS, *types_of(measures()[one.name]))}
    return sorted(wanted & set(manifest.types()))
