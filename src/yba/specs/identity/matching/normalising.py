"""normalise.toml, compiled: the steps from texts to what is compared."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yba.specs.claims import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE: Final = Path(__file__).parents[1] / "normalise.toml"
_CHOICE: Final = re.compile(r"\{([^}]*)\}")
Step = tuple["re.Pattern[str]", "str | Callable[[re.Match[str]], str]"]


@dataclass(frozen=True, slots=True)
class Normalising:
    """Patterns and steps by kind of text; ``telex_*`` are what a Vietnamese keyboard would have made of letters typed without it."""

    name_remove: re.Pattern[str]
    name_titles: re.Pattern[str]
    name_fillers: re.Pattern[str]
    name_longest: int
    telex_double: dict[str, str]
    telex_tones: dict[str, str]
    birth_forms: tuple[re.Pattern[str], ...]
    years: tuple[int, int]
    sex: dict[str, str]
    phone_steps: tuple[Step, ...]
    phone_valid: re.Pattern[str]
    phone_junk: re.Pattern[str]
    number: dict[str, re.Pattern[str]]
    number_longest: int
    address_steps: tuple[Step, ...]
    address_longest: int


@cache
def normalising() -> Normalising:
    """Read and compile the steps. Raises SpecError with the part that is wrong."""
    try:
        return _compiled(tomllib.loads(_FILE.read_text("utf-8")))
    except (KeyError, re.error, ValueError) as error:
        raise SpecError(f"{_FILE.name}: {type(error).__name__} {error}") from error


def _compiled(data: dict[str, Any]) -> Normalising:
    name, birth, phone, number, address = (data[key] for key in ("name", "birth", "phone", "number", "address"))
    return Normalising(
        name_remove=re.compile(name["remove"]),
        name_titles=re.compile(name["titles"]),
        name_fillers=re.compile(name["fillers"]),
        name_longest=name["longest"],
        telex_double=_pairs(name["telex"]["double"]),
        telex_tones=_pairs(name["telex"]["tones"]),
        birth_forms=tuple(map(re.compile, birth["forms"])),
        years=(birth["earliest"], birth["latest"]),
        sex={word: sex for sex, words in data["sex"].items() for word in words},
        phone_steps=tuple(_step(*each) for each in phone["steps"]),
        phone_valid=re.compile(phone["valid"]),
        phone_junk=re.compile(phone["junk"]),
        number={key: re.compile(number[key]) for key in ("junk", "citizen", "old", "insurance", "card")},
        number_longest=number["longest"],
        address_steps=tuple(_step(*each) for each in address["steps"]),
        address_longest=address["longest"],
    )


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


def _step(pattern: str, replacement: str) -> Step:
    """Compile one step; "07{20=0,21=9}" puts in what belongs to the first group found."""
    choice = _CHOICE.search(replacement)
    if choice is None:
        return re.compile(pattern), replacement
    table = _pairs(choice[1].replace(",", " "))
    before, after = replacement[: choice.start()], replacement[choice.end() :]
    return re.compile(pattern), lambda match: f"{before}{table[match[1]]}{after}"
