"""From what a claim says to what can be compared: identifiers by kind, names taken apart; pure and remembered."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.text import fold, looks_lost, name_key, nfc
from yba.specs import identity as specs

from .model import Card, IdType

if TYPE_CHECKING:
    from .model import PersonFacts

Key = tuple[str, str]
"""(type, value) of an identifier."""
_RULES: Final = specs.identifiers()
_PATTERN: Final = {kind.type: kind.pattern for kind in _RULES.kinds}
_BLANKS: Final = re.compile(r"[\s.\-]+")
_LONGEST: Final = 60  # no paper has a longer number, however it is spaced
_CARD_NUMBER: Final = 10  # the last ten characters of a card are the insurance number


class Name(NamedTuple):
    """A name taken apart; ``words`` are folded."""

    key: str
    folded: str
    words: tuple[str, ...]
    marked: bool
    lost: bool
    placeholder: bool


@lru_cache(maxsize=65_536)
def name_parts(text: str) -> Name:
    """Take a name apart for comparing."""
    folded = fold(text)
    placeholder = bool(folded) and _RULES.placeholder.fullmatch(folded) is not None and not _RULES.named.match(nfc(text).lower().strip())
    return Name(name_key(text), folded, tuple(folded.split()), not text.isascii(), looks_lost(text), placeholder)


def clean(value: str) -> str:
    """Return an identifier without blanks, dots and hyphens, in capitals; "" for fillers such as 000000000."""
    if len(value) > _LONGEST:
        return ""
    value = value.upper()
    if not value.isalnum():
        value = _BLANKS.sub("", value)
    return "" if _RULES.junk.fullmatch(value) else value


@lru_cache(maxsize=16_384)
def _paper(value: str) -> Key | None:
    """Say which kind of paper a number is: whatever column it was typed in."""
    value = clean(value)
    for kind in (IdType.CITIZEN, IdType.OLD_CITIZEN, IdType.PASSPORT):
        if value and _PATTERN[kind].fullmatch(value):
            return kind.value, value
    return None


def _card(card: Card, *, placeholder: bool) -> tuple[Key, ...]:
    """Return the identifiers a card proves: the lasting card with its insurance number, or a temporary one."""
    number = clean(card.number)
    if not number:
        return ()
    lasting = _PATTERN[IdType.CARD].fullmatch(number)
    registered = card.registered_at.strip()
    temporary = placeholder or _RULES.temporary_place.fullmatch(registered) or _RULES.temporary_card.fullmatch(number)
    if lasting and not (placeholder or _RULES.temporary_place.fullmatch(registered)):
        found: list[Key] = [(IdType.CARD.value, number)]
        insurance = clean(number[-_CARD_NUMBER:])
        if insurance:
            found.append((IdType.INSURANCE.value, insurance))
        return tuple(found)
    if temporary and not number.isdigit():
        return ((IdType.TEMPORARY.value, number),)
    return _insurance(number)


@lru_cache(maxsize=16_384)
def _insurance(value: str) -> tuple[Key, ...]:
    value = clean(value)
    if _PATTERN[IdType.INSURANCE].fullmatch(value):
        return ((IdType.INSURANCE.value, value),)
    paper = _paper(value)  # the insurer is moving to the twelve-digit personal number
    return (paper,) if paper and paper[0] == IdType.CITIZEN.value else ()


@lru_cache(maxsize=4096)
def _cards(cards: tuple[Card, ...], placeholder: bool) -> dict[Key, Card | None]:  # noqa: FBT001  positional for the cache
    found: dict[Key, Card | None] = {}
    for card in cards:
        for key in _card(Card(*card), placeholder=placeholder):
            found[key] = Card(*card) if key[0] in {IdType.CARD.value, IdType.TEMPORARY.value} else None
    return found


def identifiers(facts: PersonFacts) -> dict[Key, Card | None]:
    """Return the usable identifiers of a claim, each once, with the card it came from (for its validity)."""
    found: dict[Key, Card | None] = {}
    if facts.born_of:  # what else stands on a certificate is the mother's
        numbers = ((clean(card.number), card) for card in facts.cards)
        return {(IdType.TEMPORARY.value, number): card for number, card in numbers if _PATTERN[IdType.TEMPORARY].fullmatch(number)}
    for value in (facts.citizen_number, facts.old_citizen_number, facts.passport):
        paper = _paper(value) if value and len(value) <= _LONGEST else None
        if paper:
            found[paper] = None
    placeholder = name_parts(facts.name).placeholder
    if facts.cards:
        found |= _cards(tuple(card for card in facts.cards if len(card[0]) <= _LONGEST), placeholder)
    if not placeholder:  # what stands on a nameless newborn's claim may be the mother's
        no_numbers = {value[-_CARD_NUMBER:] for kind, value in found if kind == IdType.TEMPORARY}
        for value in facts.insurance_numbers:
            for key in _insurance(value) if len(value) <= _LONGEST else ():
                if key[1] not in no_numbers:
                    found.setdefault(key, None)
    return found
