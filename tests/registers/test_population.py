"""The population database over real HTTP: verdicts and nothing else are kept; whatever comes back is a verdict or a clear error, and audited."""

from datetime import timedelta

import psycopg
import pytest

from tests.registers import world
from tests.registers.world import NUMBER, OPERATOR, OTHER, clerk, hurried, reached
from yba import identity
from yba.access import Denied
from yba.identity import PersonFacts, registers
from yba.identity.registers import Asked, HeldBack, Outcome, RegisterError, Verdict, settings
from yba.kit import Internal, Invalid, clock
from yba.kit.actor import Actor
from yba.kit.db import reading, unit_of_work
from yba.operations.simulate import Mood, Weather

ASKED = Asked(NUMBER, "LÒ THỊ MAI", "1959-03-12", "female", "03127", OTHER)
ALL_YES = dict.fromkeys(("number", "name", "birth", "sex", "address", "household"), Verdict.YES)
CONSENT = "phiếu 12/2026"


def open_for(by=OPERATOR, facility="", consent=CONSENT, purpose="registration"):
    return registers.population(by=by, purpose=purpose, facility=facility, consent=consent)


def rows(columns="outcome, attempts, matches::text, facts, reply", by=OPERATOR):
    with reading(by=by) as conn:
        return conn.execute(f"SELECT {columns} FROM register_query ORDER BY asked_at").fetchall()  # noqa: S608  our own words


def trail(by=OPERATOR):
    with reading(by=by) as conn:
        return conn.execute(
            "SELECT tag, reason, outcome, detail::text FROM audit_event WHERE tag LIKE 'identity:register:%%' AND id > %s ORDER BY id", (world.since,)
        ).fetchall()


@pytest.mark.law("SKDT-R08")
@pytest.mark.parametrize("mode", ["direct", "licensed"])
def test_a_person_is_verified_and_only_verdicts_are_kept(emptied, folder, mode):
    with reached(folder, mode) as server:
        answer = open_for().verify(ASKED)
        assert (answer.outcome, answer.matches, answer.agrees, answer.kept) == (Outcome.FOUND, ALL_YES, True, False)
        again = open_for().verify(ASKED)
        assert (again.matches, again.kept, again.query) == (ALL_YES, True, answer.query)
        assert server.count == 1
    [(outcome, attempts, matches, facts, reply)] = rows()
    assert (outcome, attempts, facts, reply) == ("found", 1, None, None)
    assert "Mai" not in matches
    assert "03127" not in matches
    (asked, kept) = trail()
    assert (asked[0], asked[1], kept[0], kept[1]) == ("identity:register:ask", "registration", "identity:register:read", "registration")
    assert NUMBER not in str(trail())
    assert "Mai" not in str(trail())


@pytest.mark.parametrize("mode", ["direct", "licensed"])
@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"name": "Lò Thị Mái"}, "name"),
        ({"name": "Quàng Thị Mai"}, "name"),
        ({"birth": "1960-03-12"}, "birth"),
        ({"birth": "1958"}, "birth"),
        ({"sex": "male"}, "sex"),
        ({"commune": "03151"}, "address"),
        ({"head": NUMBER}, "household"),
    ],
)
def test_what_differs_is_said_field_by_field(emptied, folder, mode, said, wrong):
    given = {"number": NUMBER, "name": ASKED.name, "birth": ASKED.birth, "sex": "female", "commune": "03127", "head": OTHER} | said
    with reached(folder, mode):
        answer = open_for().verify(Asked(**given))
    assert answer.contradicts == (wrong,)


def test_what_is_not_said_is_not_known(emptied, folder):
    with reached(folder):
        answer = open_for().verify(Asked(NUMBER, "Lo Thi Mai", "1959"))
    assert {name for name, one in answer.matches.items() if one is Verdict.NOT_KNOWN} == {"name", "sex", "address", "household"}
    assert answer.matches["birth"] is Verdict.YES


@pytest.mark.parametrize("mode", ["direct", "licensed"])
def test_who_is_not_in_the_register_is_an_answer_too(emptied, folder, mode):
    with reached(folder, mode):
        answer = open_for().verify(Asked("011199000009", "Ai Đó", "1999"))
    assert (answer.outcome, answer.matches, answer.agrees) == (Outcome.NOT_FOUND, {}, False)
    with reached(folder, mode, strict=True):
        assert open_for().verify(Asked(NUMBER, "Người Khác", "1959")).outcome is Outcome.NOT_FOUND


EXPECTED = {
    Mood.BROKEN: Outcome.AWAY, Mood.ERROR: Outcome.AWAY, Mood.BUSY: Outcome.AWAY, Mood.RESET: Outcome.AWAY, Mood.SILENT: Outcome.AWAY,
    Mood.DRIP: Outcome.AWAY, Mood.REFUSED: Outcome.REFUSED, Mood.GONE: Outcome.FAILED, Mood.CUT: Outcome.BAD_ANSWER, Mood.HTML: Outcome.BAD_ANSWER,
    Mood.REDIRECT: Outcome.BAD_ANSWER, Mood.LATIN: Outcome.BAD_ANSWER, Mood.DEEP: Outcome.BAD_ANSWER, Mood.HUGE: Outcome.BAD_ANSWER,
    Mood.ENTITY: Outcome.BAD_ANSWER, Mood.BOMB: Outcome.BAD_ANSWER, Mood.NUMBER: Outcome.BAD_ANSWER, Mood.OTHER: Outcome.WRONG_PERSON,
    Mood.MANY: Outcome.BAD_ANSWER, Mood.EMPTY: Outcome.BAD_ANSWER, Mood.COMPRESSED: Outcome.BAD_ANSWER,
}  # fmt: skip


@pytest.mark.law("SKDT-R08")
@pytest.mark.parametrize("mode", ["direct", "licensed"])
@pytest.mark.parametrize("mood", EXPECTED, ids=str)
def test_whatever_comes_back_is_a_clear_error_and_nothing_is_lost(emptied, folder, monkeypatch, mode, mood):
    hurried(monkeypatch, answer_seconds=0.4 if mood in {Mood.SILENT, Mood.DRIP} else 10)
    with reached(folder, mode) as server:
        server.weather.next(mood, mood, mood)
        with pytest.raises(RegisterError) as error:
            open_for().verify(ASKED)
        assert error.value.outcome is EXPECTED[mood]
        assert not {"Mai", NUMBER, "root:"} & set(str(error.value).split())
        server.weather.script.clear()
        [(outcome, attempts, matches, *_)] = rows()
        assert (outcome, matches) == (EXPECTED[mood].value, "{}")
        assert attempts == server.count
        assert [(tag, ended) for tag, _, ended, _ in trail()] == [("identity:register:ask", "failed")]
        assert open_for().verify(ASKED).matches == ALL_YES  # the next one is answered


def test_every_mood_is_expected_to_do_something():
    assert set(EXPECTED) == set(Mood) - {Mood.WELL}


def test_a_redirect_is_not_followed(emptied, folder, monkeypatch):
    hurried(monkeypatch)
    with reached(folder) as server, reached(folder) as elsewhere:
        server.weather.next(*[Mood.REDIRECT] * 3)
        with settings.POPULATION.set_to(server.address), pytest.raises(RegisterError):
            open_for().verify(ASKED)
        assert (server.count, elsewhere.count) == (3, 0)


def test_it_is_tried_again_after_a_pause_that_grows(emptied, folder, monkeypatch):
    pauses = hurried(monkeypatch)
    with reached(folder) as server:
        server.weather.next(Mood.BROKEN, Mood.HTML)
        assert open_for().verify(ASKED).matches == ALL_YES
        assert server.count == 3
    assert 0.25 <= pauses[0] <= 0.75
    assert 1.0 <= pauses[1] <= 3.0
    assert rows("outcome, attempts") == [("found", 3)]


def test_after_failures_in_a_row_nobody_asks_until_one_probe_went_well(emptied, folder, monkeypatch):
    """What is counted stands in the database: every process sees the same breaker."""
    hurried(monkeypatch)
    with clock.frozen("2026-11-22T08:00") as start, reached(folder) as server:
        server.weather.next(*[Mood.BROKEN] * 5)
        with pytest.raises(RegisterError):
            open_for().verify(ASKED)
        with pytest.raises(RegisterError):  # the fifth failure opens it in the middle
            open_for().verify(ASKED)
        assert server.count == 5
        with pytest.raises(HeldBack) as held:
            open_for().verify(ASKED)
        assert (held.value.why, server.count, len(rows())) == ("breaker", 5, 2)
        server.weather.script.clear()
        with clock.frozen(start + timedelta(seconds=59)), pytest.raises(HeldBack):
            open_for().verify(ASKED)
        server.weather.next(Mood.GONE)
        with clock.frozen(start + timedelta(seconds=61)), pytest.raises(RegisterError):  # the probe fails: twice as long
            open_for().verify(ASKED)
        with clock.frozen(start + timedelta(seconds=150)), pytest.raises(HeldBack):
            open_for().verify(ASKED)
        with clock.frozen(start + timedelta(seconds=185)):
            assert open_for().verify(ASKED).matches == ALL_YES
            assert open_for().verify(ASKED, anew=True).matches == ALL_YES


def test_while_one_probes_the_others_wait(emptied, folder, monkeypatch):
    hurried(monkeypatch)
    with clock.frozen("2026-11-22T08:00") as start, reached(folder) as server:
        with unit_of_work(by=OPERATOR) as conn:
            conn.execute(
                "INSERT INTO register_state (register, failures, opened, retry_at, probing, credit, seen_at, day) VALUES ('population', 5, 1, %s, %s, 9, %s, %s)",
                (start, start, start, start.date()),
            )
        with pytest.raises(HeldBack):
            open_for().verify(ASKED)
        assert server.count == 0
        with clock.frozen(start + timedelta(seconds=61)):  # who probed has died
            assert open_for().verify(ASKED).matches == ALL_YES


@pytest.mark.parametrize(("per_minute", "per_day", "why"), [(6, 1000, "minute"), (600, 3, "day"), (0, 10, "day")])
def test_the_minute_and_the_day_are_never_overspent(emptied, folder, per_minute, per_day, why):
    with reached(folder, per_minute=per_minute, per_day=per_day) as server, clock.frozen("2026-11-22T08:00:00") as start:
        refused = []
        for second in range(60):
            with clock.frozen(start + timedelta(seconds=second)):
                try:
                    open_for().verify(ASKED, anew=True)
                except HeldBack as held:
                    refused.append(held)
        assert min(per_minute, per_day) - 1 <= server.count <= min(per_minute, per_day)
        assert {held.why for held in refused} == {why}
        if per_minute:
            with clock.frozen(start + timedelta(days=1)):
                assert open_for().verify(ASKED, anew=True).agrees


@pytest.mark.law("SKDT-R08")
def test_another_facility_neither_uses_nor_sees_the_answer(emptied, folder):
    with unit_of_work(by=OPERATOR) as conn:
        [found] = identity.resolve_many(conn, by=Actor.system("test"), facts=[_facts("11001", NUMBER)])
        identity.resolve_many(conn, by=Actor.system("test"), facts=[_facts("11002", NUMBER)])
    one, other = clerk("11001"), clerk("11002")
    with reached(folder) as server:
        open_for(one, "11001").verify(ASKED, person_id=found.person_id)
        assert not open_for(other, "11002").verify(ASKED, person_id=found.person_id).kept
        assert not open_for(one, "11001", purpose="reconciliation").verify(ASKED).kept  # nor for another purpose
        assert server.count == 3
        with pytest.raises(Denied):
            open_for(one, "11002").verify(ASKED)
        with pytest.raises(Denied):
            open_for(one).verify(ASKED)
    with reading(by=other) as conn:
        assert {row.facility for row in registers.asked_about(conn, by=other, person_id=found.person_id)} == {"11002"}
    with reading(by=other) as conn:
        assert conn.execute("SELECT count(*) FROM register_query").fetchone() == (0,)  # row security alone


def _facts(facility, number):
    return PersonFacts(
        facility=facility, local_id="A", seen_at=clock.now(), sequence=1, name="Lò Thị Mai", birth="1959-03-12", sex="female", citizen_number=number
    )


@pytest.mark.law("SKDT-R08")
def test_through_a_provider_each_question_names_the_persons_consent(emptied, folder):
    with reached(folder, "licensed"):
        with pytest.raises(Invalid):
            open_for(consent=" ")
        open_for().verify(ASKED)
    assert rows("consent, mode") == [(CONSENT, "licensed")]


@pytest.mark.law("SKDT-R08")
def test_the_database_refuses_a_register_value(conn):
    common = "INSERT INTO register_query (id, asked_at, answered_at, who, register, mode, purpose, asked, subject, outcome, expires, {}) VALUES (gen_random_uuid(), now(), now(), 'x', 'population', 'direct', 'registration', gen_random_uuid(), gen_random_uuid(), 'found', now(), {})"
    for column, value in (("matches", '\'{"name": "Lò Thị Mai"}\''), ("facts", "'{}'"), ("reply", "'x'")):
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute(common.format(column, value))
    conn.execute(common.format("matches", '\'{"name": "yes"}\''))


@pytest.mark.law("SKDT-R05", "SKDT-R08")
def test_a_confirmed_number_becomes_the_health_identifier(emptied, folder):
    with unit_of_work(by=OPERATOR) as conn:
        [found] = identity.resolve_many(conn, by=Actor.system("test"), facts=[_facts("11001", NUMBER)])
    with reached(folder):
        answer = open_for().verify_person(found.person_id)
    assert answer.agrees
    with reading(by=OPERATOR) as conn:
        [number] = identity.health_ids(conn, by=OPERATOR, person_id=found.person_id)
        assert (number.value, number.source) == (NUMBER, "population")
        assert len(registers.asked_about(conn, by=OPERATOR, person_id=found.person_id)) == 1


def test_what_the_register_says_otherwise_goes_to_a_clerk_as_the_field_and_not_the_value(emptied, folder):
    with unit_of_work(by=OPERATOR) as conn:
        [found] = identity.resolve_many(conn, by=Actor.system("test"), facts=[_facts("11001", OTHER)])  # the man's number
    with reached(folder):
        open_for().verify_person(found.person_id)
    with reading(by=OPERATOR) as conn:
        [item] = identity.reviews(conn, by=OPERATOR, kind="register-disagrees")
        assert item.evidence["fields"] == ["name", "birth", "sex"]
        assert "Hặc" not in str(item.evidence)
        assert identity.health_ids(conn, by=OPERATOR, person_id=found.person_id) == []


def test_a_question_whose_process_died_is_still_on_record(emptied, folder, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    with reached(folder):
        monkeypatch.setattr("yba.identity.registers.verifying.post", die)
        with pytest.raises(Killed):
            open_for().verify(ASKED)
    assert rows("outcome, answered_at") == [("asked", None)]


def test_never_inside_a_transaction(emptied, folder):
    with reached(folder), unit_of_work(by=OPERATOR), pytest.raises(Internal):
        open_for().verify(ASKED)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("1", "Lò Thị Mai", "1959"), Asked("01115900000a", "Lò Thị Mai", "1959"), Asked(NUMBER, " ", "1959"), Asked(NUMBER, "x" * 101, "1959"),
        Asked(NUMBER, "Lò Thị Mai", ""), Asked(NUMBER, "Lò Thị Mai", "12/03/1959"), Asked(NUMBER + "\n", "Lò Thị Mai", "19590312"),
    ],
)  # fmt: skip
def test_what_no_register_can_answer_does_not_go_out(emptied, folder, asked):
    with reached(folder) as server:
        with pytest.raises(Invalid):
            open_for().verify(asked)
        assert server.count == 0


@pytest.mark.parametrize("name", ["<x>&y;</x>", 'O\'Brien "Bé"', "H' Hen Niê", "𠮷田"])
def test_a_strange_name_is_text_and_nothing_else(emptied, folder, name):
    for mode in ("direct", "licensed"):
        with reached(folder, mode):
            assert open_for().verify(Asked(NUMBER, name, "1959")).contradicts == ("name",)


def test_a_register_that_is_not_configured_says_so(emptied):
    with pytest.raises(Invalid):
        registers.population(by=OPERATOR, purpose="registration", consent=CONSENT).verify(ASKED)


def test_bad_weather_by_seed_ends_in_answers_or_clear_errors(emptied, folder, monkeypatch):
    hurried(monkeypatch)
    weather = Weather(seed=4, faults=0.3, hostile=0.2, outage_every=30, outage_for=4)
    answered = failed = held = 0
    with reached(folder, weather=weather):
        for number in range(40):
            with clock.frozen(f"2026-11-22T08:{number:02d}"):
                try:
                    answered += open_for().verify(ASKED, anew=True).matches == ALL_YES
                except RegisterError:
                    failed += 1
                except HeldBack:
                    held += 1
    assert answered + failed + held == 40
    assert answered >= 20
    assert len(rows()) == answered + failed == len(trail())
