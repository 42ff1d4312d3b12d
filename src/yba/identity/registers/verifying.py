"""The national population database: verification of what is said of a person, directly or through a licensed provider; verdicts only."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Right
from yba.identity.actions import report
from yba.identity.health_id import HealthIdStatus, health_ids, record_health_id
from yba.identity.model import Doubt, IdType
from yba.identity.queries import person as open_person
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, Invalid
from yba.kit.ids import derived
from yba.kit.text import name_key, nfc
from yba.specs import systems
from yba.specs.identity.registers import population as rules

from . import licensed, settings, soap, store
from .asking import Given, Question, ask
from .judging import judge
from .model import Answer, Asked, Outcome, Register, Reply, Verdict
from .pace import Pace
from .subjects import person_subject
from .wire import post

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

_NUMBER: Final = re.compile(r"[0-9]{12}|[0-9]{9}")
_BIRTH: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_NAME_LENGTH: Final = 100
_CITIZEN: Final = systems.identifier("citizen")
_ADDRESS: Final = systems.extension("address-code")
_COMMUNE: Final = systems.national("commune")
_REVIEWED: Final = frozenset({"name", "birth", "sex"})
_PLATFORM: Final = Actor.system("identity:register:ask")


@dataclass(frozen=True, slots=True)
class Population:
    """The population database for one asker and purpose: `registers.population(…)` makes it."""

    by: Actor
    purpose: str
    facility: str
    consent: str
    mode: str
    batch: UUID | None = None

    def verify(self, asked: Asked, *, person_id: UUID | None = None, anew: bool = False) -> Answer:
        """Verify what is said of a person; from what is kept for this asker and purpose unless ``anew``.

        With ``person_id``: a number that is confirmed with name and birth becomes the person's health identifier, and what the register says
        otherwise opens an item for a clerk. Raises Denied, Invalid (what is asked, purpose, no consent, no configuration), HeldBack (nothing was
        asked), RegisterError (asked in vain; kept and audited as such). Never call it inside a unit of work.
        """
        one = _checked(asked)
        question = Question(
            by=self.by, register=Register.POPULATION, mode=self.mode, purpose=self.purpose, facility=self.facility, consent=self.consent,
            person_id=person_id, batch=self.batch, subject=person_subject(one.number),
            asked=derived("register-query", self.mode, one.number, name_key(one.name), one.birth, one.sex, one.commune, one.head),
        )  # fmt: skip
        limit = Pace(settings.POPULATION_PER_MINUTE(), settings.POPULATION_PER_DAY())

        def then(conn: Connection[Any], given: Given) -> None:
            if person_id is not None:
                _act_on(conn, self.by, self.facility, person_id, one, _answer(given))

        return _answer(ask(question, self._speaker(one), rules(), limit, then=then, anew=anew))

    def verify_person(self, person_id: UUID, *, anew: bool = False) -> Answer:
        """Verify a person as the platform knows them; the look at the person is audited. Raises as `verify`, and NotFound."""
        with unit_of_work(by=self.by) as conn:
            asked = asked_of(conn, by=self.by, person_id=person_id)
        return self.verify(asked, person_id=person_id, anew=anew)

    def _speaker(self, asked: Asked) -> Any:  # noqa: ANN401  a function of a request's number
        where = settings.endpoint(settings.POPULATION)
        limits = rules().limits
        if self.mode == "direct":
            secret = settings.credentials(settings.POPULATION_CREDENTIALS, soap.NEEDED, soap.MORE)

            def direct(number: str) -> Reply:
                raw = post(where, rules().direct["path"], soap.request(asked, number, secret), soap.headers(secret), limits)
                found = soap.answer(raw, asked)
                return _reply(None if found is None else judge(asked, found, clock.today()))

            return direct
        secret = settings.credentials(settings.POPULATION_CREDENTIALS, licensed.NEEDED, licensed.MORE)

        def through(number: str) -> Reply:
            body = licensed.request(asked, number, purpose=self.purpose, consent=self.consent)
            return _reply(licensed.answer(post(where, rules().licensed["path"], body, licensed.headers(secret), limits), asked, number))

        return through


def population(*, by: Actor, purpose: str, facility: str = "", consent: str = "", batch: UUID | None = None) -> Population:
    """Open the population database for an asker (``facility`` "" is the province's own), a purpose of population.toml and a consent.

    ``consent`` names the person's consent ("phiếu 12/2026"); compulsory where the mode asks for it. Raises Invalid, Denied.
    """
    mode = rules().modes[settings.POPULATION_MODE()]
    if purpose not in rules().purposes:
        raise Invalid("Mục đích xác minh không đúng.", advice=", ".join(rules().purposes))
    if mode.consent and not consent.strip():
        raise Invalid("Cần ghi sự đồng ý của người được xác minh (NĐ 69/2024).", advice="Ví dụ số phiếu đồng ý, hoặc mã xác nhận VNeID.")
    access.require(by, Right.IDENTITY_REGISTER_ASK, facility=facility)
    return Population(by, purpose, facility, consent.strip(), mode.code, batch)


def has_population() -> bool:
    """Whether the population database can be asked at all."""
    return bool(settings.POPULATION())


def needs_consent() -> bool:
    """Whether each question has to name the consent of whom it is about (NĐ 69/2024: through a licensed provider)."""
    return rules().modes[settings.POPULATION_MODE()].consent


def asked_of(conn: Connection[Any], *, by: Actor, person_id: UUID) -> Asked:
    """Say what there is to verify of a person, from the golden Patient, the number in force and the household. Raises Denied, NotFound, Invalid."""
    view = open_person(conn, by=by, person_id=person_id)
    golden = view.golden
    active = [one.value for one in health_ids(conn, by=by, person_id=person_id) if one.status is HealthIdStatus.ACTIVE]
    numbers = [one["value"] for one in golden.get("identifier", ()) if one.get("system") == _CITIZEN and one.get("use") != "old"]
    old = [one.value for one in view.identifiers if one.type is IdType.OLD_CITIZEN and one.held]
    number = next(iter([*active, *numbers, *old]), "")
    if not number:
        raise Invalid("Người này chưa có số định danh để xác minh.")
    name = next((one.get("text", "") for one in golden.get("name", ())), "")
    return Asked(
        number,
        name,
        golden.get("birthDate", ""),
        golden.get("gender", "").replace("unknown", ""),
        _commune(golden),
        store.head_number(conn, person_id),
    )


def _commune(golden: dict[str, Any]) -> str:
    for address in golden.get("address", ()):
        for extension in address.get("extension", ()):
            if extension.get("url") == _ADDRESS:
                codes = {part["url"]: part["valueCoding"].get("code", "") for part in extension.get("extension", ()) if "valueCoding" in part}
                return str(codes.get("commune", ""))
    return ""


def _checked(asked: Asked) -> Asked:
    """Refuse what no register can answer before anything goes out."""
    number = re.sub(r"[\s.\-]", "", asked.number)
    name = " ".join(nfc(asked.name).split())
    if not _NUMBER.fullmatch(number):
        raise Invalid("Số cần xác minh gồm 12 chữ số (hoặc 9 chữ số của CMND cũ).")
    if not name or len(name) > _NAME_LENGTH:
        raise Invalid("Cần họ tên để xác minh, dài tối đa 100 ký tự.")
    if not _BIRTH.fullmatch(asked.birth[:10]):
        raise Invalid("Cần ngày sinh (hoặc năm sinh) để xác minh.")
    return replace(asked, number=number, name=name, birth=asked.birth[:10])


def _reply(matches: dict[str, Verdict] | None) -> Reply:
    if matches is None:
        return Reply(Outcome.NOT_FOUND)
    return Reply(Outcome.FOUND, {name: verdict.value for name, verdict in matches.items()})


def _answer(given: Given) -> Answer:
    return Answer(given.outcome, {name: Verdict(one) for name, one in given.matches.items()}, given.read_at, given.expires, given.id, given.kept)


def _act_on(conn: Connection[Any], by: Actor, facility: str, person_id: UUID, asked: Asked, answer: Answer) -> None:
    """Let a confirmed number become the health identifier, and tell a clerk what the register says otherwise (which fields, never what)."""
    wrong = [name for name in answer.contradicts if name in _REVIEWED]
    if answer.agrees and not wrong and len(asked.number) == 12 and access.holds(by, Right.IDENTITY_IDENTIFIER_WRITE):  # noqa: PLR2004  personal number
        try:
            with conn.transaction():
                record_health_id(conn, by=by, person_id=person_id, number=asked.number, source="population")
        except Conflict:
            wrong = ["number"]
    if wrong:
        evidence = {"fields": wrong, "query": str(answer.query)}
        with unit_of_work(by=_PLATFORM) as inner:
            report(inner, by=_PLATFORM, doubts=[Doubt("register-disagrees", person_id, facility, "", evidence)])
