"""R4's words on operations, compartments and the CapabilityStatement asked one by one; no parameter is passed over silently."""

import pytest

from tests.api import world as w
from tests.api.test_operations import given
from yba.api.call import storable
from yba.kit.db import reading
from yba.specs import systems

EVERYTHING = "Patient/{mai}/$everything"


def ids(reply):
    assert reply.status == 200, reply.data[:500]
    return {(one["resource"]["resourceType"], one["resource"]["id"]) for one in reply.doc.get("entry", ())}


def named(*names):
    return {("Observation", name) for name in names}


@pytest.fixture
def days(client, mai):
    """Results of a day, a month, a stay that goes on, and of no time."""
    for name, time in (
        ("day", {"effectiveDateTime": "2026-03-02"}), ("month", {"effectiveDateTime": "2026-05"}),
        ("open", {"effectivePeriod": {"start": "2026-04-01"}}), ("never", {}),
    ):  # fmt: skip
        doc = {key: value for key, value in w.observation(mai, id=name).items() if key != "effectiveDateTime"}
        assert client.put(f"Observation/{name}", {**doc, **time}).status == 201
    return mai


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"day", "month", "open", "never"}), ("start=2026-03-03", {"month", "open", "never"}), ("start=2026-03-02", {"day", "month", "open", "never"}),
        ("end=2026-03", {"day", "never"}), ("end=2026-03-01", {"never"}), ("start=2026-05-31&end=2026-05-31", {"month", "open", "never"}),
        ("start=2026-06&_type=Observation", {"open", "never"}),
    ],
)  # fmt: skip
def test_everything_of_a_time_of_care(client, days, query, found):
    everything = ids(client.get(f"{EVERYTHING.format(mai=days)}?{query}"))
    assert {one for one in everything if one[0] == "Observation"} == named(*found)
    assert ("Patient", days) in everything or "_type" in query
    sent = given(**dict(pair.split("=") for pair in query.split("&") if pair and pair[0] != "_"))
    assert named(*found) <= ids(client.post(EVERYTHING.format(mai=days), sent))


def test_everything_in_pages_and_since(client, days):
    seen, path = [], f"{EVERYTHING.format(mai=days)}?start=2026-01-01&_count=2"
    while path:
        page = client.get(path).doc
        seen += [one["fullUrl"] for one in page["entry"]]
        path = next((one["url"] for one in page["link"] if one["relation"] == "next"), "").partition("/fhir/")[2]
    assert len(seen) == len(set(seen)) == len(ids(client.get(EVERYTHING.format(mai=days))))
    moment = client.get("Observation/never").doc["meta"]["lastUpdated"].replace("+", "%2B")
    assert ids(client.get(f"{EVERYTHING.format(mai=days)}?_since={moment}")) == named("never")
    assert ids(client.get(f"{EVERYTHING.format(mai=days)}?_type=Patient,Basic&_summary=true")) == {("Patient", days)}


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("Patient/{mai}/$everything?foo=1", "foo"), ("Patient/{mai}/$everything?start=bad", "start"), ("Patient/{mai}/$everything?_type=Nothing", "_type"),
     ("Observation/$lastn?patient={mai}&foo=1", "foo"), ("Patient/{mai}/$validate?foo=1", "foo")],
)  # fmt: skip
def test_an_operation_says_what_it_does_not_know(client, mai, path, wrong):
    refused = client.get(path.format(mai=mai))
    assert (refused.status, refused.doc["issue"][0]["expression"]) == (400, [wrong])
    if "?foo" in path:
        assert client.get(path.format(mai=mai), prefer="handling=lenient").status == 200


@pytest.mark.parametrize("address", ["Patient/{mai}/*", "Patient/{mai}/*?_type=Observation,Condition", "Patient/{mai}/*?_count=1"])
def test_a_compartment_is_searched_for_all_its_types(client, days, address):
    other = client.post("Patient", w.patient("P-2", name=[{"text": "Vừ A Páo"}], gender="male", birthDate="1950-05-05")).id
    client.put("Observation/other", w.observation(other, id="other"))
    client.put("Condition/c", {"resourceType": "Condition", "id": "c", "code": {"text": "x"}, "subject": {"reference": f"Patient/{days}"}})
    client.put("Organization/o", {"resourceType": "Organization", "id": "o", "name": "x"})
    seen, path = [], address.format(mai=days)
    while path:
        page = client.get(path).doc
        seen += [tuple(one["fullUrl"].split("/")[-2:]) for one in page["entry"]]
        assert page["link"][0]["url"].startswith(f"http://localhost/fhir/Patient/{days}/*")
        path = next((one["url"] for one in page["link"] if one["relation"] == "next"), "").partition("/fhir/")[2]
    wanted = named("day", "month", "open", "never") | {("Condition", "c")}
    patients = {one for one in seen if one[0] == "Patient"}
    assert set(seen) - patients == wanted
    assert ("_type" in address) != (("Patient", days) in patients)
    assert ("Patient", other) not in patients
    assert len(seen) == len(set(seen))
    assert (
        client.post(f"Patient/{days}/*/_search", "_type=Condition", kind="application/x-www-form-urlencoded").doc["entry"][0]["resource"]["id"] == "c"
    )
    assert client.get("Basic/x/*").status == client.get("*/x").status == client.get("*").status == 404
    assert "entry" not in w.software(w.THERE).get(f"Patient/{days}/*").doc


def test_everything_of_types_that_stand_in_nobodys_record(client, mai):
    client.put("Practitioner/bs", {"resourceType": "Practitioner", "id": "bs", "name": [{"text": "BS. Lê"}]})
    client.put("Practitioner/other", {"resourceType": "Practitioner", "id": "other", "name": [{"text": "BS. Lý"}]})
    client.put("Observation/o", w.observation(mai, id="o", performer=[{"reference": "Practitioner/bs"}]))
    everything = EVERYTHING.format(mai=mai)
    assert ("Practitioner", "bs") in ids(client.get(everything))
    for query, found in (
        ("_type=Practitioner", {("Practitioner", "bs")}), ("_type=Practitioner,Observation", {("Practitioner", "bs"), ("Observation", "o")}),
        ("_type=Observation", {("Observation", "o")}), ("_type=Practitioner&_since=2100-01-01", set()),
    ):  # fmt: skip
        assert ids(client.get(f"{everything}?{query}")) == found


# --- $validate ---------------------------------------------------------------------------------------------------------------


def severities(reply):
    assert reply.status == 200, reply.data
    return {one["severity"] for one in reply.doc["issue"]}


def stored():
    with reading(by=w.OPERATOR) as conn:
        return conn.execute("SELECT count(*), coalesce(sum(version), 0) FROM resource").fetchone()


def test_validation_by_mode_tries_the_act_and_leaves_nothing(client, mai):
    made = client.post("Observation", w.observation(mai)).id
    before = stored()
    fine, nobody = w.observation(mai), w.observation("01920000-0000-7000-8000-000000000001")
    nobody["subject"]["reference"] = "Patient/01920000-0000-8000-8000-000000000001"  # an id of the server's own making that is not here
    assert "error" not in severities(client.post("Observation/$validate", given(resource=fine, mode="create")))
    assert "error" in severities(client.post("Observation/$validate", given(resource=nobody, mode="create")))
    assert "error" not in severities(client.post("Observation/$validate", given(resource=nobody))), "by itself it is right"
    at = f"Observation/{made}/$validate"
    assert "error" not in severities(client.post(at, given(resource={**fine, "id": made}, mode="update")))
    assert "error" in severities(client.post(at, given(resource={**fine, "id": "other"}, mode="update")))
    assert "error" in severities(client.post("Observation/$validate", given(resource=fine, mode="update"))), "an update has an id"
    assert "error" not in severities(client.post(at, given(mode="delete")))
    assert "error" in severities(client.post(f"Patient/{mai}/$validate", given(mode="delete"))), "a result refers to it"
    assert "error" in severities(client.post("Observation/never/$validate", given(mode="delete")))
    assert stored() == before
    assert client.get(f"Observation/{made}").headers["etag"] == 'W/"1"'
    reader, _ = w.person("lab")
    told = reader.post("Observation/$validate", given(resource=fine, mode="create"))
    assert [one["code"] for one in told.doc["issue"] if one["severity"] == "error"] == ["forbidden"]


def test_what_is_stored_is_held_to_a_profile(client, mai):
    known = "http://hl7.org/fhir/StructureDefinition/vitalsigns"
    made = client.post("Observation", w.observation(mai)).id
    by_mode = client.post(f"Observation/{made}/$validate", given(mode="profile", profile=known))
    assert "error" in severities(by_mode)
    assert by_mode.doc == client.get(f"Observation/{made}/$validate?profile={known}").doc
    assert "error" not in severities(client.get(f"Observation/{made}/$validate"))
    assert client.post("Observation/never/$validate", given(mode="profile", profile=known)).status == 404
    assert client.post("Observation/$validate", given(mode="profile", profile=known)).status == 400
    assert client.post("Observation/$validate", given(mode="guess", resource=w.observation(mai))).status == 400
    unknown = client.get(f"Observation/{made}/$validate?profile=http://x.test/none")
    assert [(one["severity"], one["code"]) for one in unknown.doc["issue"] if "none" in one["diagnostics"]] == [("warning", "not-found")]


def test_a_merge_that_is_only_looked_at_does_nothing(client):
    number = {"system": "http://benhvien.test/ma-bn", "value": "P-1"}
    one = client.post("Patient", w.patient(identifier=[number])).id
    two = client.post("Patient", w.patient("P-2", name=[{"text": "Vừ A Páo"}], gender="male", birthDate="1950-05-05")).id
    officer, _ = w.person("identity-officer")
    body = given(
        source_patient={"reference": f"Patient/{two}"}, target_patient={"reference": f"Patient/{one}"}, reason="một người hai mã", preview=True
    )
    before = stored()
    reply = officer.post("Patient/$merge", body)
    assert reply.status == 200, reply.data
    assert reply.doc["parameter"][0]["resource"]["issue"][0]["severity"] == "information"
    with reading(by=w.OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM person_proposal").fetchone() == (0,)
    assert stored() == before
    body["parameter"].append({"name": "result-patient", "resource": w.patient()})
    assert officer.post("Patient/$merge", body).status == 400


# --- $summary, $match ------------------------------------------------------------------------------------------------------------


def resolved(bundle, entry, reference):
    """R4 (bundle.html, "Resolving references in Bundles"): which entries a reference of an entry means."""
    if not reference.startswith(("http:", "https:", "urn:")):
        root, slash, _ = entry["fullUrl"].rpartition(f"/{entry['resource']['resourceType']}/")
        reference = f"{root}/{reference}" if slash else ""
    return [one for one in bundle["entry"] if one["fullUrl"] == reference]


def references_of(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from references_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references_of(inner)


def test_a_summary_is_a_document_whose_references_lead_somewhere(client, mai):
    second = client.post("Patient", w.patient("P-2")).id  # the same human under another number of the facility
    assert w.persons_of("Patient", second) == w.persons_of("Patient", mai), "one person"
    client.put("Medication/m", {"resourceType": "Medication", "id": "m", "code": {"text": "Metformin 500 mg"}})
    about = {"subject": {"reference": f"Patient/{second}"}}
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        **about,
        "medicationReference": {"reference": "Medication/m"},
    }
    assert client.post("MedicationRequest", order).status == 201
    client.post("Observation", w.observation(second))
    client.post("Observation", w.observation(mai, status="entered-in-error", code={"text": "nhầm"}))
    bundle = client.get(f"Patient/{mai}/$summary", accept=w.JSON).doc
    first = bundle["entry"][0]
    assert (bundle["type"], first["resource"]["resourceType"], bundle["identifier"]["system"]) == ("document", "Composition", "urn:ietf:rfc:3986")
    assert all(len(resolved(bundle, first, one)) == 1 for one in references_of(first["resource"])), "all of the Composition's"
    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert kinds.count("Patient") == 1, "a document is about one Patient"
    assert kinds.count("Medication") == 1
    for entry in bundle["entry"]:
        for key in ("subject", "patient", "medicationReference"):
            if "reference" in entry["resource"].get(key, {}):
                assert len(resolved(bundle, entry, entry["resource"][key]["reference"])) == 1, (entry["fullUrl"], key)
    medicines = next(one for one in first["resource"]["section"] if one["code"]["coding"][0]["code"] == "10160-0")
    assert "Metformin 500 mg" in medicines["text"]["div"]
    assert "nhầm" not in str(bundle)
    assert len({one["fullUrl"] for one in bundle["entry"]}) == len(bundle["entry"])
    checked = client.post("Bundle/$validate", bundle).doc
    assert not [one for one in checked["issue"] if one["severity"] in {"error", "fatal"}], checked
    assert client.get(f"Patient/{mai}/$summary?foo=1").status == 400


def test_who_is_certain_is_one_or_nobody(client):
    officer, _ = w.person("identity-officer")
    number = {"system": systems.identifier("citizen"), "value": "011185000123"}
    local = {"system": "http://benhvien.test/ma-bn", "value": "P-7"}
    client.post("Patient", w.patient(identifier=[local, number]))
    for certain in (False, True):
        (one,) = officer.post("Patient/$match", given(resource=w.patient(identifier=[number]), onlyCertainMatches=certain)).doc["entry"]
        assert (one["search"]["mode"], one["search"]["extension"][0]["valueCode"]) == ("match", "certain")
        assert 0 <= one["search"]["score"] <= 1
    assert officer.post("Patient/$match", given(resource=w.patient(), nothing="x")).status == 400
    assert officer.post("Patient/$match", given(resource=w.patient(), count=0)).status == 400


# --- what the server says it can -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def statement(migrated):
    migrated.renew()
    return w.software().get("metadata").doc["rest"][0]


def test_operations_are_named_where_they_are_and_by_who_defined_them(statement):
    by_type = {one["type"]: {op["name"]: op["definition"] for op in one.get("operation", ())} for one in statement["resource"]}
    assert all(by_type[rtype]["validate"] == "http://hl7.org/fhir/OperationDefinition/Resource-validate" for rtype in storable())
    assert by_type["Patient"]["everything"] == "http://hl7.org/fhir/OperationDefinition/Patient-everything"
    assert by_type["Patient"]["summary"] == "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
    assert by_type["Encounter"].keys() == {"validate", "visit"}
    assert "hl7.org" not in by_type["Encounter"]["visit"]


def test_references_to_other_servers_are_kept_so_nothing_else_is_claimed(client, mai, statement):
    assert all("local" not in one["referencePolicy"] and "enforced" not in one["referencePolicy"] for one in statement["resource"])
    assert client.post("Observation", w.observation(mai, performer=[{"reference": "http://other.test/fhir/Practitioner/1"}])).status == 201


VALUE = {
    "token": "x",
    "string": "x",
    "reference": "Basic/x",
    "date": "2026",
    "number": "1",
    "quantity": "1",
    "uri": "http://x",
    "special": "1|1|1|km",
}


def test_every_parameter_and_include_that_is_claimed_is_taken(migrated, statement):
    """Asked of an empty record: nothing may be refused, whatever is indexed."""
    migrated.renew()
    client, wrong = w.software(), []
    for one in statement["resource"]:
        rtype = one["type"]
        asked = [f"{name['name']}={VALUE[name['type']]}" for name in one["searchParam"] if name["type"] in VALUE]
        asked += [f"_include={name}" for name in one["searchInclude"]] + [f"_revinclude={name}" for name in one.get("searchRevInclude", ())[:30]]
        whole = client.post(f"{rtype}/_search", "&".join(asked[:1]), kind="application/x-www-form-urlencoded")
        assert whole.status == 200, (rtype, asked[:1], whole.data)
        for at in range(0, len(asked), 30):
            reply = client.post(f"{rtype}/_search", "&".join(asked[at : at + 30]), kind="application/x-www-form-urlencoded")
            if reply.status != 200:
                wrong += [(rtype, issue["expression"], issue["diagnostics"]) for issue in reply.doc["issue"]]
    assert not wrong, wrong[:20]


# --- what it answers is valid R4 -------------------------------------------------------------------------------------------------


def test_every_kind_of_answer_is_valid_r4(client, mai):
    """By $validate itself: structure, bindings and the invariants of Bundle (bdl-1 to bdl-12)."""
    made = client.post("Observation", w.observation(mai)).id
    client.put(f"Observation/{made}", w.observation(mai, id=made, value=2))
    client.put("Basic/gone", {"resourceType": "Basic", "id": "gone", "code": {"text": "x"}})
    client.ask("DELETE", "Basic/gone")
    entry = {"request": {"method": "GET", "url": f"Observation/{made}"}}
    answers = [
        client.get(path, accept=w.JSON)
        for path in (
            "Observation?code=718-7&_include=*", "Observation?_summary=count", "Observation?_count=0", "Observation?code=none", f"Patient/{mai}/*",
            "_history", "Observation/_history?_summary=true", f"Observation/{made}/_history?_count=1", "Basic/gone/_history", f"Patient/{mai}/$everything",
            f"Patient/{mai}/$summary", f"Observation/$lastn?patient={mai}", "Observation?foo=1", "Patient/nobody", "metadata",
            f"Observation/{made}/$validate", f"Observation/{made}?_summary=text", f"Observation/{made}?_elements=subject",
        )
    ]  # fmt: skip
    answers.append(client.get("Observation?foo=1", prefer="handling=lenient"))
    for kind in ("batch", "transaction"):
        listed = [
            entry,
            {"request": {"method": "DELETE", "url": "Basic/never"}},
            {"request": {"method": "POST", "url": "Basic"}, "resource": {"resourceType": "Basic", "code": {"text": "x"}}},
        ]
        answers.append(client.post("", {"resourceType": "Bundle", "type": kind, "entry": listed}, prefer="return=representation"))
    answers.append(
        client.post("", {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Basic/never"}}, entry]})
    )
    answers.append(client.post("Observation", w.observation(mai), prefer="return=OperationOutcome"))
    wrong = []
    for answer in answers:
        doc = answer.doc
        told = client.post(f"{doc['resourceType']}/$validate", given(resource=doc)).doc
        wrong += [(doc.get("type"), one["diagnostics"], one.get("expression")) for one in told["issue"] if one["severity"] in {"error", "fatal"}]
    assert not wrong, wrong
