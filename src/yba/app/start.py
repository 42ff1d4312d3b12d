"""Starting the platform in a process: logs, database, Django, tables."""

from __future__ import annotations

import logging
import os

import django
from django.apps import apps

from yba.kit import log, postgres
from yba.kit.settings import DATABASE_URL
from yba.specs.access import access


def setup(*, migrate: bool = True, quiet: bool = False) -> int:
    """Make this process ready to work: start or join the database, load Django, bring the tables up to date.

    Safe to call twice. ``migrate=False`` leaves the tables as they are (a worker process whose parent has seen to them);
    ``quiet=True`` logs warnings only (commands, which talk to people in their own words). Returns how many migrations were applied.
    """
    log.configure(at_least=logging.WARNING if quiet else logging.NOTSET)
    access()  # a role file with a fault stops everything here, with its line, and no request is answered by half of it
    if not DATABASE_URL():
        postgres.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yba.app.settings")
    if not apps.ready:
        django.setup()
    from . import due, followers  # noqa: PLC0415  # know the record and the desks: Django has loaded them now, a command without tables does not

    followers.join()
    due.join()
    if not migrate:
        return 0
    from . import migration  # noqa: PLC0415  # needs Django's apps, which exist only now

    return migration.migrate()


def work(*, forever: bool = True, at_once: int = 1) -> list[str]:
    """Be a worker of the job queue; returns the names of the jobs it knew once it ends."""
    setup()
    from yba.kit import jobs as queue  # noqa: PLC0415  # needs Django's apps, which exist only now

    from . import jobs  # noqa: PLC0415

    names = jobs.join()
    queue.work(forever=forever, at_once=at_once)
    return names
