"""The keyed hashes under which questions are kept, so that the numbers themselves stand nowhere; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.kit.ids import derived

from .model import Register

if TYPE_CHECKING:
    from uuid import UUID

_CARD, _NUMBER = 15, 10  # characters of a card, and of the insurance number at its end


def person_subject(number: str) -> UUID:
    """Return the hash of a personal number."""
    return derived("register-subject", Register.POPULATION.value, number)


def card_subject(number: str) -> UUID:
    """Return the hash of a card: of the insurance number at its end, so that every form of it finds the look-up."""
    text = "".join(number.split()).upper()
    return derived("register-subject", Register.CARD.value, text[-_NUMBER:] if len(text) == _CARD else text)
