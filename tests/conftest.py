"""Fixtures for every test: one embedded cluster for all processes, one database per process, made from a migrated template."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).parents[1]
# Before anything reads a setting. A cluster of our own, kept between runs; the server stays up two minutes for the next run.
os.environ.setdefault("YBA_VAR", str(ROOT / "var" / "test"))
os.environ.setdefault("YBA_POSTGRES_LINGER", "120")
os.environ.setdefault("YBA_COUNT_SECONDS", "600")  # a busy machine must not put the numbers of a page off
os.environ["DJANGO_SETTINGS_MODULE"] = "yba.app.settings"
for _name in ("YBA_DATABASE_URL", "YBA_DATABASE_OWNER_URL"):
    os.environ.pop(_name, None)

from django.db import connections, transaction  # noqa: E402

from tests.fresh import Fresh  # noqa: E402
from yba import app  # noqa: E402
from yba.app import migration  # noqa: E402
from yba.kit import Actor, postgres, settings  # noqa: E402
from yba.kit.db import OWNER, unit_of_work  # noqa: E402
from yba.kit.postgres.install import prepare_database  # noqa: E402
from yba.kit.postgres.layout import APP_ROLE, OWNER_ROLE, SUPER_ROLE, Endpoint  # noqa: E402
from yba.specs.law import requirements  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine must not fail a law: time is judged by the benchmarks, not by examples.
hypothesis.settings.register_profile("yba", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("yba")

KEPT_TEMPLATES = 4


@dataclass
class TestDatabase:
    """The database of this test process: its name, addresses for other processes, and ways in for tests."""

    __test__ = False
    endpoint: Endpoint
    template: str
    name: str
    used: bool = field(default=False)  # a test committed
    touched: bool = field(default=False)  # a test rolled back, which leaves sequences moved
    fresh: Fresh | None = field(default=None)

    def url(self, role: str = APP_ROLE) -> str:
        """Return the address for a role, as YBA_DATABASE_URL takes it."""
        return f"postgresql://{role}:{self.endpoint.passwords[role]}@/{self.name}?host={self.endpoint.socket}"

    @property
    def env(self) -> dict[str, str]:
        """Return the environment for a child process (such as the command yba) that shall use this database."""
        return {**os.environ, "YBA_DATABASE_URL": self.url(), "YBA_DATABASE_OWNER_URL": self.url(OWNER_ROLE)}

    def connect(self, role: str = APP_ROLE) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection of one's own, for tests of rights and of two at once; close it."""
        return psycopg.connect(**self.endpoint.conninfo(role, self.name))

    def as_owner(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection of the owner role, whom row security does not bind."""
        return self.connect(OWNER_ROLE)

    def renew(self) -> TestDatabase:
        """Give it fresh to a test, a module or the rest of a test that commits; whoever comes next gets a fresh one again."""
        if self.used or self.touched:
            self.clean()
        self.used = True
        return self

    def clean(self) -> None:
        """Make the database what it was before any test: emptied where only rows changed, else anew from the template."""
        connections.close_all()
        self.used = self.touched = False
        if self.fresh is not None:
            with _superuser(self.endpoint, self.name) as conn:
                if self.fresh.restore(conn):
                    return
        with _superuser(self.endpoint) as conn:
            _drop(conn, self.name)
        prepare_database(self.endpoint, self.name, self.template)
        with _superuser(self.endpoint, self.name) as conn:
            self.fresh = Fresh.of(conn)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a law mark whose id is not in the table: a typo would count as a proof of nothing. Long files go first, so that no worker ends alone."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)
    known = requirements()
    unknown = {f"{item.nodeid}: {duty!r}" for item in items for mark in item.iter_markers("law") for duty in mark.args or ("",) if duty not in known}
    if unknown:
        raise pytest.UsageError("law marks with unknown ids:\n" + "\n".join(sorted(unknown)))


def pytest_collection_finish() -> None:
    """Set apart what 7,000 tests are made of: walking it at every collection costs more than many a test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def migrated() -> Iterator[TestDatabase]:
    """Start or join the cluster, load Django, and make this process its database."""
    app.setup(migrate=False)
    endpoint = postgres.ensure()
    with _locked("template.lock"):
        template = _template(endpoint)
    _sweep(endpoint, template)
    made = TestDatabase(endpoint, template, f"t_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    _use(made.name)
    made.clean()
    yield made
    connections.close_all()
    with _superuser(endpoint) as conn:
        _drop(conn, made.name)


@pytest.fixture
def conn(migrated: TestDatabase) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection as the app role inside the operator's unit of work; everything is rolled back."""
    if migrated.used:
        migrated.clean()
    migrated.touched = True
    with unit_of_work(by=Actor.operator()) as connection:
        yield connection
        transaction.set_rollback(True)


@pytest.fixture
def database(migrated: TestDatabase) -> TestDatabase:
    """A fresh database for tests that commit or start other processes (pass them ``database.env``)."""
    return migrated.renew()


@pytest.fixture
def operator() -> Actor:
    """The person at the command line."""
    return Actor.operator()


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """An empty data folder (YBA_VAR) for this process; the database and the keys of ids stay what they are."""
    with settings.VAR.set_to(tmp_path):
        yield tmp_path


def _template(endpoint: Endpoint) -> str:
    """Return a database with all migrations applied, made when the migration files changed."""
    name = f"template_{_fingerprint()}"
    with _superuser(endpoint) as conn:
        conn.execute("ALTER SYSTEM SET fsync = off")  # tests that are about durability start a server of their own
        conn.execute("SELECT pg_reload_conf()")
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return name
        draft = f"draft_{name}"
        _drop(conn, draft)
        prepare_database(endpoint, draft)
        _use(draft)
        migration.migrate()
        connections.close_all()
        conn.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def _fingerprint() -> str:
    """Return a hash of every file that decides what the tables look like."""
    digest = hashlib.sha256()
    files = [
        *ROOT.glob("src/yba/*/migrations/**/*"),
        *ROOT.glob("src/yba/app/*.py"),
        *(ROOT / "src/yba/kit" / name for name in ("postgres/install.py", "row_security.py")),
    ]
    for path in sorted(files):
        if path.suffix in {".py", ".sql"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sweep(endpoint: Endpoint, template: str) -> None:
    """Drop databases whose process is gone, and all but the newest templates."""
    with _superuser(endpoint) as conn:
        names = [row[0] for row in conn.execute("SELECT datname FROM pg_database ORDER BY oid DESC")]
        old = [name for name in names if name.startswith("template_") and name != template][KEPT_TEMPLATES:]
        gone = [name for name in names if name.startswith("t_") and not Path(f"/proc/{name.split('_')[1]}").exists()]
        for name in old + gone:
            _drop(conn, name)


def _use(name: str) -> None:
    for alias in ("default", OWNER):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _superuser(endpoint: Endpoint, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(**endpoint.conninfo(SUPER_ROLE, name), autocommit=True)


def _drop(conn: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """Hold a lock shared by all test processes of this work tree."""
    path = settings.VAR() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
