"""The engine: compiles the homes of one row shape (table, kind of row, fields present) once, then fills resources by dict look-ups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .codecs import CODECS
from .paths import Many, Step, nest
from .release import REFERENCES, RESIDUE, Home, Role, TableMap, release

if TYPE_CHECKING:
    from .context import Context
    from .model import Doc, Row

LONG_NUMBER: Final = 10
SHAPES_KEPT: Final = 4_096
"""Row shapes remembered; a hospital's software writes a few dozen, hostile input any number."""

Boxes = list[Any]
"""The objects of one row while it is filled: roots of the roles first, None until opened."""
Act = Callable[["Context", "Row", int, Boxes, dict[str, str]], None]


@dataclass(slots=True)
class Shape:
    """What is done for one kind of row with just these fields."""

    variant: str
    mask: str
    """Which fields of the table's map are there, as hexadecimal bits."""
    roles: tuple[Role, ...]
    """The role of each of the first boxes."""
    opens: list[tuple[int, str, Doc, bool]] = field(default_factory=list)
    """How each further box is made: parent box, element, the object it starts as, whether it is an item of a list."""
    plain: list[tuple[str, str, Callable[[str], Any], Callable[[str], Any], int, str]] = field(default_factory=list)
    """The ordinary fields: field, default, encode, loose, box, element."""
    parts: list[tuple[str, str, Callable[[str], Any], Callable[[str], Any], int, str, str, str, str]] = field(default_factory=list)
    """Ordinary fields alone in an item of a list (extensions): field, default, encode, loose, box of the list, list, mark, its value, element."""
    acts: list[Act] = field(default_factory=list)
    """The others: references, lists, defaults that depend on something."""


@lru_cache(maxsize=SHAPES_KEPT)
def shape_of(release_name: str, table: str, variant: str, fields: tuple[str, ...]) -> Shape:
    """Compile a row shape; remembered."""
    return _Compiler(release(release_name)[table], variant, fields).shape


class _Compiler:
    """Turns the homes of one shape into steps."""

    def __init__(self, table: TableMap, variant: str, fields: tuple[str, ...]) -> None:
        self.table, self.variant = table, variant
        roles = tuple(role for role in table.roles.values() if not role.variants or variant in role.variants)
        known = [name for name in fields if name in table.bit]
        self.shape = Shape(variant, format(sum(table.bit[name] for name in known), "x"), roles)
        self.boxes: dict[tuple[str, tuple[Step, ...]], int] = {(role.name, ()): n for n, role in enumerate(roles)}
        self.uses = Counter((home.role, home.steps[:n]) for name in known if (home := table.home(variant, name)) for n in range(1, len(home.steps)))
        for name in fields:
            home = table.home(variant, name)
            if home is None or home.role == RESIDUE:
                self.shape.acts.append(_keep(name, home.default if home else ""))
            else:
                self._add(home)

    def _add(self, home: Home) -> None:
        if home.each:
            self.shape.acts.append(self._each(home))
            return
        if self._alone(home):
            self._part(home)
            return
        box, key = self._box(home.role, home.steps[:-1]), home.steps[-1]
        if key.many is not Many.NO:
            # a list of one plain value or reference: wrap it
            self.shape.acts.append(_guarded(home, self._wrapped(home, box, key)))
            return
        if home.codec in REFERENCES or home.default[:1] in {"=", "@"}:
            self.shape.acts.append(_guarded(home, _put(home, box, key.key, self._open)))
            return
        codec = CODECS[home.codec]
        self.shape.plain.append((home.field, home.default, codec.encode, codec.loose, box, key.key))

    def _alone(self, home: Home) -> bool:
        """Say whether the home is the only element of an item told by a mark: it can then be made in one go."""
        ordinary = home.codec not in REFERENCES and home.default[:1] not in {"=", "@"} and home.steps[-1].many is Many.NO
        return ordinary and len(home.steps) > 1 and home.steps[-2].many is Many.PICK and self.uses[home.role, home.steps[:-1]] == 1

    def _part(self, home: Home) -> None:
        codec, item, key = CODECS[home.codec], home.steps[-2], home.steps[-1].key
        name, value = item.mark or ("", "")
        box = self._box(home.role, home.steps[:-2])
        self.shape.parts.append((home.field, home.default, codec.encode, codec.loose, box, item.key, name, value, key))

    def _box(self, role: str, steps: tuple[Step, ...]) -> int:
        known = self.boxes.get((role, steps))
        if known is not None:
            return known
        parent = self._box(role, steps[:-1])
        last = steps[-1]
        self.shape.opens.append((parent, last.key, last.fresh(), last.many is not Many.NO))
        number = self.boxes[role, steps] = len(self.shape.roles) + len(self.shape.opens) - 1
        return number

    def _open(self, context: Context, boxes: Boxes, box: int) -> Doc:
        return opened(self.shape, context, boxes, box)

    def _wrapped(self, home: Home, box: int, key: Step) -> Act:
        def put(context: Context, row: Row, _index: int, boxes: Boxes, over: dict[str, str]) -> None:
            value = _value(home, context, row[home.field], over)
            if value is not None:
                self._open(context, boxes, box).update(nest((key,), value))

        return put

    def _each(self, home: Home) -> Act:
        at = next(n for n, step in enumerate(home.steps) if step.many is Many.EACH)
        box, step, rest = self._box(home.role, home.steps[:at]), home.steps[at], home.steps[at + 1 :]
        tag = step.mark[1] if step.mark else ""

        def put(context: Context, row: Row, _index: int, boxes: Boxes, over: dict[str, str]) -> None:
            raw = row[home.field]
            parts: dict[str, str] = {}
            values = [_value(home, context, part, parts) for part in raw.split(";")]
            if parts:
                over[home.field] = raw
            found = [value for value in values if value is not None]
            if found:
                items = self._open(context, boxes, box).setdefault(step.key, [])
                items += [{"id": f"{tag}{n}", **nest(rest, value)} for n, value in enumerate(found, 1)]

        return put


def _value(home: Home, context: Context, raw: str, over: dict[str, str]) -> Any:  # noqa: ANN401
    """Encode one value, or note it for the residue and give what is worth showing."""
    if home.codec in REFERENCES:
        value = context.reference(home.codec, raw)
        if value is None or value["display"] != raw:
            over[home.field] = raw
        return value
    codec = CODECS[home.codec]
    value = codec.encode(raw)
    if value is None:
        over[home.field] = raw
        value = codec.loose(raw)
    return value


def _put(home: Home, box: int, key: str, open_box: Callable[[Context, Boxes, int], Doc]) -> Act:
    def put(context: Context, row: Row, _index: int, boxes: Boxes, over: dict[str, str]) -> None:
        value = _value(home, context, row[home.field], over)
        if value is not None:
            open_box(context, boxes, box)[key] = value

    return put


def _guarded(home: Home, act: Act) -> Act:
    """Leave the value out when it equals the home's default."""
    default = home.default
    if not default:
        return act

    def unless(context: Context, row: Row, index: int, boxes: Boxes, over: dict[str, str]) -> None:
        if row[home.field] != expected(default, context, row, home.field, index):
            act(context, row, index, boxes, over)

    return unless


def _keep(name: str, default: str) -> Act:
    def keep(context: Context, row: Row, index: int, _boxes: Boxes, over: dict[str, str]) -> None:
        raw = row[name]
        if not default or raw != expected(default, context, row, name, index):
            over[name] = raw

    def number(context: Context, row: Row, index: int, _boxes: Boxes, over: dict[str, str]) -> None:
        raw = row[name]
        if raw != following(context.last, index):
            over[name] = raw
        context.last = raw

    return number if default == "@position" else keep


def expected(default: str, context: Any, row: Row, field: str, index: int) -> str | None:  # noqa: ANN401 - mapping and inverse have each their own context
    """Give the raw text a default stands for; None when the field it points to is not there.

    `context` has `link`, `facility`, `header` (the row of XML1), `last` (STT of the row before), `above` (that row) and `service` (MA_DICH_VU
    of the row of XML3 a result belongs to).
    """
    if default[0] == "=":
        other = default[1:]
        return context.header.get(other[5:]) if other.startswith("XML1.") else row.get(other)
    if default == "@position":
        return following(context.last, index)
    if default in {"@above", "@service"}:
        near: str | None = context.above.get(field) if default == "@above" else context.service
        return near
    if default == "@link":
        return str(context.link)
    if default == "@facility":
        return str(context.facility)
    return default


def following(last: str, index: int) -> str:
    """Give the row number that follows another; numbers may start anywhere (quirk 11), only the first of a table is then kept."""
    return str(int(last) + 1) if last.isascii() and last.isdigit() and len(last) < LONG_NUMBER else str(index + 1)


def opened(shape: Shape, context: Context, boxes: Boxes, box: int) -> Doc:
    """Give a box, making it and its parents at first use."""
    found: Doc | None = boxes[box]
    if found is not None:
        return found
    further = box - len(shape.roles)
    if further < 0:
        found = context.root(shape.roles[box])
    else:
        parent, key, start, listed = shape.opens[further]
        above = boxes[parent]
        if above is None:
            above = opened(shape, context, boxes, parent)
        found = start.copy()
        if not listed:
            above[key] = found
        elif key in above:
            above[key].append(found)
        else:
            above[key] = [found]
    boxes[box] = found
    return found


def fill(shape: Shape, context: Context, row: Row, index: int, over: dict[str, str]) -> dict[str, Doc]:
    """Make the resources of one row; raw texts that must be kept go to `over`. Gives the docs by role."""
    roles = shape.roles
    boxes: Boxes = [context.root(role) if role.always else None for role in roles]
    boxes += [None] * len(shape.opens)
    for name, default, encode, loose, box, key in shape.plain:
        raw = row[name]
        if raw == default:
            continue
        value = encode(raw)
        if value is None:
            over[name] = raw
            value = loose(raw)
            if value is None:
                continue
        target = boxes[box]
        if target is None:
            target = opened(shape, context, boxes, box)
        target[key] = value
    if shape.parts:
        _fill_parts(shape, context, row, boxes, over)
    for act in shape.acts:
        act(context, row, index, boxes, over)
    return {role.name: doc for role, doc in zip(roles, boxes, strict=False) if doc is not None}


def _fill_parts(shape: Shape, context: Context, row: Row, boxes: Boxes, over: dict[str, str]) -> None:
    """Append the items that hold one field alone."""
    for name, default, encode, loose, box, items, mark, marked, key in shape.parts:
        raw = row[name]
        if raw == default:
            continue
        value = encode(raw)
        if value is None:
            over[name] = raw
            value = loose(raw)
            if value is None:
                continue
        target = boxes[box]
        if target is None:
            target = opened(shape, context, boxes, box)
        if items in target:
            target[items].append({mark: marked, key: value})
        else:
            target[items] = [{mark: marked, key: value}]
