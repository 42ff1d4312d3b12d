"""The embedded server: shared, durable, private; it goes when its last user goes, however that user goes, and comes back after any death."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from yba.kit import settings
from yba.kit.postgres import config, place
from yba.kit.postgres.layout import APP_ROLE, LONGEST_SOCKET_FOLDER, OWNER_ROLE, SUPER_ROLE, Endpoint, Home

PATIENCE = 40.0  # seconds; two cores may be busy with other things
HOLD = "import sys, yba.kit.postgres as p; e = p.ensure(); print(e.socket, flush=True); sys.stdin.read()"


def wait_for(what: Callable[[], object], *, why: str) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.05)


class Place:
    """A data folder of its own, and clients of its server in processes of their own."""

    def __init__(self, var: Path, linger: int = 0) -> None:
        self.home = Home(var)
        self.env = {**os.environ, "YBA_VAR": str(var), "YBA_POSTGRES_LINGER": str(linger)}
        self.clients: list[subprocess.Popen[str]] = []

    def client(self, *, wait: bool = True) -> subprocess.Popen[str]:
        child = subprocess.Popen([sys.executable, "-c", HOLD], env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.clients.append(child)
        if wait:
            assert child.stdout.readline().strip(), "the client did not get a server"
        return child

    def ask(self, query: str, role: str = APP_ROLE) -> tuple[Any, ...] | None:
        """The first row of an answer."""
        with self.connect(role) as conn:
            return conn.execute(query).fetchone()

    @property
    def endpoint(self) -> Endpoint:
        return self.home.endpoint(self.home.status())

    def connect(self, role: str = SUPER_ROLE) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.endpoint.conninfo(role), autocommit=True)

    def server(self) -> int:
        """The process number of the running server, 0 when there is none."""
        try:
            pid = int((self.home.data / "postmaster.pid").read_text().split("\n")[0])
            return pid if Path(f"/proc/{pid}/cwd").readlink() == self.home.data.resolve() else 0
        except OSError:
            return 0

    def gone(self) -> bool:
        return not self.server() and self.home.status() is None

    def close(self) -> None:
        for child in self.clients:
            child.kill()
            child.communicate()
        wait_for(self.gone, why="the server outlived the test")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder the server's user can walk into (pytest's own are closed to everybody but us)."""
    with tempfile.TemporaryDirectory(prefix="yba-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def make(open_folder: Path) -> Iterator[Callable[..., Place]]:
    places: list[Place] = []

    def factory(var: Path | None = None, **options: Any) -> Place:
        places.append(Place(var or open_folder / "var", **options))
        return places[-1]

    yield factory
    for made in places:
        made.close()


def test_a_killed_client_does_not_leave_the_server_running(make: Callable[..., Place]) -> None:
    it = make()
    client = it.client()
    assert it.server()
    client.kill()
    wait_for(it.gone, why="the server is still there")
    assert not list(it.home.folder.glob("run/.s.PGSQL*"))


def test_processes_starting_at_once_share_one_server_and_the_last_keeps_it(make: Callable[..., Place]) -> None:
    it = make()
    clients = [it.client(wait=False) for _ in range(5)]
    assert [child.stdout.readline() for child in clients] == [f"{it.endpoint.socket}\n"] * 5
    pid = it.server()
    for child in clients[:-1]:
        child.kill()
    time.sleep(1.5)
    assert it.server() == pid
    assert it.ask("SELECT 1") == (1,)


def test_a_client_coming_while_the_server_stops_gets_a_fresh_one(make: Callable[..., Place]) -> None:
    it = make()
    for _ in range(3):
        it.client().kill()
        time.sleep(0.55)  # about when the supervisor notices
    it.client()
    assert it.ask("SELECT 1") == (1,)


def test_a_killed_server_recovers_what_was_committed(make: Callable[..., Place]) -> None:
    it = make()
    it.client()
    with it.connect(OWNER_ROLE) as conn:
        conn.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    before = it.server()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: it.server() not in {0, before}, why="the supervisor did not start it again")

    def count() -> object:
        with contextlib.suppress(psycopg.OperationalError), it.connect(OWNER_ROLE) as conn:
            return conn.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        return False

    wait_for(count, why="committed rows are missing")


def test_everything_killed_at_once_is_no_trouble_for_the_next_client(make: Callable[..., Place]) -> None:
    """As after a power cut: client, supervisor and server gone, their files left behind."""
    it = make()
    client = it.client()
    with it.connect(OWNER_ROLE) as conn:
        conn.execute("CREATE TABLE kept (n int)")
        conn.execute("INSERT INTO kept VALUES (1)")
    server, supervisor = it.server(), it.home.status().supervisor
    for pid in (client.pid, server, supervisor):
        os.kill(pid, signal.SIGKILL)
    assert it.home.status_file.exists()
    assert (it.home.data / "postmaster.pid").exists()
    it.client()
    assert it.ask("SELECT n FROM kept", OWNER_ROLE) == (1,)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to children of the dead is Linux's")
def test_a_killed_supervisor_takes_its_server_along(make: Callable[..., Place]) -> None:
    it = make()
    it.client()
    os.kill(it.home.status().supervisor, signal.SIGKILL)
    wait_for(lambda: not it.server(), why="the server was orphaned")
    it.client()  # also clears up for close()


def test_a_process_number_used_again_does_not_keep_the_server_from_starting(make: Callable[..., Place]) -> None:
    """In a container numbers start over: postmaster.pid may name a process that is something else now."""
    it = make()
    it.client().kill()
    wait_for(it.gone, why="the server is still there")
    (it.home.data / "postmaster.pid").write_text(f"{os.getpid()}\n{it.home.data}\n1\n5432\n\n\n")
    it.client()
    assert it.server()


def test_a_deep_data_folder_works_and_its_socket_is_private(make: Callable[..., Place], open_folder: Path) -> None:
    deep = open_folder
    while len(str(deep)) < 180:
        deep /= "một-thư-mục-rất-sâu"
    it = make(deep)
    it.client()
    socket = Path(it.endpoint.socket)
    assert len(os.fsencode(socket)) <= LONGEST_SOCKET_FOLDER
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert it.ask("SELECT 1") == (1,)


def test_durable_checked_and_closed(make: Callable[..., Place]) -> None:
    it = make()
    it.client()
    with it.connect() as conn:
        shown = {name: conn.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")}
        assert set(shown.values()) == {"on"}, shown
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
        assert conn.execute("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256' OR error IS NOT NULL").fetchone() == (0,)
        rights = "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE 'yba%' ORDER BY 1"
        assert conn.execute(rights).fetchall() == [(APP_ROLE, False, False, False), (OWNER_ROLE, False, False, False)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(**{**it.endpoint.conninfo(APP_ROLE), "password": "wrong"})
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (it.home.secrets, it.home.data, it.home.control, it.home.secrets.parent)}
    assert modes == {it.home.secrets: 0o600, it.home.data: 0o700, it.home.control: 0o700, it.home.secrets.parent: 0o700}


def test_the_log_quotes_no_data(make: Callable[..., Place]) -> None:
    it = make()
    it.client()
    with it.connect(OWNER_ROLE) as conn:
        conn.execute("CREATE TABLE person (number text PRIMARY KEY)")
        conn.execute("INSERT INTO person VALUES ('011159000001')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            conn.execute("INSERT INTO person VALUES (%s)", ("011159000001",))
        with pytest.raises(psycopg.errors.DataError):
            conn.execute("SELECT 'Nguyễn Thị Mai'::date")
    log = it.home.log.read_text()
    assert "duplicate key" in log
    assert "011159000001" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps yba where the server's user cannot go")
def test_root_may_keep_yba_where_nobody_else_may_go(make: Callable[..., Place], tmp_path: Path) -> None:
    """As /root is: the folder stays closed, the server's part goes to the shelter, a link shows where."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    it = make(closed / "var")
    it.client()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert it.home.folder.readlink().parent == place.SHELTER
    assert it.ask("SELECT 1") == (1,)
    it.clients[0].kill()
    wait_for(it.gone, why="the server is still there")
    shutil.rmtree(it.home.folder.readlink())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_programs_out_of_reach_are_copied_to_where_they_run(monkeypatch: pytest.MonkeyPatch, open_folder: Path) -> None:
    shelter = open_folder / "shelter"
    monkeypatch.setattr(place, "SHELTER", shelter)
    monkeypatch.setattr(place, "reachable", lambda *_: False)
    user = place.run_as()
    with settings.POSTGRES_BIN.set_to(""):
        programs = place.programs(user)
    assert programs.is_relative_to(shelter)
    shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True, **user.options()).stdout
    assert "PostgreSQL" in shown
    with settings.POSTGRES_BIN.set_to(""):
        assert place.programs(user) == programs


def test_configuration_quotes_its_values() -> None:
    assert "unix_socket_directories = '/tmp/it''s'" in config.lines(config.settings(Path("/tmp/it's")), "")
    assert "wal_compression = 'lz4'" in config.lines({}, "lz4")


def test_a_failure_to_start_is_told_with_the_reason(make: Callable[..., Place]) -> None:
    it = make()
    it.client().kill()
    wait_for(it.gone, why="the server is still there")
    (it.home.data / "local.conf").write_text("no_such_setting = 1\n")
    (it.home.data / "local.conf").chmod(0o644)
    done = subprocess.run([sys.executable, "-c", HOLD], env=it.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "Unavailable" in done.stderr
    assert str(it.home.log) in done.stderr
    it.home.status_file.unlink(missing_ok=True)


def test_lost_passwords_are_told_not_waited_for(make: Callable[..., Place]) -> None:
    it = make()
    it.client().kill()
    wait_for(it.gone, why="the server is still there")
    it.home.secrets.unlink()
    done = subprocess.run([sys.executable, "-c", HOLD], env=it.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert "passwords in" in done.stderr
    it.home.status_file.unlink(missing_ok=True)


WORKER = """
import sys, yba.app
yba.app.setup(quiet=True)
from yba.kit import Actor, db
for line in sys.stdin:
    with db.unit_of_work(by=Actor.system("test")) as conn:
        print(conn.execute("SELECT 1").fetchone()[0], flush=True)
"""


def test_a_running_process_outlives_its_server_and_supervisor(make: Callable[..., Place]) -> None:
    it = make()
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=it.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    it.clients.append(worker)

    def ask() -> str:
        worker.stdin.write("\n")
        worker.stdin.flush()
        return worker.stdout.readline()

    assert ask() == "1\n"
    for pid in (it.home.status().supervisor, it.server()):
        os.kill(pid, signal.SIGKILL)
    time.sleep(1)  # its backends notice, and end
    assert ask() == "1\n"
    assert it.server()
