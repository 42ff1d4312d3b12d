"""Where a person lives, by the golden Patient: what opens a record to the commune's station."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yba.directory import areas
from yba.kit import clock

if TYPE_CHECKING:
    from datetime import date, datetime


def commune_of(golden: dict[str, Any], written: datetime) -> str | None:
    """Give the commune of 2025 of a Patient's first address, None when it has none, or its old commune was divided."""
    for address in golden.get("address", ())[:1]:
        for extension in address.get("extension", ()):
            for part in extension.get("extension", ()):
                if part["url"] == "commune":
                    return _commune_now(part["valueCoding"]["code"], clock.today(), written.astimezone(clock.VIETNAM).date() >= areas.REFORM)
    return None


@lru_cache(maxsize=65_536)
def _commune_now(code: str, today: date, reform: bool) -> str | None:  # noqa: FBT001  # part of the key
    """Old and new codes are alike: only the tree of the day they were written by tells them apart."""
    found = areas.commune_of(code, today, written=today if reform else areas.REFORM - timedelta(days=1))
    return found.code if found else None
