"""Synthetic people and claims for the tests of identity."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from yba.identity import Card, PersonFacts
from yba.kit.clock import VIETNAM

FIRST_DAY = datetime(2026, 1, 1, 8, 0, tzinfo=VIETNAM)
_landing = count(1)


def facts(facility: str = "11001", local_id: str = "A1", *, day: int = 0, sequence: int | None = None, **said: Any) -> PersonFacts:
    """Facts of a woman of 1959 seen ``day`` days after New Year 2026, unless said otherwise; landing order as called."""
    card = said.pop("card", "")
    given: dict[str, Any] = {"name": "Lò Thị Mai", "birth": "1959-03-12", "sex": "female"} | said
    if card:
        given["cards"] = (Card(card, "11001", "2026-01-01", "2026-12-31"),)
    return PersonFacts(
        facility=facility,
        local_id=local_id,
        seen_at=FIRST_DAY + timedelta(days=day),
        sequence=next(_landing) if sequence is None else sequence,
        **given,
    )


MAN: dict[str, Any] = {"name": "Quàng Văn Hặc", "birth": "1985-07-30", "sex": "male"}
CITIZEN = "011159001234"
CARD = "GD4111112345678"
