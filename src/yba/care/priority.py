"""Who goes before others in the queue (Law 15/2023 art. 3): suggested by age and by what the record says, or said at the desk; pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba.kit import clock
from yba.kit.errors import Invalid
from yba.specs import care_desk, systems

from .ages import full_months, most_months

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from .shapes import Doc

LAST: Final = 99
SAID, IN_RECORD = "said", "record"
_CARD: Final = systems.identifier("card")
_ICD10: Final = (systems.system("icd10"), systems.system("who-icd10"))
_OVER: Final = frozenset({"resolved", "inactive", "remission"})


def said(groups: Iterable[str]) -> tuple[str, ...]:
    """Return groups as somebody at the desk named them. Raises Invalid for one there is none of."""
    named = list(dict.fromkeys(groups))
    unknown = [one for one in named if one not in care_desk.priorities()]
    if unknown:
        raise Invalid("Không có nhóm ưu tiên này.", advice=f"Known: {', '.join(care_desk.priorities())}.")
    return tuple(f"{one}:{SAID}" for one in named)


def in_record(docs: Iterable[Doc], on: date) -> tuple[str, ...]:
    """Return the groups that documents of a record speak for: pregnancy by diagnoses and observations of late, merit by cards."""
    held = list(docs)
    found = [name for name, one in care_desk.priorities().items() if any(_speaks(one, doc, on) for doc in held)]
    return tuple(f"{one}:{IN_RECORD}" for one in found)


def _speaks(one: care_desk.Priority, doc: Doc, on: date) -> bool:
    match doc.get("resourceType"):
        case "Patient":
            cards = [part for part in doc.get("identifier", ()) if part.get("system") == _CARD and part.get("use") != "old"]
            return any(str(part.get("value", ""))[:2] in one.cards for part in cards)
        case "Condition" if one.conditions:
            return _is_recent(doc, "recordedDate", one.days, on) and not _is_over(doc) and any(
                str(code).startswith(one.conditions) for code in _codes(doc, _ICD10)
            )  # fmt: skip
        case "Observation" if one.loinc:
            denied = doc.get("valueBoolean") is False
            return (
                not denied
                and _is_recent(doc, "effectiveDateTime", one.days, on)
                and not one.loinc.isdisjoint(_codes(doc, (systems.system("loinc"),)))
            )
        case _:
            return False


def _codes(doc: Doc, wanted: tuple[str, ...]) -> Iterator[Any]:
    return (part.get("code", "") for part in doc.get("code", {}).get("coding", ()) if part.get("system") in wanted)


def _is_over(doc: Doc) -> bool:
    stated = {part.get("code") for part in doc.get("clinicalStatus", {}).get("coding", ())}
    return bool(stated & _OVER) or bool(doc.get("abatementDateTime"))


def _is_recent(doc: Doc, name: str, days: int, on: date) -> bool:
    told = str(doc.get(name, ""))[:10]
    return bool(told) and told >= (on - timedelta(days=days)).isoformat()


def by_age(birth: str, on: date) -> tuple[str, ...]:
    """Return the groups that an age speaks for: only where the whole of a partial birth does."""
    least, most = full_months(birth, on), most_months(birth, on)
    if least is None or most is None:
        return ()
    return tuple(
        name
        for name, one in care_desk.priorities().items()
        if (one.below is not None and most < one.below) or (one.since is not None and least >= one.since)
    )


def groups(held: Iterable[str], birth: str) -> tuple[str, ...]:
    """Return the groups of somebody who waits, as said, as the record says, by age; the first to go first."""
    named = {*(one.partition(":")[0] for one in held), *by_age(birth, clock.today())} & care_desk.priorities().keys()
    return tuple(sorted(named, key=rank))


def rank(group: str) -> int:
    """Return the rank of a group."""
    return care_desk.priorities()[group].rank


def first(found: tuple[str, ...]) -> int:
    """Return the rank of somebody in these groups; LAST for nobody's."""
    return rank(found[0]) if found else LAST
