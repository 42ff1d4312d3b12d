"""Joins the rooms' job handlers to the queue: a room with jobs has a module ``jobs`` holding JOBS."""

from __future__ import annotations

import importlib

from yba.kit import jobs

from . import rooms


def join() -> list[str]:
    """Make every room's jobs known to this process and return their names."""
    found: list[jobs.Job] = []
    for name in rooms.present(rooms.WITH_JOBS):
        found.extend(importlib.import_module(name).JOBS)
    jobs.join(found)
    return sorted(job.name for job in found)
