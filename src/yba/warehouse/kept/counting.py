"""Counting what is not kept: in one reading of the lake, each measure by one counter at a time, within a time where somebody waits for a page."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from yba.kit.actor import Actor
from yba.kit.errors import YbaError
from yba.specs.measures import measures
from yba.warehouse.lake import Folder, hurried_reader, reader
from yba.warehouse.lake.engine import EngineFailed, speaking_of
from yba.warehouse.lake.hurry import BROKEN_OFF
from yba.warehouse.lake.model import LakeDamaged
from yba.warehouse.measures.running import count
from yba.warehouse.settings import COUNT_PARALLEL

from .faults import Fault, fault_of
from .shelf import ALWAYS, Shelf, inputs, stand, types_of
from .state import Found, looked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from yba.warehouse.engines import Engine
    from yba.warehouse.lake.model import Manifest

    from .shelf import Ask


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
    nothing is begun and what runs is broken off, the opening of the lake too; what was not counted by then, is being counted by somebody else or
    found no place beside YBA_COUNT_PARALLEL others is not in the answer. Without it a place is waited for.
    """
    if until is not None:
        asks = _free(asks, lake.shelf)
    if not asks:
        return {}
    with ExitStack() as open_:
        if not open_.enter_context(lake.shelf.place(COUNT_PARALLEL(), until=until)):
            return {}
        engine, error = _opened(open_, asks, lake, until)
        if engine is not None:
            return _each(asks, engine, lake, young=young, until=until)
    if isinstance(error, EngineFailed) and error.kind == BROKEN_OFF:
        return {}
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


def _opened(open_: ExitStack, asks: Sequence[Ask], lake: Lake, until: float | None) -> tuple[Engine | None, YbaError]:
    """Open what these questions read, as the platform (a reader of aggregates may not read rows); None, and why that cannot be."""
    platform, types = Actor.system("warehouse:measure:read"), _types(asks, lake.manifest)
    try:
        if until is None:
            return open_.enter_context(reader(by=platform, types=types, folder=lake.folder)), YbaError()
        return open_.enter_context(hurried_reader(by=platform, until=until, types=types, folder=lake.folder)), YbaError()
    except (EngineFailed, LakeDamaged) as error:
        return None, error


def _each(asks: Sequence[Ask], engine: Engine, lake: Lake, *, young: timedelta, until: float | None) -> dict[Ask, Found]:
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
                if until is None or error.kind != BROKEN_OFF:
                    raise
                break
    return found


def _count(ask: Ask, engine: Engine, lake: Lake) -> Found:
    """Count one question; what fails becomes its fault, but for what was broken off."""
    spec, failed = measures()[ask.name], None
    try:
        with speaking_of(ask.name):
            counted = count(engine, spec, ask.period, by=ask.by, facilities=ask.facilities, areas=ask.areas)
    except YbaError as error:
        if isinstance(error, EngineFailed) and error.kind == BROKEN_OFF:
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
