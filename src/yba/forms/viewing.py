"""A form laid out for a page or for paper: what is shown, with which value, rule, source and problem; no HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from . import lists
from .deciding import NOWHERE, settle
from .laid_rows import known
from .names import ANSWER, MOST_ROWS, ROWS, UNIT, name_of, rows_at
from .values import said, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from yba.fhir import fhirpath

    from .deciding import Settled
    from .model import Answers, Form, Found, Item, Place, Problem

RADIOS: Final = 6  # options that stand side by side; more are a list
_SUGGESTED: Final = 8
_CONTROLS: Final = {
    "boolean": "yesno", "decimal": "number", "integer": "number", "quantity": "number", "date": "date", "dateTime": "moment", "time": "time",
    "text": "area", "url": "text", "string": "text", "reference": "text", "display": "display", "group": "group",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One option as it stands on the page."""

    key: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LookBack:
    """What is known from before: shown greyed beside the box, with where and when."""

    text: str
    on: str
    facility: str
    ref: str
    filled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it is laid out. ``rows`` of a group that repeats, ``lines`` of one that does not (and of a question with more below it)."""

    item: Item
    name: str  # of its field
    at: str  # its place, as problems name it
    id: str  # for labels
    control: str  # group, rows, display, text, area, number, date, moment, time, yesno, radios, select, checks, search, output
    label: str
    hint: str
    shown: bool
    texts: tuple[str, ...] = ()  # what stands in the box
    said: str = ""  # the same for reading
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    unit_name: str = ""
    units: tuple[Choice, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)  # data- attributes: the same rules for the script
    before: LookBack | None = None
    problems: tuple[Problem, ...] = ()
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    rows_name: str = ""
    more: bool = False  # another row may be added

    @property
    def wrong(self) -> bool:
        """Whether something of it is refused or asked."""
        return bool(self.problems)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole form as it is laid out; ``problems`` are those that belong to no item."""

    form: Form
    title: str
    lang: str
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    answered: int
    asked: int

    def walk(self) -> Iterator[Line]:
        """Yield every line, in order."""
        yield from _walk(self.lines)


def _walk(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _walk(line.lines)
        for row in line.rows:
            yield from _walk(row)


def view(
    form: Form,
    answers: Answers,
    *,
    found: Iterable[Found] = (),
    problems: Sequence[Problem] = (),
    lang: str = "vi",
    patient: dict[str, Any] | None = None,
    environment: fhirpath.Environment = NOWHERE,
) -> Sheet:
    """Lay a form out with what was answered, what is known (``found``) and what is wrong (``problems``)."""
    settled = settle(form, answers, patient=patient, environment=environment)
    layer = _Layer(settled, _by_place(settled, found), problems, lang)
    lines = tuple(layer.lines(form.root.children, ()))
    asked = [one for one in _walk(lines) if one.shown and one.item.is_question and not one.item.hidden and not one.item.calculated]
    title = form.title_en if lang == "en" and form.title_en else form.title
    return Sheet(form, title, lang, lines, tuple(one for one in problems if not one.at), sum(1 for one in asked if one.texts), len(asked))


def _by_place(settled: Settled, found: Iterable[Found]) -> dict[Place, Found]:
    """What is known, by the place beside which it stands: in rows only while they still say it."""
    listed = list(found)
    places = {(one.link_id, ()): one for one in listed if not one.rows}
    return places | {
        (one.link_id, at): one for (_, at), row in known(settled.form, settled.values, listed).items() for one in row
    }  # fmt: skip


class _Layer:
    def __init__(self, settled: Settled, found: Mapping[Place, Found], problems: Sequence[Problem], lang: str) -> None:
        self.settled = settled
        self.found = found
        self.lang = lang
        self.wrong: dict[str, list[Problem]] = {}
        for one in problems:
            self.wrong.setdefault(one.at, []).append(one)

    def lines(self, items: Sequence[Item], rows: tuple[int, ...]) -> Iterator[Line]:
        """Lay out one level; hidden items and help texts do not stand on the page."""
        for item in items:
            if not item.hidden and item.control != "help":
                yield self.group(item, rows) if item.type == "group" else self.question(item, rows)

    def group(self, item: Item, rows: tuple[int, ...]) -> Line:
        """Lay out a group, row by row where it repeats."""
        place = (item.link_id, rows)
        plain = self._plain(item, place)
        if not item.repeats:
            return Line(**plain, control="group", shown=self.settled.is_shown(*place), lines=tuple(self.lines(item.children, rows)))
        count = rows_at(item, rows, self.settled.answers.rows)
        shown = any(self.settled.is_shown(item.link_id, (*rows, row)) for row in range(count))
        inside = tuple(tuple(self.lines(item.children, (*rows, row))) for row in range(count))
        most = min(MOST_ROWS, item.occurs[1] or MOST_ROWS)
        return Line(**plain, control="rows", shown=shown, rows=inside, rows_name=ROWS + plain["at"], more=count < most)

    def question(self, item: Item, rows: tuple[int, ...]) -> Line:
        """Lay out a question with its box."""
        place = (item.link_id, rows)
        values = self.settled.values.get(place, ())
        kept = self.settled.answers.texts.get(place, ())
        readable = tuple(written(item, one) for one in values)
        texts = kept if kept and not values else readable or kept
        code = self.settled.answers.units.get(place) or item.unit[0]
        return Line(
            **self._plain(item, place),
            control=_control(item),
            shown=self.settled.is_shown(*place),
            texts=texts,
            said="; ".join(said(item, one, self.lang) for one in values) or "; ".join(kept),
            choices=tuple(self._choices(item, texts, unread=bool(kept) and not values)),
            unit=item.unit_text(self.lang),
            unit_name=UNIT + name_of(place) if item.units else "",
            units=tuple(Choice(one, shown, one == code) for one, shown in item.units),
            before=self._before(item, rows),
            lines=tuple(self.lines(item.children, rows)),
        )

    def _plain(self, item: Item, place: Place) -> dict[str, Any]:
        at = name_of(place)
        return {
            "item": item,
            "name": ANSWER + at,
            "at": at,
            "id": "q-" + "".join(letter if letter.isascii() and letter.isalnum() else f"-{ord(letter):x}-" for letter in at),
            "label": " ".join(filter(None, (item.prefix, item.text(self.lang)))),
            "hint": item.help_en if self.lang == "en" and item.help_en else item.help_vi,
            "data": rules(item, place[1], self.settled.form),
            "problems": tuple(self.wrong.get(at, ())),
        }

    def _choices(self, item: Item, texts: Sequence[str], *, unread: bool) -> Iterator[Choice]:
        """Yield the options; of a long list what holds the words that could not be read, for pages without a script."""
        if item.value_set and unread:
            for coding in lists.search(item.value_set, texts[-1], limit=_SUGGESTED):
                yield Choice(f"{coding['code']} – {coding.get('display', '')}", "", chosen=False)
        for one in item.options:
            yield Choice(one.key, one.en if self.lang == "en" and one.en else one.vi, one.key in texts)

    def _before(self, item: Item, rows: tuple[int, ...]) -> LookBack | None:
        found = self.found.get((item.link_id, rows))
        if found is None:
            return None
        return LookBack(said(item, found.value, self.lang), "/".join(reversed(found.on[:10].split("-"))), found.facility, found.ref, found.filled)


def _control(item: Item) -> str:
    if item.calculated or item.read_only:
        return "output"
    if item.type in {"choice", "open-choice"}:
        if item.value_set or item.type == "open-choice":
            return "search"
        return "checks" if item.repeats else "radios" if len(item.options) <= RADIOS and item.control != "drop-down" else "select"
    return _CONTROLS[item.type]


def rules(item: Item, rows: tuple[int, ...], form: Form) -> dict[str, str]:
    """Return an item's rules as data- attributes; the script `form.js` reads them, and `checking` says the same on the server."""
    given: dict[str, Any] = {
        "soft-min": item.soft.low, "soft-max": item.soft.high, "min": item.hard.low, "max": item.hard.high,
        "length": item.lengths[1] or None, "decimals": item.decimals, "required": 1 if item.required else None,
    }  # fmt: skip
    told = {f"data-{key}": str(found) for key, found in given.items() if found is not None}
    if item.enabled:
        told["data-when"] = orjson.dumps(_conditions(item, rows, form), default=str).decode()
        told["data-every"] = "1" if item.every else "0"
    return told


def _conditions(item: Item, rows: tuple[int, ...], form: Form) -> list[list[Any]]:
    """[field, operator, value]: the field ends in "~*" where any row counts."""
    found = []
    for one in item.enabled:
        question = form.items[one.question]
        own = (*item.above, item.link_id)
        common = 0
        while common < min(len(question.above), len(own), len(rows)) and question.above[common] == own[common]:
            common += 1
        name = ANSWER + name_of((question.link_id, rows[:common])) + "~*" * (len(question.above) - common)
        data = one.value.data
        found.append([name, one.operator, data.get("code", data.get("value")) if isinstance(data, dict) else data])
    return found
