"""What the index can say of a criterion: conditions in SQL that every match meets, and whether they say all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from yba.fhir import parameters, search
from yba.fhir import query as fq
from yba.record import store
from yba.record.lines import columns_of, locator_key
from yba.record.rows import TEXT_LENGTH

from .by_rows import narrow_by_rows
from .rewriting import is_compartment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from .asking import Asking

_PATIENT: Final = "Patient"
_UP: Final = frozenset({"gt", "ge", "sa"})
_DOWN: Final = frozenset({"lt", "le", "eb"})
_SAME: Final = frozenset({"eq", "po"})
# A version's moment against an asked one, [low, high), under a prefix.
_WRITTEN: Final = {
    "eq": "(updated >= {low} AND updated < {high})", "ne": "NOT (updated >= {low} AND updated < {high})", "gt": "updated >= {high}",
    "sa": "updated >= {high}", "ge": "updated >= {low}", "lt": "updated < {low}", "eb": "updated < {low}", "le": "updated < {high}",
}  # fmt: skip


@dataclass(slots=True)
class Narrow:
    """Conditions of candidates; ``rest`` is what `match` has to judge; ``people`` None = not limited to anybody."""

    conditions: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    all: list[fq.Criterion] = field(default_factory=list)
    rest: list[fq.Criterion] = field(default_factory=list)
    people: list[UUID] | None = None
    about: list[UUID] | None = None  # people named by a compartment parameter: what stands in their records from elsewhere counts too
    shared: bool = False
    nothing: bool = False
    few: bool = False  # the conditions lead to few resources by an index of their own
    names: Any = field(default_factory=count)

    def add(self, text: str, value: object) -> None:
        """Add a condition with one value, named {} in the text."""
        name = f"n{next(self.names)}"
        self.conditions.append(text.format(f"%({name})s"))
        self.given[name] = value

    def name(self, value: object) -> str:
        """Give a value a name for a condition."""
        name = f"n{next(self.names)}"
        self.given[name] = value
        return name

    def sides(self, values: Sequence[object]) -> list[tuple[str, str]]:
        """Give two names for each of several values: from and to."""
        return [(f"n{next(self.names)}", f"n{next(self.names)}") for _ in values]

    def limit_to(self, people: Iterable[UUID]) -> None:
        """Let candidates be these people's alone."""
        wanted = list(dict.fromkeys(people))
        self.people = wanted if self.people is None else [one for one in self.people if one in set(wanted)]
        self.nothing = self.nothing or not self.people


def narrow(asking: Asking, rtype: str, criteria: Sequence[fq.Criterion]) -> Narrow:
    """Say what of plain criteria the index answers."""
    made = Narrow(all=list(criteria))
    for criterion in sorted(_flat(criteria), key=_is_text):  # texts last: they ask less of what something else has found
        if not _taken(asking, rtype, criterion, made):
            made.rest.append(criterion)
    if made.people is not None:
        made.add("person_id = ANY ({}::uuid[])", made.people)
    return made


def _is_text(criterion: fq.Criterion) -> bool:
    return isinstance(criterion, fq.Term) and criterion.type == "string"


def _carries(asked: search.Asked) -> str:
    return "tokens && {}::bigint[]" if len(asked.tokens) > 1 else "tokens @> {}::bigint[]"


def _flat(criteria: Iterable[fq.Criterion]) -> Iterable[fq.Criterion]:
    for one in criteria:
        if isinstance(one, fq.And):
            yield from _flat(one.parts)
        else:
            yield one


def _taken(asking: Asking, rtype: str, criterion: fq.Criterion, made: Narrow) -> bool:
    """Narrow by a criterion; True: nothing of it is left to judge."""
    if isinstance(criterion, fq.Or):
        return _any_of(rtype, criterion, made)
    if not isinstance(criterion, fq.Term) or (criterion.modifier not in {"", "identifier", "of-type"}):
        return False
    if criterion.param == "_id":
        return _by_id(rtype, criterion, made)
    asked = search.asked(rtype, criterion)
    if asked is not None:
        _by_tokens(asking, rtype, criterion, asked, made)
        return asked.exact
    if criterion.type == "reference" and not criterion.modifier and is_compartment(rtype, criterion.param):
        _by_people(asking, criterion, made)
    elif criterion.param in period_params(rtype) and all(isinstance(one, fq.DateValue) for one in criterion.values):
        return _on_days(rtype, criterion, made) or _by_period(criterion, made)
    elif criterion.param == "_lastUpdated":
        return _by_moment(criterion, made)
    elif criterion.type == "string" and not criterion.modifier and criterion.param in {one.code for one in parameters.profile(rtype).texts}:
        return _by_text(rtype, criterion, made)
    else:
        narrow_by_rows(asking, rtype, criterion, made)
    return False


def _by_tokens(asking: Asking, rtype: str, term: fq.Term, asked: search.Asked, made: Narrow) -> None:
    made.add(_carries(asked), list(asked.tokens))
    if term.type == "composite":  # tokens are its first part's
        narrow_by_rows(asking, rtype, term, made)
    elif term.type == "reference" and not term.modifier and is_compartment(rtype, term.param):
        _by_people(asking, term, made)


def _any_of(rtype: str, criterion: fq.Or, made: Narrow) -> bool:
    """Chains to several types: each became references, or nothing."""
    if not criterion.parts:
        made.nothing = True
        return True
    found = [search.asked(rtype, part) if isinstance(part, fq.Term) else None for part in criterion.parts if part != fq.Or(())]
    if not found:
        made.nothing = True
        return True
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return False
    made.add("tokens && {}::bigint[]", [token for one in known for token in one.tokens])
    return all(one.exact for one in known)


def _by_id(rtype: str, term: fq.Term, made: Narrow) -> bool:
    ids = [one.code for one in term.values if isinstance(one, fq.TokenValue) and not one.system and one.code]
    if not ids:
        made.nothing = True
        return True
    if len(ids) == 1:  # a plan kept for any value is as good for one as a plan of its own
        made.add("person_id = (SELECT l.person_id FROM locator l WHERE l.key = {}::uuid)", locator_key(rtype, ids[0]))
        made.add("id = {}::uuid", columns_of(ids[0])[0])
        return True
    made.add("person_id = ANY (ARRAY(SELECT l.person_id FROM locator l WHERE l.key = ANY ({}::uuid[])))", [locator_key(rtype, id_) for id_ in ids])
    made.add("id = ANY ({}::uuid[])", [columns_of(id_)[0] for id_ in ids])
    return True


def _by_people(asking: Asking, term: fq.Term, made: Narrow) -> None:
    named = [one for one in term.values if isinstance(one, fq.ReferenceValue)]
    if any(one.url is not None or one.type != _PATIENT or one.id is None for one in named):
        return  # an id alone may be a Group's or a Practitioner's, even where a Patient has the same
    known = asking.whom([one.id for one in named if one.id])
    people = dict.fromkeys(one.person_id for one in known.values())
    made.limit_to(people)
    made.about = list(people) if made.about is None else [one for one in made.about if one in people]
    made.shared = made.shared or any(one.shared for one in known.values())


@cache
def period_params(rtype: str) -> frozenset[str]:
    """The date parameters that start_at and end_at say, where the resource says them at all."""
    first = parameters.profile(rtype).period[:1]
    return frozenset(code for code, one in parameters.parameters(rtype).items() if one.type == "date" and (one.expression,) == first)


def _on_days(rtype: str, term: fq.Term, made: Narrow) -> bool:
    """Ask for what lies within one of the days: said wholly by the columns of a type whose time is one element, and by an index of Patients'."""
    days = [one for one in term.values if isinstance(one, fq.DateValue) and one.prefix == "eq"]
    said = search.times(rtype)
    if len(days) < len(term.values) or said.others or not said.exact:
        return False
    parts = []
    for one in days:
        low, high = made.name(one.low), made.name(one.high)
        parts.append(f"(start_at >= %({low})s AND start_at < %({high})s AND end_at < %({high})s)")
    made.conditions.append(f"({' OR '.join(parts)})")
    made.few = made.few or rtype == _PATIENT
    return True


def _by_period(term: fq.Term, made: Narrow) -> bool:
    parts = []
    for value in term.values:
        if not isinstance(value, fq.DateValue) or value.prefix not in _UP | _DOWN | _SAME:
            return False
        begins, ends = f"n{next(made.names)}", f"n{next(made.names)}"
        made.given |= {begins: value.low, ends: value.high}
        before = f"(start_at IS NULL OR start_at <= %({ends})s)"
        after = f"(end_at IS NULL OR end_at >= %({begins})s)"
        parts.append(after if value.prefix in _UP else before if value.prefix in _DOWN else f"({before} AND {after})")
    made.conditions.append(f"({' OR '.join(parts)}) AND NOT (start_at IS NULL AND end_at IS NULL)")
    return False


def _by_moment(term: fq.Term, made: Narrow) -> bool:
    """Narrow by when a version was written, which is one microsecond in the row as in the document.

    What was changed since is so whatever is written meanwhile: nothing is left to judge. What was changed before may leave between two statements.
    """
    if not all(isinstance(value, fq.DateValue) and value.prefix in _WRITTEN for value in term.values):
        return False
    parts = []
    for value in term.values:
        if isinstance(value, fq.DateValue):
            low, high = made.name(_utc(value.low)), made.name(_utc(value.high))
            parts.append(_WRITTEN[value.prefix].format(low=f"%({low})s::timestamptz", high=f"%({high})s::timestamptz"))
    made.conditions.append(f"({' OR '.join(parts)})")
    return all(isinstance(value, fq.DateValue) and value.prefix in _UP for value in term.values)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment


def _by_text(rtype: str, term: fq.Term, made: Narrow) -> bool:
    beginnings = [one.folded[:TEXT_LENGTH] for one in term.values if isinstance(one, fq.StringValue)]
    if not all(beginnings):
        return False
    condition, given = store.leading.by_text(rtype, term.param, beginnings, made.sides(beginnings), found=made.few)
    made.conditions.append(condition)
    made.given |= given
    return made.few and all(len(one) < TEXT_LENGTH for one in beginnings)  # rows of the resource itself, not of the person's others
