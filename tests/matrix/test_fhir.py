"""Every interaction of the API × every role with a token of its own, held against the files: what is not granted is refused, and noted."""

import tomllib
from collections import Counter

import pytest

from tests.api.world import Client
from tests.matrix import world as w
from yba import accounts, api
from yba.kit import Actor, settings
from yba.kit.db import unit_of_work
from yba.specs.access import FOLDER

PLACES = {"type": "Condition", "compartment": "Patient", "id": str(w.RESIDENT), "version": "1"}
EMPTY = {"resourceType": "Bundle", "type": "batch", "entry": []}
# What a role holds, and yet these refuse it: a batch's own right opens the door, its entries are asked one by one (tests/api/test_bundles.py).
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE")


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    migrated.renew()
    with settings.VAR.set_to(tmp_path_factory.mktemp("demo")):
        yield w.build()


@pytest.fixture(scope="module")
def tokens(world):
    """A token of each account, as one made after the second factor."""
    made = {}
    for role, account in world.accounts.items():
        by = Actor.user(account, [], purpose="treatment")
        with unit_of_work(by=by) as conn:
            made[role] = accounts.make_token(conn, by=by, account=account, name="ma trận", hours=1, proven=True).token
    return made


def granted(role, rights):
    """Whether a role holds all of these for the purpose of the first: read from the files, not by the code that is tested."""
    known = tomllib.loads((FOLDER / "rights.toml").read_text("utf-8"))["right"]
    spec = tomllib.loads((FOLDER / "roles.toml").read_text("utf-8"))["role"][role]

    def may(right):
        rules = [rule for rule in spec["may"] if right in rule["rights"]]
        return spec["purpose"] in known[right]["purposes"] and any(spec["purpose"] in rule.get("purposes", [spec["purpose"]]) for rule in rules)

    return all(map(may, rights))


def closed():
    return [route for route in api.table().routes if not route.anonymous]


def address(route):
    return "/".join(PLACES.get(part[1:-1], part) if part.startswith("{") else part for part in route.parts)


def ask(client, route, method):
    body = EMPTY if method in {"POST", "PUT", "PATCH"} and not route.address.endswith("_search") else None
    return client.ask(method, address(route), body)


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", w.PEOPLE)
def test_a_role_does_what_the_files_grant_and_nothing_else(world, tokens, role):
    client, wrong, count = Client(tokens[role]), [], Counter()
    before = len(w.refusals(world.accounts[role]))
    for route in closed():
        may = granted(role, [right.value for right in route.declaration.rights])
        for method in sorted(route.methods):
            answer = ask(client, route, method)
            count["refused"] += answer.status == 403
            if (answer.status == 403) == may or answer.status >= 500 or answer.status == 401:
                wrong.append(f"{method} {route.address}: {'granted' if may else 'not granted'}, answered {answer.status} {answer.data[:200]}")
            if answer.status >= 400 and method != "HEAD":
                assert answer.doc["resourceType"] == "OperationOutcome"
                assert b"NGUY" not in answer.data
    assert not wrong, "\n" + "\n".join(wrong)
    assert len(w.refusals(world.accounts[role])) - before == count["refused"], "every refusal stands in the trail"


def test_nobody_without_a_token_is_told_anything_and_a_browsers_cookie_is_none(world):
    cookie = "; ".join(f"{name}={one.value}" for name, one in world.browsers["doctor"].cookies.items())
    for route in closed():
        for method in sorted(route.methods):
            answer = Client().ask(method, address(route), EMPTY if method == "POST" else None, cookie=cookie)
            assert answer.status == 401, (method, route.address, answer.data)


@pytest.mark.parametrize("method", METHODS)
def test_no_other_method_does_anything(world, tokens, method):
    client = Client(tokens["doctor"])
    by_address = {}
    for route in closed():
        by_address.setdefault(address(route), set()).update(route.methods)
    for where, methods in by_address.items():
        if method not in methods and not (method == "HEAD" and "GET" in methods):
            assert client.ask(method, where).status in {405, 404}, (method, where)


def test_what_is_open_to_all_says_why():
    for route in api.table().routes:
        if route.anonymous:
            assert len(route.declaration.reason) > 10
            assert not route.declaration.rights
