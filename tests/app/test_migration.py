"""Migrations: two processes at once apply them once, nothing pending costs one query, without the owner it says what to do."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from yba.kit.postgres.install import prepare_database
from yba.kit.postgres.layout import APP_ROLE, OWNER_ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import TestDatabase

COMMAND = [sys.executable, "-m", "yba", "migrate"]


@pytest.fixture
def empty(migrated: TestDatabase) -> Iterator[dict[str, str]]:
    """The environment of a database without tables."""
    name = f"{migrated.name}_empty"
    prepare_database(migrated.endpoint, name)
    urls = {"YBA_DATABASE_URL": APP_ROLE, "YBA_DATABASE_OWNER_URL": OWNER_ROLE}
    yield {**migrated.env, **{key: migrated.url(role).replace(f"/{migrated.name}?", f"/{name}?") for key, role in urls.items()}}
    with psycopg.connect(**migrated.endpoint.conninfo("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_two_at_once_migrate_once(empty: dict[str, str]) -> None:
    both = [subprocess.Popen(COMMAND, env=empty, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [child.communicate() for child in both]
    assert [child.returncode for child in both] == [0, 0], told
    assert subprocess.run(COMMAND, env=empty, capture_output=True, text=True, check=True).stdout.startswith("nothing to do")
    with psycopg.connect(empty["YBA_DATABASE_OWNER_URL"]) as conn:
        twice = conn.execute("SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1").fetchall()
    assert twice == []


def test_without_the_owner_it_says_what_to_do(empty: dict[str, str]) -> None:
    del empty["YBA_DATABASE_OWNER_URL"]
    done = subprocess.run(COMMAND, env=empty, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "YBA_DATABASE_OWNER_URL" in done.stderr
