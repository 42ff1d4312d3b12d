"""Signing in through a real OpenID provider: who is let in, who is refused politely, and every bad token there is."""

from dataclasses import replace

import pytest
import requests
from django import conf
from django.db import connections
from django.test import override_settings

from tests.accounts.conftest import CONFIG, users
from yba import accounts, audit, identity
from yba.kit import Invalid, clock
from yba.kit.db import reading, unit_of_work

NUMBER, NAME, BIRTH = "001159012345", "Nguyễn Thị Mai", "1959-03-12"
MAI = {"sub": "mai", "citizen_number": NUMBER, "name": NAME, "birthdate": BIRTH, "loa": "2"}


@pytest.fixture
def mai(places, operator):
    """A person the record knows."""
    return resolve(operator, "1", NAME, BIRTH, NUMBER)


def resolve(operator, local, name, birth, number):
    facts = identity.PersonFacts("01013", local, clock.now(), int(local), name=name, birth=birth, sex="female", citizen_number=number)
    with unit_of_work(by=operator) as conn:
        return identity.resolve_many(conn, by=operator, facts=[facts])[0].person_id


def refusals(operator):
    with reading(by=operator) as conn:
        return [row.reason for row in audit.trail(conn, by=operator, tag=audit.Tag.SIGN_IN_REFUSED)]


def test_a_citizen_comes_to_the_own_person_and_to_no_other(mai, identity_provider, browse, operator):
    other = resolve(operator, "2", "Trần Văn Hai", "1960-01-01", "001060012345")
    identity_provider.says(**MAI)
    browser = browse("171.224.1.1")
    question = identity_provider.question(browser)
    assert "code_challenge_method=S256" in question
    assert "nonce=" in question
    answer = browser.get(identity_provider.answer(question))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = users().get(person_id=mai)
    assert (user.kind, user.display_name, user.has_usable_password()) == ("citizen", NAME, False)
    with reading(by=operator) as conn:
        actor = accounts.actor_of(conn, by=operator, account=user.pk, purpose="own-record")
    assert actor.persons == {mai}
    assert other not in actor.persons
    assert [grant.role for grant in actor.grants] == ["citizen"]
    # Proven by the provider at the level asked for: no second factor of ours is due, from anywhere.
    assert browser.get("/accounts/second-factor/").status_code == 200
    identity_provider.sign_in(browse("171.224.1.2"))
    assert users().filter(kind="citizen").count() == 1, "the second sign-in finds the account"


def test_no_transaction_waits_for_the_provider(mai, identity_provider, browse, monkeypatch):
    """A provider that is slow must not hold a connection with an open transaction, nor the locks of the session."""
    asked = []

    def send(session, request, **more):
        if request.url.startswith(identity_provider.issuer):
            asked.append((request.path_url.partition("?")[0], connections["default"].in_atomic_block))
        return whole(session, request, **more)

    whole = requests.Session.send
    identity_provider.says(**MAI)
    browser = browse()
    monkeypatch.setattr(requests.Session, "send", send)
    question = identity_provider.question(browser)
    monkeypatch.setattr(requests.Session, "send", whole)
    callback = identity_provider.answer(question)
    monkeypatch.setattr(requests.Session, "send", send)
    assert browser.get(callback)["Location"] == "/"
    assert {path for path, _ in asked} >= {"/.well-known/openid-configuration", "/token", "/jwks"}
    assert not [path for path, inside in asked if inside]


def test_nothing_of_the_claims_is_kept_beside_the_name(mai, identity_provider, browse, database):
    identity_provider.says(**MAI)
    identity_provider.sign_in(browse())
    with database.as_owner() as conn:
        kept = conn.execute("SELECT extra_data::text, uid FROM socialaccount_socialaccount").fetchall()
        sessions = conn.execute("SELECT count(*) FROM socialaccount_socialtoken").fetchone()
    assert kept == [("{}", "mai")]
    assert sessions == (0,)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"loa": "1"}, "level of assurance"),
        ({"loa": ""}, "level of assurance"),
        ({"loa": "3"}, "level of assurance"),  # a level nobody told us of
        ({"citizen_number": "001159099999"}, "no person"),
        ({"citizen_number": ""}, "no person"),
        ({"citizen_number": "1"}, "no person"),  # the local patient number of somebody
        ({"name": "Lê Thị Hoa"}, "person in doubt"),
        ({"birthdate": "1959-03-13"}, "person in doubt"),
        ({"birthdate": ""}, "person in doubt"),
    ],
)
def test_who_is_not_surely_the_person_is_refused_in_words(mai, identity_provider, browse, operator, claims, why):
    identity_provider.says(**{**MAI, **claims})
    browser = browse()
    answer = identity_provider.sign_in(browser)
    assert answer.status_code == 403
    assert "Không đăng nhập được" in answer.content.decode()
    assert NUMBER not in answer.content.decode()
    assert refusals(operator) == [why]
    assert users().count() == 0
    assert browser.get("/accounts/second-factor/").status_code == 302


def test_two_people_with_one_number_open_nothing(mai, identity_provider, browse, operator):
    resolve(operator, "2", "Trần Văn Hai", "1960-01-01", NUMBER)
    identity_provider.says(**MAI)
    assert identity_provider.sign_in(browse()).status_code == 403
    assert refusals(operator) == ["person in doubt"]


def test_another_subject_with_the_same_number_is_refused(mai, identity_provider, browse, operator):
    identity_provider.says(**MAI)
    identity_provider.sign_in(browse())
    identity_provider.says(**{**MAI, "sub": "somebody-else"})
    assert identity_provider.sign_in(browse()).status_code == 403
    assert refusals(operator) == ["account bound to another subject"]


def test_a_subject_that_turns_into_another_person_is_refused(mai, identity_provider, browse, operator):
    identity_provider.says(**MAI)
    identity_provider.sign_in(browse())
    resolve(operator, "2", "Trần Văn Hai", "1960-01-01", "001060012345")
    identity_provider.says(**{**MAI, "citizen_number": "001060012345", "name": "Trần Văn Hai", "birthdate": "1960-01-01"})
    assert identity_provider.sign_in(browse()).status_code == 403
    assert refusals(operator) == ["bound to another account"]


@pytest.mark.parametrize("bad", ["audience", "azp", "issuer", "expired", "foreign", "unknown-key", "none", "secret", "missing", "nonce"])
def test_a_bad_token_opens_nothing(mai, identity_provider, browse, operator, bad):
    identity_provider.says(bad=bad, **MAI)
    browser = browse()
    answer = identity_provider.sign_in(browser)
    assert answer.status_code in {200, 401, 403}
    assert "Không đăng nhập được" in answer.content.decode()
    assert browser.get("/accounts/second-factor/").status_code == 302
    assert users().count() == 0
    assert len(refusals(operator)) == 1


def test_a_code_works_once_in_the_browser_that_asked(mai, identity_provider, browse):
    identity_provider.says(**MAI)
    first, thief = browse(), browse("203.0.113.9")
    callback = identity_provider.answer(identity_provider.question(first))
    assert thief.get(callback).status_code != 302, "another browser does not know the state"
    assert first.get(callback).status_code == 302
    again = browse()
    state = identity_provider.question(again).partition("state=")[2].partition("&")[0]
    code = callback.partition("code=")[2].partition("&")[0]
    replayed = again.get(f"/accounts/oidc/vneid/login/callback/?code={code}&state={state}&iss={identity_provider.issuer}")
    assert "Không đăng nhập được" in replayed.content.decode()
    assert again.get("/accounts/second-factor/").status_code == 302


def test_an_answer_that_names_another_issuer_is_refused(mai, identity_provider, browse):
    identity_provider.says(**MAI)
    browser = browse()
    callback = identity_provider.answer(identity_provider.question(browser))
    assert "iss=" in callback
    mixed = callback.partition("&iss=")[0] + "&iss=https%3A%2F%2Fanother.example"
    assert "Không đăng nhập được" in browser.get(mixed).content.decode()


def test_the_caller_of_the_page_adds_no_parameters(identity_provider, browse):
    question = browse().post("/accounts/oidc/vneid/login/?scope=offline_access&auth_params=prompt%3Dnone%26nonce%3Dmine&process=connect")["Location"]
    assert "offline_access" not in question
    assert "prompt" not in question
    assert "nonce=mine" not in question


def test_who_stops_at_the_provider_is_told_so(identity_provider, browse):
    identity_provider.says(sub="refuses")
    answer = identity_provider.sign_in(browse())
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/oidc/cancelled/")


def test_staff_come_to_the_account_the_administrator_opened(joined, identity_provider, browse, operator):
    joined("bs.mai")
    identity_provider.says(sub="m1", preferred_username="BS.Mai", loa="1")
    browser = browse()
    answer = identity_provider.sign_in(browser, "so-y-te")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    # The provider does not count as a second factor here, and outside the facility's network one is needed.
    assert browser.get("/accounts/password/change/")["Location"] == "/accounts/stuck/"
    identity_provider.says(sub="m2", preferred_username="nobody", loa="1")
    assert identity_provider.sign_in(browse(), "so-y-te").status_code == 403
    assert refusals(operator) == ["no account"]


def test_a_citizen_account_is_not_reached_through_the_staff_door(mai, identity_provider, browse):
    identity_provider.says(**MAI)
    identity_provider.sign_in(browse())
    citizen = users().get(person_id=mai)
    identity_provider.says(sub="x", preferred_username=citizen.username, loa="2")
    assert identity_provider.sign_in(browse(), "so-y-te").status_code == 403


def test_a_provider_that_turns_out_to_be_another_is_not_believed(identity_provider, browse):
    told = tuple(replace(one, issuer="https://real.example") for one in conf.settings.YBA_PROVIDERS)
    with override_settings(YBA_PROVIDERS=told):
        answer = browse().post("/accounts/oidc/vneid/login/")
    assert "Không đăng nhập được" in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("secret = ", "secrets = "), "does not say secret"),
        (('minimum = "2"', 'minimum = "9"'), "minimum"),
        (("http://localhost:1", "http://id.example"), "https"),
        (('number = "citizen_number"\n', ""), "claims"),
        (('for = "citizens"', 'for = "everybody"'), "for is"),
    ],
)
def test_a_file_that_is_not_whole_stops_the_platform(tmp_path, change, said):

    path = tmp_path / "oidc.toml"
    path.touch(mode=0o600)
    path.write_text(CONFIG.replace("ISSUER", "http://localhost:1").replace(*change, 1), "utf-8")
    with pytest.raises(Invalid, match=said):
        accounts.providers.read(path)
    path.chmod(0o644)
    with pytest.raises(Invalid, match="read by others"):
        accounts.providers.read(path)
