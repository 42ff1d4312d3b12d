"""The search box of a desk: anything that stands on a card or is said, and what may be shown of a person before there is any ground."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.directory import commune
from yba.kit import clock
from yba.kit.text import fold, name_key, nfc

from . import store_seek, temporary
from .citizen_card import is_card_text, read_card
from .matching import current
from .matching.features import phone_column, plain_words
from .model import IdType
from .normalise import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .citizen_card import CitizenCard

FIND: Final = Right.IDENTITY_PERSON_FIND
MOST: Final = 50
LONGEST: Final = 1_000
_WORDS: Final = 6
_TONED: Final = 5  # times as many are read where tones were typed
_SHORTEST: Final = 2  # letters of a word that is looked for alone
_CARD_LENGTH, _INSURANCE = 15, 10
_DIGIT: Final = re.compile(r"[0-9]")


class Seen(NamedTuple):
    """What may be shown of a person before any ground: who, age, sex, commune, whether the own facility knows it; ``why`` it was found.

    ``age`` in years, None unknown; ``commune`` its name of today, "" unknown. ``why``: number, card, phone, household, name, id.
    """

    person_id: UUID
    name: str
    birth: str
    age: int | None
    sex: str
    commune: str
    own: bool
    why: str


def seek(conn: Connection[Any], *, by: Actor, text: str, limit: int = 20, communes: Collection[str] = ()) -> list[Seen]:
    """Find people by anything: numbers of any kind, the text of a card's QR code, phone, household book, name with or without tones.

    Of a name each word may be a beginning; one of them must begin the given name, or the text the whole name. Own people come first, then those
    of ``communes`` (default: the actor's own areas). One round trip. Raises Denied, Invalid for a QR text that cannot be read; noted in the
    trail by what kind of thing was looked for and how many were found, never by what was typed.
    """
    seen = access.predicate(conn, by=by, right=FIND, columns=store_seek.PERSON)
    asked = _asked(text[:LONGEST], by, communes)
    most = min(max(limit, 1), MOST)
    # by their tones people are told apart only once they are read
    rows = store_seek.seek(conn, asked, seen, most if text.isascii() else _TONED * most) if asked.branches else []
    found = _ordered([_seen(row) for row in rows], text, asked)[:most]
    detail = {"by": sorted(asked.branches), "found": len(found)}
    person = found[0].person_id if len(found) == 1 else None
    audit.note(conn, by=by, tag=Tag.PERSON_FIND, about_type="Person", about_id=str(person or ""), person_id=person, detail=detail, under=FIND.value)
    return found


def people_seen(conn: Connection[Any], *, by: Actor, person_ids: Iterable[UUID], facilities: Collection[str] = ()) -> dict[UUID, Seen]:
    """Return what may be shown of people before any ground; those out of reach are not there. One round trip; noted by the caller. Raises Denied.

    ``facilities``: whose own people are marked; default: the actor's.
    """
    wanted = sorted(set(person_ids))
    seen = access.predicate(conn, by=by, right=FIND, columns=store_seek.PERSON)
    own = sorted(facilities or _facilities(by))
    return {one.person_id: one for row in (store_seek.people(conn, wanted, own, seen) if wanted else ()) for one in (_seen(row),)}


def phones(conn: Connection[Any], *, by: Actor, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the phones of those whose demographics the actor may read, in the plan of 2018. One round trip; noted by the caller. Raises Denied."""
    wanted = sorted(set(person_ids))
    seen = access.predicate(conn, by=by, right=access.Right.IDENTITY_PERSON_READ, columns=store_seek.PERSON)
    return dict(store_seek.phones(conn, wanted, seen)) if wanted else {}


def _facilities(by: Actor) -> frozenset[str]:
    return frozenset(code for grant in by.grants for code in grant.facilities)


def _areas(by: Actor) -> frozenset[str]:
    return frozenset(code for grant in by.grants for code in grant.areas if code.isdigit())


def _asked(text: str, by: Actor, communes: Collection[str]) -> store_seek.Asked:
    asked = store_seek.Asked(sorted(_facilities(by)), sorted(communes or _areas(by)))
    if is_card_text(text):
        _by_card(asked, read_card(text))
    elif _DIGIT.search(text):
        _by_number(asked, text)
    else:
        _by_name(asked, text)
    return asked


def _by_card(asked: store_seek.Asked, card: CitizenCard) -> None:
    asked.ask("number", keys=[(IdType.CITIZEN.value, one) for one in (card.number, card.old) if one] + [(IdType.OLD_CITIZEN.value, card.old)])
    asked.ask("health", value=card.number, code="")


def _by_number(asked: store_seek.Asked, text: str) -> None:
    value = clean(text)
    if value:
        keys = [(kind.value, value) for kind in IdType]
        if len(value) == _CARD_LENGTH and value[:2].isalpha():
            keys.append((IdType.INSURANCE.value, value[-_INSURANCE:]))
        asked.ask("number", keys=keys)
        asked.ask("health", value=value, code=temporary.canonical(text))
    asked.ask("local", local=text.strip())
    phone = phone_column(text)
    if phone:
        asked.ask("phone", phone=phone, phone_key=current().key_alone("phone", phone))
    asked.ask("household", book=text.strip())


def _by_name(asked: store_seek.Asked, text: str) -> None:
    words = text.split()[:_WORDS]
    if not words or max(map(len, words)) < _SHORTEST:
        return
    asked.ask("name", words=[sorted({fold(nfc(word)), *plain_words(word)} - {""}) for word in words])


def _seen(row: Sequence[Any]) -> Seen:
    person, name, birth, sex, area, own, why = row
    known = commune(area, clock.today()) if area else None
    return Seen(
        person,
        " ".join(nfc(name or "").split()),
        (birth or "")[:10],
        _age(birth or ""),
        sex or "unknown",
        known.name if known else "",
        bool(own),
        why,
    )


def _age(birth: str) -> int | None:
    if not birth[:4].isdigit():
        return None
    today = clock.today()
    born = birth[:10]
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return today.year - int(birth[:4])
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _ordered(found: list[Seen], text: str, asked: store_seek.Asked) -> list[Seen]:
    """Own people first, and before others of their kind those whose name has the very tones that were typed."""
    if "name" not in asked.branches or text.isascii():
        return found
    typed = [name_key(word) for word in text.split()]

    def missed(one: Seen) -> int:
        words = [name_key(word) for word in one.name.split()]
        return sum(not any(word.startswith(key) for word in words) for key in typed)

    return sorted(found, key=lambda one: (not one.own, missed(one)))
