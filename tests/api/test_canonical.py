"""Canonical resources over HTTP: found by url, read by id, never written; what the CapabilityStatement, $validate and :in make of them."""

from tests.api import world as w
from yba import record, terminology
from yba.kit.db import unit_of_work
from yba.specs import fhir as national
from yba.specs import systems
from yba.terminology import canonicals

TYPES = {"StructureDefinition", "ValueSet", "CodeSystem", "NamingSystem", "SearchParameter", "CapabilityStatement", "ImplementationGuide"}


def found(reply):
    assert reply.status == 200, reply.data[:400]
    return [one["resource"] for one in reply.doc.get("entry", ()) if one["search"]["mode"] == "match"]


def test_each_is_read_by_id_and_found_by_url(client):
    assert {rtype for rtype, _ in canonicals()} == TYPES
    firsts = {}
    for rtype, id_ in canonicals():
        firsts.setdefault(rtype, id_)
    for rtype, id_ in firsts.items():
        reply = client.get(f"{rtype}/{id_}")
        assert (reply.status, reply.doc["id"], reply.headers["etag"]) == (200, id_, 'W/"1"')
        assert client.get(f"{rtype}/{id_}", if_none_match='W/"1"').status == 304
        assert client.get(f"{rtype}/{id_}/_history/1").doc == reply.doc
        if "url" in reply.doc:
            (same, *more) = found(client.get(f"{rtype}?url={reply.doc['url']}"))
            assert same["url"] == reply.doc["url"]
            assert not more or rtype == "CodeSystem", "a list has editions, each with the same url"
    assert w.Client("nobody").get("ValueSet/x").status == 401, "who asks is asked first"


def test_a_code_system_comes_with_its_codes_and_many_come_without(client):
    (one,) = found(client.get(f"CodeSystem?url={systems.system('ethnicity')}&status=active"))
    assert len(one["concept"]) == one["count"] > 50
    assert one["meta"]["versionId"] == "1"
    many = found(client.get("CodeSystem?_count=20"))
    assert len(many) == 20
    assert not any("concept" in one for one in many)
    assert all(one["meta"]["tag"][0]["code"] == "SUBSETTED" for one in many)


def test_pages_of_built_in_and_stored_ones_skip_and_repeat_nothing(client):
    own = {"resourceType": "ValueSet", "status": "draft", "url": "http://benhvien.test/vs"}
    mine = [client.post("ValueSet", {**own, "name": f"V{nth}"}).id for nth in range(3)]
    seen, address = [], "ValueSet?_count=4&_total=accurate"
    while address:
        reply = client.get(address)
        page = found(reply)
        assert len(page) <= 4
        if not seen:
            assert reply.doc["total"] == len(national.value_sets()) + 3
        seen += [one["id"] for one in page]
        address = next((one["url"].partition("/fhir/")[2] for one in reply.doc["link"] if one["relation"] == "next"), "")
    assert len(seen) == len(set(seen))
    assert set(seen) == {id_ for rtype, id_ in canonicals() if rtype == "ValueSet"} | set(mine)
    alone = client.get("ValueSet?url=http://benhvien.test/vs")
    assert {one["id"] for one in found(alone)} == set(mine)
    only = client.get(f"ValueSet?url={next(iter(national.value_sets()))}")
    assert len(found(only)) == 1
    assert [one["relation"] for one in only.doc["link"]] == ["self"], "no page to follow where nothing is stored"
    assert client.get("ValueSet?_summary=count").doc["total"] == len(national.value_sets()) + 3


def test_nobody_writes_over_them(client):
    doc = client.get("ValueSet/" + next(id_ for rtype, id_ in canonicals() if rtype == "ValueSet")).doc
    assert client.put(f"ValueSet/{doc['id']}", {**doc, "title": "khác"}).status == 409
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": doc, "request": {"method": "PUT", "url": f"ValueSet/{doc['id']}"}}],
    }
    assert client.post("", bundle).status == 409
    assert client.get(f"ValueSet/{doc['id']}").doc.get("title") == doc.get("title")


def test_the_capability_statement_names_the_national_profiles(client):
    told = {one["type"]: one.get("supportedProfile", []) for one in client.get("metadata").doc["rest"][0]["resource"]}
    for profile in national.profiles().values():
        if profile["type"] != "Extension":
            assert told[profile["type"]] == [profile["url"]]
            assert found(client.get(f"StructureDefinition?url={profile['url']}"))[0]["id"] == profile["id"]


def set_of(system):
    return next(url for url, one in national.value_sets().items() if [part["system"] for part in one["compose"]["include"]] == [system])


def set_with(system):
    return next(url for url, one in national.value_sets().items() if any(part["system"] == system for part in one["compose"]["include"]))


def test_what_a_national_value_set_holds():
    ethnicity = systems.system("ethnicity")
    url = set_of(ethnicity)
    assert terminology.holds(url, ethnicity, "01") is True
    assert terminology.holds(url, ethnicity, "không") is False
    assert terminology.holds(url, "http://x.test", "01") is False
    assert terminology.holds(url, None, "01") is True
    assert terminology.holds("http://x.test/vs", ethnicity, "01") is None
    assert terminology.CODES.contains(url, "", "01")
    occupation = systems.system("occupation")
    assert terminology.holds(set_of(occupation), occupation, "không") is None, "the list is incomplete: nobody can say"


def test_validate_warns_of_a_code_that_a_complete_national_list_has_not(client):
    url = next(one["url"] for one in national.profiles().values() if one["type"] == "Patient")
    extension = systems.extension("ethnicity")

    def warned(code):
        coding = {"system": systems.system("ethnicity"), "code": code}
        patient = w.patient() | {"meta": {"profile": [url]}, "extension": [{"url": extension, "valueCoding": coding}]}
        reply = client.post("Patient/$validate", patient)
        return [one["severity"] for one in reply.doc["issue"] if one["code"] == "code-invalid"]

    assert warned("01") == []
    assert warned("9999") == ["warning"]


def test_in_and_not_in_know_national_value_sets(client):
    system = systems.system("icd10")
    url = set_with(system)
    mai = client.post("Patient", w.patient()).id

    def condition(code, system):
        return {"resourceType": "Condition", "subject": {"reference": f"Patient/{mai}"}, "code": {"coding": [{"system": system, "code": code}]}}

    ours, theirs = client.post("Condition", condition("I10", system)).id, client.post("Condition", condition("I10", "http://x.test")).id
    assert [one["id"] for one in found(client.get(f"Condition?patient={mai}&code:in={url}"))] == [ours]
    assert [one["id"] for one in found(client.get(f"Condition?patient={mai}&code:not-in={url}"))] == [theirs]


def test_a_visit_that_two_roads_tell_of_is_told_as_one(client):
    mai = client.post("Patient", w.patient()).id
    visit = {
        "resourceType": "Encounter", "status": "finished", "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{mai}"}, "period": {"start": "2026-03-02T08:00:00+07:00", "end": "2026-03-02T09:00:00+07:00"},
    }  # fmt: skip
    first, second = client.post("Encounter", visit).id, client.post("Encounter", visit).id
    alone = client.get(f"Encounter/{first}/$visit").doc
    assert [one["resource"]["resourceType"] for one in alone["entry"]] == ["Encounter", "Provenance"]
    with unit_of_work(by=w.OPERATOR) as conn:
        conn.execute("UPDATE resource SET mapped_by = '1' WHERE rtype = 'Encounter' AND id::text = %s", (second,))
    assert record.derive_visits(by=w.OPERATOR) == 1
    told = [one["resource"] for one in client.get(f"Encounter/{first}/$visit").doc["entry"]]
    assert [one["id"] for one in told if one["resourceType"] == "Encounter"] == [second, first], "the claim's is the primary one"
    (linkage,) = (one for one in told if one["resourceType"] == "Linkage")
    assert [(one["type"], one["resource"]["reference"]) for one in linkage["item"]] == [
        ("source", f"Encounter/{second}"),
        ("alternate", f"Encounter/{first}"),
    ]
    assert ["BHYT" in one["activity"]["text"] for one in told if one["resourceType"] == "Provenance"] == [True, False]
    assert client.get(f"Encounter/{first}/$visit").doc["entry"] == client.get(f"Encounter/{second}/$visit").doc["entry"]
    assert w.software(w.THERE).get(f"Encounter/{first}/$visit").status == 404
    for made in told:
        if made["resourceType"] != "Encounter":
            issues = client.post(f"{made['resourceType']}/$validate", made).doc["issue"]
            assert not [one for one in issues if one["severity"] == "error"], issues
