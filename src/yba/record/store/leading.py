"""Statements by which a search comes to people before it reads a document: steps of a chain, and rows of texts and ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.fhir import parameters
from yba.kit.prepared import Ask
from yba.record.lines import literals

from .searching import ELSEWHERE, PATIENTS, Whom, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yba.kit.reach import Predicate

    from .read import Run

_STEP: Final = """
SELECT l.id, l.person_id, {patients}, {elsewhere} FROM (
    SELECT coalesce(given_id, id::text) AS id, person_id FROM resource_seen
     WHERE rtype = {rtype} AND NOT deleted AND {seen}{more} LIMIT %(limit)s
) AS l
"""


def step(run: Run, seen: Predicate, rtype: str, conditions: Sequence[str], given: Mapping[str, Any], *, limit: int) -> list[Whom]:
    """Return the ids of what meets conditions, at most so many, in no order; of Patients with what `whom` says. No document is read."""
    patient = rtype == "Patient"
    more = "".join(f" AND {one}" for one in conditions)
    statement = seen.into(
        _STEP, rtype=quoted(rtype), more=more, patients=PATIENTS if patient else "NULL::text[]", elsewhere=ELSEWHERE if patient else "false"
    )
    return [Whom(*row) for row in run(Ask(statement, literals({**given, **seen.params, "limit": limit})))]


# Whose resources have such a row; of the resource itself where something else has found it already: `narrowing` says which is asked.
_BY_PERSON: Final = "person_id = ANY (ARRAY(SELECT t.person_id FROM {table}_seen t WHERE {row}))"
_BY_KEY: Final = (
    "EXISTS (SELECT FROM (SELECT * FROM {table}_seen WHERE key = locator_key(resource_seen.rtype, coalesce(given_id, id::text)) OFFSET 0) t"
    " WHERE {row})"  # a few rows of one resource: no other index is to be looked at beside
)
LAST: Final = "\U0010ffff"


def by_text(rtype: str, param: str, beginnings: Sequence[str], names: Sequence[tuple[str, str]], *, found: bool) -> tuple[str, dict[str, str]]:
    """Return the condition of resources with a text of a parameter that begins with one of these, and its values under the ``names`` given.

    ``found``: other conditions lead to few resources, of which this only has to be true.
    """
    params = "ARRAY[" + ",".join(map(quoted, (param, *parameters.within().get(param, ())))) + "]"
    ranges = " OR ".join(f"(t.value >= %({low})s AND t.value < %({high})s)" for low, high in names)
    row = f"t.rtype = {quoted(rtype)} AND t.param = ANY ({params}) AND ({ranges})"
    given = {name: text for (low, high), one in zip(names, beginnings, strict=True) for name, text in ((low, one), (high, one + LAST))}
    return (_BY_KEY if found else _BY_PERSON).format(table="search_text", row=row), given


def by_range(rtype: str, param: str, ranges: Sequence[tuple[float, float]], names: Sequence[tuple[str, str]]) -> tuple[str, dict[str, Any]]:
    """Return the same of ranges of a parameter that touch one of these."""
    touched = " OR ".join(f"(t.low <= %({high})s AND t.high >= %({low})s)" for low, high in names)
    row = f"t.rtype = {quoted(rtype)} AND t.param = {quoted(param)} AND ({touched})"
    given = {name: side for (low, high), one in zip(names, ranges, strict=True) for name, side in ((low, one[0]), (high, one[1]))}
    return _BY_PERSON.format(table="search_range", row=row), given
