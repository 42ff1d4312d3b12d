"""One release of the mapping as data: for each field of each table its home, read from `specs/mapping/claims/<release>/`."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yba.specs
from yba.specs import systems
from yba.specs.claims import SpecError

from .codecs import CODECS
from .paths import Many, Step, parse

if TYPE_CHECKING:
    from .model import Doc

FOLDER: Final = Path(yba.specs.__file__).parent / "mapping" / "claims"
CURRENT: Final = "1"
RESIDUE: Final = "residue"
REFERENCES: Final = frozenset({"practitioner", "department", "organization"})
"""Codecs whose value is a reference to a shared resource, with the raw code as its display."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where one field lives: the place the inverse reads. Other places it shows up at are projections (`also`)."""

    field: str
    variant: str
    """"" for every kind of row, else the kind of row this home holds for."""
    role: str
    path: str
    steps: tuple[Step, ...]
    codec: str
    default: str
    """A raw text that is left out: a constant, "=FIELD" same as that field, "=XML1.FIELD", "@link", "@position", "@facility", "@above"
    same as in the row before, "@service" as in the row of XML3 it belongs to."""
    also: str
    reason: str

    @property
    def each(self) -> bool:
        """Say whether the home takes a ";" list apart."""
        return any(step.many is Many.EACH for step in self.steps)


@dataclass(frozen=True, slots=True)
class Role:
    """A resource (or, with `inside`, an element of another resource) that rows of a table become."""

    name: str
    rtype: str
    inside: str
    """Element of the claim's Claim this role is an item of ("item"); empty for resources."""
    always: bool
    """Made for every row of its variants, even when no field fell into it."""
    variants: tuple[str, ...]
    """Row kinds it is made for; empty: all."""
    subject: str
    """Element that refers to the person; empty: none."""
    encounter: str
    constant: Doc
    titles: dict[str, str]
    """Section titles by section id."""


@dataclass(frozen=True, slots=True)
class TableMap:
    """How one table is mapped."""

    name: str
    fields: tuple[str, ...]
    """In the order of the file: what presence masks count by; append only."""
    homes: dict[tuple[str, str], Home]
    """By (variant, field); variant "" holds where no other one does."""
    roles: dict[str, Role]
    bit: dict[str, int] = field(repr=False)

    def home(self, variant: str, name: str) -> Home | None:
        """Give the home of a field in a kind of row; None for a field we do not know."""
        return self.homes.get((variant, name)) or self.homes.get(("", name))


@cache
def release(name: str = CURRENT) -> dict[str, TableMap]:
    """Load a release; SpecError names file and line of what is wrong."""
    folder = FOLDER / name
    roles = tomllib.loads((folder / "roles.toml").read_text("utf-8"))
    return {table: _table(folder, table, content) for table, content in roles.items()}


def _table(folder: Path, name: str, content: dict[str, Any]) -> TableMap:
    path = folder / f"{name.lower()}.csv"
    roles = {role: _role(role, data) for role, data in content.items()}
    homes: dict[tuple[str, str], Home] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            home = _home(path, number, row, roles)
            if (home.variant, home.field) in homes:
                message = f"{path}, line {number}: {home.field} has two homes"
                raise SpecError(message)
            homes[home.variant, home.field] = home
    fields = tuple(dict.fromkeys(name for _, name in homes))
    return TableMap(name, fields, homes, roles, {name: 1 << n for n, name in enumerate(fields)})


def _home(path: Path, number: int, row: dict[str, str], roles: dict[str, Role]) -> Home:
    role, codec = row["role"], row["codec"]
    fault = ""
    if role == RESIDUE:
        fault = "" if row["reason"] else "the residue needs a reason"
    elif role not in roles:
        fault = f"no role {role}"
    elif codec not in CODECS and codec not in REFERENCES:
        fault = f"no codec {codec}"
    elif row["path"].partition(".")[0].partition("[")[0] in roles[role].constant:
        fault = "the path leads into a constant of the role"
    try:
        steps = parse(row["path"]) if row["path"] else ()
    except (KeyError, ValueError) as wrong:
        fault, steps = str(wrong), ()
    if fault:
        message = f"{path}, line {number}, {row['field']}: {fault}"
        raise SpecError(message)
    return Home(row["field"], row["variant"], role, row["path"], steps, codec, row["default"], row["also"], row["reason"])


def _role(name: str, data: dict[str, Any]) -> Role:
    inside = data.get("inside", "")
    constant = _with_systems(data.get("constant", {}))
    return Role(
        name=name,
        rtype=data.get("rtype", ""),
        inside=inside,
        always=data.get("always", True),
        variants=tuple(data.get("variants", ())),
        subject=data.get("subject", "" if inside else "subject"),
        encounter=data.get("encounter", "" if inside else "encounter"),
        constant=constant,
        titles=data.get("titles", {}),
    )


def _with_systems(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """Replace "$loinc" by the URI of that name, everywhere."""
    if isinstance(value, dict):
        return {key: _with_systems(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_systems(part) for part in value]
    return systems.system(value[1:]) if isinstance(value, str) and value.startswith("$") else value
