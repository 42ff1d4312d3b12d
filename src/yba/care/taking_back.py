"""Taking back what was written in a visit by mistake, and restoring it: marked with its reason, every version kept in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import record
from yba.kit.errors import Conflict, Invalid, NotFound

from . import shapes, store
from .acts import again, hold, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted

# Diagnoses are changed as one list (`diagnose`); a result that was given out is corrected, not taken back.
_MAY: Final = frozenset({"Observation", "MedicationRequest", "ServiceRequest", "Appointment"})


def take_back(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, refs: Sequence[tuple[str, str]], reason: str, key: str = ""
) -> Acted:
    """Delete vital signs, drafts, orders nobody has answered, appointments (type, id) of a visit that is not over.

    Raises Invalid without a reason or for another type, NotFound for what this visit did not write, Conflict for an order that has its result,
    Overtaken, Denied.
    """
    _chosen(refs, reason, "Hãy chọn mục cần rút lại và ghi lý do.")
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    ours = {ref for act in store.acts(conn, visit) for ref in act.refs}
    stored = record.to_change(conn, by=by, refs=refs)
    if any(f"{rtype}/{id_}" not in ours or (rtype, id_) not in stored for rtype, id_ in refs):
        raise NotFound("Không có mục này trong lượt khám.", advice="This visit did not write it, or it was taken back before.")
    if any(doc["resourceType"] == "ServiceRequest" and doc["status"] == "completed" for doc in stored.values()):
        raise Conflict("Chỉ định đã có kết quả: không rút lại được.", advice="The order has its result.")
    saved = record.delete(conn, by=by, refs=refs, reason=reason.strip())
    for rtype, id_ in refs:
        if rtype == "Appointment":
            store.cancel_due(conn, UUID(id_))
    return write(conn, by=by, held=held, kind="take-back", saved=saved, reason=reason.strip())


def restore(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, refs: Sequence[tuple[str, str]], reason: str, key: str = ""
) -> Acted:
    """Bring back what was taken back in a visit that is not over, as it stood before: a new version, with the reason why.

    Raises Invalid without a reason or for another type, NotFound for what this visit did not write or what was not taken back, Overtaken,
    Conflict, Denied.
    """
    _chosen(refs, reason, "Hãy chọn mục cần khôi phục và ghi lý do.")
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    ours = {ref for act in store.acts(conn, visit) for ref in act.refs}
    docs = [doc for rtype, id_ in refs if f"{rtype}/{id_}" in ours for doc in _before(conn, by, rtype, id_)]
    if len(docs) < len(refs):
        raise NotFound("Không có mục này trong các mục đã rút lại.", advice="This visit took back nothing of the kind.")
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, held.visit.facility) for doc in docs], reason=reason.strip())
    for rtype, id_ in refs:
        if rtype == "Appointment":
            store.open_due(conn, UUID(id_))
    return write(conn, by=by, held=held, kind="restore", saved=saved, reason=reason.strip())


def _chosen(refs: Sequence[tuple[str, str]], reason: str, words: str) -> None:
    """Raise Invalid in these words where nothing is chosen, something that does not go back is, or no reason is given."""
    if not reason.strip() or not refs or any(rtype not in _MAY for rtype, _ in refs):
        raise Invalid(words, advice=f"One of {', '.join(sorted(_MAY))}, with a reason.")


def _before(conn: Connection[Any], by: Actor, rtype: str, id_: str) -> list[dict[str, Any]]:
    """Return the last living version of something that is deleted now, as a list of one; [] of what lives or never was."""
    versions = record.history(conn, by=by, rtype=rtype, id=id_)
    if not versions or not versions[0].deleted:
        return []
    living = next((one for one in versions if not one.deleted), None)
    return [living.exact] if living is not None else []
