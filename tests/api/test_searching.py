"""Searching over HTTP: pages, links, forms, compartments, what is passed over, what is masked, conditions of writes, many at once."""

from urllib.parse import urlsplit

from tests.api import world as w


def ids(reply, mode="match"):
    assert reply.status == 200, reply.data[:500]
    return [one["resource"]["id"] for one in reply.doc.get("entry", ()) if one["search"]["mode"] == mode]


def link(reply, relation):
    return next((one["url"] for one in reply.doc.get("link", ()) if one["relation"] == relation), None)


def below(url):
    parts = urlsplit(url)
    return parts.path.removeprefix("/fhir").lstrip("/") + (f"?{parts.query}" if parts.query else "")


def test_a_search_finds_what_was_just_written_and_says_how_it_was_understood(client, mai):
    made = client.post("Observation", w.observation(mai))
    client.post("Observation", w.observation(mai, code="2345-7"))
    found = client.get(f"Observation?subject=Patient/{mai}&code=http://loinc.org|718-7")
    assert ids(found) == [made.id]
    assert found.doc["entry"][0]["fullUrl"] == f"http://localhost/fhir/Observation/{made.id}"
    assert found.doc["entry"][0]["resource"]["meta"]["versionId"] == "1"
    assert ids(client.get(below(link(found, "self")))) == [made.id]
    form = "application/x-www-form-urlencoded"
    assert ids(client.post("Observation/_search", f"subject=Patient/{mai}&code=718-7", kind=form)) == [made.id]
    assert ids(client.post(f"Observation/_search?subject=Patient/{mai}", "code=718-7", kind=form)) == [made.id]
    assert client.post("Observation/_search", {}).status == 415
    assert sorted(ids(client.get(f"Patient/{mai}/Observation"))) == sorted(ids(client.get(f"Observation?patient={mai}")))
    assert ids(client.get(f"Patient/{mai}/Observation?code=718-7")) == [made.id]
    assert client.get(f"Patient/{mai}/StructureDefinition").status == 404


def test_pages_hold_everything_once_while_others_write(client, mai):
    made = {client.post("Observation", w.observation(mai, value=number)).id for number in range(12)}
    reply, seen = client.get(f"Observation?patient={mai}&_count=5"), []
    while True:
        seen += ids(reply)
        client.post("Observation", w.observation(mai, code="2345-7"))
        following = link(reply, "next")
        if following is None:
            break
        reply = client.get(below(following))
    assert len(seen) == len(set(seen))
    assert set(seen) == made
    assert w.software(w.THERE).get(below(link(client.get(f"Observation?patient={mai}&_count=5"), "next"))).status == 400


def test_what_is_not_understood_is_refused_or_passed_over_and_told(client, mai):
    told = client.get("Observation?colour=red&code:sideways=1")
    assert told.status == 400
    assert len(told.doc["issue"]) == 2
    lenient = client.get(f"Observation?colour=red&patient={mai}", prefer="handling=lenient")
    (outcome,) = [one for one in lenient.doc["entry"] if one["search"]["mode"] == "outcome"]
    assert outcome["resource"]["issue"][0]["severity"] == "warning"
    assert "colour" not in link(lenient, "self")


def test_summaries_elements_and_counts(client, mai):
    client.post("Observation", w.observation(mai, note=[{"text": "ghi chú"}]))
    (one,) = client.get(f"Observation?patient={mai}&_summary=true").doc["entry"]
    assert "note" not in one["resource"]
    assert one["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"
    (one,) = client.get(f"Observation?patient={mai}&_elements=note").doc["entry"]
    assert set(one["resource"]) == {"resourceType", "id", "meta", "status", "code", "note"}
    counted = client.get(f"Observation?patient={mai}&_summary=count").doc
    assert (counted["total"], "entry" in counted) == (1, False)
    assert client.get(f"Observation?patient={mai}&_total=accurate").doc["total"] == 1


def test_a_conditional_create_makes_one_however_often_it_is_sent(client, mai):
    doc = w.observation(mai, identifier=[{"system": "http://lis.test", "value": "R-1"}])
    first = client.post("Observation", doc, if_none_exist="identifier=http://lis.test|R-1")
    again = client.post("Observation", doc, if_none_exist="identifier=http://lis.test|R-1")
    assert (first.status, again.status, again.id) == (201, 200, first.id)
    assert client.post("Observation", doc, if_none_exist="").status == 201
    assert client.post("Observation", doc, if_none_exist="identifier=http://lis.test|R-1").status == 412
    assert client.post("Observation", doc, if_none_exist="_count=1").status == 412


def test_updates_patches_and_deletions_by_condition(client, mai):
    where = "identifier=http://lis.test|R-2"
    doc = w.observation(mai, identifier=[{"system": "http://lis.test", "value": "R-2"}])
    made = client.put(f"Observation?{where}", doc)
    assert made.status == 201
    changed = client.put(f"Observation?{where}", {**doc, "status": "amended"})
    assert (changed.status, changed.id, changed.headers["etag"]) == (200, made.id, 'W/"2"')
    assert client.put(f"Observation?{where}", {**doc, "id": "another"}).status == 400
    patch = [{"op": "replace", "path": "/status", "value": "corrected"}]
    patched = client.ask("PATCH", f"Observation?{where}", patch, kind="application/json-patch+json")
    assert (patched.status, patched.doc["status"]) == (200, "corrected")
    by_path = w.status_by_path("final")
    assert client.ask("PATCH", f"Observation/{made.id}", by_path).doc["status"] == "final"
    assert client.ask("PATCH", f"Observation/{made.id}", patch, kind="application/json-patch+json", if_match='W/"1"').status == 412
    assert client.ask("PATCH", f"Observation/{made.id}", [{"op": "remove", "path": "/none"}], kind="application/json-patch+json").status == 422
    assert client.ask("PATCH", "Observation/none", patch, kind="application/json-patch+json").status == 404
    assert client.ask("DELETE", f"Observation?{where}").status == 204
    assert client.get(f"Observation/{made.id}").status == 410


def test_a_transaction_finds_what_its_conditions_mean(client, mai):
    who = "http://benhvien.test/ma-bn|P-1"
    entries = [
        {
            "request": {"method": "POST", "url": "Observation"},
            "resource": {**w.observation("x"), "subject": {"reference": f"Patient?identifier={who}"}},
        },
        {"fullUrl": "urn:uuid:0f", "request": {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={who}"}, "resource": w.patient()},
        {"request": {"method": "POST", "url": "Observation"}, "resource": {**w.observation("x"), "subject": {"reference": "urn:uuid:0f"}}},
    ]
    reply = client.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert [one["response"]["status"][:3] for one in reply.doc["entry"]] == ["201", "200", "201"]
    assert len(ids(client.get(f"Observation?subject=Patient/{mai}"))) == 2
    entries[0]["resource"]["subject"]["reference"] = "Patient?identifier=none"
    assert client.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries}).status == 412


def test_eight_at_once_make_one_and_lose_no_update(client, mai):
    """Races over one condition and one resource: no duplicate, no lost update, no error of the database reaches a client."""
    doc = w.observation(mai, identifier=[{"system": "http://lis.test", "value": "R-9"}])

    def race(_):
        answer = client.post("Observation", doc, if_none_exist="identifier=http://lis.test|R-9")
        for _ in range(3):
            while True:
                now = client.get(f"Observation/{answer.id}").doc
                value = now["valueQuantity"]["value"] + 1
                again = {**now, "valueQuantity": {**now["valueQuantity"], "value": value}}
                done = client.put(f"Observation/{answer.id}", again, if_match=f'W/"{now["meta"]["versionId"]}"')
                if done.status == 200:
                    break
                assert done.status == 412, done.data
        return answer.status, answer.id

    made = w.at_once(race)
    assert sorted(status for status, _ in made) == [200] * 7 + [201]
    assert len({ident for _, ident in made}) == 1
    assert client.get(f"Observation/{made[0][1]}").doc["valueQuantity"]["value"] == 13.5 + 24


def test_what_is_restricted_is_neither_read_nor_counted_and_only_that_something_is_masked_is_told(client, mai):
    hiv = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "B20"}]},
        "subject": {"reference": f"Patient/{mai}"},
    }
    made = client.post("Condition", hiv)
    assert made.status == 201
    assert client.get(f"Condition/{made.id}").status == 404
    found = client.get(f"Condition?patient={mai}&_total=accurate")
    assert found.doc["total"] == 0
    assert found.doc["meta"]["security"][0]["code"] == "REDACTED"
    (outcome,) = found.doc["entry"]
    assert outcome["resource"]["issue"][0]["code"] == "suppressed"
    assert b"B20" not in found.data
