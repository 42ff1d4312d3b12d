"""Python source of the checks of one table, put together from expressions and compiled once per decision and epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from .values import NUMBERS, ZERO, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from yba.ingest.model import Row

    from .model import Told, Visit

    Condition = Callable[[Visit, Row], bool]
    Rows = Callable[[Visit, list[Row]], None]

HEAD: Final = "XML1."
TODAY: Final = "today"
_STEP: Final = "    "


class Source:
    """One function under construction.

    A claim has a thousand fields, and a call costs more than most rules. So the rules of a table become statements of
    one function, and a field is looked up once per row whatever the number of rules that ask for it. Only names of our
    own specs become source; values of claims and constants of rules never do.
    """

    __slots__ = ("before", "body", "heads", "known", "numbers", "values")

    def __init__(self) -> None:
        self.known: dict[str, object] = {"NUMBERS": NUMBERS, "ZERO": ZERO, "parts": parts}
        self.values: dict[str, None] = {}
        self.numbers: dict[str, None] = {}
        self.heads: dict[str, None] = {}
        self.before: list[str] = []
        self.body: list[str] = []

    def constant(self, value: object) -> str:
        """Name something the function uses."""
        name = f"c{len(self.known)}"
        self.known[name] = value
        return name

    def once(self, made: Callable[[Visit], object]) -> str:
        """Name something that is asked for once per table of a claim."""
        name = f"o{len(self.before)}"
        self.before.append(f"{name} = {self.constant(made)}(visit)")
        return name

    def value(self, name: str) -> str:
        """Name the text of a field of the row, of the summary for "XML1.FIELD", or the last minute of today; None when absent."""
        if name == TODAY:
            return TODAY
        kind, field = ("h", name.removeprefix(HEAD)) if name.startswith(HEAD) else ("v", name)
        if not field.isidentifier():
            raise ValueError(name)
        (self.heads if kind == "h" else self.values)[field] = None
        return f"{kind}_{field}"

    def number(self, name: str) -> str:
        """Name the exact number a field holds; None when it is absent or no number."""
        text = self.value(name)
        self.numbers[text] = None
        return f"n_{text}"

    def fault(self, when: Iterable[str], told: Told, table: str, field: str, value: str, expected: str, *, lesser: bool) -> None:
        """Report a field when all of `when` hold; `value` and `expected` are expressions."""
        self.when(when, f"add({self.constant(told)}, {table!r}, number, {field!r}, {value}, {expected}, lesser={lesser})")

    def when(self, tests: Iterable[str], act: str) -> None:
        """Do something when all tests hold."""
        condition = " and ".join(tests)
        self.body.append(f"if {condition}: {act}" if condition else act)

    def rows(self) -> Rows:
        """Compile the statements to a function over all rows of a table."""
        lines = ["def rows(visit, rows):", "    add, today, head = visit.add, visit.today, visit.head.get"]
        lines += self._first("head", self.heads, "h_", _STEP)
        lines += [_STEP + line for line in self.before]
        lines += [f"{_STEP}for number, row in enumerate(rows, 1):", f"{_STEP * 2}get = row.get"]
        lines += self._first("get", self.values, "v_", _STEP * 2)
        lines += [_STEP * 2 + line for line in self.body]
        return cast("Rows", self._made("rows", lines))

    def condition(self, expression: str) -> Condition:
        """Compile one expression over a row and the summary."""
        lines = ["def holds(visit, row):", "    today, head, get = visit.today, visit.head.get, row.get"]
        lines += self._first("head", self.heads, "h_", _STEP)
        lines += self._first("get", self.values, "v_", _STEP)
        lines.append(f"{_STEP}return bool({expression})")
        return cast("Condition", self._made("holds", lines))

    def _first(self, look_up: str, fields: Iterable[str], prefix: str, indent: str) -> list[str]:
        """Write what every statement may rely on: the texts, then the numbers that are asked for."""
        names = [prefix + field for field in fields]
        lines = [f"{indent}{name} = {look_up}({field!r})" for name, field in zip(names, fields, strict=True)]
        return lines + [f"{indent}n_{name} = None if {name} is None else NUMBERS[{name}]" for name in names if name in self.numbers]

    def _made(self, name: str, lines: list[str]) -> object:
        made: dict[str, object] = dict(self.known)
        exec(compile("\n".join(lines), f"<checks {name}>", "exec"), made)  # noqa: S102  our own specs, never a claim: see the class
        return made[name]


def all_of(tests: Iterable[str]) -> str:
    """Join expressions that must all hold."""
    return " and ".join(f"({test})" for test in tests) or "True"
