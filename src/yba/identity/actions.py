"""Resolving a batch of facts to people: load, decide, save, and say which Patient documents changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import store
from .apply import resolve
from .ladder import Me
from .model import IdType
from .patients import digest, golden_doc, source_doc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import PersonFacts, Resolution
    from .normalise import Key
    from .state import State

_CARD: Final = IdType.CARD.value
_TEMPORARY: Final = IdType.TEMPORARY.value


def resolve_many(conn: Connection[Any], *, by: Actor, facts: Sequence[PersonFacts]) -> list[Resolution]:
    """Find or make the person of each claim, in the given order, and return one resolution per claim.

    The same facts in the same order give the same people however they are cut into batches. About ten round trips per
    batch; 100 to 200 facts at a time are best. Conflicts open review items and are named in the resolution; nothing
    merges silently. A changed Patient document hangs on the last claim of the batch that concerns it.
    """
    if not facts:
        return []
    prepared = [Me.of(fact) for fact in facts]
    state = store.load(conn, {me.place for me in prepared}, _asked(prepared))
    resolutions = resolve(state, prepared)
    attach_documents(state, prepared, resolutions)
    store.save(conn, state, who=by.name)
    return resolutions


def _asked(prepared: list[Me]) -> set[Key]:
    keys = {key for me in prepared for key in me.ids}
    return keys | {(_TEMPORARY, value) for kind, value in keys if kind == _CARD and value.startswith("TE")}


def attach_documents(state: State, prepared: list[Me], resolutions: list[Resolution]) -> None:
    """Hang each changed document on the last resolution that concerns it, and note the digests of golden ones."""
    done: set[Any] = set()
    for me, resolution in zip(reversed(prepared), reversed(resolutions), strict=True):
        person = state.people[resolution.person_id]
        if person.stale and person.id not in done:
            done.add(person.id)
            doc = golden_doc(person)
            mark = digest(doc)
            person.stale = mark != person.digest
            person.digest = mark
            resolution.golden = doc if person.stale else None
        for source in state.sources.get(me.place, ()):
            if source.doc_stale and source.person_id == person.id and source.key not in done:
                done.add(source.key)
                resolution.source = source_doc(source)
                resolution.source_changed = True
