"""What an act is about to replace: the documents as stored, held, under the right to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba.kit import exact

from . import store, visits
from .lines import whole
from .rest_rights import open_for_writing, require_own, require_rows, require_writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Ref
    from .store.write import Current


class Changing(dict["Ref", "dict[str, Any]"]):
    """Documents by reference, held until the end of the transaction; given to `save` in it (``over``), nothing of them is asked twice."""

    rows: Mapping[Ref, tuple[Current, str, datetime]]
    allowed: frozenset[tuple[str, UUID, str]]


def to_change(conn: Connection[Any], *, by: Actor, refs: Iterable[Ref]) -> Changing:
    """Return living documents one is about to replace by `save` in the same transaction, and hold them.

    Only what the actor may replace: in reach of the right to write, written by its own facility, as FHIR. Not a read of the record: what was
    there is written back with a change, and `save` notes that. Raises Denied, Forbidden, ReadOnly.
    """
    require_writer(by)
    open_for_writing(conn, by)
    wanted = list(dict.fromkeys(refs))
    found = store.rest.current(conn, wanted) if wanted else {}
    living = {ref: one for ref, one in found.items() if not one[0].deleted and one[0].version}
    asked = [(ref[0], over.person_id, over.facility_id) for ref, (over, _, _) in living.items()]
    require_rows(conn, by, asked)
    for over, mapped_by, _ in living.values():
        require_own(by, over.facility_id, mapped_by)
    made = Changing({ref: exact.numbers(whole(*ref, over.doc)) for ref, (over, _, _) in living.items()})
    made.rows, made.allowed = living, frozenset(asked)
    return made


def visit_source(encounter: str) -> UUID:
    """Return the source under which the relation of an Encounter stands, for who opens it before the Encounter is written."""
    return visits.source_of(encounter)
