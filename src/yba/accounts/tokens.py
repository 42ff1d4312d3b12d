"""Accounts' own tokens for the API: made in a session that met its duties, named, short, ended by hand or with the account's sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import act_as, unit_of_work
from yba.kit.errors import Conflict, Forbidden, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.access import roles
from yba.specs.sign_in import sign_in

from . import secrets, store_people, store_tokens
from .demo import demo_allowed
from .keeping import KEEPER
from .model import Refused, Why
from .queries import actor_of
from .roles import reach, second_factor_needed
from .token_model import NewToken, Presented, Token

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Origin
    from yba.kit.prepared import Ask

    Conn = Connection[tuple[Any, ...]]

PREFIX: Final = "ybt_"  # tells an account's token from a session of software, and scanners of leaked secrets what it is
_LONGEST_NAME: Final = 60
_MOST_SEEN: Final = 10_000
_seen: dict[bytes, str] = {}  # hash of a session of software -> its facility: a guess to be proven with every request, never a right


def make_token(conn: Conn, *, by: Actor, account: UUID, name: str, hours: int, proven: bool = False, address: str = "") -> NewToken:
    """Make a token of one's own account, or (by the province) of another; returns it, this once. At most 12 hours (sign_in.toml).

    ``proven`` says that the session it is asked in has used its second factor: only the edge that saw it may say so. Raises Forbidden,
    Invalid (name, hours), Conflict (too many at once), NotFound.
    """
    _may(by, account, Right.ACCOUNTS_ACCOUNT_RESET)
    shown, limits, now = " ".join(name.split()), sign_in().token, clock.now()
    if not shown or len(shown) > _LONGEST_NAME or "\0" in shown:
        raise Invalid("Tên mã truy cập dài 1 đến 60 ký tự.", advice="A token's name has 1 to 60 characters.")
    if not 1 <= hours <= limits.longest_hours:
        raise Invalid(f"Mã truy cập sống 1 đến {limits.longest_hours} giờ.", advice=f"A token lives 1 to {limits.longest_hours} hours.")
    found = store_people.account(conn, account, lock=True)
    if found is None or not found.active:
        raise NotFound("Không có tài khoản nào như vậy đang dùng.", advice="No such account in use.")
    made = NewToken(new_id(), shown, PREFIX + secrets.new_token(), now + timedelta(hours=hours))
    row = {"id": made.id, "hash": secrets.token_hash(made.token), "account": account, "name": shown, "expires_at": made.expires_at}
    with unit_of_work(by=KEEPER) as keeping:
        if len(store_tokens.living(keeping, account, now=now)) >= limits.most:
            raise Conflict(f"Đã có {limits.most} mã đang dùng; hãy kết thúc bớt.", advice="End another token first.")
        store_tokens.insert(keeping, {**row, "made_at": now, "made_by": by.name, "address": address[:45], "proven": proven and by.account == account})
    _note(conn, by, Tag.TOKEN_ADD, account, {"name": shown, "hours": hours, "token": str(made.id)})
    return made


def tokens_of(conn: Conn, *, by: Actor, account: UUID) -> list[Token]:  # noqa: ARG001  # a list belongs to a unit of work
    """List the tokens of an account that are good, newest first: one's own, or of an account one may see. Raises Denied."""
    if by.account != account:
        reach(by, Right.ACCOUNTS_ACCOUNT_READ)
    with unit_of_work(by=KEEPER) as keeping:
        return store_tokens.living(keeping, account, now=clock.now())


def end_token(conn: Conn, *, by: Actor, account: UUID, token: UUID) -> None:
    """End a token of one's own, or (by the province) of another account. Raises Forbidden, NotFound when it is over already."""
    _may(by, account, Right.ACCOUNTS_ACCOUNT_DISABLE)
    with unit_of_work(by=KEEPER) as keeping:
        ended = store_tokens.end(keeping, account, only=token, now=clock.now(), by=by.name)
    if not ended:
        raise NotFound("Mã này đã kết thúc rồi.", advice="This token is over already.")
    _note(conn, by, Tag.TOKEN_END, account, {"token": str(token)})


def bearer(conn: Conn, *, by: Actor, token: str, origin: Origin, patience: int) -> Presented | Refused:
    """Say who a bearer token speaks for, and bound the unit's statements to ``patience`` ms: one trip for software, some for people.

    An account's token is refused where its roles need a second factor here (outside of their networks, or always) and the session it
    was made in had not used one. The actor has no purpose yet where it is a person's: the edge chooses one. ``acting``: the unit acts as it already;
    in a late unit it is proven by the first statement, which raises Unproven (`distrust`; `kit.db.prove` before anything is told without one).
    """
    kept = secrets.token_hash(token)
    if not token.startswith(PREFIX):
        return _software(conn, by, kept, origin, patience)
    with unit_of_work(by=KEEPER) as keeping:
        store_tokens.bound(keeping, patience=patience)
        return _person(keeping, kept, origin)


def guess(*, token: str, origin: Origin, patience: int) -> tuple[Actor, Ask] | None:
    """Say whose session of software a token was when this process last saw it, with what proves it still is (`kit.db.one_read`); no database.

    None for people, strangers and sessions not seen yet: `bearer` says.
    """
    kept = secrets.token_hash(token)
    facility = _seen.get(kept)
    if facility is None:
        return None
    return Actor.facility_client(facility, "operation", origin=origin), store_tokens.proving(kept, facility, patience=patience)


def distrust(token: str) -> None:
    """Forget whose session of software a token was: a message that was to prove it did not."""
    _seen.pop(secrets.token_hash(token), None)


def _software(conn: Conn, by: Actor, kept: bytes, origin: Origin, patience: int) -> Presented | Refused:
    """Say whose session it is; one this process has seen before is proven by the message that opens the unit's lock for it."""
    guess = None if by.standing else _seen.get(kept)
    if guess is not None:
        actor = Actor.facility_client(guess, "operation", origin=origin)
        if act_as(conn, actor, proof=store_tokens.proving(kept, guess, patience=patience)):
            return Presented(actor, proven=False, acting=True)
        _seen.pop(kept, None)
        return Refused(Why.EXPIRED)  # a session is of one facility: another answer is none
    facility = store_tokens.client_of(conn, kept, patience=patience)
    if facility is None:
        return Refused(Why.EXPIRED)
    if len(_seen) >= _MOST_SEEN:
        _seen.clear()
    _seen[kept] = facility
    return Presented(Actor.facility_client(facility, "operation", origin=origin), proven=False)


def _person(conn: Conn, kept: bytes, origin: Origin) -> Presented | Refused:
    now = clock.now()
    found = store_tokens.whose(conn, kept, now=now)
    if found is None:
        return Refused(Why.EXPIRED)
    account, proven, demo, fresh = found
    standing = store_people.standing(conn, account, on=now, address=origin.address or None)
    if standing is None or (demo and not demo_allowed()):
        return Refused(Why.EXPIRED)
    if not proven and second_factor_needed(standing[4], inside=standing[5]):
        return Refused(Why.FACTOR)
    if not fresh:
        store_tokens.used(conn, kept, now=now)
        store_people.seen(conn, account, at=now)
    actor = actor_of(conn, by=KEEPER, account=account, purpose="", origin=origin)
    first = next((roles()[grant.role].purpose for grant in actor.grants if grant.role in roles()), "administration")
    return Presented(actor.for_purpose(first), proven)


def _may(by: Actor, account: UUID, right: Right) -> None:
    """Whose token it is may, and who reaches the whole province."""
    if by.account != account and reach(by, right) is not None:
        raise Forbidden("Mã truy cập do chủ tài khoản hoặc cấp tỉnh quản lý.", advice="A token is its owner's matter, or the province's.")


def _note(conn: Conn, by: Actor, tag: Tag, account: UUID, detail: dict[str, Any]) -> None:
    audit.note(conn, by=by, tag=tag, about_type="Account", about_id=str(account), detail=detail)
