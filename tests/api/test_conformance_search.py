"""R4's words on searching (search.html) asked one by one over HTTP; ranges are reckoned here by the table of the specification itself."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.api import world as w

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)


def ids(reply):
    assert reply.status == 200, reply.data[:500]
    return [one["resource"]["id"] for one in reply.doc.get("entry", ()) if one["search"]["mode"] == "match"]


def at(text):
    return datetime.fromisoformat(text)


# name -> (how it is written, first moment, last moment)
TIMES = {
    "second": ({"effectiveDateTime": "2026-03-02T08:00:00+07:00"}, at("2026-03-02T08:00:00+07:00"), at("2026-03-02T08:00:00+07:00")),
    "zulu": ({"effectiveInstant": "2026-03-02T17:30:00Z"}, at("2026-03-03T00:30:00+07:00"), at("2026-03-03T00:30:00+07:00")),
    "day": ({"effectiveDateTime": "2026-03-02"}, at("2026-03-02T00:00:00+07:00"), at("2026-03-03T00:00:00+07:00") - TICK),
    "month": ({"effectiveDateTime": "2026-03"}, at("2026-03-01T00:00:00+07:00"), at("2026-04-01T00:00:00+07:00") - TICK),
    "year": ({"effectiveDateTime": "2026"}, at("2026-01-01T00:00:00+07:00"), at("2027-01-01T00:00:00+07:00") - TICK),
    "period": (
        {"effectivePeriod": {"start": "2026-02-28", "end": "2026-03-02T08:00:00+07:00"}}, at("2026-02-28T00:00:00+07:00"), at("2026-03-02T08:00:00+07:00"),
    ),
    "going": ({"effectivePeriod": {"start": "2026-03-02"}}, at("2026-03-02T00:00:00+07:00"), LATEST),
    "over": ({"effectivePeriod": {"end": "2026-03-01"}}, EARLIEST, at("2026-03-02T00:00:00+07:00") - TICK),
}  # fmt: skip
ASKED = {
    "2026": ("2026-01-01T00:00:00+07:00", "2027-01-01T00:00:00+07:00"),
    "2026-03": ("2026-03-01T00:00:00+07:00", "2026-04-01T00:00:00+07:00"),
    "2026-03-02": ("2026-03-02T00:00:00+07:00", "2026-03-03T00:00:00+07:00"),
    "2026-03-02T08:00": ("2026-03-02T08:00:00+07:00", "2026-03-02T08:01:00+07:00"),
    "2026-03-02T08:00:00%2B07:00": ("2026-03-02T08:00:00+07:00", "2026-03-02T08:00:01+07:00"),
    "2026-03-02T01:00:00Z": ("2026-03-02T08:00:00+07:00", "2026-03-02T08:00:01+07:00"),
    "2026-03-02T08:00:00.000%2B07:00": ("2026-03-02T08:00:00+07:00", "2026-03-02T08:00:00.001+07:00"),
}


def expected(prefix, low, high, first, last):
    """R4's table: `low` to `high` is the search value (its last moment within), `first` to `last` the target."""
    within = low <= first and last <= high
    return {
        "eq": within, "ne": not within, "gt": last > high, "lt": first < low, "ge": last > high or within, "le": first < low or within,
        "sa": first > high, "eb": last < low,
    }[prefix]  # fmt: skip


@pytest.fixture
def times(client, mai):
    for name, (how, _, _) in TIMES.items():
        doc = {key: value for key, value in w.observation(mai, id=name).items() if key != "effectiveDateTime"}
        assert client.put(f"Observation/{name}", {**doc, **how}).status == 201, name
    doc = {key: value for key, value in w.observation(mai, id="never").items() if key != "effectiveDateTime"}
    assert client.put("Observation/never", doc).status == 201


def test_dates_by_every_prefix_and_precision_as_the_specifications_table_says(client, mai, times):
    wrong = []
    for text, (begin, end) in ASKED.items():
        low, high = at(begin), at(end) - TICK
        for prefix in ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"):
            wanted = {name for name, (_, first, last) in TIMES.items() if expected(prefix or "eq", low, high, first, last)}
            for more in ("", f"&patient={mai}"):
                found = ids(client.get(f"Observation?date={prefix}{text}{more}&_count=50"))
                if sorted(found) != sorted(wanted):
                    wrong.append((prefix, text, more, sorted(set(found) ^ wanted)))
    assert not wrong, wrong
    assert sorted(ids(client.get("Observation?date:missing=true"))) == ["never"]
    assert len(ids(client.get("Observation?date:missing=false"))) == len(TIMES)


def test_dates_are_ordered_by_their_beginning_and_their_end_and_none_comes_last(client, times):
    rising = sorted(TIMES, key=lambda name: (TIMES[name][1], name))
    assert ids(client.get("Observation?_sort=date")) == [*rising, "never"]
    falling = sorted(sorted(TIMES), key=lambda name: TIMES[name][2], reverse=True)
    assert ids(client.get("Observation?_sort=-date")) == [*falling, "never"]
    paged, path = [], "Observation?_sort=-date&_count=2"
    while path:
        page = client.get(path)
        paged += ids(page)
        path = next((one["url"] for one in page.doc["link"] if one["relation"] == "next"), "").partition("/fhir/")[2]
    assert paged == [*falling, "never"]


NUMBERS = {
    "100": {"100", "99.6", "100.4"}, "100.0": {"100"}, "1e2": {"100", "99.6", "100.4", "94", "106"}, "lt100": {"99.6", "94"}, "le100": {"100", "99.6", "94"},
    "gt100": {"100.4", "106"}, "ge100": {"100", "100.4", "106"}, "ne100": {"94", "106"}, "ap100": {"100", "99.6", "100.4", "94", "106"},
    "ap94": {"100", "99.6", "100.4", "94"}, "sa100": {"100.4", "106"}, "eb100": {"99.6", "94"}, "100,94": {"100", "99.6", "100.4", "94"},
}  # fmt: skip


@pytest.mark.parametrize("asked", NUMBERS)
def test_numbers_and_quantities_by_every_prefix(client, mai, asked):
    """1e2 is half of its last digit to both sides, as R5 mended R4's table (fhir/query/literals.py)."""
    for number in ("94", "99.6", "100", "100.4", "106"):
        body = w.observation(mai, id=f"v{number}")
        body["valueQuantity"]["value"] = float(number)
        assert client.put(f"Observation/v{number}", body).status == 201
    found = ids(client.get(f"Observation?value-quantity={asked}"))
    assert sorted(found) == sorted(f"v{one}" for one in NUMBERS[asked])
    with_unit = ",".join(f"{one}|http://unitsofmeasure.org|g/dL" for one in asked.split(","))
    assert sorted(ids(client.get(f"Observation?value-quantity={with_unit}"))) == sorted(found)
    if "," not in asked:
        by_code = ids(client.get(f"Observation?code-value-quantity=718-7${asked}"))
        assert sorted(by_code) == sorted(found)
        assert not ids(client.get(f"Observation?code-value-quantity=1-1${asked}"))


def place(name, over=""):
    return {"resourceType": "Location", "id": name, "name": name, **({"partOf": {"reference": f"Location/{over}"}} if over else {})}


@pytest.fixture
def houses(client, mai):
    """A hospital, its building, a ward in it with two rooms; a visit in a room and one at the hospital's door."""
    for name, over in (("hospital", ""), ("building", "hospital"), ("ward", "building"), ("room-1", "ward"), ("room-2", "ward"), ("elsewhere", "")):
        assert client.put(f"Location/{name}", place(name, over)).status == 201
    for name, where in (("in-room", "room-1"), ("in-ward", "ward"), ("at-door", "hospital"), ("away", "elsewhere")):
        doc = {"resourceType": "Encounter", "id": name, "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": f"Patient/{mai}"}}
        assert client.put(f"Encounter/{name}", {**doc, "location": [{"location": {"reference": f"Location/{where}"}}]}).status == 201
    return mai


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Encounter?location:below=Location/hospital", {"in-room", "in-ward", "at-door"}), ("Encounter?location:below=ward", {"in-room", "in-ward"}),
        ("Encounter?location:below=Location/room-1", {"in-room"}), ("Encounter?location:above=Location/room-1", {"in-room", "in-ward", "at-door"}),
        ("Encounter?location:above=building", {"at-door"}), ("Encounter?location:below=elsewhere,room-2", {"away"}),
        ("Encounter?location:below=Location/none", set()), ("Encounter?patient={mai}&location:below=building", {"in-room", "in-ward"}),
        ("Location?partof:below=Location/hospital", {"building", "ward", "room-1", "room-2"}), ("Location?partof:below=ward", {"room-1", "room-2"}),
        # part of room-1, or of what stands over it: the ward, the building, the hospital
        ("Location?partof:above=room-1", {"building", "ward", "room-1", "room-2"}),
    ],
)  # fmt: skip
def test_references_by_what_is_under_and_over(client, houses, query, found):
    """R4, "Searching Hierarchies": all the way, not one step."""
    assert set(ids(client.get(query.format(mai=houses)))) == found


def test_a_hierarchy_in_a_ring_ends(client, houses):
    client.put("Location/hospital", place("hospital", "room-1"))
    assert set(ids(client.get("Encounter?location:below=ward"))) == {"in-room", "in-ward", "at-door"}
    assert set(ids(client.get("Encounter?location:above=ward"))) == {"in-room", "in-ward", "at-door"}


def test_a_value_set_nobody_knows_is_a_mistake_whatever_is_stored(client, mai):
    for query in ("code:in=http://x.test/none", "code:not-in=http://x.test/none", "_filter=code in http://x.test/none"):
        empty = client.get(f"Condition?{query}")
        assert (empty.status, empty.codes) == (400, ["invalid"])
        assert empty.data.count(b"value set") == 1
    assert client.get("Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender").status == 200


@pytest.mark.parametrize(
    "query",
    ["QuestionnaireResponse?questionnaire.title=x", "QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire",
     "Questionnaire?_revinclude=QuestionnaireResponse:questionnaire", "Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed"],
)  # fmt: skip
def test_what_is_not_followed_is_said_and_not_answered_with_nothing(client, query):
    refused = client.get(query)
    assert refused.status == 400
    assert "canonical" in refused.data.decode()
    assert client.get("QuestionnaireResponse?questionnaire=http://x.test/q|1&_include=*").status == 200


@pytest.mark.parametrize("signs", ["A|B,C$D\\E", "a,b", "x|y", "$1", "\\", "a\\,b"])
def test_signs_that_mean_something_are_escaped(client, mai, signs):
    escaped = "".join("\\" + one if one in "\\,|$" else one for one in signs)
    doc = w.observation(mai, code=signs, id="signs", identifier=[{"system": "http://x.test/i", "value": signs}])
    assert client.put("Observation/signs", doc).status == 201
    for name, value in (("code", escaped), ("code", f"http://loinc.org|{escaped}"), ("code", f"other,{escaped}"), ("identifier", escaped),
                        ("code-value-quantity", f"{escaped}$gt1"), ("code-value-quantity", f"http://loinc.org|{escaped}$gt1")):  # fmt: skip
        reply = client.post("Observation/_search", urlencode({name: value}), kind="application/x-www-form-urlencoded")
        assert ids(reply) == ["signs"], (name, value)
        assert ids(client.get(reply.doc["link"][0]["url"].partition("/fhir/")[2])) == ["signs"], "the self link asks the same"


LENIENT = [("foo=1", "foo"), ("foo:exact=1", "foo:exact"), ("code:bogus=1", "code:bogus"), ("_sort=foo", "_sort"), ("_include=Nothing:x", "_include")]


@pytest.mark.parametrize(("wrong", "name"), LENIENT)
def test_what_is_not_known_is_refused_or_passed_over_and_told_as_preferred(client, mai, wrong, name):
    client.post("Observation", w.observation(mai))
    for prefer in ({}, {"prefer": "handling=strict"}):
        refused = client.get(f"Observation?{wrong}&code=718-7", **prefer)
        assert (refused.status, refused.doc["issue"][0]["expression"]) == (400, [name])
    found = client.get(f"Observation?{wrong}&code=718-7", prefer="handling=lenient").doc
    modes = [one["search"]["mode"] for one in found["entry"]]
    assert modes == ["match", "outcome"]
    told = found["entry"][1]["resource"]["issue"][0]
    assert (told["severity"], told["expression"]) == ("warning", [name])
    assert found["link"][0]["url"].endswith("/Observation?code=718-7"), "the self link says what was asked of the record"
