"""Which person is a citizen who signs in? Joins accounts to identity, which stand on one step and do not see each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import identity
from yba.kit.errors import Conflict, NotFound
from yba.kit.text import fold

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor

DIGITS = 12


def person_of(conn: Connection[tuple[Any, ...]], *, by: Actor, number: str, name: str, birth: str) -> UUID:
    """Return the one person who holds a citizen number unquestioned and has the same name (marks apart) and day of birth.

    A number alone is not enough: a mistyped one in a claim would open a stranger's record. ``birth`` is ISO; what a record knows of it
    (a year, a month, a day) must agree. Raises NotFound (nobody) and Conflict (several, contested, or another name or birth).
    """
    if len(number) != DIGITS or not number.isdigit():
        raise NotFound("not a citizen number.")
    held, doubt = [], False
    for person_id in identity.find(conn, by=by, id=number):
        view = identity.person(conn, by=by, person_id=person_id)
        found = [one for one in view.identifiers if one.type is identity.IdType.CITIZEN and one.value == number]
        if view.merged_into is None and found:
            doubt = doubt or not any(one.held for one in found)
            held.append(view)
    if not held:
        raise NotFound("nobody holds this number.")
    if len(held) > 1 or doubt or not _is(held[0].golden, name, birth):
        raise Conflict("this number needs a clerk.")
    return held[0].id


def _is(golden: dict[str, Any], name: str, birth: str) -> bool:
    known = str(golden.get("birthDate") or "")[:10]
    names = [str(each.get("text") or "") for each in golden.get("name", [])]
    return bool(known and birth) and birth[:10].startswith(known) and any(fold(name) == fold(each) for each in names if each)
