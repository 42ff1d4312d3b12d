"""The digests as data: `specs/digests/<name>.toml` says which board is told of on paper, how often, and which of its tiles."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from .boards import boards
from .claims import SpecError
from .measures import PeriodKind, Words

FOLDER: Final = Path(__file__).with_name("digests")
_EVERY: Final = (PeriodKind.WEEK, PeriodKind.MONTH)
_NEEDED: Final = ("title", "board", "every", "owner", "valid_from", "checked_by", "next_review")


@dataclass(frozen=True, slots=True)
class Spec:
    """A digest: one for each period of its kind that has ended, of a board's tiles by the names of their measures."""

    name: str
    title: Words
    board: str
    every: PeriodKind
    tiles: tuple[str, ...]
    owner: str
    valid_from: date
    checked_by: str
    next_review: date


@cache
def digests() -> dict[str, Spec]:
    """Give every digest by name, in order of names. Raises SpecError naming file, key and rule."""
    return load(FOLDER)


def load(folder: Path) -> dict[str, Spec]:
    """Read the digests of a folder. Raises SpecError naming file, key and rule."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def _fault(path: Path, key: str, rule: str) -> SpecError:
    return SpecError(f"{path.name}{f': {key}' if key else ''}: {rule}")


def _read(path: Path) -> Spec:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _fault(path, "", str(error)) from error
    for key in _NEEDED:
        if data.get(key) in (None, "", []):
            raise _fault(path, key, "is needed")
    for key in data:
        if key not in (*_NEEDED, "tiles"):
            raise _fault(path, key, "is no key of a digest")
    return _made(path, data)


def _made(path: Path, data: dict[str, Any]) -> Spec:
    vi, between, en = str(data["title"]).partition(" · ")
    board = boards().get(str(data["board"]))
    tiles = tuple(data.get("tiles", ()))
    rules = (
        ("title", bool(between), "is written as Vietnamese · English"),
        ("board", board is not None, f"is one of {', '.join(boards())}"),
        ("every", data["every"] in _EVERY, f"is one of {', '.join(_EVERY)}"),
        ("tiles", board is None or all(board.tile(one) for one in tiles), "names measures of the board's tiles"),
        ("valid_from", all(isinstance(data[key], date) for key in ("valid_from", "next_review")), "is a day, as next_review, without quotes"),
    )
    for key, holds, rule in rules:
        if not holds:
            raise _fault(path, key, rule)
    return Spec(
        path.stem, Words(vi, en), str(data["board"]), PeriodKind(data["every"]), tiles, str(data["owner"]), data["valid_from"],
        str(data["checked_by"]), data["next_review"],
    )  # fmt: skip
