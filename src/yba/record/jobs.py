"""The jobs of the record: building search indexes that an operator asked for, and keeping them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import log
from yba.kit.jobs import Job

from .indexing import JOB, build_index, keep_up

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)


def build(*, by: Actor, rtype: str, param: str) -> None:
    """Build one, from where it stands; twice equals once."""
    built = build_index(by=by, rtype=rtype, param=param)
    _log.info("record.index.built" if built else "record.index.gone")


def refresh(*, by: Actor) -> None:
    """Index what was written since; twice equals once."""
    _log.info("record.index.refresh", count=keep_up(by=by))


JOBS: Final = (Job(JOB, build), Job("record:index:refresh", refresh, cron="* * * * *", retries=0))
