"""Asking the population database and the insurer's card look-up about one person, with the answer beside what is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import accounts, directory, identity
from yba.access import Right, needs
from yba.identity import registers
from yba.kit import clock
from yba.kit.errors import Invalid, NotFound
from yba.kit.text import whole
from yba.specs.identity import registers as specs
from yba.web import shell
from yba.web.edge import Outside
from yba.web.facilities import places
from yba.web.words import marked as _n

from .desk_places import station, stations
from .register_words import CARD_FACTS, FIELDS, MEANINGS, OUTCOMES, VERDICTS, card_verdict, failure, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from yba.identity import PersonView
    from yba.web.edge import Visit

_NUMBERS: Final = ("MA_THE_BHYT", "MA_BHXH", "SDDCN")  # what a card is looked up by, the best first


class Row(NamedTuple):
    """One fact beside the other side's: ours, what was answered (a verdict of the population database, a value of the insurer), how it agrees."""

    fact: str
    ours: str
    answered: str
    agrees: str


_NO_NUMBER: Final = _n("Người này chưa có số thẻ, mã BHXH hoặc số định danh để tra cứu.")


@needs(Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ, Right.IDENTITY_PERSON_READ)
def shown(visit: Visit, person: UUID) -> HttpResponse:
    """Show what may be asked about a person, and what this unit asked before, side by side; never another unit's answers."""
    conn, by = visit.conn, visit.by
    view = identity.person(conn, by=by, person_id=person)
    if view.merged_into is not None:
        return HttpResponseRedirect(f"/person/{view.merged_into}/registers")
    asked = registers.asked_about(conn, by=by, person_id=person)
    card = next((one for one in asked if one.register is registers.Register.CARD and one.code), None)
    population = next(
        (
            one
            for one in asked
            if one.register is registers.Register.POPULATION and one.outcome in {registers.Outcome.FOUND, registers.Outcome.NOT_FOUND}
        ),
        None,
    )
    values: dict[str, Any] = {
        "person": view,
        "name": _name(view),
        "population": population,
        "verdicts": _verdicts(visit, view, population) if population else [],
        "card": card,
        "card_code": specs.card().codes[card.code] if card else None,
        "card_meaning": MEANINGS[specs.card().codes[card.code].meaning] if card else "",
        "card_rows": _card_rows(visit, view, card) if card else [],
        "history": asked,
        "numbers": [(str(at), one.type.value, one.value) for at, one in enumerate(_numbers(view))],
        "verifiable": _asked(visit, person) is not None,
        "people": accounts.names_of(conn, by=by, accounts=_accounts(asked)),
        "places": places(visit, [one.facility for one in asked]),
        "failed": failure(visit),
        "card_facts": said(visit, CARD_FACTS),
        **common(visit),
    }
    return shell.answer(visit, "registers_person", **values)


@needs(Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ, Right.IDENTITY_PERSON_READ)
def verify(visit: Visit, person: UUID) -> HttpResponse | Outside:
    """Ask the population database; purpose and consent go to the trail with the question."""
    if not visit.posted:
        return shown(visit, person)
    register = registers.population(by=visit.by, purpose=visit.text("purpose", 40), facility=station(visit), consent=visit.text("consent", 200))
    anew = visit.text("anew") == "1"
    return Outside(lambda: _after(person, lambda: register.verify_person(person, anew=anew)))


@needs(Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ, Right.IDENTITY_PERSON_READ)
def look_up(visit: Visit, person: UUID) -> HttpResponse | Outside:
    """Look the insurance card up, for a moment of the visit."""
    if not visit.posted:
        return shown(visit, person)
    view = identity.person(visit.conn, by=visit.by, person_id=person)
    numbers = _numbers(view)
    chosen = whole(visit.text("number", 3))
    if chosen is None or chosen >= len(numbers):
        raise Invalid(visit.say(_NO_NUMBER))
    number, name, birth = numbers[chosen].value, _name(view), view.golden.get("birthDate", "")
    cards = registers.cards(by=visit.by, moment=visit.text("moment", 20), facility=station(visit), link=visit.text("link", 100))
    anew = visit.text("anew") == "1"
    return Outside(lambda: _after(person, lambda: cards.look_up(number, name=name, birth=birth, person_id=person, anew=anew)))


def common(visit: Visit) -> dict[str, Any]:
    """Return what every page about registers says: purposes, moments, whether consent is needed, words."""
    return {
        "facilities": stations(visit),
        "purposes": specs.population().purposes,
        "moments": specs.card().purposes,
        "consent_needed": registers.needs_consent(),
        "reachable": {"population": registers.has_population(), "card": registers.is_configured()},
        "fields": said(visit, FIELDS),
        "words": said(visit, VERDICTS),
        "outcomes": said(visit, OUTCOMES),
    }


def _after(person: UUID, ask: Callable[[], object]) -> HttpResponse:
    """Ask, outside of any transaction, and lead back to the page, which reads what was kept."""
    told = "done=asked"
    try:
        ask()
    except registers.RegisterError as error:
        told = f"failed={error.outcome.value}"
    except registers.HeldBack as held:
        told = f"held={held.why}&wait={max(1, round(held.seconds))}"
    return HttpResponseRedirect(f"/person/{person}/registers?{told}")


def _asked(visit: Visit, person: UUID) -> registers.Asked | None:
    try:
        return registers.asked_of(visit.conn, by=visit.by, person_id=person)
    except (Invalid, NotFound):
        return None


def _verdicts(visit: Visit, view: PersonView, told: registers.Asking) -> list[Row]:
    """What is known here beside the verdict: the population database's own values are never there to be shown."""
    ours = _asked(visit, view.id)
    if ours is None:
        return []
    commune = directory.commune(ours.commune, clock.today()) if ours.commune else None
    known = {
        "number": ours.number,
        "name": ours.name,
        "birth": ours.birth,
        "sex": ours.sex,
        "address": commune.name if commune else "",
        "household": "",
    }
    return [Row(field, known.get(field, ""), verdict.value, verdict.value) for field in FIELDS if (verdict := told.matches.get(field))]


def _card_rows(visit: Visit, view: PersonView, told: registers.Asking) -> list[Row]:
    """What is known here beside what the insurer said, for the facility that asked."""
    known = {"name": _name(view), "birth": view.golden.get("birthDate", ""), "sex": view.golden.get("gender", "")}
    called = places(visit, [told.facts.get("registered_at", "")])
    told_of = {fact: told.facts[fact] for fact in CARD_FACTS if told.facts.get(fact)}
    return [Row(fact, known.get(fact, ""), called.get(text, text), card_verdict(fact, known.get(fact, ""), text)) for fact, text in told_of.items()]


def _numbers(view: PersonView) -> list[identity.IdentifierView]:
    held = [one for one in view.identifiers if one.held and one.type.value in _NUMBERS]
    return sorted(held, key=lambda one: _NUMBERS.index(one.type.value))


def _name(view: PersonView) -> str:
    return next((str(one["text"]) for one in view.golden.get("name", ()) if one.get("text")), "")


def _accounts(asked: list[registers.Asking]) -> list[UUID]:
    return [UUID(one.who.partition(":")[2]) for one in asked if one.who.startswith("user:")]
