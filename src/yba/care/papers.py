"""Papers looked at on arrival: which, in what form, who looked, when; stands in the Encounter, and no copy is kept (NĐ 69/2024, QĐ 2733/2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import clock
from yba.kit.errors import Invalid
from yba.specs import care_desk, systems

from . import shapes
from .model import Paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.kit.actor import Actor

    from .shapes import Doc

SEEN: Final = systems.extension("paper-seen")


def papers_seen(encounter: Doc, papers: Sequence[Paper], by: Actor, facility: str) -> Doc:
    """Note papers in an Encounter, each once. Raises Invalid for a kind or a form there is none of."""
    kinds, forms = care_desk.papers()
    if any(one.kind not in kinds or one.shown not in forms for one in papers):
        raise Invalid("Không có loại giấy tờ này.", advice=f"Known: {', '.join(kinds)}; {', '.join(forms)}.")
    known = set(papers_of(encounter))
    at = clock.now().isoformat(timespec="seconds")
    noted = [
        {"url": SEEN, "extension": [
            {"url": "kind", "valueCode": one.kind}, {"url": "shown", "valueCode": one.shown}, {"url": "at", "valueInstant": at},
            {"url": "who", "valueReference": shapes.actor(by, facility)},
        ]}
        for one in dict.fromkeys(papers) if one not in known
    ]  # fmt: skip
    return {**encounter, "extension": [*encounter.get("extension", ()), *noted]} if noted else encounter


def papers_of(encounter: Doc) -> list[Paper]:
    """Return the papers an Encounter says were looked at."""
    found = [{part["url"]: part for part in one["extension"]} for one in encounter.get("extension", ()) if one.get("url") == SEEN]
    return [Paper(parts["kind"]["valueCode"], parts["shown"]["valueCode"]) for parts in found]
