"""R4's words on HTTP (http.html, binary.html) asked one by one: tags, preferences, shapes of answers, histories, raw content."""

import base64

import pytest

from tests.api import world as w
from yba.fhir.xml import from_xml
from yba.kit import exact

FORM = "application/x-www-form-urlencoded"
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


@pytest.fixture
def hb(client, mai):
    """The id of a result."""
    return client.post("Observation", w.observation(mai, note=[{"text": "x"}])).id


@pytest.mark.parametrize(
    ("tag", "status"), [('W/"1"', 200), ('"1"', 200), ("*", 200), ('W/"2"', 412), ('W/"abc"', 412), ('"01a-b"', 412), ("nonsense", 400)]
)
def test_an_update_holds_to_any_entity_tag(client, mai, hb, tag, status):
    """Tags are opaque (RFC 7232): one we never gave is another version, not a mistake in the request."""
    assert client.put(f"Observation/{hb}", w.observation(mai, id=hb, value=2), if_match=tag).status == status
    assert client.ask("DELETE", f"Observation/{hb}", if_match='W/"9"').status == 412
    assert client.get(f"Observation/{hb}").status == 200


@pytest.mark.parametrize("tag", ['W/"1"', "*"])
def test_what_is_not_there_has_no_version_that_matches(client, mai, tag):
    assert client.put("Observation/never", w.observation(mai, id="never"), if_match=tag).status == 412
    assert client.ask("DELETE", "Observation/never", if_match=tag).status == 412
    made = client.put("Observation/once", w.observation(mai, id="once"))
    assert (made.status, client.ask("DELETE", "Observation/once", if_match=tag).status) == (201, 204)
    assert client.ask("DELETE", "Observation/once", if_match=tag).status == 412, "deleted already"
    assert client.ask("DELETE", "Observation/once").status == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": 'W/"1"'}, 304), ({"if_none_match": '"1"'}, 304), ({"if_none_match": '"7", W/"1"'}, 304), ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"abc"'}, 200), ({"if_modified_since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 304),
        ({"if_modified_since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200), ({"if_modified_since": "yesterday"}, 200),
        ({"if_none_match": '"7"', "if_modified_since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 200),  # RFC 7232, 6: the tag decides
    ],
)  # fmt: skip
def test_conditional_reads(client, hb, headers, status):
    for method in ("GET", "HEAD"):
        for address in (f"Observation/{hb}", f"Observation/{hb}/_history/1"):
            reply = client.ask(method, address, **headers)
            assert (reply.status, reply.headers["etag"], bool(reply.data)) == (status, 'W/"1"', status == 200 and method == "GET")


def test_head_says_what_get_would(client, mai, hb):
    for address in (f"Observation/{hb}", "Observation?code=718-7", f"Observation/{hb}/_history", "metadata"):
        got, head = client.get(address), client.ask("HEAD", address)
        assert (head.status, head.data, head.headers["content-type"]) == (200, b"", got.headers["content-type"])
        assert int(head.headers["content-length"]) == pytest.approx(len(got.data), abs=20)  # moments have as many digits as they need
    assert client.ask("HEAD", "Observation/never").status == 404
    client.ask("DELETE", f"Observation/{hb}")
    assert client.ask("HEAD", f"Observation/{hb}").status == 410


def test_a_request_id_of_the_clients_own_is_given_back(client):
    reply = client.get("metadata", x_request_id="abc-1")
    assert reply.headers["x-correlation-id"] == "abc-1"
    assert reply.headers["x-request-id"] != "abc-1"
    assert "x-correlation-id" not in client.get("metadata", x_request_id="a\r\nb: c").headers


def test_an_update_by_condition_never_overwrites_what_did_not_match(client, mai, hb):
    reply = client.put("Observation?identifier=http://x.test|none", w.observation(mai, id=hb, value=7))
    assert reply.status == 412
    assert client.get(f"Observation/{hb}").headers["etag"] == 'W/"1"'
    assert client.put("Observation?identifier=http://x.test|none", w.observation(mai, id="own")).status == 201


def test_a_deletion_says_what_was_done_where_words_are_preferred(client, hb):
    told = client.ask("DELETE", f"Observation/{hb}", prefer="return=OperationOutcome")
    assert (told.status, told.headers["etag"], told.doc["issue"][0]["severity"]) == (200, 'W/"2"', "information")


# --- conditions ----------------------------------------------------------------------------------------------------------------


CARD = "http://benhvien.test/ket-qua"
BY = f"Observation?identifier={CARD}|K"
PATCH = b'[{"op":"replace","path":"/status","value":"amended"}]'


def carded(mai, **more):
    return w.observation(mai, identifier=[{"system": CARD, "value": "K"}], **more)


def act(client, mai, kind, by=BY, **headers):
    """A write by condition."""
    if kind == "create":
        return client.post("Observation", carded(mai), if_none_exist=by.partition("?")[2], **headers)
    if kind == "patch":
        return client.ask("PATCH", by, PATCH, kind="application/json-patch+json", **headers)
    return client.ask("DELETE", by, **headers) if kind == "delete" else client.put(by, carded(mai, status="amended"), **headers)


@pytest.mark.parametrize(
    ("kind", "statuses"), [("create", (201, 200, 412)), ("update", (201, 200, 412)), ("patch", (404, 200, 412)), ("delete", (204, 204, 412))]
)
def test_conditions_that_nothing_one_and_several_meet(client, mai, kind, statuses):
    """R4: none, one, many."""
    assert act(client, mai, kind).status == statuses[0]
    client.ask("DELETE", BY)
    one = client.post("Observation", carded(mai)).id
    assert act(client, mai, kind).status == statuses[1]
    read = client.get(f"Observation/{one}")
    assert (read.status, read.headers.get("etag")) == {
        "create": (200, 'W/"1"'), "update": (200, 'W/"2"'), "patch": (200, 'W/"2"'), "delete": (410, None)
    }[kind]  # fmt: skip
    for name in ("a", "b"):
        client.put(f"Observation/{name}", carded(mai, id=name))
    before = client.get("Observation?_total=accurate").doc["total"]
    refused = act(client, mai, kind)
    assert (refused.status, refused.codes) == (statuses[2], ["multiple-matches"])
    assert client.get("Observation?_total=accurate").doc["total"] == before
    assert client.get("Observation/a").headers["etag"] == client.get("Observation/b").headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("kind", ["create", "update", "patch", "delete"])
@pytest.mark.parametrize(("by", "status"), [("Observation?foo=1", 400), ("Observation?_count=1", 412), ("Observation?date=yesterday", 400)])
def test_a_condition_is_never_read_leniently(client, mai, kind, by, status):
    """Passed over, it would be met by everything."""
    made = client.post("Observation", carded(mai)).id
    assert act(client, mai, kind, by, prefer="handling=lenient").status == status
    assert client.get(f"Observation/{made}").headers["etag"] == 'W/"1"'


# --- shapes ------------------------------------------------------------------------------------------------------------------


SHAPES = [
    ("true", {"code", "status", "subject", "effectiveDateTime", "valueQuantity"}, {"note", "text"}),
    ("data", {"code", "status", "note"}, {"text"}),
    ("text", {"code", "status", "text"}, {"note", "subject"}),
    ("false", {"code", "note", "text"}, set()),
]


@pytest.mark.parametrize(("mode", "there", "not_there"), SHAPES)
def test_summaries_hold_of_every_interaction(client, mai, mode, there, not_there):
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Hb</div>'
    doc = w.observation(mai, note=[{"text": "x"}], text={"status": "generated", "div": div})
    made = client.post(f"Observation?_summary={mode}", doc)
    shown = [made.doc]
    shown.append(client.get(f"Observation/{made.id}?_summary={mode}").doc)
    shown.append(client.get(f"Observation/{made.id}/_history/1?_summary={mode}").doc)
    for address in (
        "Observation?code=718-7&",
        f"Observation/{made.id}/_history?",
        "Observation/_history?",
        "_history?_count=1&",
        f"Patient/{mai}/Observation?",
    ):
        (one,) = [
            each["resource"] for each in client.get(f"{address}_summary={mode}").doc["entry"] if each["resource"]["resourceType"] == "Observation"
        ]
        shown.append(one)
    shown.append(client.post("Observation/_search", f"code=718-7&_summary={mode}", kind=FORM).doc["entry"][0]["resource"])
    shown.append(client.post(f"Patient/{mai}/Observation/_search", f"_summary={mode}", kind=FORM).doc["entry"][0]["resource"])
    for one in shown:
        assert there <= one.keys(), mode
        assert not (not_there & one.keys()), mode
        assert ("tag" in one["meta"]) is (mode != "false")
        assert one["meta"]["versionId"] == "1"
        if mode != "false":
            assert SUBSETTED in one["meta"]["tag"]
    assert client.get(f"Observation/{made.id}").doc["note"], "what is shown shortened is stored whole"


def test_a_summary_is_of_what_comes_along_too_and_narratives_come_alone(client, mai, hb):
    along = client.get("Observation?code=718-7&_include=Observation:subject&_summary=true").doc["entry"]
    assert [SUBSETTED in one["resource"]["meta"]["tag"] for one in along] == [True, True]
    refused = client.get("Observation?code=718-7&_include=Observation:subject&_summary=text")
    assert (refused.status, refused.doc["issue"][0]["expression"]) == (400, ["_summary"])
    counted = client.get("Observation?_summary=count").doc
    assert (counted["total"], "entry" in counted) == (1, False)
    zero = client.get("Observation?_count=0").doc
    assert (zero["total"], "entry" in zero) == (1, False)


def test_elements_by_name_by_type_and_deeper(client, mai, hb):
    one = client.get(f"Observation/{hb}?_elements=subject").doc
    assert one.keys() == {"resourceType", "id", "meta", "status", "code", "subject"}, "mandatory and modifying ones always"
    assert SUBSETTED in one["meta"]["tag"]
    deep = client.get(f"Patient/{mai}?_elements=name.family").doc
    assert deep["name"][0]["family"] == "Nguyễn"
    entries = client.get("Observation?_include=Observation:subject&_elements=Observation.subject,Patient.gender").doc["entry"]
    by_type = {each["resource"]["resourceType"]: each["resource"] for each in entries}
    assert by_type["Observation"].keys() == one.keys()
    assert by_type["Patient"].keys() == {"resourceType", "id", "meta", "gender"}
    bare = client.get("Observation?_include=Observation:subject&_elements=subject").doc["entry"]
    assert "tag" not in next(each["resource"]["meta"] for each in bare if each["search"]["mode"] == "include")
    form = client.post("Observation/_search", "code=718-7&_elements=subject", kind=FORM).doc["entry"][0]["resource"]
    assert form.keys() == one.keys()


def test_a_form_may_say_how_to_be_answered(client, hb):
    reply = client.post("Observation/_search", "code=718-7&_format=xml", kind=FORM)
    assert reply.headers["content-type"].startswith("application/fhir+xml")
    assert from_xml(reply.data)["entry"][0]["resource"]["id"] == hb
    links = client.post("Observation/_search?_count=5", "code=718-7&_format=json&_pretty=true", kind=FORM)
    assert b"\n  " in links.data
    assert links.doc["link"][0]["url"] == "http://localhost/fhir/Observation?code=718-7&_count=5&_format=json&_pretty=true"
    assert client.post("Observation/_search", "_format=pdf", kind=FORM).status == 406
    assert client.ask("POST", "Observation/_search", b"", kind="").status == 200


def test_what_comes_in_pieces_is_read_too(client, mai, hb):
    """HTTP/1.1 chunks tell no length (granian gives none): a form passed over would find everything."""
    assert "entry" not in client.post("Patient/_search", "name=khongcoai", kind=FORM, chunked=True).doc
    assert "entry" not in client.post(f"Patient/{mai}/Observation/_search", "code=none", kind=FORM, chunked=True).doc
    wrong = client.post("Observation/$validate", {**w.observation(mai), "nothing": 1}, chunked=True)
    assert wrong.doc["issue"][0]["expression"] == ["Observation.nothing"]
    assert client.post("Observation", w.observation(mai), chunked=True).status == 201


def test_xml_is_laid_out_for_people_too(client, mai):
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a <b>b</b></p>  c</div>'
    made = client.post("Observation", w.observation(mai, text={"status": "generated", "div": div}))
    plain = client.get(f"Observation/{made.id}?_format=xml").data
    pretty = client.get(f"Observation/{made.id}?_format=xml&_pretty=true").data
    assert b"\n  <status value=" in pretty
    assert div.encode() in pretty
    assert from_xml(pretty) == from_xml(plain)


# --- histories ---------------------------------------------------------------------------------------------------------------


def test_a_history_takes_what_it_knows_and_says_so(client, mai, hb):
    for number in range(2, 6):
        client.put(f"Observation/{hb}", w.observation(mai, id=hb, value=number))
    client.ask("DELETE", f"Observation/{hb}")
    address = f"Observation/{hb}/_history"
    whole = client.get(f"{address}?_sort=-_lastUpdated").doc
    assert [one["response"]["etag"] for one in whole["entry"]] == [f'W/"{number}"' for number in (6, 5, 4, 3, 2, 1)]
    assert ("resource" in whole["entry"][0], whole["entry"][0]["request"]["method"], whole["total"]) == (False, "DELETE", 6)
    assert client.get(f"{address}/6").status == 410
    assert client.get(f"{address}/5").status == 200
    for query, wrong in (("_list=1", "_list"), ("foo=1", "foo"), ("_sort=_lastUpdated", "_sort")):
        refused = client.get(f"{address}?{query}")
        assert (refused.status, refused.codes, refused.doc["issue"][0]["expression"]) == (400, ["not-supported"], [wrong])
    lenient = client.get(f"{address}?foo=1&_count=1", prefer="handling=lenient").doc
    assert lenient["link"][0]["url"].endswith("/_history?_count=1")
    third = whole["entry"][3]["resource"]["meta"]["lastUpdated"].replace("+", "%2B")
    assert [one["response"]["etag"] for one in client.get(f"{address}?_since={third}").doc["entry"]] == ['W/"6"', 'W/"5"', 'W/"4"', 'W/"3"']
    assert [one["response"]["etag"] for one in client.get(f"{address}?_at={third}").doc["entry"]] == ['W/"3"']


@pytest.mark.parametrize("level", ["Observation/{hb}/_history", "Observation/_history", "_history"])
def test_pages_of_a_history_hold_every_version_once(client, mai, hb, level):
    for number in range(2, 8):
        client.put(f"Observation/{hb}", w.observation(mai, id=hb, value=number))
    seen, path = [], level.format(hb=hb) + "?_count=2"
    while path:
        page = client.get(path).doc
        assert page["type"] == "history"
        seen += [(one["fullUrl"], one["response"]["etag"]) for one in page["entry"]]
        path = next((one["url"] for one in page["link"] if one["relation"] == "next"), "").partition("/fhir/")[2]
    assert len(seen) == len(set(seen))
    assert [etag for url, etag in seen if hb in url] == [f'W/"{number}"' for number in range(7, 0, -1)]


# --- raw content -------------------------------------------------------------------------------------------------------------


RAW = bytes(range(256)) * 40


def test_a_binary_is_its_content_unless_fhir_is_asked_for(client):
    made = client.post("Binary", {"resourceType": "Binary", "contentType": "image/png", "data": base64.b64encode(RAW).decode()})
    assert made.status == 201
    for accept in ({}, {"accept": "*/*"}, {"accept": "image/png"}, {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}):
        raw = client.get(f"Binary/{made.id}", **accept)
        assert (raw.status, raw.headers["content-type"], raw.headers["etag"]) == (200, "image/png", 'W/"1"')
        assert raw.data == RAW
        assert raw.headers["content-disposition"] == "attachment"
        assert "sandbox" in raw.headers["content-security-policy"]
        assert raw.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"Binary/{made.id}/_history/1").data == RAW
    assert client.get(f"Binary/{made.id}", if_none_match='W/"1"').status == 304
    assert client.ask("HEAD", f"Binary/{made.id}").headers["content-length"] == str(len(RAW))
    for asked in ({"accept": "application/fhir+json"}, {"accept": "application/json"}):
        assert client.get(f"Binary/{made.id}", **asked).doc["contentType"] == "image/png"
    assert client.get(f"Binary/{made.id}?_format=json").doc["contentType"] == "image/png"
    assert from_xml(client.get(f"Binary/{made.id}", accept="application/fhir+xml").data)["data"]
    assert client.get("Binary/never", accept="image/png").codes == ["not-found"]
    assert client.get("Binary").doc["entry"][0]["resource"]["resourceType"] == "Binary"
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": f"Binary/{made.id}"}}]}
    assert client.post("", batch, accept="image/png, application/fhir+json").doc["entry"][0]["resource"]["data"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image/png", RAW), ("text/plain; charset=utf-8", "chữ".encode()), ("application/fhir+json", b'{"resourceType":"Patient"}'), ("application/json", b"[1]"),
     ("application/xml", b"<a/>"), (FORM, b"a=1"), ("application/json-patch+json", b"[]"), ("text/html", b"<script>1</script>")],
)  # fmt: skip
def test_whatever_is_sent_to_binary_is_kept_as_it_is(client, kind, content):
    made = client.post("Binary", content, kind=kind)
    assert made.status == 201, made.data
    read = client.get(f"Binary/{made.id}")
    assert (read.data, read.headers["content-type"]) == (content, kind)
    changed = client.put(f"Binary/{made.id}", content + b" ", kind=kind, x_security_context="Patient/1")
    assert (changed.status, changed.headers["etag"]) == (200, 'W/"2"')
    shown = client.get(f"Binary/{made.id}?_format=json").doc
    assert (base64.b64decode(shown["data"]), shown["securityContext"]) == (content + b" ", {"reference": "Patient/1"})


def test_a_binary_needs_to_say_what_it_is(client):
    assert client.post("Binary", b"x", kind="nonsense").status == 415
    assert client.post("Binary", b'{"resourceType":"Binary"}').status == 422, "the resource itself is held to its rules"
    assert client.put("Binary/a", {"resourceType": "Binary", "id": "b", "contentType": "text/plain"}).status == 400


# --- digits ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["1.00", "100", "0.10", "-0.0", "1.00E-10", "1.50E+3", "123456789012.3456789012345", "1E+2"])
def test_decimals_keep_their_digits_on_every_road(client, mai, digits):
    body = '{"resourceType":"Observation","status":"final","code":{"text":"Hb"},"subject":{"reference":"Patient/%s"},"valueQuantity":{"value":%s}}'
    sent = (body % (mai, digits)).encode()
    made = client.post("Observation", sent)
    shown = digits.encode()
    assert b'"value":' + shown + b"}" in made.data
    assert b'"value":' + shown + b"}" in client.get("Observation?code:text=hb").data
    assert b'"value":' + shown + b"}" in client.get(f"Observation/{made.id}?_elements=value").data
    assert b'"value": ' + shown in client.get(f"Observation/{made.id}?_pretty=true").data
    assert b'"value":' + shown + b"}" in client.get(f"Observation/{made.id}/_history").data
    assert b'"value":' + shown + b"}" in client.get(f"Patient/{mai}/$everything").data
    xml = client.get(f"Observation/{made.id}?_format=xml").data
    assert b'<value value="' + shown + b'"/>' in xml
    assert client.put(f"Observation/{made.id}", xml, kind=w.XML).headers["etag"] == 'W/"1"', "sent back it is the same"
    doc = exact.numbers(client.get(f"Observation/{made.id}").data)
    assert doc["valueQuantity"]["value"] == exact.numbers(digits.encode())
    batch = b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":%s,"request":{"method":"POST","url":"Observation"}}]}' % sent
    assert b'"value":' + shown + b"}" in client.post("", batch, prefer="return=representation").data
