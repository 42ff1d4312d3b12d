"""Writing the directory: noting what claims name, and an administrator's confirmations, audited."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Right
from yba.audit import Tag, note
from yba.kit import Actor, Conflict, Invalid, NotFound
from yba.kit.clock import VIETNAM
from yba.kit.db import after_commit
from yba.terminology import edition_on, lists, lookup

from . import areas, seen, store
from .codes import checked_gln, is_facility_code
from .model import Ensured, Facility, Known

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]

FACILITIES, DEPARTMENTS, PRACTITIONERS = range(3)
LONGEST: Final = 255
LEVELS: Final = ("initial", "basic", "specialised")  # cấp ban đầu, cấp cơ bản, cấp chuyên sâu (Luật 15/2023)


def ensure_many(
    conn: Conn,
    *,
    by: Actor,
    seen_at: datetime,
    facilities: Iterable[str] = (),
    departments: Iterable[tuple[str, str]] = (),
    practitioners: Iterable[tuple[str, str] | tuple[str, str, str]] = (),
) -> Ensured:
    """Make sure the directory knows what a batch of claims names; at most one round trip per kind, mostly none.

    ``departments`` are (facility, code), ``practitioners`` (licence, facility[, name]); ``seen_at`` is aware. What this
    connection has committed for the same day is not sent again. Call it outside savepoints. Empty values and values
    over 255 characters are passed over: they stay in the claim. Not audited here: part of the intake, which is.
    """
    access.require(by, Right.DIRECTORY_FACILITY_RECORD)
    day = seen_at.astimezone(VIETNAM).date()
    codes = {(code.strip(),) for code in facilities}
    units = {(facility.strip(), code.strip()) for facility, code in departments}
    people = {_person(*said) for said in practitioners}
    new_codes = seen.unseen(conn, FACILITIES, filter(_usable, codes), day)
    new_units = seen.unseen(conn, DEPARTMENTS, filter(_usable, units), day)
    new_people = seen.unseen(conn, PRACTITIONERS, (p for p in people if _usable(p[:2]) and len(p[2]) <= LONGEST), day)
    named = _one_name(new_people)
    ensured = Ensured(
        facilities=store.see_facilities(conn, [_from_claim(code) for (code,) in new_codes], seen_at) if new_codes else 0,
        departments=store.see_departments(conn, [(f, c) for f, c in new_units], seen_at) if new_units else 0,
        practitioners=store.see_practitioners(conn, named, seen_at) if named else 0,
    )
    if new_codes or new_units or new_people:

        def on_disk() -> None:
            for kind, keys in ((FACILITIES, new_codes), (DEPARTMENTS, new_units), (PRACTITIONERS, new_people)):
                seen.remember(conn, kind, keys, day)

        after_commit(on_disk)
    return ensured


def _person(licence: str, facility: str, name: str = "") -> tuple[str, str, str]:
    return licence.strip(), facility.strip(), " ".join(name.split())


def _usable(key: tuple[str, ...]) -> bool:
    return all(part and len(part) <= LONGEST and "\0" not in part for part in key)


def _one_name(people: Iterable[tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """One row per licence and facility (a statement may touch a row once), with a name if any row has one."""
    best: dict[tuple[str, str], str] = {}
    for licence, facility, name in people:
        best[licence, facility] = max(best.get((licence, facility), ""), name)
    return [(licence, facility, name) for (licence, facility), name in sorted(best.items())]


def _from_claim(code: str) -> tuple[str, str, str, str, str, str]:
    """What is known of a code nobody entered: the packaged list, else the province its first two digits say."""
    listed = lookup(lists.FACILITY, code)
    province = areas.province_now(code[:2]) if is_facility_code(code) else None
    place = province.code if province else ""
    if listed is None:
        return code, "", "", place, "", Known.CLAIMS.value
    said = listed.properties
    return code, listed.display, said.get("kind", ""), place, said.get("address", ""), Known.LIST.value


def load_packaged(conn: Conn, *, by: Actor, seen_at: datetime) -> int:
    """Put the packaged facilities (Hà Nội) into the directory; returns how many were new."""
    access.require(by, Right.DIRECTORY_FACILITY_WRITE)
    edition = edition_on(lists.FACILITY, None)
    codes = [c.code for c in edition.all()] if edition else []
    added = ensure_many(conn, by=by, seen_at=seen_at, facilities=codes).facilities
    note(conn, by=by, tag=Tag.FACILITY_CREATE, about_type="Organization", about_id="*", detail={"new": added, "listed": len(codes)})
    return added


def complete_facility(  # noqa: PLR0913  # one keyword per field of the administrator's form
    conn: Conn,
    *,
    by: Actor,
    code: str,
    name: str,
    since: date | None = None,
    level: str = "",
    kind: str = "",
    province: str = "",
    commune: str = "",
    address: str = "",
    gln: str = "",
) -> Facility:
    """An administrator says what a facility code means; audited with before and after.

    Without ``since`` a row nobody confirmed is filled in; with it the row before is closed the day before and a new one
    opens (a confirmed row is never overwritten). Raises Invalid (what to write), Conflict (dates), Denied.
    """
    access.require(by, Right.DIRECTORY_FACILITY_WRITE)
    row = Facility(
        code=_valid_code(code),
        valid_from=since,
        valid_to=None,
        name=" ".join(name.split()),
        level=level,
        kind=kind,
        province=province or _province_of(code),
        commune=commune,
        address=" ".join(address.split()),
        gln=checked_gln(gln),
        successor="",
        source=Known.ADMINISTRATOR,
        complete=True,
    )
    _check(row)
    rows = store.history(conn, code, lock=True)
    before = rows[-1] if rows else None
    if before is None:
        store.insert(conn, row)
    elif not before.complete and before.valid_to is None and since in {None, before.valid_from}:
        row = replace(row, valid_from=before.valid_from)
        store.rewrite(conn, row)
    else:
        _follow(conn, before, since)
        store.insert(conn, row)
    _noted(conn, by, before, row)
    return row


def _follow(conn: Conn, before: Facility, since: date | None) -> None:
    """Make room for a new row after an earlier one."""
    if since is None:
        raise Conflict(f"{before.code} is already confirmed.", advice="Say since when the change holds.")
    if since <= (before.valid_from or date.min) or (before.valid_to is not None and since <= before.valid_to):
        raise Conflict(f"{before.code} has a row from {before.valid_from} to {before.valid_to}.", advice="Give a later day.")
    if before.valid_to is None:
        store.close(conn, before, since - timedelta(days=1), "")


def end_facility(conn: Conn, *, by: Actor, code: str, valid_to: date, successor: str = "") -> Facility:
    """End a facility code on a day, with the code that takes over; audited. Raises NotFound, Conflict, Invalid, Denied."""
    access.require(by, Right.DIRECTORY_FACILITY_WRITE)
    if successor and _valid_code(successor) == code:
        raise Invalid("A facility cannot follow itself.")
    rows = store.history(conn, code, lock=True)
    if not rows:
        raise NotFound(f"no facility {code}")
    before = rows[-1]
    if before.valid_to is not None or valid_to < (before.valid_from or date.min):
        raise Conflict(f"{code} has a row from {before.valid_from} to {before.valid_to}.")
    store.close(conn, before, valid_to, successor)
    after = replace(before, valid_to=valid_to, successor=successor)
    _noted(conn, by, before, after)
    return after


def _noted(conn: Conn, by: Actor, before: Facility | None, after: Facility) -> None:
    note(
        conn,
        by=by,
        tag=Tag.FACILITY_UPDATE if before else Tag.FACILITY_CREATE,
        about_type="Organization",
        about_id=after.code,
        facility=after.code,
        detail={"before": asdict(before) if before else None, "after": asdict(after)},
    )


def _valid_code(code: str) -> str:
    if not is_facility_code(code):
        raise Invalid(f"{code[:20]!r} is not a facility code.", advice="Write five digits or capital letters, for example 01013.")
    return code


def _province_of(code: str) -> str:
    found = areas.province_now(code[:2])
    return found.code if found else ""


def _check(row: Facility) -> None:
    today = row.valid_from if row.valid_from and row.valid_from >= areas.REFORM else areas.REFORM
    if not row.name:
        raise Invalid("A facility needs a name.")
    if row.level not in {"", *LEVELS}:
        raise Invalid(f"{row.level!r} is not a level.", advice=f"Write one of {', '.join(LEVELS)}.")
    if row.province and areas.province(row.province, today) is None:
        raise Invalid(f"{row.province!r} is not one of the 34 provinces.")
    place = areas.commune(row.commune, today) if row.commune else None
    if row.commune and (place is None or place.province != row.province):
        raise Invalid(f"{row.commune!r} is not a commune of province {row.province}.")
