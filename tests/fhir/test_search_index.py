"""What is indexed answers what is asked: tokens against the obvious search, rows of texts and ranges against the values."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from yba.fhir import match, parameters, query, search, values

CODING = st.fixed_dictionaries({}, optional={"system": st.sampled_from(["http://a", "http://b"]), "code": st.sampled_from("xyz")})
CONCEPT = st.fixed_dictionaries({}, optional={"coding": st.lists(CODING, min_size=1, max_size=2), "text": st.just("x")})
TARGET = st.sampled_from(["Patient/1", "Group/1", "Patient/2/_history/1", "http://h/Patient/1", "#p", "urn:uuid:1", "Device/1"])
IDENTIFIER = st.fixed_dictionaries(
    {}, optional={"system": st.sampled_from(["http://a", "http://b"]), "value": st.sampled_from("xyz"), "type": CONCEPT}
)
REFERENCE = st.fixed_dictionaries({}, optional={"reference": TARGET, "type": st.sampled_from(["Patient", "Group"]), "identifier": IDENTIFIER})
DOCUMENTS = st.fixed_dictionaries(
    {"resourceType": st.just("Observation")},
    optional={
        "status": st.sampled_from(["final", "x"]),
        "code": CONCEPT,
        "category": st.lists(CONCEPT, max_size=2),
        "identifier": st.lists(IDENTIFIER, max_size=2),
        "subject": REFERENCE,
        "performer": st.lists(REFERENCE, max_size=2),
        "valueCodeableConcept": CONCEPT,
        "component": st.lists(st.fixed_dictionaries({}, optional={"code": CONCEPT, "valueCodeableConcept": CONCEPT}), max_size=2),
        "meta": st.fixed_dictionaries({}, optional={"tag": st.lists(CODING, max_size=2), "security": st.lists(CODING, max_size=2)}),
    },
)
TOKEN = st.sampled_from(["x", "y", "|x", "http://a|x", "http://b|", "http://hl7.org/fhir/observation-status|final", "final", "x,http://b|y"])
REFERRED = st.sampled_from(["1", "2", "Patient/1", "Group/1", "Patient/2/_history/1", "http://h/Patient/1", "urn:uuid:1", "Device/1,Patient/2"])
QUESTIONS = st.one_of(
    st.tuples(st.sampled_from(["status", "code", "category", "identifier", "value-concept", "component-code", "_tag", "_security"]), TOKEN),
    st.tuples(st.sampled_from(["subject", "patient", "performer"]), REFERRED),
    st.tuples(st.sampled_from(["subject:identifier", "patient:identifier", "performer:identifier"]), TOKEN),
    st.tuples(st.just("identifier:of-type"), st.sampled_from(["http://a|x|y", "http://b|z|x"])),
    st.tuples(
        st.sampled_from(["code-value-concept", "component-code-value-concept", "combo-code-value-concept"]),
        st.sampled_from(["x$y", "http://a|x$z,y$y"]),
    ),
)


@given(DOCUMENTS, QUESTIONS)
def test_tokens_answer_what_is_asked(doc, question):
    (term,) = query.parse("Observation", [question]).criteria
    asked = search.asked("Observation", term)
    found = match.matches(term, doc)
    if asked is None:
        return
    carried = bool(set(asked.tokens) & set(search.index("Observation", doc).tokens))
    assert carried or not found
    if asked.exact:
        assert carried is found


def test_most_questions_are_answered_by_the_index():
    for name, value in [
        ("code", "http://a|x"),
        ("subject", "1"),
        ("patient", "Patient/1"),
        ("identifier", "x"),
        ("status", "final"),
        ("code-value-concept", "a$b"),
    ]:
        assert search.asked("Observation", query.parse("Observation", [(name, value)]).criteria[0]) is not None
    for name, value in [
        ("code:not", "x"),
        ("code:in", "x"),
        ("status:missing", "true"),
        ("date", "2026"),
        ("value-string", "x"),
        ("focus", "Patient/1"),
    ]:
        assert search.asked("Observation", query.parse("Observation", [(name, value)]).criteria[0]) is None


def test_what_the_index_answers_alone():
    for rtype, name, value, exact in [
        ("ValueSet", "url", "http://a", True),
        ("Observation", "code", "http://a|x", True),
        ("Observation", "status", "|final", True),
        ("Observation", "status", "http://hl7.org/fhir/observation-status|final", False),
        ("Observation", "subject", "Patient/1", True),
        ("Observation", "encounter", "Encounter/1/_history/2", False),
        ("Observation", "identifier:of-type", "s|c|v", False),
        ("Observation", "code-value-concept", "a$b", False),
    ]:
        asked = search.asked(rtype, query.parse(rtype, [(name, value)]).criteria[0])
        assert asked is not None
        assert asked.exact is exact


PHUONG = {
    "resourceType": "Patient",
    "name": [{"text": "Nguyễn Thị Phương", "family": "Nguyễn", "given": ["Thị", "Phương"]}],
    "address": [{"text": "12 Lê Lợi, Huế", "city": "Huế"}],
    "deceasedDateTime": "2026-03-12",
}


def test_rows_of_people():
    found = search.index("Patient", PHUONG)
    tokens, start, end = found  # a row of the record is made from these three
    assert (tokens, start, end) == (found.tokens, found.start, found.end)
    names = {text for param, text in found.texts if param == "name"}
    assert names == {"nguyen thi phuong", "nguyen", "thi", "phuong", "thi phuong"}
    assert ("address", "12 le loi, hue") in found.texts
    assert ("address-city", "hue") in found.texts
    assert found.ranges == [("death-date", datetime(2026, 3, 11, 17, tzinfo=UTC), datetime(2026, 3, 12, 17, tzinfo=UTC))]
    assert len(found.texts) == len(set(found.texts))


def test_types_that_name_none_pay_nothing():
    found = search.index("Observation", {"resourceType": "Observation", "status": "final"})
    assert (found.texts, found.ranges) == ((), ())
    assert not vars(found)


TEXT = st.text(st.sampled_from("aăâbđêinơuư ẠẾ"), min_size=1, max_size=8)
NAMES = st.lists(st.fixed_dictionaries({}, optional={"text": TEXT, "family": TEXT, "given": st.lists(TEXT, max_size=2)}), max_size=2)


@given(NAMES, TEXT)
def test_a_text_is_found_exactly_where_a_row_begins_so(names, asked):
    doc = {"resourceType": "Patient", "name": names}
    pairs = [("name", asked)]
    if not asked.split():
        return
    (term,) = query.parse("Patient", pairs).criteria
    rows = [text for param, text in search.index("Patient", doc).texts if param == "name"]
    assert match.matches(term, doc) is any(text.startswith(term.values[0].folded) for text in rows)


def test_the_file_names_parameters_that_r4_has():
    for rtype in parameters.chosen_types():
        wanted = parameters.profile(rtype)
        assert all(one.type == "string" for one in wanted.texts)
        assert all(one.type in parameters.RANGE_LIKE for one in wanted.ranges)
        for one in (*wanted.texts, *wanted.ranges):
            assert values.of(rtype, {"resourceType": rtype}, one.code) == []
