"""Eight clients at once over HTTP: no duplicate, no lost update, no page that skips or repeats, and no error of the database reaches anybody."""

from __future__ import annotations

import random
from collections import Counter
from threading import Lock
from typing import Any

import pytest

from tests.api import world as w
from tests.api.test_bundles import bundle, entry
from tests.api.test_operations import given
from tests.api.test_searching import below, ids, link

LIS = "http://lis.test"
CALM = {200, 201, 204, 404, 409, 410, 412}  # what somebody who comes second may be told; never 5xx, never 429


def result(patient: str, number: str, value: float = 13.5) -> dict[str, Any]:
    return w.observation(patient, value=value, identifier=[{"system": LIS, "value": number}])


def test_conditional_creates_alone_and_in_transactions_make_one(client, mai):
    """Of sixteen who ask, eight in a transaction, one makes it; whoever names it in the same transaction means that one."""
    where = f"identifier={LIS}|R-1"

    def act(number: int) -> tuple[int, str]:
        if number % 2:
            reply = client.post("Observation", result(mai, "R-1"), if_none_exist=where)
            return reply.status, reply.id
        panel = {**w.observation(mai, code="panel"), "hasMember": [{"reference": "urn:uuid:1"}]}
        made = client.post(
            "", bundle(entry("POST", "Observation", panel), entry("POST", "Observation", result(mai, "R-1"), "urn:uuid:1", ifNoneExist=where))
        )
        assert made.status == 200, made.data
        first, second = (one["response"] for one in made.doc["entry"])
        member = client.get(first["location"]).doc["hasMember"][0]["reference"]
        assert member == "/".join(second["location"].split("/")[:2])
        return int(second["status"][:3]), second["location"].split("/")[1]

    told = w.at_once(act, 16)
    assert Counter(status for status, _ in told) == {201: 1, 200: 15}
    assert len({id_ for _, id_ in told}) == 1


def test_conditional_updates_make_one_with_a_version_for_each(client, mai):
    told = w.at_once(lambda number: client.put(f"Observation?identifier={LIS}|R-2", result(mai, "R-2", number)))
    assert Counter(one.status for one in told) == {201: 1, 200: 7}
    assert sorted(one.headers["etag"] for one in told) == [f'W/"{number}"' for number in range(1, 9)]
    (found,) = ids(client.get(f"Observation?identifier={LIS}|R-2"))
    versions = client.get(f"Observation/{found}/_history").doc["entry"]
    assert sorted(one["resource"]["valueQuantity"]["value"] for one in versions) == list(range(8))


@pytest.mark.parametrize(
    "question",
    [
        "Observation?patient={mai}",
        "Observation?patient={mai}&_sort=-date",
        "Observation?_sort=code",
        "?_type=Condition,Observation&_sort=-_lastUpdated",
    ],
)
def test_pages_are_whole_while_others_delete_change_and_create(client, mai, question):
    """Four walk through the pages again and again while four others delete, change and create: each walk shows what was there at its start, once."""
    made = [
        client.put(f"Observation/o{n}", {**result(mai, f"R-{n}", n), "id": f"o{n}", "effectiveDateTime": f"2026-03-{n % 28 + 1:02}"})
        for n in range(40)
    ]
    assert {one.status for one in made} == {201}
    living, guard = {f"o{n}" for n in range(40)}, Lock()

    def walk() -> list[str]:
        seen = []
        reply = client.get(f"{question.format(mai=mai)}&_count=7")
        while True:
            assert reply.status == 200, reply.data
            seen += ids(reply)
            following = link(reply, "next")
            if following is None:
                return seen
            reply = client.get(below(following))

    def act(number: int) -> None:
        dice = random.Random(number)
        for turn in range(8):
            if number % 2:
                with guard:
                    before = set(living)
                seen = walk()
                assert len(seen) == len(set(seen)), "a page repeats"
                with guard:
                    assert before & living <= set(seen), "a page skips what was there all the time"
                continue
            mine = f"o{dice.randrange(number, 40, 8)}"
            with guard:
                living.discard(mine)
            status = client.ask("DELETE", f"Observation/{mine}").status
            assert status == 204
            kept = f"o{dice.randrange(40)}"
            changed = client.put(f"Observation/{kept}", {**result(mai, kept, turn), "id": kept, "effectiveDateTime": f"2026-04-{turn + 1:02}"})
            assert changed.status in {200, 201}, changed.data
            assert client.post("Observation", w.observation(mai, code="new")).status == 201

    w.at_once(act)


def test_people_are_merged_while_others_write_read_and_page(client):
    """A clerk merges two Patients in the midst of writes about both: all stands in one record afterwards, and nobody was told of a fault."""
    one = client.post("Patient", w.patient("P-1")).id
    two = client.post("Patient", w.patient("P-2", telecom=[{"system": "phone", "value": "0912345678"}])).id
    officer, _ = w.person("identity-officer")
    body = given(source_patient={"reference": f"Patient/{two}"}, target_patient={"reference": f"Patient/{one}"}, reason="một người hai mã")
    written, guard = [], Lock()

    def act(number: int) -> None:
        if number == 3:
            assert officer.post("Patient/$merge", body).status in {200, 202, 409, 422}
            return
        for turn in range(6):
            whom = two if (number + turn) % 2 else one
            made = client.post("Observation", result(whom, f"M-{number}-{turn}"))
            assert made.status == 201, made.data
            with guard:
                written.append(made.id)
            for address in (f"Patient/{whom}/$everything?_count=5", f"Observation?patient={whom}&_count=3", f"Patient/{whom}"):
                assert client.get(address).status == 200

    w.at_once(act)
    whole = {*ids(client.get(f"Observation?patient={one}&_count=1000")), *ids(client.get(f"Observation?patient={two}&_count=1000"))}
    assert whole == set(written)
    people = {row for id_ in written for row in w.persons_of("Observation", id_)}
    assert people == {*w.persons_of("Patient", one), *w.persons_of("Patient", two)}


NAMES = [f"x{n}" for n in range(5)]


def by_lot(client: w.Client, mai: str, dice: random.Random, mark: str) -> w.Reply:
    """One act of any kind over few resources."""
    name, kind = dice.choice(NAMES), dice.randrange(6)

    def doc(name: str) -> dict[str, Any]:
        return {**result(mai, name), "id": name, "note": [{"text": mark}]}

    if kind == 0:
        return client.put(f"Observation/{name}", doc(name))
    if kind == 1:
        return client.put(f"Observation/{name}", doc(name), if_match=client.get(f"Observation/{name}").headers.get("etag", 'W/"1"'))
    if kind == 2:
        patch = [{"op": "replace", "path": "/note/0/text", "value": mark}]
        return client.ask("PATCH", f"Observation/{name}", patch, kind="application/json-patch+json")
    if kind == 3:
        return client.ask("DELETE", f"Observation/{name}")
    if kind == 4:
        return client.post("Observation", {**doc(name), "id": "y"}, if_none_exist=f"identifier={LIS}|{name}")
    return client.post("", bundle(*(entry("PUT", f"Observation/{each}", doc(each)) for each in dice.sample(NAMES, 2))))


def test_everything_at_once_over_few_resources_ends_calmly_and_loses_nothing(client, mai):
    """Updates, patches, deletions, conditional writes and transactions of eight over five resources, by lot."""
    told: list[tuple[str, str]] = []

    def act(number: int) -> None:
        dice = random.Random(number)
        for turn in range(12):
            mark = f"mark-{number}-{turn}"
            reply = by_lot(client, mai, dice, mark)
            assert reply.status in CALM, reply.data
            if "location" in reply.headers and f'"{mark}"' in reply.data.decode():
                told.append((reply.headers["location"].partition("/fhir/")[2], mark))

    w.at_once(act)
    assert len(told) > 8
    for where, mark in told:
        assert client.get(where).doc["note"][0]["text"] == mark, "an answered write is not the version that was answered"
    for name in NAMES:
        numbers = [version["response"]["etag"] for version in client.get(f"Observation/{name}/_history").doc["entry"]]
        assert numbers == [f'W/"{number}"' for number in range(len(numbers), 0, -1)]
