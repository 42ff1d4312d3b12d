"""The API attacked a second time: cursors of another reader, patches that carry a resource away, bundles that mix people, text in headers, numbers without end."""

import base64
import re
from urllib.parse import quote
from uuid import UUID

import pytest

from tests.api import world as w
from tests.attacks import leak_world as leaks
from tests.attacks.test_api_leaks import PATCH, both, bundle, world  # noqa: F401  # world is a fixture
from yba.api.jobs import run
from yba.kit import Actor
from yba.kit.db import reading
from yba.specs.access import roles

MORE = [
    # words of narratives and contents, lists by function, filters by everything
    "GET Observation?_text={family}&_total=accurate", "GET Observation?_content={family}&_summary=count", "GET Patient?_content={family}", "GET List?title={family}",
    "GET AllergyIntolerance?patient={patient}&_list=$current-allergies", "GET Observation?_list={list}&_total=accurate", "GET Observation?_list={list},{mine}",
    "GET Patient?_filter=_id eq {patient}", "GET Observation?_filter=subject re Patient/{patient}", "GET Observation?_filter=patient.family eq {family}",
    "GET Observation?_filter=(code eq {code} or code eq {code}) and not (status eq x)", "GET Patient?_filter=identifier eq {citizen} and _id ne {an}",
    "GET Observation?_filter=not (_id eq {observation})&_total=accurate&code={code}", "GET Observation?_filter=derived-from.code eq {code} and _id eq {link}",
    # versions and times
    "GET Observation/{observation}/_history?_since=2020-01-01", "GET Observation/{observation}/_history?_at=2026-11-22", "GET Observation/{observation}/_history/2",
    "GET Patient/{patient}/_history/99999999999999999999", "GET Patient/{patient}/$everything?_since=2020-01-01&_count=1", "GET Patient/{person}/$everything?_type=Condition",
    "GET Encounter/{encounter}/$visit", "GET Encounter/{encounter}/_history", "GET Patient/{patient}/$everything?start=2020-01-01", "GET Encounter/{encounter}/$everything",
    # sizes and forms
    "GET Observation?_id={observation}&_count=0", "GET Observation?_id={observation}&_elements=note&_total=estimate", "GET Patient?_id={patient}&_format=xml",
    "GET Patient?phone={citizen}&_total=accurate", "GET Patient?_sort=family&_id={an},{patient}&_count=1", "GET Observation?value-quantity=13.5&_id={observation}",
    "GET Patient?address-city={family}&_total=accurate", "GET Patient?_tag={family}", "GET Observation?_security={family}&_id={observation}", "GET Observation?_source={family}",
    "HEAD Patient/{patient}", "GET Patient/{patient}/Condition?_summary=count", "GET Patient/{person}/Condition?_total=accurate", "GET Encounter/{encounter}/*?_total=accurate",
]  # fmt: skip
XPATCH = "application/fhir+xml"


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", ["facility-client", *leaks.READERS])
def test_no_further_question_tells_somebody_elses_record_from_none(world, role):  # noqa: F811  # the fixture
    wrong = []
    for text in MORE:
        of_binh, of_nobody = both(world, world.clients[role], text)
        if of_binh != of_nobody:
            wrong.append(f"{text}\n  {of_binh}\n  {of_nobody}")
    assert not wrong, "\n".join(wrong)


def test_match_is_answered_alike_for_whom_a_reader_does_not_treat(world):  # noqa: F811
    finds = {name for name, one in roles().items() if any("identity:person:find" in rule.rights for rule in one.may)}
    for role, client in world.clients.items():
        if role in finds and role != "facility-client":
            continue  # to find anybody by number, name and birthday is what they are asked to do: reception, ambulance; each look is noted
        for extra in ({}, {"identifier": True}):

            def asked(names, extra=extra):
                doc = {
                    "resourceType": "Patient",
                    "name": [{"family": names["family"], "given": [leaks.SECRET]}],
                    "birthDate": "1959-03-12",
                    "gender": "female",
                }
                if extra:
                    doc["identifier"] = [{"system": "http://yba.test", "value": names["citizen"]}]
                return {
                    "resourceType": "Parameters",
                    "parameter": [{"name": "resource", "resource": doc}, {"name": "onlyCertainMatches", "valueBoolean": False}],
                }

            answers = [client.post("Patient/$match", asked(names)) for names in (world.real, world.fake)]
            told = [leaks.plain(world, one) for one in answers]
            assert told[0] == told[1], role


def following(client, path):
    page = client.get(path)
    assert page.status == 200, page.data
    return next(one["url"] for one in page.doc["link"] if one["relation"] == "next").partition("/fhir")[2].lstrip("/")


@pytest.mark.law("DLCN-R01")
def test_a_cursor_of_another_reader_opens_nothing(world):  # noqa: F811
    """Bookmarks of their pages, used by ours as they are, under our own question, and bent."""
    ours, doctor = world.clients["facility-client"], world.clients["doctor"]
    theirs = [following(world.theirs, path) for path in ("Observation?_count=1&_sort=date", "_history?_count=1", f"Patient/{world.real['patient']}/$everything?_count=1", "Patient?_count=1",
                                                         "?_type=Observation,Condition&_count=1")
              if b"_cursor=" in world.theirs.get(path).data]  # fmt: skip
    assert len(theirs) >= 3
    for page in theirs:
        cursor = re.search(r"_cursor=([^&]+)", page)[1]
        for client in (ours, doctor):
            for address in (
                page,
                f"Observation?_count=1&_cursor={cursor}",
                f"Patient/{world.an}/$everything?_count=1&_cursor={cursor}",
                f"_history?_cursor={cursor}",
            ):
                reply = client.get(address)
                assert reply.status in {200, 400, 403, 404, 410}, (address, reply.data)
                assert leaks.SECRET.encode() not in reply.data
                assert not [
                    name
                    for name in ("patient", "observation", "encounter", "condition", "list")
                    if world.real[name].encode() in reply.data.replace(address.encode(), b"")
                ]


def test_a_bent_cursor_is_told_calmly(world):  # noqa: F811
    ours = world.clients["facility-client"]
    page = (
        following(world.theirs, "Observation?_count=1&_sort=date")
        if b"_cursor=" in world.theirs.get("Observation?_count=1&_sort=date").data
        else "Observation?_cursor=AAAA"
    )
    cursor = re.search(r"_cursor=([^&]+)", page)[1]
    bent = [cursor[:-2], cursor[::-1], cursor + "A", "", "A" * 5000, "%00", "..%2f..", quote("' OR 1=1--"), base64.urlsafe_b64encode(b'{"snap":"1:1:","key":[]}').decode(), "b0", "b99999999999",
            cursor.swapcase()]  # fmt: skip
    for one in bent:
        for address in (
            f"Observation?_cursor={one}",
            f"Patient/{world.an}/$everything?_cursor={one}",
            f"_history?_cursor={one}",
            f"CodeSystem?_cursor={one}",
        ):
            reply = ours.get(address)
            assert reply.status in {200, 400, 404, 410}, (address, reply.status, reply.data[:200])
            assert leaks.SECRET.encode() not in reply.data


MOVES = [
    ("PATCH", "Observation/{link}", lambda names: [{"op": "replace", "path": "/subject/reference", "value": f"Patient/{names['patient']}"}], PATCH),
    ("PATCH", "Observation/{link}", lambda names: [{"op": "replace", "path": "/subject", "value": {"reference": f"Patient/{names['person']}"}}], PATCH),
    ("PATCH", "Observation/{link}", lambda _: [{"op": "copy", "from": "/focus/1/reference", "path": "/subject/reference"}], PATCH),
    ("PATCH", "Observation/{link}", lambda names: [{"op": "add", "path": "/subject/identifier", "value": {"system": "http://x", "value": names["citizen"]}}, {"op": "remove", "path": "/subject/reference"}], PATCH),
    ("PATCH", "Observation/{link}", lambda names: {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
        {"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "Observation.subject"}, {"name": "value", "valueReference": {"reference": f"Patient/{names['patient']}"}}]}]}, w.JSON),
    ("PUT", "Observation/{link}", lambda names: {**w.observation(names["patient"]), "id": names["link"]}, w.JSON),
    ("PUT", "Observation/{link}", lambda names: {**w.observation(names["person"]), "id": names["link"]}, w.JSON),
    ("POST", "Observation", lambda names: w.observation(names["patient"], code="2-2"), w.JSON),
    ("POST", "Observation", lambda names: w.observation(names["person"], code="2-2"), w.JSON),
    ("POST", "", lambda names: bundle("transaction", ("POST", "Observation", w.observation(names["an"], code="3-1")), ("POST", "Observation", w.observation(names["patient"], code="3-2"))), w.JSON),
    ("POST", "", lambda names: bundle("transaction", ("PUT", f"Observation/{names['link']}", {**w.observation(names["patient"]), "id": names["link"]}),
                                      ("DELETE", f"Observation/{names['mine']}", None)), w.JSON),
    ("POST", "", lambda names: bundle("batch", ("PUT", f"Observation/{names['link']}", {**w.observation(names["patient"]), "id": names["link"]}), ("GET", f"Patient/{names['patient']}", None)), w.JSON),
    ("PUT", "Patient/{an}", lambda names: {**w.patient("A-1"), "id": names["an"], "link": [{"other": {"reference": f"Patient/{names['patient']}"}, "type": "replaces"}]}, w.JSON),
    ("POST", "Patient/$merge", lambda names: {"resourceType": "Parameters", "parameter": [
        {"name": "source-patient", "valueReference": {"reference": f"Patient/{names['patient']}"}}, {"name": "target-patient", "valueReference": {"reference": f"Patient/{names['an']}"}},
        {"name": "reason", "valueString": "cùng một người"}]}, w.JSON),
]  # fmt: skip


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", ["facility-client", "doctor"])
@pytest.mark.parametrize("number", range(len(MOVES)))
def test_nothing_is_carried_into_or_out_of_a_record_out_of_reach(world, role, number):  # noqa: F811
    """What is tried with Bình's Patient is refused, and Bình's record has nothing more and nothing less afterwards. (That an id is taken shows: ids are one for all.)"""
    method, address, body, kind = MOVES[number]
    before = record_of(world)
    reply = world.clients[role].ask(method, address.format(**world.real), body(world.real), kind=kind)
    assert leaks.SECRET.encode() not in reply.data
    assert reply.status < 500, reply.data
    inner = [one["response"]["status"] for one in reply.doc.get("entry", ())] if reply.status == 200 and not address else []
    assert reply.status >= 400 or address == "Patient/{an}" or (inner and all(one[:1] == "4" for one in inner)), reply.data
    assert record_of(world) == before
    assert person_of(world.real["link"]) == UUID(world.real["golden"]), "An's result is An's still"


def person_of(ident):
    with reading(by=leaks.SYSTEM) as conn:
        return conn.execute("SELECT person_id FROM resource WHERE rtype = 'Observation' AND id = %s", (ident,)).fetchone()[0]


def record_of(world):  # noqa: F811
    """All that stands in Bình's record, with versions."""
    with reading(by=leaks.SYSTEM) as conn:
        return conn.execute(
            "SELECT rtype, id::text, version, deleted FROM resource WHERE person_id = %s ORDER BY 1, 2", (world.real["person"],)
        ).fetchall()


@pytest.mark.parametrize(
    "reason", ["sai ngày%0d%0aSet-Cookie: a=b", "%00", "a%00b", "%1b[31m", "<script>alert(1)</script>", "%ff%fe", "%", "{{7*191}}", "%e2%80%ae", "x" * 501, "%ud800", "\x80\xff"]
)  # fmt: skip
@pytest.mark.parametrize("header", ["x_reason", "x_provenance"])
def test_a_reason_is_text_and_nothing_of_it_becomes_a_header(world, header, reason):  # noqa: F811
    ours = world.clients["facility-client"]
    provenance = '{"resourceType":"Provenance","reason":[{"text":"%s"}]}'
    given = reason if header == "x_reason" else quote(provenance % reason.replace("%00", "\\u0000").replace("%0d%0a", "\\r\\n"))
    reply = ours.put(
        f"Observation/{world.real['link']}", {**w.observation(world.an), "id": world.real["link"], "status": "amended"}, **{header: given}
    )
    assert reply.status in {200, 201, 400, 422}, reply.data
    assert not [value for value in reply.headers.values() if "\r" in value or "\n" in value]
    assert "set-cookie" not in reply.headers
    assert b"<script>" not in reply.data


@pytest.mark.parametrize(
    "value", ["1e400", "-1e400", "1e-400", "1E+2147483647", "1e99999999999999", "9" * 5000, "0." + "0" * 5000 + "1", "-0", "1" + "0" * 400, "0e9999999999"]
)  # fmt: skip
def test_numbers_without_end_are_refused_or_kept_and_slow_nothing(world, value):  # noqa: F811
    ours = world.clients["facility-client"]
    doc = w.observation(world.an)
    text = b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"%s"},"valueQuantity":{"value":%s}}'
    reply = ours.post("Observation", text % (doc["subject"]["reference"].encode(), value.encode()))
    assert reply.status in {201, 400, 413, 422}, (value[:30], reply.data[:300])
    for question in (
        f"value-quantity={value}",
        f"value-quantity=gt{value}||g",
        f"_count={value}",
        f"_filter=value-quantity gt {value}",
        f"_lastUpdated=gt{value}",
        f"date={value}",
    ):
        asked = ours.get(f"Observation?{quote(question, safe='=|')}")
        assert asked.status in {200, 400, 413, 414, 422}, (question[:60], asked.data[:300])


@pytest.mark.parametrize(
    "question", ["_filter=" + "(" * 900 + "code eq x" + ")" * 900, "_filter=" + " and ".join(["code eq x"] * 900), "_filter=" + "not (" * 300 + "code eq x" + ")" * 300,
                 '_filter=code eq "' + "\\" * 3000, "_has:" * 60 + "Observation:patient:code=x", "patient" + ".general-practitioner" * 40 + ".name=x", "code=" + ",".join(map(str, range(3000))),
                 "_include=" + "&_include=".join(["*"] * 200), "_sort=" + ",".join(["date", "-date"] * 300), "_id=" + "%00", "identifier=%00|x", "code=a%00b", "_elements=" + "a," * 2000, "_text=" + "(" * 500,
                 "_content=" + "%22" * 501, "_list=" + "a" * 3000, "_type=" + "Observation," * 400]
)  # fmt: skip
def test_questions_made_to_break_are_refused_calmly(world, question):  # noqa: F811
    for rtype in ("Observation", "Patient", ""):
        reply = world.clients["facility-client"].get(f"{rtype}?{quote(question, safe='=&:%|,().*$')}")
        assert reply.status in {200, 400, 403, 413, 414, 422}, (question[:60], reply.status, reply.data[:300])
        assert b"Traceback" not in reply.data
        assert b"psycopg" not in reply.data


@pytest.mark.parametrize("body", ['{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', '{"resourceType":"Patient","id":"a\\u0000"}', '{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
                                  '{"resourceType":"Patient","identifier":[{"system":"http://x\\u0000","value":"1"}]}', '{"resourceType":"Patient\\u0000"}', '{"resourceType":"Patient","__proto__":{"x":1}}',
                                  '{"resourceType":"Patient","resourceType":"Observation"}', '{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><script>alert(1)</script></div>"}}'])  # fmt: skip
def test_bodies_with_signs_that_mean_something_elsewhere(world, body):  # noqa: F811
    reply = world.clients["facility-client"].post("Patient", body.encode())
    assert reply.status in {201, 400, 422}, (body[:60], reply.data[:300])
    if reply.status == 201:
        assert b"<script>" not in world.clients["facility-client"].get(f"Patient/{reply.id}").data


def test_no_header_or_parameter_turns_a_read_into_something_else(world):  # noqa: F811
    ours = world.clients["facility-client"]
    at = f"Patient/{world.an}"
    for headers in (
        {"x_http_method_override": "DELETE"},
        {"x_method_override": "PUT"},
        {"x_forwarded_user": "admin"},
        {"x_original_url": "/fhir/Patient/$merge"},
        {"x_rewrite_url": "/admin"},
    ):
        assert ours.get(at, **headers).status == 200
    assert ours.get(f"{at}?_method=DELETE").status in {200, 400}
    assert ours.get(at).status == 200
    evil = quote("<script>alert(1)</script>")
    for path in (
        f"{evil}/1",
        f"Patient/{evil}",
        f"Patient?{evil}={evil}",
        "Patient?_format=text/html",
        f"Patient/x?_format={evil}",
        "Patient/%0d%0aSet-Cookie:a=b",
    ):
        reply = ours.get(path)
        assert "html" not in reply.headers.get("content-type", "")
        assert "set-cookie" not in reply.headers
        assert reply.headers.get("x-content-type-options") == "nosniff"


@pytest.mark.law("DLCN-R01")
def test_what_is_answered_later_is_collected_by_its_asker_alone(world):  # noqa: F811
    path = f"Patient/{world.real['patient']}/$everything"
    place = world.theirs.get(path, prefer="respond-async").headers["content-location"].partition("/fhir")[2].lstrip("/")
    none = f"_async/{world.fake['patient']}"
    for done in (False, True):
        if done:
            run(by=Actor.system("test"), number=place.rpartition("/")[2])
        for client in world.clients.values():
            for method in ("GET", "DELETE", "HEAD"):
                mine, nobodys = client.ask(method, place), client.ask(method, none)
                assert (mine.status, sorted(mine.headers)) == (nobodys.status, sorted(nobodys.headers))
                assert leaks.SECRET.encode() not in mine.data
    assert leaks.SECRET.encode() in world.theirs.get(place).data


def test_a_label_is_not_taken_off_by_who_writes(world):  # noqa: F811
    """A diagnosis of HIV is restricted by its code, whatever the labels a client sends, removes or patches."""
    ours, doctor = world.clients["facility-client"], world.clients["nurse"] if "nurse" in world.clients else world.clients["station-nurse"]
    coded = {"coding": [{"system": leaks.systems.system("icd10"), "code": "B20"}]}
    doc = {
        "resourceType": "Condition",
        "code": coded,
        "subject": {"reference": f"Patient/{world.an}"},
        "meta": {"tag": [{"system": "http://x", "code": "y"}]},
    }
    made = leaks.posted(ours, doc)

    def labels():
        with reading(by=leaks.SYSTEM) as conn:
            return conn.execute("SELECT labels FROM resource WHERE rtype = 'Condition' AND id = %s", (made,)).fetchone()[0]

    assert "hiv" in labels()
    unlabelled = {**doc, "id": made, "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "U"}]}}
    for method, body, kind in (
        ("PUT", unlabelled, w.JSON),
        ("PATCH", [{"op": "add", "path": "/meta", "value": {"tag": [{"system": "http://x", "code": "z"}]}}], PATCH),
        ("PATCH", [{"op": "add", "path": "/note", "value": [{"text": "x"}]}], PATCH),
        ("PUT", {**doc, "id": made, "verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, w.JSON),
    ):
        assert ours.ask(method, f"Condition/{made}", body, kind=kind).status in {200, 400, 404, 422}
        assert "hiv" in labels()
        assert doctor.get(f"Condition/{made}").status == 404
