"""R4's words on bundles (http.html, 3.1.0.11) asked one by one: conditions of entries, order, references, and which entry is wrong."""

import pytest

from tests.api import world as w
from tests.api.test_bundles import bundle, entry, statuses

URN = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
SYSTEM = "http://benhvien.test/ket-qua"


def basic(name, text="x", **more):
    return {"resourceType": "Basic", "id": name, "code": {"text": text}, **more}


def result(about, number="K-1", **more):
    return w.observation(about, identifier=[{"system": SYSTEM, "value": number}], **more)


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_deletion_holds_to_the_version_it_names(client, kind):
    client.put("Basic/a", basic("a"))
    late = client.post("", bundle(entry("DELETE", "Basic/a", ifMatch='W/"9"'), kind=kind))
    assert (late.status if kind == "transaction" else int(statuses(late)[0])) == 412
    assert client.get("Basic/a").status == 200
    assert statuses(client.post("", bundle(entry("DELETE", "Basic/a", ifMatch='W/"1"'), kind=kind))) == ["204"]
    assert client.get("Basic/a").status == 410


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_an_update_by_condition_holds_to_the_version_it_names(client, mai, kind):
    made = client.post("Observation", result(mai))
    address = f"Observation?identifier={SYSTEM}|K-1"
    late = client.post("", bundle(entry("PUT", address, result(mai, value=2), ifMatch='W/"9"'), kind=kind))
    assert (late.status if kind == "transaction" else int(statuses(late)[0])) == 412
    assert client.get(f"Observation/{made.id}").headers["etag"] == 'W/"1"'
    assert statuses(client.post("", bundle(entry("PUT", address, result(mai, value=2), ifMatch='W/"1"'), kind=kind))) == ["200"]
    none = client.post("", bundle(entry("PUT", f"Observation?identifier={SYSTEM}|none", result(mai, "none"), ifMatch='W/"1"'), kind=kind))
    assert (none.status if kind == "transaction" else int(statuses(none)[0])) == 412


def test_conditional_references_are_resolved_after_the_writes(client):
    """R4's order: deletions, creations, updates, reads, then conditional references."""
    sent = bundle(
        entry("POST", "Observation", w.observation("x", subject={"reference": "Patient?identifier=http://benhvien.test/ma-bn|P-8"})),
        entry("POST", "Patient", w.patient("P-8"), ifNoneExist="identifier=http://benhvien.test/ma-bn|P-8"),
    )
    for _ in range(2):  # the Patient is made the first time, and there the second time
        reply = client.post("", sent)
        assert reply.status == 200, reply.data
        observation, patient = (one["response"]["location"] for one in reply.doc["entry"])
        assert client.get(observation).doc["subject"]["reference"] == "/".join(patient.split("/")[:2])


def test_a_conditional_reference_means_neither_what_is_deleted_nor_one_of_several(client, mai):
    client.put("Basic/a", basic("a", identifier=[{"system": SYSTEM, "value": "1"}]))
    refers = entry("POST", "Observation", w.observation(mai, basedOn=[{"reference": f"ServiceRequest?identifier={SYSTEM}|1"}]))
    order = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"reference": f"Patient/{mai}"}}
    order["identifier"] = [{"system": SYSTEM, "value": "1"}]
    client.put("ServiceRequest/a", {**order, "id": "a"})
    gone = client.post("", bundle(refers, entry("DELETE", "ServiceRequest/a")))
    assert (gone.status, gone.codes) == (412, ["not-found"])
    both = client.post("", bundle(refers, entry("POST", "ServiceRequest", order)))
    assert (both.status, both.codes) == (412, ["multiple-matches"])
    assert statuses(client.post("", bundle(refers, entry("PUT", "ServiceRequest/a", {**order, "id": "a", "priority": "stat"})))) == ["201", "200"]


@pytest.mark.parametrize("reference", ["Patient?identifier=P-1", "Patient?name=mai"])
def test_outside_of_a_transaction_a_conditional_reference_is_refused(client, mai, reference):
    """Kept as it is, it would be a result of nobody."""
    made = client.post("Observation", w.observation(mai, subject={"reference": reference}))
    assert made.status == 422, made.data
    assert made.doc["issue"][0]["expression"] == ["Observation.subject.reference"]
    reply = client.post("", bundle(entry("POST", "Observation", w.observation(mai, subject={"reference": reference})), kind="batch"))
    assert statuses(reply) == ["422"]
    assert "entry" not in client.get("Observation").doc
    kept = bundle(entry("POST", "Observation", w.observation(mai, subject={"reference": reference})))
    assert client.post("Bundle", kept).status == 201, "what a stored Bundle holds is no reference of ours"


def test_entries_of_a_batch_do_not_refer_to_each_other(client):
    """R4: non-conformant, since each stands alone; stored, the reference would lead nowhere for ever."""
    about = w.observation("x", subject={"reference": URN})
    reply = client.post("", bundle(entry("POST", "Patient", w.patient(), URN), entry("POST", "Observation", about), kind="batch"))
    assert statuses(reply) == ["201", "400"]
    assert reply.doc["entry"][1]["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1]"]


def test_head_in_a_bundle_gives_no_body(client, mai):
    for kind in ("batch", "transaction"):
        (one,) = client.post("", bundle(entry("HEAD", f"Patient/{mai}"), kind=kind)).doc["entry"]
        assert (one["response"]["status"], one["response"]["etag"]) == ("200 OK", 'W/"1"')
        assert "resource" not in one


def test_a_read_in_a_bundle_is_conditional_too(client, mai):
    (one,) = client.post("", bundle(entry("GET", f"Patient/{mai}", ifNoneMatch='W/"1"'), kind="batch")).doc["entry"]
    assert one["response"]["status"] == "304 Not Modified"
    assert "resource" not in one


def test_a_transaction_says_which_entries_are_wrong(client, mai):
    sent = bundle(
        entry("POST", "Patient", w.patient("P-9")),
        entry("POST", "Observation", w.observation(mai, status="tốt")),
        entry("PUT", "Basic/a", {"resourceType": "Basic", "id": "a", "code": {"text": "x"}, "nothing": 1}),
    )
    reply = client.post("", sent)
    assert reply.status == 422
    assert [one["expression"] for one in reply.doc["issue"]] == [["Bundle.entry[1].resource.status"], ["Bundle.entry[2].resource.nothing"]]
    unknown = client.post("", bundle(entry("GET", f"Patient/{mai}"), entry("DELETE", "Nothing/1")))
    assert (unknown.status, unknown.doc["issue"][0]["expression"]) == (404, ["Bundle.entry[1]"])
    several = client.post("", bundle(entry("PUT", "Basic?code:missing=false&foo=1", basic("a"))))
    assert several.status == 400


def test_names_of_entries_are_resolved_wherever_a_link_may_stand(client):
    """References, extensions, canonicals, uris and the narrative; words and identifiers that look like one stay."""
    doc = {
        "resourceType": "Observation", "status": "final", "code": {"text": URN}, "subject": {"reference": URN},
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{URN}">x</a><img src="{URN}#1"/> {URN}</div>'},
        "extension": [{"url": "http://x.test/e", "valueReference": {"reference": URN}}, {"url": "http://x.test/u", "valueUri": URN},
                      {"url": "http://x.test/s", "valueString": URN}],
        "contained": [{"resourceType": "Specimen", "id": "s", "subject": {"reference": URN}}],
        "specimen": {"reference": "#s"},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": URN}],
        "note": [{"authorReference": {"reference": URN}, "text": URN}],
    }  # fmt: skip
    reply = client.post("", bundle(entry("POST", "Observation", doc), entry("POST", "Patient", w.patient(), URN)))
    assert reply.status == 200, reply.data
    stored = client.get(reply.doc["entry"][0]["response"]["location"]).doc
    name = "/".join(reply.doc["entry"][1]["response"]["location"].split("/")[:2])
    assert (
        stored["subject"]["reference"] == stored["contained"][0]["subject"]["reference"] == stored["note"][0]["authorReference"]["reference"] == name
    )
    assert [one.get("valueReference", {}).get("reference") or one.get("valueUri") or one["valueString"] for one in stored["extension"]] == [
        name,
        name,
        URN,
    ]
    assert stored["text"]["div"] == f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{name}">x</a><img src="{name}#1"/> {URN}</div>'
    assert (stored["identifier"][0]["value"], stored["code"]["text"], stored["note"][0]["text"]) == (URN, URN, URN)


def test_a_name_that_no_entry_has_is_refused(client, mai):
    """Kept as it is, the result would be nobody's, and the order would lead nowhere."""
    lost = w.observation(mai, subject={"reference": URN})
    told = client.post("", bundle(entry("POST", "Patient", w.patient("P-9")), entry("POST", "Observation", lost)))
    assert (told.status, told.doc["issue"][0]["expression"]) == (400, ["Bundle.entry[1]"])
    other = client.post("", bundle(entry("POST", "Observation", w.observation(mai, basedOn=[{"reference": URN}]))))
    assert (other.status, other.codes) == (400, ["not-found"])
    for alone in (client.post("Observation", lost), client.put("Observation/a", {**lost, "id": "a"})):
        assert (alone.status, alone.codes) == (422, ["not-found"])
    assert statuses(client.post("", bundle(entry("POST", "Observation", lost), kind="batch"))) == ["422"]
    inside = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": URN, "resource": w.patient()}, {"resource": lost}]}
    assert statuses(client.post("", bundle(entry("POST", "Bundle", inside)))) == ["201"]
    assert "entry" not in client.get("Observation").doc


def test_two_entries_of_one_name_are_refused(client):
    sent = bundle(
        entry("POST", "Basic", {"resourceType": "Basic", "code": {"text": "1"}}, URN),
        entry("POST", "Basic", {"resourceType": "Basic", "code": {"text": "2"}}, URN),
    )
    told = client.post("", sent)
    assert (told.status, told.codes, told.doc["issue"][0]["expression"]) == (400, ["duplicate"], ["Bundle.entry[1].fullUrl"])
