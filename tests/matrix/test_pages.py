"""Every address × every role over HTTP with real sessions, held against the files: what is not granted is refused, and the refusal is in the trail."""

import tomllib
from collections import Counter

import pytest

from tests.matrix import world as w
from tests.pace import rest
from tools.document_rights import routes
from yba.kit import settings
from yba.specs.access import FOLDER

SIGN_IN = "/accounts/login/"
FACTOR = ("/accounts/second-factor/", "/accounts/reauthenticate/")
ARGUMENTS = {
    "person": str(w.RESIDENT), "number": "1", "account": str(w.STRANGER), "review": str(w.STRANGER), "emergency": str(w.STRANGER), "name": "style.css",
    "proposal": str(w.STRANGER), "batch": str(w.STRANGER), "token": str(w.STRANGER), "transaction": "0", "code": "0", "pk": "1", "provider_id": "x",
    "id_": str(w.STRANGER), "household": str(w.STRANGER), "draft": str(w.STRANGER), "programme": "hypertension", "alert": str(w.STRANGER), "digest": str(w.STRANGER),
    "screen": str(w.STRANGER),
}  # fmt: skip
OPEN = {"asset", "font", "screen", "screen_wall"}  # nobody signs in there; a screen proves itself (tests/web/test_screens.py)
# Held, but the page is about the own person, whom only these have.
OWN = {"own": {"citizen"}, "own_looks": {"citizen"}, "own_notices": {"citizen"}}
# Looking up what stands in the address is a right of its own.
ALSO = {"record_number": {"identity:person:find"}}
# Each method by two people of its own.
OTHER_METHODS = {
    "PUT": ("system-administrator", "doctor"), "PATCH": ("facility-administrator", "record-clerk"),
    "DELETE": ("privacy-officer", "station-nurse"), "TRACE": ("identity-officer", "provincial-manager"),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    migrated.renew()
    with settings.VAR.set_to(tmp_path_factory.mktemp("demo")):
        yield w.build()


@pytest.fixture(autouse=True)
def rested(world):  # after the world: its building signs in
    """Each walk begins after a quiet minute: what is proven here are rights and methods, paces have tests of their own."""
    rest()


def granted(role, rights):
    """Whether a role holds all of these for one of its purposes: read from the files, not by the code that is tested."""
    purposes_of = {name: set(right["purposes"]) for name, right in tomllib.loads((FOLDER / "rights.toml").read_text("utf-8"))["right"].items()}
    spec = tomllib.loads((FOLDER / "roles.toml").read_text("utf-8"))["role"][role]

    def holds(right):
        fits = spec["purpose"] in purposes_of[right]
        return any(fits and right in rule["rights"] and spec["purpose"] in rule.get("purposes", [spec["purpose"]]) for rule in spec["may"])

    return all(holds(right) for right in rights)


def address(route):
    made = "/" + route.address
    for name in route.arguments:
        made = next(made.replace(f"<{kind}:{name}>", ARGUMENTS[name]) for kind in ("uuid", "str", "int", "slug") if f"<{kind}:{name}>" in made)
    return made


def pages():
    return [route for route in routes() if route.face == "web" and route.declaration is not None]


def closed():
    return [route for route in pages() if route.declaration.rights]


def refused(answer):
    return answer.status_code == 403


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", w.PEOPLE)
def test_a_role_opens_what_the_files_grant_and_nothing_else(world, role):
    browser, wrong, count = world.browsers[role], [], Counter()
    for route in closed():
        may = granted(role, {right.value for right in route.declaration.rights} | ALSO.get(route.name, set()))
        for method in ("GET", "POST"):
            answer = browser.generic(method, address(route), "", content_type="application/x-www-form-urlencoded")
            if method == "POST" and answer.status_code == 405:
                continue
            count["refused" if refused(answer) else "opened"] += 1
            opens = may and role in OWN.get(route.name, {role})
            moved = answer.get("Location", "")
            if refused(answer) == opens or answer.status_code >= 500 or moved.startswith((SIGN_IN, *FACTOR)):
                wrong.append(f"{method} {address(route)}: {'granted' if may else 'not granted'}, answered {answer.status_code} {moved}")
    assert not wrong, "\n" + "\n".join(wrong)
    assert len(w.refusals(world.accounts[role])) == count["refused"], "every refusal stands in the trail"


def test_nobody_signed_in_is_led_to_sign_in_and_told_nothing(world):
    for route in pages():
        if route.name in OPEN:
            continue
        for method in ("GET", "POST"):
            answer = w.browser().generic(method, address(route), "")
            assert answer.status_code in {302, 405}, (route.address, answer.status_code)
            assert answer.status_code == 405 or answer["Location"].startswith(SIGN_IN)
            assert b"NGUY" not in answer.content


def test_a_sensitive_right_asks_for_the_second_factor_of_this_session(world):
    rights = tomllib.loads((FOLDER / "rights.toml").read_text("utf-8"))["right"]
    asked = 0
    for role in ("facility-administrator", "privacy-officer", "record-clerk"):
        browser = w.browser()
        browser.post(SIGN_IN, {"login": f"mau.{role}", "password": world.passwords[role]})
        for route in closed():
            if any(rights[right.value].get("sensitive") for right in route.declaration.rights) and granted(
                role, [r.value for r in route.declaration.rights]
            ):
                answer = browser.get(address(route))
                assert answer.status_code == 302, route.address
                assert answer["Location"].startswith("/accounts/"), route.address
                asked += 1
    assert asked


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_no_other_method_does_anything(world, method):
    for role in OTHER_METHODS[method]:
        for route in pages():
            if route.name in OPEN:
                continue
            assert world.browsers[role].generic(method, address(route), "").status_code in {403, 405}, (method, route.address)


def test_a_browsers_session_opens_no_gateway_call(world):
    """The gateway knows tokens of facilities' software only: nobody's cookie files or reads a claim."""
    calls = [route for route in routes() if route.face == "gateway"]
    assert len(calls) > 10
    for role in w.PEOPLE:
        for route in calls:
            for method in ("GET", "POST"):
                answer = world.browsers[role].generic(method, address(route), "{}", content_type="application/json")
                assert answer.status_code >= 400, (role, method, route.address, answer.content[:200])
