"""The digests as data: `specs/digests/<name>.toml` says which board is told of on paper, how often, and which of its tiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .boards import boards
from .measures import PeriodKind
from .reading import Reading, Words

if TYPE_CHECKING:
    from datetime import date

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


def _read(path: Path) -> Spec:
    at = Reading(path.name)
    data = at.toml(path)
    at.keys(data, _NEEDED, (*_NEEDED, "tiles"), "a digest")
    return _made(path, data, at)


def _made(path: Path, data: dict[str, Any], at: Reading) -> Spec:
    board = boards().get(str(data["board"]))
    tiles = tuple(data.get("tiles", ()))
    rules = (
        ("board", board is not None, f"is one of {', '.join(boards())}"),
        ("every", data["every"] in _EVERY, f"is one of {', '.join(_EVERY)}"),
        ("tiles", board is None or all(board.tile(one) for one in tiles), "names measures of the board's tiles"),
    )
    at.hold(rules)
    return Spec(
        name=path.stem,
        title=at.words("title", data["title"]),
        board=str(data["board"]),
        every=PeriodKind(data["every"]),
        tiles=tiles,
        owner=at.text("owner", data["owner"]),
        valid_from=at.day("valid_from", data["valid_from"]),
        checked_by=at.text("checked_by", data["checked_by"]),
        next_review=at.day("next_review", data["next_review"]),
    )
