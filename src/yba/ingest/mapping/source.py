"""Writes the Python source that makes the resources of one kind of row: straight code, compiled once and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from yba.kit.ids import derived_joined

from .codecs import CODECS, Remembered
from .defaults import following
from .paths import Many, Step
from .release import REFERENCES, RESIDUE, Home, Role, TableMap

if TYPE_CHECKING:
    from .context import Context
    from .model import Doc, Row

Fill = Callable[["Context", "Row", int, dict[str, str]], dict[str, "Doc"]]
"""Makes the resources of a row, by role; raw texts that must be kept go to the last argument."""
Place = tuple[str, tuple[Step, ...]]
"""Role and steps: an object of a resource."""
DEPENDING: Final = frozenset({"=", "@"})
"""What a default begins with that is no constant."""


def compiled(table: TableMap, variant: str, fields: tuple[str, ...]) -> Fill:
    """Compile what is done for the rows of a kind that have some of these fields, in this order.

    Ordinary fields come first, then those alone in an item of a list (extensions), then the others: the order of the documents' elements hangs on it.
    Fields that share such an item (`shared_items`) must all be there.
    """
    return _Writer(table, variant, fields).function()


def shared_items(table: TableMap, variant: str, fields: tuple[str, ...]) -> frozenset[str]:
    """Give the fields that share an item of a list with another one: whether they are written as parts hangs on which of them are there."""
    homes = [home for name in fields if (home := _home(table, variant, name))]
    uses = _uses(homes)
    shared = {_item(home) for home in homes if _may_be_alone(home) and uses[_item(home)] > 1}
    return frozenset(home.field for home in homes if any((home.role, home.steps[:n]) in shared for n in range(1, len(home.steps))))


def comes_last(table: TableMap, variant: str, name: str) -> bool:
    """Say whether a field is none of the ordinary ones: one of the residue, a reference, a list, one whose default depends on something."""
    home = _home(table, variant, name)
    return home is None or home.each or home.steps[-1].many is not Many.NO or _depends(home)


def has_room(table: TableMap, variant: str, name: str) -> bool:
    """Say whether a kind of row has what a field belongs to; a report in words never has a value."""
    home = _home(table, variant, name)
    return home is None or home.role in {role.name for role in _roles(table, variant)}


def _roles(table: TableMap, variant: str) -> list[Role]:
    return [role for role in table.roles.values() if not role.variants or variant in role.variants]


def _home(table: TableMap, variant: str, name: str) -> Home | None:
    home = table.home(variant, name)
    return home if home and home.role != RESIDUE else None


def _item(home: Home) -> Place:
    return home.role, home.steps[:-1]


def _uses(homes: list[Home]) -> Counter[Place]:
    return Counter((home.role, home.steps[:n]) for home in homes for n in range(1, len(home.steps)))


def _depends(home: Home) -> bool:
    return home.codec in REFERENCES or home.default[:1] in DEPENDING


def _is_object(home: Home) -> bool:
    return home.codec in REFERENCES or home.codec.endswith("xhtml")


def _may_be_alone(home: Home) -> bool:
    return len(home.steps) > 1 and home.steps[-2].many is Many.PICK and home.steps[-1].many is Many.NO and not home.each and not _depends(home)


class _Writer:
    """The source of one function, line by line, and the objects it names. `b…` are objects of the documents, `l…` lists of parts; None until made."""

    def __init__(self, table: TableMap, variant: str, fields: tuple[str, ...]) -> None:
        self.table, self.variant, self.fields = table, variant, fields
        self.roles = _roles(table, variant)
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"following": following, "derived_joined": derived_joined}
        self.boxes: dict[Place, str] = {(role.name, ()): f"b{n}" for n, role in enumerate(self.roles)}
        self.sure = {f"b{n}" for n, role in enumerate(self.roles) if role.always}
        """The objects that are always there."""
        self.roots = {f"b{n}": self._root(role) for n, role in enumerate(self.roles)}
        self.opens: dict[str, tuple[str, Step]] = {}
        """The object each further one lies in, and how."""
        self.lists: dict[tuple[str, str], str] = {}

    def function(self) -> Fill:
        """Write and compile."""
        homes = {name: home for name in self.fields if (home := _home(self.table, self.variant, name))}
        uses = _uses(list(homes.values()))
        ordinary = [home for name, home in homes.items() if not comes_last(self.table, self.variant, name)]
        parts = [home for home in ordinary if _may_be_alone(home) and uses[_item(home)] == 1]
        for home in ordinary:
            if home not in parts:
                self._plain(home)
        for home in parts:
            self._part(home)
        for name in self.fields:
            if comes_last(self.table, self.variant, name):
                self._other(name)
        return self._compile()

    def _compile(self) -> Fill:
        head = ["def fill(context, row, index, over):", "    get = row.get"]
        head += [f"    {box} = {root}" for box, root in self.roots.items() if box in self.sure]
        unmade = [*(box for box in self.boxes.values() if box not in self.sure), *self.lists.values()]
        head += [f"    {' = '.join(unmade)} = None"] if unmade else []
        tail = ["    docs = {" + ", ".join(f"{role.name!r}: b{n}" for n, role in enumerate(self.roles)) + "}"]
        tail += [f"    if b{n} is None: del docs[{role.name!r}]" for n, role in enumerate(self.roles) if not role.always]
        text = "\n".join([*head, *self.lines, *tail, "    return docs"])
        exec(compile(text, f"<{self.table.name} {self.variant}>", "exec"), self.names)  # noqa: S102 - our own text: names of the mapping files
        made: Fill = self.names["fill"]
        return made

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def _name(self, value: Any, name: str = "") -> str:  # noqa: ANN401 - any constant of a mapping file
        if isinstance(value, (str, bool, int)):
            return repr(value)
        name = name or f"k{len(self.names)}"
        self.names[name] = value
        return name

    def _root(self, role: Role) -> str:
        """Write the start of a role's resource, or of the item of the Claim."""
        if role.inside:
            return f"{{'id': f'{self.table.name[3:]}.{{context.key}}'}}"
        parts = {"resourceType": repr(role.rtype), "id": f"derived_joined(f'{role.rtype}{{context.row}}{role.name}')"}
        parts |= {key: self._name(value) for key, value in role.constant.items()}
        if role.subject:
            parts[role.subject] = "context.subject"
        if role.encounter:
            parts[role.encounter] = "context.encounter"
        return "{" + ", ".join(f"{key!r}: {value}" for key, value in parts.items()) + "}"

    def _box(self, role: str, steps: tuple[Step, ...]) -> str:
        """Give the name of an object."""
        known = self.boxes.get((role, steps))
        if known is None:
            parent = self._box(role, steps[:-1])
            known = self.boxes[role, steps] = f"b{len(self.boxes)}"
            self.opens[known] = parent, steps[-1]
        return known

    def _open(self, depth: int, box: str) -> None:
        """Make sure that an object and those it lies in are there."""
        if box in self.sure:
            return
        self._line(depth, f"if {box} is None:")
        if box in self.roots:
            self._line(depth + 1, f"{box} = {self.roots[box]}")
            return
        parent, step = self.opens[box]
        self._open(depth + 1, parent)
        if step.many is Many.NO:
            self._line(depth + 1, f"{box} = {parent}[{step.key!r}] = {{}}")
        else:
            self._line(depth + 1, f"{box} = {step.fresh()!r}")
            self._line(depth + 1, f"{parent}.setdefault({step.key!r}, []).append({box})")

    def _encode(self, depth: int, home: Home, lost: str) -> None:
        """Turn raw text `r` into value `v`; what is not exact is noted by `lost` and gives what is worth showing."""
        if home.codec in REFERENCES:
            self._line(depth, f"v = context.reference({home.codec!r}, r)")
            self._line(depth, f"if v is None or v['display'] != r: {lost}")
            return
        codec, name = CODECS[home.codec], home.codec.replace("-", "_")
        known = getattr(codec.encode, "__self__", None)
        if isinstance(known, Remembered):  # looking in is cheaper than calling what looks in
            self._line(depth, f"v = {self._name(known, name)}[r]")
        else:
            self._line(depth, f"v = {self._name(codec.encode, name)}(r)")
        self._line(depth, "if v is None:")
        self._line(depth + 1, lost)
        self._line(depth + 1, f"v = {self._name(codec.loose, f'loose_{name}')}(r)")

    def _ordinary(self, home: Home) -> None:
        self._line(1, f"r = get({home.field!r}, {home.default!r})")
        self._line(1, f"if r != {home.default!r}:" if home.default else "if r:")
        self._encode(2, home, f"over[{home.field!r}] = r")
        self._line(2, "if v is not None:")

    def _plain(self, home: Home) -> None:
        self._ordinary(home)
        box = self._box(*_item(home))
        self._open(3, box)
        self._line(3, f"{box}[{home.steps[-1].key!r}] = v")

    def _part(self, home: Home) -> None:
        self._ordinary(home)
        item, key = home.steps[-2], home.steps[-1].key
        box = self._box(home.role, home.steps[:-2])
        known = self.lists.setdefault((box, item.key), f"l{len(self.lists)}")
        mark, marked = item.mark or ("", "")
        self._line(3, f"if {known} is None:")
        self._open(4, box)
        self._line(4, f"{known} = {box}.setdefault({item.key!r}, [])")
        self._line(3, f"{known}.append({{{mark!r}: {marked!r}, {key!r}: v}})")

    def _other(self, name: str) -> None:
        """Write what is not ordinary: the residue, references, lists, defaults that depend on something."""
        home = self.table.home(self.variant, name)
        default = home.default if home else ""
        unless = f" and r != {_expected(default, name)}" if default else ""
        self._line(1, f"r = get({name!r})")
        if home is None or home.role == RESIDUE:
            if default == "@position":
                self._line(1, "if r is not None:")
                self._line(2, f"if r != {_expected(default, name)}: over[{name!r}] = r")
                self._line(2, "context.last = r")
            else:
                self._line(1, f"if r is not None{unless}: over[{name!r}] = r")
            return
        self._line(1, f"if r is not None{unless}:")
        if home.each:
            self._each(home)
            return
        self._encode(2, home, f"over[{name!r}] = r")
        box, step = self._box(*_item(home)), home.steps[-1]
        self._line(2, "if v is not None:")
        self._open(3, box)
        self._line(3, f"{box}[{step.key!r}] = {_listed(step, 'v', is_object=_is_object(home)) if step.many is not Many.NO else 'v'}")

    def _each(self, home: Home) -> None:
        at = next(n for n, step in enumerate(home.steps) if step.many is Many.EACH)
        box, step = self._box(home.role, home.steps[:at]), home.steps[at]
        tag = step.mark[1] if step.mark else ""
        self._line(2, "whole, values = r, []")
        self._line(2, "for r in whole.split(';'):")
        self._encode(3, home, f"over[{home.field!r}] = whole")
        self._line(3, "if v is not None: values.append(v)")
        self._line(2, "if values:")
        self._open(3, box)
        inner = _nested(home.steps[at + 1 :], "v", is_object=_is_object(home))
        items = f"[{{'id': f'{tag}{{n}}', **{inner}}} for n, v in enumerate(values, 1)]"
        self._line(3, f"{box}.setdefault({step.key!r}, []).extend({items})")


def _expected(default: str, field: str) -> str:
    """Write the raw text a default stands for, as `defaults.expected` reads it."""
    if default[0] == "=":
        other = default[1:]
        return f"context.header.get({other[5:]!r})" if other.startswith("XML1.") else f"get({other!r})"
    known = {
        "@position": "following(context.last, index)",
        "@above": f"context.above.get({field!r})",
        "@service": "context.service",
        "@link": "context.link",
        "@facility": "context.facility",
    }
    return known.get(default, repr(default))


def _listed(step: Step, value: str, *, is_object: bool) -> str:
    return f"[{{**{step.fresh()!r}, **{value}}}]" if is_object else f"[{value}]"


def _nested(steps: tuple[Step, ...], value: str, *, is_object: bool) -> str:
    """Write a value wrapped in the objects and lists of a path: a.b[] -> {"a": {"b": [v]}}."""
    for step in reversed(steps):
        inner = _listed(step, value, is_object=is_object) if step.many is not Many.NO else value
        value, is_object = f"{{{step.key!r}: {inner}}}", True
    return value
