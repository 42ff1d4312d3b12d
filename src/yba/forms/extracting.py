"""Answers -> resources: the QuestionnaireResponse, Observations by `code`, other resources by `definition`; every one says what it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from yba import fhir
from yba.kit.clock import VIETNAM
from yba.kit.ids import derived
from yba.specs import systems

from .defining import defined
from .model import Problem
from .names import name_of, places
from .observing import observed

if TYPE_CHECKING:
    from datetime import datetime

    from yba.kit.actor import Actor

    from .deciding import Settled
    from .model import Draft, Item, Place

_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass(slots=True)
class Extracted:
    """What is to be stored, the QuestionnaireResponse first, and what could not be made of the answers."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every extracted resource shares."""

    settled: Settled
    subject: dict[str, str]
    encounter: dict[str, str] | None
    response: str  # "QuestionnaireResponse/…"
    seed: str
    at: str  # the moment the answers were given
    held: frozenset[Place] = frozenset()  # rows that say what stands in the record already

    def is_held(self, item: Item, rows: tuple[int, ...]) -> bool:
        """Whether a place is, or stands in, a row that is known from the record."""
        return any((group, rows[: depth + 1]) in self.held for depth, group in enumerate((*item.above, item.link_id)))

    def id_of(self, *parts: str | int) -> str:
        """Return an id that is the same whenever the same draft is finished."""
        return str(derived("form", self.seed, *parts))


def resources(settled: Settled, *, draft: Draft, by: Actor, at: datetime, held: frozenset[Place] = frozenset()) -> Extracted:
    """Make everything that is stored of a finished form; pure: the same draft gives the same ids. Rows of ``held`` are answers and nothing more."""
    moment = at.astimezone(VIETNAM).isoformat(timespec="seconds")
    subject = {"reference": f"Patient/{draft.patient}"}
    encounter = {"reference": f"Encounter/{draft.encounter}"} if draft.encounter else None
    response = dict(settled.doc)
    response |= {
        "id": str(draft.id), "status": "completed", "subject": subject, "authored": moment,
        "author": {"identifier": {"system": systems.identifier("actor"), "value": by.name}},
    }  # fmt: skip
    if encounter:
        response["encounter"] = encounter
    shared = Setting(settled, subject, encounter, f"QuestionnaireResponse/{draft.id}", str(draft.id), moment, held)
    made = Extracted([_ordered(response)])
    for place, doc in (*observed(shared), *_contexts(shared)):
        wrong = fhir.errors(doc)
        if wrong:
            made.problems.append(_left_out(place, doc["resourceType"]))
        else:
            made.documents.append(doc)
    return made


def _ordered(response: dict[str, Any]) -> dict[str, Any]:
    items = response.pop("item", None)
    return {**response, **({"item": items} if items else {})}


def _contexts(shared: Setting) -> list[tuple[tuple[str, tuple[int, ...]], dict[str, Any]]]:
    settled = shared.settled
    found = []
    for item, rows in places(settled.form.root, settled.answers.rows):
        if item.context and settled.is_shown(item.link_id, rows) and not shared.is_held(item, rows):
            doc = defined(shared, item, rows)
            found += [((item.link_id, rows), doc)] if doc is not None else []
    return found


def _left_out(place: tuple[str, tuple[int, ...]], rtype: str) -> Problem:
    """Say that answers stay in the form only: too little was said for a resource of their own."""
    return Problem(
        place[0],
        name_of(place),
        "not-extracted",
        hard=False,
        vi=f"Chưa đủ thông tin để ghi thành mục {rtype}; câu trả lời vẫn nằm trong phiếu.",
        en=f"Too little for a {rtype} of its own; the answers stay in the form.",
    )
