"""Which lists, editions and maps exist, packaged or loaded by the operator, opened at first use."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from yba.specs import systems

from . import files, operator
from .codesystem import CodeSystem
from .model import EditionInfo, ListInfo, UnknownList

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def _packaged() -> dict[str, Any]:
    return tomllib.loads((files.PACKAGED / "catalogue.toml").read_text("utf-8"))


@cache
def _manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads((files.PACKAGED / "manifest.json").read_bytes())["files"]
    return loaded


@cache
def lists() -> dict[str, ListInfo]:
    """Every list by id, packaged ones first, then what the operator loaded."""
    licences = _packaged()["licences"]
    found = {}
    for name, entry in _packaged()["list"].items():
        editions = tuple(_edition(name, raw, licences) for raw in entry["edition"])
        found[name] = ListInfo(name, _uri(entry), entry["title_vi"], entry["title_en"], entry.get("spelling", "plain"), editions)
    return found | operator.lists()


def _uri(entry: Mapping[str, Any]) -> str:
    return str(entry["uri"]) if "uri" in entry else systems.system(entry["system"])


def _edition(name: str, raw: Mapping[str, Any], licences: Mapping[str, str]) -> EditionInfo:
    return EditionInfo(
        id=raw["id"],
        name=raw["name"],
        valid_from=raw.get("valid_from"),
        valid_to=raw.get("valid_to"),
        binding_from=raw.get("binding_from"),
        complete=raw["complete"],
        why=raw.get("why", ""),
        source=raw["source"],
        as_of=raw["as_of"],
        licence=licences[raw["licence"]],
        flaws=raw.get("flaws", ""),
        codes=_manifest()[f"{name}/{raw['id']}"]["codes"],
    )


@cache
def _ids() -> dict[str, str]:
    by_uri = {info.uri: name for name, info in reversed(lists().items())}
    return by_uri | {name: name for name in lists()}


def list_id(system: str) -> str:
    """The id of a list given as id or as system URI; raises UnknownList."""
    try:
        return _ids()[system]
    except KeyError:
        message = f"no list {system!r}"
        raise UnknownList(message, advice=f"Known: {', '.join(lists())}.") from None


@cache
def open_edition(name: str, edition: str) -> CodeSystem:
    """One edition read into memory; kept for the life of the process."""
    info = lists()[name]
    about = next(e for e in info.editions if e.id == edition)
    packaged = _manifest().get(f"{name}/{edition}")
    if packaged is None:
        data = files.read(operator.place(name, edition))
        return CodeSystem(name, about, info.spelling, files.rows(data, f"{name}/{edition}", about.codes))
    data = files.read(files.PACKAGED / name / f"{edition}.tsv.zst")
    return CodeSystem(name, about, info.spelling, files.rows(data, f"{name}/{edition}", packaged["rows"]))


def map_ids() -> tuple[str, ...]:
    """The maps held here."""
    return tuple(_packaged()["map"])


@cache
def open_map(name: str) -> dict[str, str]:
    """Source code -> targets as text; raises UnknownList."""
    if name not in _packaged()["map"]:
        message = f"no map {name!r}"
        raise UnknownList(message, advice=f"Known: {', '.join(map_ids())}.")
    return files.targets(files.read(files.PACKAGED / "maps" / f"{name}.tsv.zst"))


def forget() -> None:
    """Drop everything read (after an operator loaded a list, and in tests)."""
    for cached in (_ids, lists, open_edition, open_map):
        cached.cache_clear()
