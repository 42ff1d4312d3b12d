"""The insurer's card look-up over real HTTP, its traps, and claims judged by what was kept."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from tests.ingest.builder import SUMMARY, file_of, tables
from tests.registers import world
from tests.registers.world import OPERATOR, clerk
from yba import ingest, operations
from yba.access import Denied
from yba.identity import registers
from yba.identity.registers import HeldBack, Outcome, RegisterError, asking, looking_up, settings
from yba.ingest import Channel
from yba.ingest.across.cards import faults
from yba.kit import Actor, Invalid, NotFound, clock
from yba.kit.db import reading
from yba.kit.keys import Purpose
from yba.kit.settings import VAR
from yba.operations import simulate
from yba.operations.simulate import Card, Mood, Resident

NUMBER = SUMMARY["MA_THE_BHYT"]
OLD = "GD4110123456789"
WOMAN = Resident(
    "011159000001", SUMMARY["HO_TEN"], "19590312", "2", "03127",
    cards=(Card(OLD, "11002", "20200101", "20251231"), Card(NUMBER, "11001", "20260101", "20261231")),
)  # fmt: skip
MAN = Resident("011185000002", "Quàng Văn Hặc", "19850730", "1", "03127", cards=(Card("GD4119876543210", "11001", "20260101", "20261231"),))
FACILITY = "11001"
ACCOUNT = {
    "username": simulate.card.USER,
    "password": simulate.card.SECRET,
    "staff_name": "Quàng Văn Tra",
    "staff_number": simulate.card.STAFF_NUMBER,
}
ARRIVAL = "2026-03-10T07:55"


def account_file(folder, accounts):
    path = folder / "cards.toml"
    lines = [f"[{code}]\n" + "".join(f'{name} = "{value}"\n' for name, value in one.items()) for code, one in accounts.items()]
    path.write_text("".join(lines), "utf-8")
    path.chmod(0o600)
    return str(path)


def settings_folder(folder):
    """A data folder of its own: the ring's keys are rotated in it."""
    return VAR.set_to(folder)


@contextmanager
def gateway(folder, *, minutes=60, accounts=None, seed=1):
    register = simulate.CardRegister((WOMAN, MAN), minutes=minutes, seed=seed)
    register.fate[NUMBER] = "000"
    with simulate.Simulated(register) as server, ExitStack() as stack:
        stack.enter_context(settings.CARD.set_to(server.address))
        stack.enter_context(settings.CARD_PER_MINUTE.set_to(6000))
        stack.enter_context(settings.CARD_CREDENTIALS.set_to(account_file(folder, accounts or {FACILITY: ACCOUNT})))
        yield server, register


def look(by=OPERATOR, facility=FACILITY, moment="arrival", card=NUMBER, name=WOMAN.name, birth="1959-03-12", link="", **more):
    return registers.cards(by=by, moment=moment, facility=facility, link=link).look_up(card, name=name, birth=birth, **more)


@pytest.mark.law("BHYT-DATA-R04")
def test_a_card_is_looked_up_at_three_moments_and_every_reply_is_kept_as_it_came(emptied, folder):
    with gateway(folder) as (server, _):
        answers = [look(moment=moment, link="L1") for moment in ("arrival", "during", "closing")]
        assert look(link="L1").kept
        assert server.paths.count("/api/token/take") == 1
        assert server.count == 4
    assert {(one.outcome, one.code, one.meaning) for one in answers} == {(Outcome.FOUND, "000", "good")}
    assert (answers[0].facts["registered_at"], answers[0].facts["valid_to"]) == ("11001", "31/12/2026")
    with reading(by=OPERATOR) as conn:
        kept = conn.execute("SELECT purpose, link, code, id, reply FROM register_query ORDER BY asked_at").fetchall()
        reply = orjson.loads(registers.open_reply(conn, by=OPERATOR, query=kept[0][3]))
    assert WOMAN.name.encode() not in kept[0][4]  # sealed at rest: it carries the history of visits
    assert [(row[0], row[1], row[2]) for row in kept] == [(moment, "L1", "000") for moment in ("arrival", "during", "closing")]
    assert (reply["hoTen"], reply["ngayDu5Nam"], reply["dsLichSuKCB2018"]) == (WOMAN.name, "01/01/2026", [])


@pytest.mark.parametrize(
    ("said", "code", "outcome"),
    [
        ({"name": "Nguyễn Thị Khác"}, "060", Outcome.FOUND), ({"name": "Nguyễn Thị Thơ"}, "061", Outcome.FOUND), ({"birth": "1958"}, "070", Outcome.FOUND),
        ({"birth": "1959"}, "000", Outcome.FOUND), ({"card": "HT2110000000001"}, "050", Outcome.NOT_FOUND),
        ({"card": OLD}, "003", Outcome.FOUND),
    ],
)  # fmt: skip
def test_what_the_insurer_says(emptied, folder, said, code, outcome):
    with gateway(folder):
        answer = look(**said)
    assert (answer.code, answer.outcome) == (code, outcome)
    if code == "003":
        assert answer.facts["new_card"] == NUMBER


def test_a_token_that_ended_is_fetched_anew(emptied, folder):
    with gateway(folder) as (server, register):
        look()
        register.tokens.clear()  # the gateway forgot it
        assert look(anew=True).code == "000"
        assert server.paths == [
            "/api/token/take",
            "/api/egw/KQNhanLichSuKCB2024",
            "/api/egw/KQNhanLichSuKCB2024",
            "/api/token/take",
            "/api/egw/KQNhanLichSuKCB2024",
        ]
    with gateway(folder, minutes=1) as (server, _):
        look(anew=True)
        look(anew=True)
        assert server.paths.count("/api/token/take") == 2  # one that is nearly over is asked for anew


@pytest.mark.parametrize("wrong", [{"password": "sai"}, {"staff_number": "011190009999"}, {"staff_name": "Người Khác"}])
def test_an_account_the_insurer_refuses_says_so_and_names_no_secret(emptied, folder, wrong):
    with gateway(folder, accounts={FACILITY: ACCOUNT | wrong}), pytest.raises(RegisterError) as error:
        look()
    assert error.value.outcome in {Outcome.REFUSED, Outcome.FAILED}
    assert "sai" not in str(error.value)


def test_each_facility_asks_under_its_own_account(emptied, folder):
    with gateway(folder):
        with pytest.raises(Invalid):
            look(facility="11002")
        with pytest.raises(Denied):
            look(by=clerk("11002"))
        assert look(by=clerk()).code == "000"


@pytest.mark.parametrize(
    "mood", [Mood.OTHER, Mood.NUMBER, Mood.LATIN, Mood.DEEP, Mood.MANY, Mood.HTML, Mood.CUT, Mood.BROKEN, Mood.EMPTY, Mood.HUGE], ids=str
)
def test_hostile_answers_are_clear_errors(emptied, folder, monkeypatch, mood):
    monkeypatch.setattr(asking, "sleep", lambda _: None)
    with gateway(folder) as (server, _):
        look()
        server.weather.next(mood, mood, mood)
        with pytest.raises(RegisterError) as error:
            look(anew=True)
        assert error.value.outcome is (Outcome.WRONG_PERSON if mood is Mood.OTHER else Outcome.AWAY if mood is Mood.BROKEN else Outcome.BAD_ANSWER)
        with reading(by=OPERATOR) as conn:
            assert conn.execute("SELECT count(*) FROM register_query WHERE reply IS NULL").fetchone() == (1,)


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ("2026-11-22T03:00:00Z", datetime(2026, 11, 22, 3, tzinfo=UTC)), ("2026-11-22T03:00:00", datetime(2026, 11, 22, 3, tzinfo=UTC)),
        (1_795_316_400, datetime.fromtimestamp(1_795_316_400, UTC)), ("1795316400000", datetime.fromtimestamp(1_795_316_400, UTC)),
    ],
)  # fmt: skip
def test_the_end_of_a_token_in_its_forms(told, after):
    assert looking_up._end(told) == after


@pytest.mark.parametrize(("told", "seconds"), [(3600, 3600), ("1800", 1800), (None, 3600), ("mai", 3600), ("9" * 5000, 3600)])
def test_a_life_in_seconds_or_none_that_can_be_read(told, seconds):
    left = looking_up._end(told) - datetime.now(UTC)
    assert left > timedelta(days=1) if told == "9" * 5000 else abs(left - timedelta(seconds=seconds)) < timedelta(seconds=5)


def test_the_day_is_never_overspent(emptied, folder):
    with gateway(folder) as (server, _), settings.CARD_PER_DAY.set_to(2):
        look()
        look(anew=True)
        with pytest.raises(HeldBack):
            look(anew=True)
        assert server.count == 3  # with the sign-in


def test_replies_are_opened_by_who_asked_and_survive_a_rotation_of_keys(emptied, folder):
    with settings_folder(folder), gateway(folder):
        answer = look(by=clerk())
        with reading(by=clerk("11002")) as conn, pytest.raises(NotFound):
            registers.open_reply(conn, by=clerk("11002"), query=answer.query)
        operations.rotate_key(by=OPERATOR, purpose=Purpose.SEALING)
        later = look(by=clerk(), anew=True)
        with reading(by=OPERATOR) as conn:
            assert registers.reply_versions(conn, by=OPERATOR) == {1: 1, 2: 1}
        assert registers.reseal_replies(by=OPERATOR) == 1
        with reading(by=OPERATOR) as conn:
            assert registers.reply_versions(conn, by=OPERATOR) == {2: 2}
        for one in (answer, later):
            with reading(by=clerk()) as conn:
                assert orjson.loads(registers.open_reply(conn, by=clerk(), query=one.query))["hoTen"] == WOMAN.name


# Claims judged by what was kept

GOOD = registers.Looked(
    0,
    "000",
    {"card": NUMBER, "name": "NGUYỄN THỊ THỬ", "birth": "12/03/1959", "sex": "Nữ", "registered_at": "11001"},
    datetime(2026, 3, 10, tzinfo=UTC),
)


def told(head=None, **changes):
    return [(rule, one.field, one.lesser) for rule, one in faults({**SUMMARY, **(head or {})}, NUMBER, GOOD._replace(**changes))]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ({}, []),
        ({"HO_TEN": "Nguyen Thi Thu"}, [("VR031", "HO_TEN", True)]),
        ({"HO_TEN": "Nguyễn Thị Khác"}, [("VR031", "HO_TEN", False)]),
        ({"NGAY_SINH": "195900000000"}, []),
        ({"NGAY_SINH": "196003120000"}, [("VR031", "NGAY_SINH", False)]),
        ({"GIOI_TINH": "1"}, [("VR031", "GIOI_TINH", False)]),
        ({"GIOI_TINH": "3"}, []),
        ({"MA_DKBD": "11002"}, [("VR031", "MA_DKBD", False)]),
        ({"MA_DKBD": "11002;11001"}, []),
        ({"MA_DKBD": ""}, []),
    ],
)
def test_vr031_field_by_field(head, found):
    assert told(head) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("110", [("VR032", "MA_THE_BHYT", False)]), ("120", [("VR032", "MA_THE_BHYT", False)]), ("124", [("VR032", "MA_THE_BHYT", False)]),
        ("050", [("VR031", "MA_THE_BHYT", False)]), ("060", [("VR031", "HO_TEN", False)]), ("070", [("VR031", "NGAY_SINH", False)]),
        ("004", [("VR031", "MA_THE_BHYT", True)]), ("010", []), ("001", []),
    ],
)  # fmt: skip
def test_vr032_and_the_codes(code, found):
    assert told(code=code, facts={}) == found


def findings():
    with reading(by=OPERATOR) as conn:
        return conn.execute("SELECT rule, field, value, expected FROM finding WHERE rule IN ('VR031', 'VR032') ORDER BY rule, field").fetchall()


def landed(**changes):
    by = Actor.operator("claims-intake")
    ingest.land(by=by, channel=Channel.INTAKE, data=file_of(tables(**changes)))
    ingest.process(by=by)


@pytest.mark.law("BHYT-DATA-R04")
def test_a_claim_is_judged_by_the_look_up_its_facility_kept_and_never_calls_out(database, folder):
    with gateway(folder) as (server, register):
        register.fate[NUMBER] = "110"
        with clock.frozen(ARRIVAL):
            look()
        count = server.count
        landed(MA_DKBD="11003")
        assert server.count == count
    [(rule, field, value, _), (gone, _, _, expected)] = findings()
    assert (rule, field, value) == ("VR031", "MA_DKBD", "11003")
    assert gone == "VR032"
    assert "110" in expected


@pytest.mark.parametrize("why", ["nothing kept", "another facility's", "too early", "not configured"])
def test_without_a_look_up_of_its_own_time_a_claim_is_not_judged(database, folder, why):
    with gateway(folder, accounts={FACILITY: ACCOUNT, "11002": ACCOUNT}) as (_, register):
        register.fate[NUMBER] = "110"
        if why != "nothing kept":
            with clock.frozen("2026-03-01T08:00" if why == "too early" else ARRIVAL):
                look(facility="11002" if why == "another facility's" else FACILITY)
        with ExitStack() as stack:
            if why == "not configured":
                stack.enter_context(settings.CARD.set_to(""))
            landed()
    assert findings() == []


def test_the_world_is_the_one_of_the_claims():
    assert replace(WOMAN).cards[1].registered_at == SUMMARY["MA_DKBD"]
    assert world.OPERATOR.purpose == "operation"
