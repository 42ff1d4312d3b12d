"""Citizens' own accounts: opened by the first sign-in through the identity provider, for one's own person and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import audit
from yba.audit import Tag
from yba.kit import clock
from yba.kit.ids import derived, new_id

from . import store_people
from .people import Kind

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]

CITIZEN: Final = Kind.CITIZEN.value


def open_citizen(conn: Conn, *, by: Actor, person_id: UUID, display_name: str) -> UUID:
    """Return the account of a person, opened with the role of a citizen over the own record when there is none."""
    found = store_people.account_of_person(conn, person_id)
    if found is not None:
        return found.id
    account, name = new_id(), f"cd-{derived('citizen-account', str(person_id)).hex[:20]}"
    now = clock.now()
    row = {"id": account, "username": name, "kind": CITIZEN, "display_name": " ".join(display_name.split())[:120], "phone": "", "email": ""}
    if not store_people.insert_account(conn, {**row, "person_id": person_id, "demo": False, "at": now, "by": by.name}):
        found = store_people.account_of_person(conn, person_id)  # another request of the same person was first
        if found is not None:
            return found.id
    post = {"role": "citizen", "facility": "", "department": "", "area": "", "licence": "", "person_id": person_id}
    reason = "đăng nhập lần đầu bằng định danh điện tử"
    store_people.insert_assignment(conn, {"id": new_id(), "account": account, **post, "starts": now, "ends": None, "by": by.name, "reason": reason})
    audit.note(conn, by=by, tag=Tag.ACCOUNT_ADD, about_type="Account", about_id=str(account), person_id=person_id, reason=reason)
    return account
