"""The list of rooms the roof joins; a room that is not built yet is simply not there."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

# In the order of the staircase, from below: migrations may name tables of rooms further up the list.
WITH_TABLES: Final = (
    "yba.access",
    "yba.events",
    "yba.audit",
    "yba.accounts",
    "yba.directory",
    "yba.identity",
    "yba.record",
    "yba.forms",
    "yba.ingest",
    "yba.care",
    "yba.warehouse",
    "yba.api",
)
WITH_TEMPLATES: Final = ("yba.web",)
WITH_ADDRESSES: Final = ("yba.gateway.urls", "yba.accounts.urls", "yba.web.urls")
WITH_JOBS: Final = (
    "yba.accounts.jobs",
    "yba.identity.jobs",
    "yba.record.jobs",
    "yba.ingest.jobs",
    "yba.audit.jobs",
    "yba.operations.jobs",
    "yba.web.jobs",
    "yba.api.jobs",
    "yba.warehouse.jobs",
)
# Rooms above the record that keep something by person: each has FOLLOWER (yba.record.Follower), told of merges, splits and undos.
WITH_FOLLOWERS: Final = (
    "yba.ingest.following",
    "yba.care.following",
    "yba.forms.following",
)
# Rooms beside or above care that find something due: each has DUE (yba.care.DueProvider), asked by every work list.
WITH_DUE: Final[tuple[str, ...]] = ()
# Modules that declare settings, beside kit's own (a house test finds one that is missing here).
WITH_SETTINGS: Final = (
    "yba.audit.anchor",
    "yba.ingest.signatures",
    "yba.gateway.door",
    "yba.identity.registers.settings",
    "yba.accounts.signin.origin",
    "yba.specs.working_hours",
    "yba.app.shield.proxies",
    "yba.warehouse.settings",
    "yba.api.bodies",
    "yba.api.edge",
)

_PACKAGE: Final = Path(__file__).parents[1]


def present(names: tuple[str, ...]) -> list[str]:
    """Return the modules of a list that exist (as files: nothing is imported to find out)."""
    return [name for name in names if _exists(name)]


def apps() -> list[str]:
    """Return the rooms Django must know: those with migrations or templates."""
    with_tables = [name for name in WITH_TABLES if _exists(f"{name}.migrations")]
    return with_tables + [name for name in present(WITH_TEMPLATES) if name not in with_tables]


def load_settings() -> None:
    """Import every module that declares settings, so that the registry is whole."""
    for name in present(WITH_SETTINGS):
        importlib.import_module(name)


def found(names: tuple[str, ...], attribute: str) -> tuple[Any, ...]:
    """Import the modules of a list that exist and return what each has under a name: how rooms below find those above."""
    return tuple(getattr(importlib.import_module(name), attribute) for name in present(names))


def _exists(name: str) -> bool:
    path = _PACKAGE.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()
