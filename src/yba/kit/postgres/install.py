"""Making a cluster and its roles: initdb with checksums, an owner role for migrations and an app role for everything else."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from . import config
from .layout import APP_ROLE, DATABASE, OWNER_ROLE, SUPER_ROLE

if TYPE_CHECKING:
    from pathlib import Path

    from .layout import Endpoint, Home
    from .place import RunAs

BUILTIN_LOCALE_SINCE: Final = 17


def make_cluster(home: Home, bin_folder: Path, user: RunAs) -> None:
    """Run initdb with data checksums into a draft folder and rename it, so that a killed initdb leaves nothing half made."""
    if (home.data / "PG_VERSION").exists():
        return
    draft = home.folder.resolve() / "data.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    user.own(draft)
    password = home.folder.resolve() / "superuser.password"
    password.touch(mode=0o600)
    password.write_text(home.passwords()[SUPER_ROLE], encoding="utf-8")
    user.own(password)
    try:
        command: list[str | Path] = [
            bin_folder / "initdb", "-D", draft, "-k", "-U", SUPER_ROLE, "--auth=scram-sha-256", f"--pwfile={password}",
            "--encoding=UTF8", *_locale(bin_folder),
        ]  # fmt: skip
        options: dict[str, Any] = user.options()
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, **options)
    finally:
        password.unlink()
    config.include(draft, user)
    draft.replace(home.folder.resolve() / "data")


def _locale(bin_folder: Path) -> list[str]:
    """Return the options for sorting by code point while knowing every letter's case: built in since 17, from the C library before."""
    shown = subprocess.run([bin_folder / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    major = int(re.search(r"\d+", shown)[0])  # type: ignore[index]  # "postgres (PostgreSQL) 18.6"
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if major >= BUILTIN_LOCALE_SINCE else ["--locale=C.UTF-8"]


def compression(bin_folder: Path) -> str:
    """Return "lz4" when this build has it, otherwise "" (PostgreSQL's own defaults: pglz for TOAST, none for the log)."""
    shown = subprocess.run([bin_folder / "pg_config", "--configure"], check=True, capture_output=True, text=True)
    return "lz4" if "--with-lz4" in shown.stdout else ""


def make_roles(endpoint: Endpoint, passwords: dict[str, str]) -> None:
    """Make roles, database and rights where they are missing; safe to run at every start."""
    with psycopg.connect(**endpoint.conninfo(SUPER_ROLE, "postgres"), autocommit=True) as conn:
        known = {row[0] for row in conn.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER_ROLE, APP_ROLE):
            verb = "ALTER" if role in known else "CREATE"
            statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}")
            conn.execute(statement.format(sql.Identifier(role), sql.Literal(passwords[role])))
    prepare_database(endpoint, DATABASE)


def prepare_database(endpoint: Endpoint, name: str, template: str | None = None) -> None:
    """Make a database the owner role owns (from a template, if given) unless it exists, and set who may do what in it."""
    with psycopg.connect(**endpoint.conninfo(SUPER_ROLE, "postgres"), autocommit=True) as conn:
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return
        make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        conn.execute(make.format(sql.Identifier(name), sql.Identifier(OWNER_ROLE), sql.Identifier(template or "template1")))
        conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        conn.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(APP_ROLE)))
    if template is None:
        with psycopg.connect(**endpoint.conninfo(SUPER_ROLE, name), autocommit=True) as conn:
            for statement in (f"ALTER SCHEMA public OWNER TO {OWNER_ROLE}", "REVOKE ALL ON SCHEMA public FROM PUBLIC"):
                conn.execute(statement.encode())


def checkpoint(endpoint: Endpoint) -> None:
    """Write what has been changed to the files of the tables now, and wait for it (benches: an owner of tables may not)."""
    with psycopg.connect(**endpoint.conninfo(SUPER_ROLE, "postgres"), autocommit=True) as conn:
        conn.execute("CHECKPOINT")
