"""Bringing the database to the tables this release needs, as the owner role, one process at a time."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import Final

from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connections
from psycopg import Connection, sql

from yba.kit import log
from yba.kit.db import APP_ROLE, OWNER, may_migrate, owner_connection
from yba.kit.errors import Unavailable

_log = log.get(__name__)
_LOCK: Final = 0x79_62_61  # "yba": the advisory lock of the runner
GRANTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
)


def expected() -> set[tuple[str, str]]:
    """Return (app label, migration) for every migration of this release, from file names alone."""
    found = set()
    for config in apps.get_app_configs():
        folder = str(Path(config.path) / "migrations")
        found |= {(config.label, module.name) for module in pkgutil.iter_modules([folder]) if module.name[0].isdigit()}
    return found


def pending(alias: str = "default") -> set[tuple[str, str]]:
    """Return the migrations the database has not had; one query, a few milliseconds."""
    with connections[alias].cursor() as cursor:
        try:
            cursor.execute("SELECT app, name FROM django_migrations")
        except ProgrammingError:  # an empty database
            return expected()
        return expected() - set(cursor.fetchall())


def migrate(*, verbosity: int = 0) -> int:
    """Apply what is pending and return how many migrations that were; two processes at once wait for each other."""
    missing = pending()
    if not missing:
        return 0
    if not may_migrate():
        message = f"the database lacks {len(missing)} migrations of this release."
        raise Unavailable(message, advice="Run `yba migrate` with YBA_DATABASE_OWNER_URL set to the role yba_owner.")
    with owner_connection() as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            missing = pending(OWNER)
            if missing:
                _apply(conn, verbosity)
        finally:
            conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    connections[OWNER].close()
    connections["default"].close()  # its prepared statements may be about tables as they were
    _log.info("database.migrated", count=len(missing))
    return len(missing)


def _apply(conn: Connection[tuple[object, ...]], verbosity: int) -> None:
    """Set rights for tables to come, then run Django's migrations; a lock that is not had in ten seconds ends the attempt."""
    app = sql.Identifier(APP_ROLE)
    for grant in GRANTS:
        conn.execute(sql.SQL(grant).format(app=app))
    conn.execute("SET lock_timeout = '10s'")
    call_command("migrate", database=OWNER, interactive=False, verbosity=verbosity)
    conn.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON django_migrations FROM {}").format(app))
