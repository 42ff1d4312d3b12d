"""The words of forms: a form and its items as compiled, answers as typed and as read, problems, drafts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from uuid import UUID

Place = tuple[str, tuple[int, ...]]  # (linkId, row of every repeating group above it, from outside)

TYPES: Final = frozenset({
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice", "open-choice", "quantity",
    "reference",
})  # fmt: skip


class Value(NamedTuple):
    """One typed answer: the FHIR type as it ends `value[x]` ("Decimal", "Coding", "Date") and its JSON; decimals are Decimal."""

    type: str
    data: Any

    def fhir(self) -> dict[str, Any]:
        """Return it as an answer of a QuestionnaireResponse."""
        return {f"value{self.type}": self.data}


class Option(NamedTuple):
    """One answer to choose; ``key`` is what a browser sends."""

    key: str
    value: Value
    vi: str
    en: str


class Condition(NamedTuple):
    """One `enableWhen`: ``value`` is None for `exists` false, True for `exists` true."""

    question: str
    operator: str
    value: Value


class Limits(NamedTuple):
    """The lowest and the highest value: int, Decimal, or an ISO text of a date or time; None = none."""

    low: Any = None
    high: Any = None


NO_LIMITS: Final = Limits()


class Constraint(NamedTuple):
    """A rule in FHIRPath that must hold of an item of the answers; ``hard``: an error, else it is asked whether it is right."""

    key: str
    expression: str
    hard: bool
    vi: str
    en: str


class Fixed(NamedTuple):
    """A value that extraction lays beside the answers: fixed, or by FHIRPath over the answers."""

    path: str
    value: Value | None
    expression: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a form; ``above`` names the repeating groups it stands in, from outside."""

    link_id: str
    type: str
    vi: str
    en: str = ""
    prefix: str = ""
    help_vi: str = ""
    help_en: str = ""
    repeats: bool = False
    required: bool = False
    read_only: bool = False
    hidden: bool = False
    unit: tuple[str, str] = ("", "")  # UCUM code, what is shown
    unit_en: str = ""  # where what is shown is a Vietnamese word
    units: tuple[tuple[str, str], ...] = ()
    options: tuple[Option, ...] = ()
    value_set: str = ""
    soft: Limits = NO_LIMITS
    hard: Limits = NO_LIMITS
    lengths: tuple[int, int] = (0, 0)  # characters at least, at most; 0 = no limit
    occurs: tuple[int, int] = (0, 0)
    pattern: str = ""
    decimals: int | None = None
    enabled: tuple[Condition, ...] = ()
    every: bool = False  # enableBehavior "all"
    enabled_by: str = ""
    calculated: str = ""
    initial: str = ""
    population: tuple[str, ...] = ()  # of a repeating group: each thing the expression finds fills a row, as %name of its questions
    defaults: tuple[Value, ...] = ()
    code: tuple[dict[str, Any], ...] = ()
    extract: str = ""  # observation-based: "", "independent", "component", "member"
    category: tuple[dict[str, Any], ...] = ()
    period: str = ""  # how old an observation may be that pre-fills: "P1Y"; "" = it does not pre-fill
    definition: str = ""
    context: str = ""  # definition-based: the resource type made of this item's answers
    fixed: tuple[Fixed, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    control: str = ""  # questionnaire-itemControl
    printed: str = ""  # hint for paper: "line", "box", "table", "row"
    above: tuple[str, ...] = ()
    children: tuple[Item, ...] = ()

    @property
    def is_question(self) -> bool:
        """Whether it takes an answer."""
        return self.type not in {"group", "display"}

    def walk(self) -> Iterator[Item]:
        """Yield it and everything below, in the order of the form."""
        yield self
        for child in self.children:
            yield from child.walk()

    def text(self, lang: str) -> str:
        """Return its words."""
        return self.en if lang == "en" and self.en else self.vi

    def unit_text(self, lang: str) -> str:
        """Return its unit as it is shown; "" without one."""
        return self.unit_en if lang == "en" and self.unit_en else self.unit[1]


@dataclass(frozen=True, slots=True)
class Form:
    """A Questionnaire of one version, compiled; ``doc`` is the Questionnaire itself."""

    url: str
    version: str
    title: str
    title_en: str
    status: str
    valid_from: date | None
    valid_to: date | None
    root: Item
    items: Mapping[str, Item] = field(repr=False)
    variables: tuple[tuple[str, str], ...] = ()
    doc: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def canonical(self) -> str:
        """The url with its version: what answers name."""
        return f"{self.url}|{self.version}"

    @property
    def name(self) -> str:
        """The last part of the url."""
        return self.url.rsplit("/", 1)[-1]

    def __getitem__(self, link_id: str) -> Item:
        """Return an item; KeyError when the form has none of that linkId."""
        return self.items[link_id]


class Problem(NamedTuple):
    """What is wrong with an answer; ``at`` is the name of its field; ``hard``: it is refused, else the person is asked to confirm it."""

    link_id: str
    at: str
    rule: str
    hard: bool
    vi: str
    en: str

    def text(self, lang: str) -> str:
        """Return its words."""
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered: the very texts, and what could be read of them."""

    texts: Mapping[Place, tuple[str, ...]] = field(default_factory=dict, repr=False)
    units: Mapping[Place, str] = field(default_factory=dict, repr=False)
    rows: Mapping[Place, int] = field(default_factory=dict, repr=False)
    values: Mapping[Place, tuple[Value, ...]] = field(default_factory=dict, repr=False)
    unread: tuple[Problem, ...] = field(default=(), repr=False)

    def get(self, link_id: str, *rows: int) -> tuple[Value, ...]:
        """Return the values of a question in the row named."""
        return self.values.get((link_id, rows), ())


class Found(NamedTuple):
    """What is known already: the newest value the reader may see, with where and when, and the resource it stands in."""

    link_id: str
    value: Value
    on: str  # ISO date; "" unknown
    facility: str
    ref: str  # "Observation/…"; "" of what an expression made
    filled: bool  # laid into an empty box; else only shown beside it
    rows: tuple[int, ...] = ()  # in which row of the repeating group it stands in


class Given(NamedTuple):
    """One resource an act wrote."""

    rtype: str
    id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A form being filled in; ``number`` rises with each keeping, ``aside`` holds what somebody else's keeping would have covered."""

    id: UUID
    form: Form
    person_id: UUID
    facility: str
    visit: UUID | None
    patient: str  # the Patient the answers are about: of the source, or the golden one
    encounter: str
    number: int
    state: str  # open, finished, dropped
    opened_by: str
    by: str
    kept_at: datetime
    answers: Answers = field(repr=False)
    withdrawn: bool = False  # its version is not in force any more
    aside: tuple[Aside, ...] = ()
    response: str = ""
    resources: tuple[Given, ...] = ()


class Aside(NamedTuple):
    """Answers that were kept beside a draft, because somebody else had kept in between."""

    by: str
    at: datetime
    answers: Answers


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a draft: ``response`` is the id of the QuestionnaireResponse, "" when ``problems`` stand in the way."""

    draft: Draft
    response: str
    resources: tuple[Given, ...]
    problems: tuple[Problem, ...]

    @property
    def done(self) -> bool:
        """Whether it was stored."""
        return bool(self.response)
