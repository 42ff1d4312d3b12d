"""Statements that read one person's record a page at a time: only the page's documents are read as text, whatever the record holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit.prepared import Ask
from yba.record.lines import array, literals

from .read import _STORED as STORED
from .read import LABELLED, OTHERS_NAMED, others_of
from .read import _stored as as_stored

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from yba.audit import Noting
    from yba.kit.reach import Predicate
    from yba.record.model import StoredResource

    from .read import Run

Order = tuple[bool, str, str]  # Patients first, then by type and by id as it is kept, a UUID
Care = tuple["datetime | None", "datetime | None"]  # from and until, both within
PEOPLE: Final = frozenset({"Patient", "Person", "RelatedPerson"})  # their time is a day of birth
LASTING: Final = frozenset({"AllergyIntolerance", "Condition", "Flag", "FamilyMemberHistory"})  # theirs is when it began, or was noted


class Part(NamedTuple):
    """Which part of a record: changed since, of types, of a time of care, as it was at a moment (None: now), after a place in the order."""

    since: datetime | None = None
    types: Collection[str] | None = None
    care: Care = (None, None)
    moment: datetime | None = None
    after: Order | None = None


class Page(NamedTuple):
    """The first rows of a part in their order, what else stands in the record from elsewhere (all of it, whichever part was asked for).

    And a moment at which this was so, whether anything was ever labelled (False: nothing); None: nobody knows.
    """

    rows: list[StoredResource]
    others: list[StoredResource]
    moment: datetime | None
    labelled: bool | None


# One statement sees one moment: a merge cannot come between the rows and what stands there from elsewhere (version 0).
_ROWS: Final = """
SELECT {stored}, (SELECT clock_timestamp()) AS moment, ({labelled}) AS labelled FROM (
    SELECT * FROM resource WHERE person_id = %(person)s AND NOT deleted AND {seen}{part} ORDER BY rtype <> 'Patient', rtype, id LIMIT %(limit)s
) AS page
"""
_PAGE: Final = _ROWS + "UNION ALL" + OTHERS_NAMED
# Noted by itself where nothing stands there from elsewhere, else it raises division_by_zero (`kit.db.one_read`).
_PAGE_NOTED: Final = (
    "WITH found AS MATERIALIZED (" + _PAGE + "), noted AS ({noted}) SELECT * FROM found"  # noqa: S608  our own
    " WHERE 1 = (SELECT 1 / (CASE WHEN EXISTS (SELECT FROM found WHERE version = 0) THEN 0 ELSE 1 END))"
)
_LISTED: Final = {kinds: ", ".join(f"'{kind}'" for kind in sorted(kinds)) for kinds in (PEOPLE, LASTING)}
_PARTS: Final = {
    "since": "updated >= %(since)s::timestamptz",
    "types": "rtype = ANY (%(types)s::text[])",
    "begun": f"(rtype IN ({_LISTED[PEOPLE]}, {_LISTED[LASTING]}) OR end_at IS NULL OR end_at >= %(begun)s::timestamptz)",
    "ended": f"(rtype IN ({_LISTED[PEOPLE]}) OR start_at IS NULL OR start_at <= %(ended)s::timestamptz)",
    "after": "(rtype <> 'Patient', rtype, id) > (%(after)s::boolean, %(after_type)s, %(after_id)s::uuid)",
}


def page(run: Run, seen: Predicate, person_id: UUID, part: Part, *, limit: int, labelled: bool = False, noting: Noting | None = None) -> Page:
    """Return so many living resources of a part of a record at most; ``labelled``: that too is asked; ``noting``: it notes itself."""
    conditions, given = _conditions(part)
    parts = {"stored": STORED, "labelled": LABELLED if labelled else "NULL::boolean", "part": conditions}
    statement = seen.into(_PAGE, **parts) if noting is None else seen.into(_PAGE_NOTED, noted=noting.text, **parts)
    given |= {"person": person_id, "limit": limit, **seen.params, **(noting.params if noting else {})}
    rows = run(Ask(statement, literals(given)))
    moment, hidden = next((row[-2:] for row in rows if row[-2] is not None), (None, None))
    found = [as_stored(row[:-2]) for row in rows]
    others = others_of(run, seen, person_id, [one for one in found if not one.version])
    return Page([one for one in found if one.version], others, moment, hidden)


def _conditions(part: Part) -> tuple[str, dict[str, Any]]:
    after = part.after
    given: dict[str, Any] = {
        "since": part.since, "types": array(sorted(part.types)) if part.types is not None else None, "begun": part.care[0], "ended": part.care[1],
        "after": None if after is None else str(after[0]).lower(),
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    texts = [_PARTS[name] for name in given]
    if after is not None:
        given |= {"after_type": after[1], "after_id": after[2]}
    # What was written since a moment is not of it, unless as a further version: a change takes nothing out of the pages.
    texts.append("(version > 1 OR updated <= " + ("%(moment)s::timestamptz)" if part.moment else "(SELECT clock_timestamp()))"))
    if part.moment:
        given["moment"] = part.moment
    return "".join(f" AND {text}" for text in texts), given


_COUNT: Final = "SELECT count(*) FROM resource WHERE person_id = %(person)s AND NOT deleted AND {seen}"
_ANY: Final = "SELECT EXISTS (SELECT FROM resource WHERE person_id = %(person)s AND NOT deleted AND {seen})"


def count(run: Run, seen: Predicate, person_id: UUID) -> int:
    """Count the living resources at home in a record; what stands there from elsewhere is not counted."""
    return int(run(Ask(seen.into(_COUNT), literals({"person": person_id, **seen.params})))[0][0])


def anything(run: Run, seen: Predicate, person_id: UUID) -> bool:
    """Whether there is a living resource in a record, from elsewhere too."""
    if run(Ask(seen.into(_ANY), literals({"person": person_id, **seen.params})))[0][0]:
        return True
    named = [as_stored(row[:-2]) for row in run(Ask(seen.into(OTHERS_NAMED), literals({"person": person_id})))]
    return bool(others_of(run, seen, person_id, named))
