"""The measures as data: `specs/measures/<name>.toml` says what is counted and for whom, `<name>.sql` gives one row per thing counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .reading import Reading, Table, Words, table
from .side import side_tables
from .views import views

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

FOLDER: Final = Path(__file__).with_name("measures")
KEPT: Final = ("row_seq", "row_person", "row_facility")  # columns of every view's table, before the view's own
BASE: Final = ("visit", "resident")  # what every measure may stand on; other files of `specs/measures/base` are steps that a measure names


class Kind(StrEnum):
    """How the value is made: numerator; numerator by denominator, × 100; numerator by denominator."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"


class Semantics(StrEnum):
    """What the period means: what happened in it, what stood at its end, what happened from the beginning of its year to its end."""

    FLOW = "flow"
    STOCK = "stock"
    CUMULATIVE = "cumulative"


class PeriodKind(StrEnum):
    """Kinds of periods; weeks are ISO 8601 (Monday first)."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


class Dimension(StrEnum):
    """By what a measure may be asked; DETAIL is the measure's own: the disease, the step, the group."""

    FACILITY = "facility"
    COMMUNE = "commune"
    AGE_BAND = "age_band"
    SEX = "sex"
    PAYER = "payer"
    DETAIL = "detail"


class DetailOf(StrEnum):
    """Where the values of DETAIL have their names: a catalogue, the directory, a list of specs/measures/lists."""

    ICD10 = "icd10"
    FACILITY = "facility"
    NOTIFIABLE = "notifiable"


THEMES: Final = {
    "record": Words("Hồ sơ sức khỏe", "Health records"),
    "activity": Words("Hoạt động khám, chữa bệnh", "Activity"),
    "quality": Words("Chất lượng, an toàn", "Quality and safety"),
    "disease": Words("Bệnh và dự phòng", "Diseases and prevention"),
    "money": Words("Chi phí bảo hiểm y tế", "Cost of insured care"),
    "sending": Words("Gửi dữ liệu", "What facilities send"),
    "": Words("Khác", "Other"),
}  # in the order of the page


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached: per cent for a share, otherwise in the measure's unit."""

    value: float
    words: Words


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; without ``sql`` it has no source yet and ``missing`` says which one it needs."""

    name: str
    title: Words
    kind: Kind
    unit: Words
    numerator: Words
    denominator: Words | None
    population: Words
    semantics: Semantics
    periods: tuple[PeriodKind, ...]
    dimensions: tuple[Dimension, ...]
    theme: str  # one of THEMES
    detail: Words | None
    details: dict[str, Words]  # what values of DETAIL are called, in the order of the page
    detail_of: DetailOf | None  # where those that are not among ``details`` have their names
    always_by_detail: bool  # the same person or sum stands under several details, which do not add up
    ratio: bool  # a share of sums (money, bed days): what is counted is no part of things counted one by one, it may go above 100 %
    own: tuple[Dimension, ...]  # its rows say these themselves where they are about no person: columns commune, age_band, sex
    steps: tuple[str, ...]  # SQL of steps shared with other measures, the words of this one put in: names AS (…), before its own
    reads: dict[str, tuple[str, ...]]  # view -> columns
    source: tuple[str, ...]  # views that must hold a row, else there is no source; "a|b" = one of them is enough
    lists: tuple[str, ...]
    targets: tuple[Target, ...]
    missing: Words | None
    notes: Words | None
    owner: str
    law: str
    valid_from: date
    checked_by: str
    next_review: date
    sql: str

    @property
    def is_proportion(self) -> bool:
        """Whether it is a part of things counted one by one, so that chance follows the binomial distribution: p charts, funnels."""
        return self.kind is Kind.SHARE and not self.ratio


_WORDS: Final = ("title", "unit", "numerator", "denominator", "population", "detail", "missing", "notes")
_TEXTS: Final = ("owner", "law", "checked_by")
_DAYS: Final = ("valid_from", "next_review")
_NEEDED: Final = ("title", "kind", "unit", "numerator", "population", "semantics", "periods", "dimensions", *_TEXTS, *_DAYS)
_NAMES: Final = ("theme", "details", "detail_of")
_MAY: Final = (
    "kind", "ratio", "semantics", "periods", "dimensions", "always_by_detail", "own", "steps", "reads", "source", "lists", "target", *_NAMES,
)  # fmt: skip
_KNOWN: Final = frozenset((*_WORDS, *_TEXTS, *_DAYS, *_MAY))


@cache
def measures() -> dict[str, Measure]:
    """Give every measure by name, in order of names. Raises SpecError naming file, key and rule."""
    return load(FOLDER)


def load(folder: Path) -> dict[str, Measure]:
    """Read the measures of a folder. Raises SpecError naming file, key and rule."""
    found = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
    for path in sorted(folder.glob("*.sql")):
        if path.stem not in found:
            raise Reading(path.name).fault("", f"no {path.stem}.toml says what it counts")
    return found


@cache
def base(name: str) -> str:
    """Give the SQL of what measures share: one of BASE, or a step with {words} for each measure to fill in. Raises SpecError."""
    path = FOLDER / "base" / f"{name}.sql"
    if not path.is_file():
        raise Reading(path.name).fault("", "there is no such step")
    return path.read_text("utf-8")


@cache
def code_list(name: str) -> Table:
    """Give a list that measures join: columns and rows. Raises SpecError."""
    return table(FOLDER / "lists" / f"{name}.csv")


@cache
def view_columns(view: str) -> frozenset[str]:
    """Give the columns of the table of a view, or of a side table; none of one that does not exist."""
    if view in side_tables():
        return frozenset(one.name for one in side_tables()[view].columns)
    spec = views().get(view)
    return frozenset((*KEPT, *_named(spec.doc))) if spec else frozenset()


def _named(part: dict[str, Any]) -> list[str]:
    own = [column["name"] for column in part.get("column", ())]
    return own + [name for key in ("select", "unionAll") for below in part.get(key, ()) for name in _named(below)]


def _read(path: Path) -> Measure:
    at = Reading(path.name)
    data = at.toml(path)
    at.keys(data, _NEEDED, _KNOWN, "a measure")
    made = _made(path, data, at)
    _check(at, made)
    return made


def _made(path: Path, data: dict[str, Any], at: Reading) -> Measure:
    sql = path.with_suffix(".sql")
    words = {key: at.words(key, data[key]) if key in data else None for key in _WORDS}
    told: dict[str, Any] = {key: at.text(key, data[key]) for key in _TEXTS} | {key: at.day(key, data[key]) for key in _DAYS}
    return Measure(
        name=path.stem,
        kind=at.one("kind", Kind, data["kind"]),
        semantics=at.one("semantics", Semantics, data["semantics"]),
        periods=tuple(at.one("periods", PeriodKind, one) for one in data["periods"]),
        dimensions=tuple(at.one("dimensions", Dimension, one) for one in data["dimensions"]),
        always_by_detail=data.get("always_by_detail") is True,
        ratio=data.get("ratio") is True,
        own=tuple(at.one("own", Dimension, one) for one in data.get("own", ())),
        steps=tuple(_step(at, name, told) for name, told in data.get("steps", {}).items()),
        reads={view: tuple(columns) for view, columns in data.get("reads", {}).items()},
        source=tuple(data.get("source", data.get("reads", {}))),
        lists=tuple(data.get("lists", ())),
        targets=tuple(_target(at, one) for one in data.get("target", ())),
        sql=sql.read_text("utf-8") if sql.is_file() else "",
        theme=str(data.get("theme", "")),
        details={value: at.words(f"details.{value}", words) for value, words in data.get("details", {}).items()},
        detail_of=at.one("detail_of", DetailOf, data["detail_of"]) if "detail_of" in data else None,
        **words,  # type: ignore[arg-type]  # the needed ones are there: _read has looked
        **told,
    )


def _step(at: Reading, name: str, told: object) -> str:
    """Put a measure's words into a shared step, as texts of SQL; a word is a code, never a piece of a statement."""
    text = base(name)
    if not isinstance(told, dict) or not all(isinstance(word, str) and re.fullmatch(r"[\w.%-]+", word) for word in told.values()):
        raise at.fault(f"steps.{name}", "gives codes: letters, digits, . % -")
    if (asked := set(re.findall(r"\{([a-z_]+)\}", text))) != told.keys():
        raise at.fault(f"steps.{name}", f"gives {', '.join(sorted(asked)) or 'nothing'}, as base/{name}.sql asks")
    return re.sub(r"\{([a-z_]+)\}", lambda found: f"'{told[found[1]]}'", text)


def _check(at: Reading, made: Measure) -> None:
    hold_to_views(at, made.reads, made.source, "\n".join((*made.steps, made.sql)))
    for name in made.lists:
        code_list(name)
    rules = (
        ("missing", bool(made.sql) == (made.missing is None), "a measure has SQL, or says which source is missing: one of the two"),
        ("reads", bool(made.sql) == bool(made.reads), "names what the SQL reads"),
        ("denominator", (made.kind is Kind.COUNT) == (made.denominator is None), "a share and a mean have one, a count has none"),
        ("ratio", made.kind is Kind.SHARE or not made.ratio, "is for shares"),
        ("detail", (Dimension.DETAIL in made.dimensions) == (made.detail is not None), "says what the dimension detail is, and only then"),
        ("kind", made.semantics is not Semantics.CUMULATIVE or made.kind is not Kind.MEAN, "a mean does not accumulate"),
        ("own", set(made.own) <= {Dimension.COMMUNE, Dimension.AGE_BAND, Dimension.SEX} & set(made.dimensions), "are places and people it has"),
        ("dimensions", len(set(made.dimensions)) == len(made.dimensions), "names each once"),
        ("theme", made.theme in THEMES, f"is one of {', '.join(filter(None, THEMES))}"),
        ("details", not (made.details or made.detail_of) or made.detail is not None, "names values of detail: the dimension is there"),
        ("next_review", made.next_review > made.valid_from, "comes after valid_from"),
    )
    at.hold(rules)


def hold_to_views(at: Reading, reads: Mapping[str, Collection[str]], source: Iterable[str], sql: str) -> None:
    """Hold a statement to what it says it reads: views and side tables that there are, their columns, its sources among them. Raises SpecError."""
    for view, columns in reads.items():
        if not view_columns(view):
            raise at.fault(f"reads.{view}", "there is no such view in specs/views")
        if unknown := sorted(set(columns) - view_columns(view)):
            raise at.fault(f"reads.{view}", f"the view has no column {', '.join(unknown)}")
    if unknown := sorted({view for either in source for view in either.split("|")} - reads.keys()):
        raise at.fault("source", f"{', '.join(unknown)} is not among the views in reads")
    if unknown := sorted((set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b", sql)) & (views().keys() | side_tables().keys())) - reads.keys()):
        raise at.fault("reads", f"the SQL reads {', '.join(unknown)}, which is not named")


def _target(at: Reading, told: object) -> Target:
    if not isinstance(told, dict) or set(told) != {"value", "words"} or not isinstance(told["value"], int | float):
        raise at.fault("target", "has a number `value` and `words`")
    return Target(float(told["value"]), at.words("target.words", told["words"]))
