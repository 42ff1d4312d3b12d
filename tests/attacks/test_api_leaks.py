"""The API asked by a curious colleague of every role: links into somebody else's record lead nowhere, and nothing tells them from links to nothing."""

from urllib.parse import quote

import pytest

from tests.api import world as w
from tests.attacks import leak_world as leaks
from yba.kit import settings
from yba.specs import systems

ASKED = [
    # by id, in every way there is
    "GET Observation/{observation}", "HEAD Observation/{observation}", "GET Observation/{observation}/_history", "GET Observation/{observation}/_history/1",
    "GET Patient/{patient}", "GET Patient/{person}", "GET Patient/{patient}/_history", "GET Encounter/{encounter}", "GET Condition/{condition}", "GET List/{list}",
    "GET Patient/{patient}/$everything", "GET Patient/{person}/$everything?_count=1", "GET Patient/{patient}/$summary", "GET Observation/{observation}/$validate",
    "GET Observation/$lastn?patient={patient}", "GET Patient/{patient}/Observation", "GET Patient/{patient}/*", "GET Encounter/{encounter}/Observation",
    # searches that would find it
    "GET Observation?_id={observation}&_total=accurate", "GET Observation?_id={observation}&_summary=count", "GET Observation?code={code}&_total=accurate",
    "GET Observation?subject=Patient/{patient}&_summary=count", "GET Observation?patient={person}&_total=accurate", "GET Patient?_id={patient},{person}",
    "GET Patient?identifier={citizen}&_total=accurate", "GET Patient?family={family}&_summary=count", "GET Patient?family:exact={family}", "GET Patient?name:contains={family}",
    "GET Observation?patient.identifier={citizen}", "GET Observation?subject:Patient.family={family}&_total=accurate", "GET Condition?encounter=Encounter/{encounter}",
    "GET Observation?_list={list}", "GET Patient?_has:Observation:patient:code={code}&_total=accurate", "GET Encounter?_has:Observation:encounter:code={code}",
    "GET ?_type=Observation,Condition,Encounter,List&_id={observation},{condition},{encounter},{list}", "GET Observation?_filter=code eq {code}",
    'GET Patient?_filter=family sw "{family}" and not (gender eq female)', "GET Observation?code:in={code}", "GET Observation?code:not={code}&_id={link}",
    "GET Observation?identifier:of-type=http://x|y|{citizen}", "GET Patient?link:Patient={patient}", "GET Patient?general-practitioner:missing=true&_id={patient}",
    "GET Observation?patient={patient}&_sort=-date&_count=1", "GET Observation/_history?_count=2&_id={observation}",
    # links from An's record into Bình's, followed forwards
    "GET Observation?_id={link}&_include=*", "GET Observation?_id={link}&_include=Observation:derived-from&_include=Observation:has-member&_include=Observation:focus",
    "GET Observation?_id={link}&_include=Observation:encounter&_include:iterate=Encounter:subject&_revinclude:iterate=Condition:patient", "GET List?_id={mine}&_include=List:item",
    "GET Condition?_id={evidence}&_include=Condition:evidence-detail", "GET Patient/{an}/$everything", "GET Patient/{golden}/$everything?_type=Observation,Condition",
    "GET Observation?_list={mine}&_total=accurate", "GET Patient?_list={mine}&_total=accurate", "GET Observation/{link}", "GET Observation/{link}/_history",
    # and chained through
    "GET Observation?_id={link}&encounter.status=finished&_total=accurate", "GET Observation?_id={link}&derived-from:Observation.code={code}&_total=accurate",
    "GET Observation?_id={link}&focus:Patient.family={family}&_total=accurate", "GET Observation?_id={link}&focus:Patient.identifier={citizen}",
    "GET Observation?_id={link}&focus:Condition.code=J18.9&_total=accurate", "GET Condition?_id={evidence}&evidence-detail:Observation.patient.family={family}",
    "GET Observation?_id={link}&encounter.subject:Patient.birthdate=1959-03-12", "GET Observation?_id={link}&encounter:missing=false&focus:missing=false",
    "GET Observation?_id={link}&encounter:Encounter.patient:missing=false", "GET Observation?_id={link}&encounter:Encounter._lastUpdated=gt2020-01-01",
    "GET Observation?_id={link}&_sort=encounter,focus,-derived-from", "GET Observation?patient={an}&_has:Observation:derived-from:code={code}&_total=accurate",
    # and backwards
    "GET Observation?_has:Observation:derived-from:_id={link}&_total=accurate", "GET Condition?_has:Observation:focus:_id={link}&_total=accurate",
    "GET Patient?_has:Observation:focus:_id={link}&_total=accurate", "GET Encounter?_has:Observation:encounter:_id={link}&_summary=count",
    "GET Observation?_id={observation}&_revinclude=Observation:derived-from", "GET Encounter?_id={encounter}&_revinclude=*", "GET Patient?_id={patient}&_revinclude=*",
    "GET Patient?_has:List:item:_id={mine}&_total=accurate",
]  # fmt: skip
IF = [
    {"if_none_match": 'W/"1"'},
    {"if_none_match": "*"},
    {"if_modified_since": "Wed, 01 Jan 2020 00:00:00 GMT"},
    {"prefer": "respond-async"},
    {"accept_language": "en"},
]


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    migrated.renew()
    with settings.VAR.set_to(tmp_path_factory.mktemp("demo")):
        yield leaks.build()


def ask(client, text, names, body=None, **headers):
    method, _, address = text.partition(" ")
    path, _, query = address.format(**names).partition("?")
    return client.ask(method, path + ("?" + quote(query, safe="=&:$,|/.*") if query else ""), body, **headers)


def both(world, client, text, body=None, **headers):
    """The two answers, of what is Bình's and of what is nobody's."""
    answers = []
    for names in (world.real, world.fake):
        made = body(names) if body else None
        reply = ask(client, text, names, made, **headers)
        assert leaks.SECRET.encode() not in reply.data, text
        assert reply.status < 500, (text, reply.data)
        answers.append(leaks.plain(world, reply))
    return answers


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", ["facility-client", *leaks.READERS])
def test_no_question_tells_somebody_elses_record_from_none(world, role):
    client = world.clients[role]
    wrong = []
    for text in ASKED:
        of_binh, of_nobody = both(world, client, text)
        if of_binh != of_nobody:
            wrong.append(f"{text}\n  {of_binh}\n  {of_nobody}")
    assert not wrong, "\n".join(wrong)


def test_those_who_treat_find_it_all_so_that_the_questions_mean_something(world):
    """The same questions asked in their hospital's name find Bình: none of them is empty by mistake."""
    found = [text for text in ASKED if leaks.SECRET.encode() in ask(world.theirs, text, world.real).data]
    assert {text for text in ASKED[:18] if text.startswith("GET") and "{person}" not in text and "*" not in text and "$validate" not in text} <= set(
        found
    )
    assert len(found) > 30, found


@pytest.mark.parametrize("headers", IF)
def test_no_condition_on_a_read_does_either(world, headers):
    for text in (
        "GET Observation/{observation}",
        "GET Patient/{patient}",
        "GET Patient/{person}/$everything",
        "GET Observation?code={code}&_total=accurate",
    ):
        of_binh, of_nobody = both(world, world.clients["doctor"], text, **headers)
        assert of_binh == of_nobody, text
        of_binh, of_nobody = both(world, world.clients["facility-client"], text, **headers)
        assert of_binh == of_nobody, text


def bundle(kind, *entries):
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{"request": {"method": m, "url": u}, **({"resource": r} if r else {})} for m, u, r in entries],
    }


PATCH = "application/json-patch+json"
WRITES = [
    ("PATCH Observation/{observation}", lambda _: [{"op": "replace", "path": "/status", "value": "final"}], {"kind": PATCH}),
    ("PATCH Observation?identifier=http://lis.test|{citizen}", lambda _: [{"op": "remove", "path": "/note"}], {"kind": PATCH}),
    ("DELETE Observation/{observation}", None, {}),
    ("DELETE Observation/{observation}", None, {"if_match": 'W/"1"'}),
    ("DELETE Observation/{observation}", None, {"if_match": 'W/"7"'}),
    ("DELETE Patient/{patient}", None, {}),
    ("DELETE Patient/{patient}", None, {"if_match": 'W/"7"'}),
    ("DELETE Patient/{person}", None, {}),
    ("DELETE Observation?code={code}", None, {}),
    ("DELETE Patient?identifier={citizen}", None, {}),
    ("PUT Observation?code={code}&patient={patient}", lambda names: w.observation(names["an"], code="1-1"), {}),
    ("POST Observation", lambda names: w.observation(names["an"], code="1-2"), {"if_none_exist": "code={code}&patient={patient}"}),
    ("POST Basic", lambda _: {"resourceType": "Basic", "code": {"text": "x"}}, {"if_none_exist": "subject:Patient.identifier={citizen}"}),
    ("POST ", lambda names: bundle("batch", *(("GET", text.partition(" ")[2].format(**names), None) for text in ASKED[:18] if text.startswith("GET"))), {}),
    ("POST ", lambda names: bundle("transaction", ("POST", "Observation", {**w.observation("x"), "subject": {"reference": f"Patient?identifier={names['citizen']}"}})), {}),
    ("POST ", lambda names: bundle("transaction", ("DELETE", f"Observation/{names['observation']}", None), ("DELETE", f"Patient/{names['patient']}", None)), {}),
    ("POST ", lambda names: bundle("transaction", ("PATCH", f"Observation/{names['observation']}", {"resourceType": "Parameters"})), {}),
]  # fmt: skip


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", ["facility-client", "doctor", "station-nurse"])
def test_no_write_tells_it_and_none_changes_it(world, role):
    client, wrong = world.clients[role], []
    for text, body, headers in WRITES:
        answers = []
        for names in (world.real, world.fake):
            told = {name: value.format(**names) if name == "if_none_exist" else value for name, value in headers.items()}
            reply = ask(client, text, names, body(names) if body else None, **told)
            assert leaks.SECRET.encode() not in reply.data
            answers.append(leaks.plain(world, reply))
        if answers[0] != answers[1]:
            wrong.append(f"{text} {headers}\n  {answers[0]}\n  {answers[1]}")
    assert not wrong, "\n".join(wrong)
    for text in ("Observation/{observation}", "Patient/{patient}", "Encounter/{encounter}", "Condition/{condition}", "List/{list}"):
        assert world.theirs.get(text.format(**world.real)).headers["etag"] == 'W/"1"'


def test_an_id_that_is_taken_is_refused_and_no_more_is_said(world):
    """Ids are one for all, so that one is taken shows; not of whom, where or of what kind.

    Before the next test: who has sent that person too is told whose it is.
    """
    ours, told = world.clients["facility-client"], set()
    for address, doc in (
        ("Patient/{patient}", w.patient()),
        ("Patient/{person}", w.patient()),
        ("Observation/{observation}", w.observation(world.an)),
        ("List/{list}", {"resourceType": "List", "status": "current", "mode": "working"}),
    ):
        where = address.format(**world.real)
        for headers in ({}, {"if_match": 'W/"1"'}):
            reply = ours.put(where, {**doc, "id": where.rpartition("/")[2]}, **headers)
            told.add((reply.status, reply.data))
    assert {status for status, _ in told} <= {409, 412}
    assert len(told) <= 2, told


@pytest.mark.law("DLCN-R01")
def test_registering_with_somebodys_number_tells_software_nothing(world):
    """The number, name and birthday of Bình, and of nobody: what a hospital's software is answered afterwards is the same."""
    ours, told = world.clients["facility-client"], []
    for number, names in enumerate((world.real, world.fake)):
        citizen = {"system": systems.identifier("citizen"), "value": names["citizen"]}
        doc = w.patient(f"A-9{number}", name=[{"family": names["family"], "given": ["Thị"]}], birthDate="1959-03-12")
        doc["identifier"].append(citizen)
        asked = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {**doc, "identifier": [citizen]}}]}
        replies = [ours.post("Patient/$match", asked), ours.post("Patient", doc, if_none_exist=f"identifier={names['citizen']}")]
        mine = replies[-1].id
        replies += [
            ours.get(f"Patient/{mine}{road}") for road in ("", "/_history", "/$everything", "/$summary", "/Observation?_total=accurate", "/*")
        ]
        replies += [ours.get(f"Patient?{question}&_total=accurate") for question in (f"identifier={names['citizen']}", f"_id={mine}&_revinclude=*")]
        replies += [ours.put(f"Patient/{mine}", {**doc, "id": mine, "gender": "male"}), ours.ask("DELETE", f"Patient/{mine}")]
        world.real["mine" + str(number)] = mine
        told.append([(f"A-9{number}".encode(), leaks.plain(world, reply)) for reply in replies])
    for (real, one), (fake, other) in zip(*told, strict=True):
        assert leaks.SECRET.encode() not in one[-1]
        assert one[-1].replace(real, b"#").replace(b"<mine0>", b"<mine>") == other[-1].replace(fake, b"#").replace(b"<mine1>", b"<mine>")
        assert one[:-1] == other[:-1]


def test_a_resource_that_becomes_anothers_takes_no_history_along(world):
    """Overwriting An's result with one of somebody else must not show An's to who reads that other."""
    ours = world.clients["facility-client"]
    other = leaks.posted(ours, w.patient("A-2", name=[{"family": "Vừ", "given": ["Páo"]}], gender="male", birthDate="1950-05-05"))
    for number in range(3):
        leaks.posted(ours, w.observation(other, value=number))
    person = leaks.person_of(other)
    reader = leaks.doctor_of(person)
    assert reader.get(f"Patient/{other}").status == 200
    page = reader.get("Observation?_count=1").doc
    following = next(one["url"] for one in page["link"] if one["relation"] == "next").partition("/fhir/")[2]
    assert ours.put("Observation/o-1", w.observation(world.an, id="o-1", note=[{"text": leaks.SECRET}])).status == 201
    early = reader.get("Observation?_count=1&_sort=code").doc
    more = next(one["url"] for one in early["link"] if one["relation"] == "next").partition("/fhir/")[2]
    ours.put("Observation/o-1", w.observation(other, id="o-1"))
    addresses = ["Observation/o-1", "Observation/o-1/_history", "Observation/o-1/_history/1", "Observation/_history", "_history", following, more]
    for address in [*addresses, f"Patient/{person}/$everything", "Observation?_count=100"]:
        reply = reader.get(address)
        assert reply.status in {200, 404}, reply.data
        assert leaks.SECRET.encode() not in reply.data, address
