"""Searches as text: what they are read into, what is wrong with them, and that writing and reading are inverse."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.fhir import fold, query
from yba.fhir.query import (
    And,
    BadSearch,
    Chain,
    CompositeValue,
    DateValue,
    Has,
    Include,
    Listed,
    Not,
    NumberValue,
    Or,
    QuantityValue,
    ReferenceValue,
    Sort,
    StringValue,
    Term,
    TokenValue,
    UriValue,
    Within,
)


def parse(rtype, text, **options):
    return query.parse(rtype, parse_qsl(text, keep_blank_values=True), **options)


def only(rtype, text, **options):
    (criterion,) = parse(rtype, text, **options).criteria
    return criterion


def said(rtype, text):
    """English words of every mistake, by parameter."""
    with pytest.raises(BadSearch) as caught:
        parse(rtype, text)
    assert all(one.vi != one.en for one in caught.value.mistakes)
    return [(one.name, one.en) for one in caught.value.mistakes]


def token(system, code):
    return TokenValue(system, code)


CODE = Term("code", "token", "", (token(None, "x"),))
NAME = Term("name", "string", "", (StringValue("x", "x"),))


@pytest.mark.parametrize(
    ("rtype", "text", "criterion"),
    [
        (
            "Observation",
            "code=http://l|1,|2,3,http://s|",
            Term("code", "token", "", (token("http://l", "1"), token("", "2"), token(None, "3"), token("http://s", None))),
        ),
        ("Patient", r"name=a\,b\|c\$d\\e", Term("name", "string", "", (StringValue(r"a,b|c$d\e", r"a,b|c$d\e"),))),
        ("Patient", "name:exact=Ph%C6%B0%C6%A1ng", Term("name", "string", "exact", (StringValue("Phương", "phuong"),))),
        ("Patient", "identifier:of-type=http://t|MR|4\\|2", Term("identifier", "token", "of-type", (query.OfTypeValue("http://t", "MR", "4|2"),))),
        ("Patient", "gender:missing=true", Term("gender", "token", "missing", (token(None, "true"),))),
        ("Condition", "code:in=http://vs/1", Term("code", "token", "in", (UriValue("http://vs/1"),))),
        ("Condition", "code:text=sốt Cao", Term("code", "token", "text", (StringValue("sốt Cao", "sot cao"),))),
        ("Observation", "subject=Patient/1", Term("subject", "reference", "", (ReferenceValue("Patient", "1"),))),
        ("Observation", "subject:Patient=1", Term("subject", "reference", "", (ReferenceValue("Patient", "1"),))),
        ("Observation", "patient=1", Term("patient", "reference", "", (ReferenceValue("Patient", "1"),))),
        ("Observation", "subject=1", Term("subject", "reference", "", (ReferenceValue(None, "1"),))),
        ("Observation", "encounter=Encounter/1/_history/3", Term("encounter", "reference", "", (ReferenceValue("Encounter", "1", None, "3"),))),
        ("Observation", "subject:identifier=s|v", Term("subject", "reference", "identifier", (token("s", "v"),))),
        ("QuestionnaireResponse", "questionnaire=http://q|2", Term("questionnaire", "reference", "", (ReferenceValue(None, None, "http://q|2"),))),
        ("Location", "partof:below=1", Term("partof", "reference", "below", (ReferenceValue("Location", "1"),))),
        ("ValueSet", "url:below=http://a/", Term("url", "uri", "below", (UriValue("http://a/"),))),
        ("Observation", "_text=Viêm phổi!", Term("_text", "text", "", (StringValue("Viêm phổi!", "viem phoi"),))),
        (
            "Observation",
            "code-value-quantity=l|1$gt5,2$7",
            Term(
                "code-value-quantity",
                "composite",
                "",
                (
                    CompositeValue((token("l", "1"), QuantityValue("gt", Decimal(5), Decimal(5), "5", None, None))),
                    CompositeValue((token(None, "2"), QuantityValue("eq", Decimal("6.5"), Decimal("7.5"), "7", None, None))),
                ),
            ),
        ),
        ("Observation", "subject:Patient.name=x", Chain("subject", "Patient", NAME)),
        (
            "Patient",
            "general-practitioner.name=x",
            Or((Chain("general-practitioner", "Organization", NAME), Chain("general-practitioner", "Practitioner", NAME)), untyped=True),
        ),
        (
            "Patient",
            "general-practitioner:PractitionerRole.practitioner.name=x",
            Chain("general-practitioner", "PractitionerRole", Chain("practitioner", "Practitioner", NAME)),
        ),
        ("Patient", "_has:Observation:patient:code=x", Has("Observation", "patient", CODE)),
        (
            "Patient",
            "_has:Observation:patient:encounter.location.name=x",
            Has("Observation", "patient", Chain("encounter", "Encounter", Chain("location", "Location", NAME))),
        ),
        (
            "Patient",
            "_has:Observation:patient:_has:DiagnosticReport:result:code=x",
            Has("Observation", "patient", Has("DiagnosticReport", "result", CODE)),
        ),
        ("Observation", "subject:Patient._has:Condition:patient:code=x", Chain("subject", "Patient", Has("Condition", "patient", CODE))),
        ("Patient", "_list=List/7", Listed("7")),
        ("Patient", "_list=$current-problems", Listed("$current-problems")),
    ],
)
def test_criteria(rtype, text, criterion):
    assert only(rtype, text) == criterion
    assert parse(rtype, str(parse(rtype, text))) == parse(rtype, text)


def test_a_url_of_this_server_is_a_relative_reference():
    base = "https://yba.vn/fhir"
    assert only("Observation", "subject=https://yba.vn/fhir/Patient/1", base=base).values == (ReferenceValue("Patient", "1"),)
    assert only("Observation", "subject=https://other/fhir/Patient/1", base=base).values == (
        ReferenceValue(None, None, "https://other/fhir/Patient/1"),
    )


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", "2026-01-01T00:00:00+07:00", "2027-01-01T00:00:00+07:00"),
        ("2026-12", "2026-12-01T00:00:00+07:00", "2027-01-01T00:00:00+07:00"),
        ("2024-02-29", "2024-02-29T00:00:00+07:00", "2024-03-01T00:00:00+07:00"),
        ("2026-03-12T10:30", "2026-03-12T10:30:00+07:00", "2026-03-12T10:31:00+07:00"),
        ("2026-03-12T10:30:15Z", "2026-03-12T10:30:15+00:00", "2026-03-12T10:30:16+00:00"),
        ("2026-03-12T10:30:15.25%2B02:00", "2026-03-12T10:30:15.250000+02:00", "2026-03-12T10:30:15.260000+02:00"),
        ("2026-03-12T10:30:15+07:00", "2026-03-12T10:30:15+07:00", "2026-03-12T10:30:16+07:00"),
    ],
)
def test_dates_are_as_long_as_they_are_written(text, low, high):
    (value,) = only("Observation", f"date=ge{text}").values
    assert isinstance(value, DateValue)
    assert (value.prefix, value.low, value.high) == ("ge", datetime.fromisoformat(low), datetime.fromisoformat(high))


def test_the_end_of_time():
    (value,) = only("Observation", "date=lt9999-12-31").values
    assert value.low.year == 9999
    assert value.high == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("100", "99.5", "100.5"),
        ("100.00", "99.995", "100.005"),
        ("1e2", "50", "150"),
        ("-5.4", "-5.45", "-5.35"),
        ("gt100", "100", "100"),
        ("ap100", "90.0", "110.0"),
        ("ap-100", "-110.0", "-90.0"),
    ],
)
def test_numbers_are_as_precise_as_they_are_written(text, low, high):
    (value,) = only("RiskAssessment", f"probability={text}").values
    assert isinstance(value, NumberValue)
    assert (value.low, value.high) == (Decimal(low), Decimal(high))


def test_what_shapes_the_answer():
    found = parse(
        "Observation",
        "_count=10&_sort=-date,code&_total=accurate&_summary=data&_elements=id,code&_include=Observation:subject:Patient&_include:iterate=Patient:organization"
        "&_revinclude=Provenance:target&_include=*&_format=json&_cursor=abc&_contained=false&_include=*",
    )
    assert (found.count, found.page, found.total, found.summary, found.elements, found.cursor) == (10, 10, "accurate", "data", ("id", "code"), "abc")
    assert found.sort == (Sort("date", descending=True), Sort("code"))
    assert found.includes == (Include("Observation", "subject", "Patient"), Include("Patient", "organization", None, iterate=True), Include("*", "*"))
    assert found.revincludes == (Include("Provenance", "target"),)
    assert parse("Observation", str(found)) == found
    assert dict(found.pairs(cursor="next"))["_cursor"] == "next"


def test_a_page_is_bounded_and_may_be_empty():
    assert parse("Patient", "_count=1000000000").page == query.rules().limits.count
    assert parse("Patient", "_count=0").page == 0
    assert parse("Patient", "_summary=count&_count=5").page == 0
    assert parse("Patient", "").page == query.rules().limits.page


def test_searches_over_several_types():
    found = parse(None, "_id=1&_type=Patient,Observation&identifier=x")
    assert found.types == ("Patient", "Observation")
    assert [one.param for one in found.criteria] == ["_id", "identifier"]
    assert said(None, "_type=Patient,Observation&birthdate=2000") == [("birthdate", "Patient, Observation has no search parameter birthdate")]
    assert said(None, "identifier=x")[0][0] == "identifier"
    assert said("Patient", "_type=Patient") == [("_type", "is for searches over all types only")]


FILTERS = [
    (
        "Patient",
        'given eq "peter" and birthdate ge 2014-10-10',
        And((Term("given", "string", "equals", (StringValue("peter", "peter"),)), only("Patient", "birthdate=ge2014-10-10"))),
    ),
    ("Observation", "code eq http://loinc.org|1234-5", only("Observation", "code=http://loinc.org|1234-5")),
    ("Observation", 'subject.name co "pet"', only("Observation", "subject.name:contains=pet")),
    ("Observation", "subject:Patient.name sw pet", only("Observation", "subject:Patient.name=pet")),
    (
        "Patient",
        "gender eq male or gender eq other and active eq true",
        And((Or((only("Patient", "gender=male"), only("Patient", "gender=other"))), only("Patient", "active=true"))),
    ),
    (
        "Patient",
        "gender eq male or (gender eq other and active eq true)",
        Or((only("Patient", "gender=male"), And((only("Patient", "gender=other"), only("Patient", "active=true"))))),
    ),
    ("Patient", "not (gender eq male)", Not(only("Patient", "gender=male"))),
    ("Patient", "birthdate pr false", only("Patient", "birthdate:missing=true")),
    (
        "Patient",
        "birthdate po 2026",
        Term(
            "birthdate",
            "date",
            "",
            (DateValue("po", datetime.fromisoformat("2026-01-01T00:00:00+07:00"), datetime.fromisoformat("2027-01-01T00:00:00+07:00"), "2026"),),
        ),
    ),
    ("Condition", "code in http://vs", only("Condition", "code:in=http://vs")),
    ("Condition", "code ni http://vs", only("Condition", "code:not-in=http://vs")),
    ("Condition", "code ss http://s|1", only("Condition", "code:below=http://s|1")),
    ("Condition", "code sb http://s|1", only("Condition", "code:above=http://s|1")),
    ("Condition", "code ne http://s|1", Term("code", "token", "unequal", (token("http://s", "1"),))),
    ("Observation", "subject re Patient/4", only("Observation", "subject=Patient/4")),
    (
        "Observation",
        'subject:Patient[name co "a b"].birthdate lt 2000',
        Chain("subject", "Patient", And((only("Patient", "name:contains=a b"), only("Patient", "birthdate=lt2000")))),
    ),
    (
        "Observation",
        "component-code-value-quantity[component-code eq x].component-value-quantity gt 5||mg",
        Within(
            "component-code-value-quantity", And((only("Observation", "component-code=x"), only("Observation", "component-value-quantity=gt5||mg")))
        ),
    ),
    ("Patient", "_has:Observation:patient:code eq x and _list eq 7", And((Has("Observation", "patient", CODE), Listed("7")))),
    ("ValueSet", 'url sw "http://a b"', Term("url", "uri", "starts", (UriValue("http://a b"),))),
    ("Observation", "value-quantity ap 5.4|http://u|mg", only("Observation", "value-quantity=ap5.4|http://u|mg")),
    ("Patient", r'name eq "a\"b\\c, d|e"', Term("name", "string", "equals", (StringValue(r'a"b\c, d|e', r'a"b\c, d|e'),))),
]


@pytest.mark.parametrize(("rtype", "text", "criterion"), FILTERS)
def test_filters(rtype, text, criterion):
    found = query.parse(rtype, [("_filter", text)])
    assert found.criteria == (criterion,)
    assert query.parse(rtype, found.pairs()) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "character 1: expected parameter"),
        ("gender", "character 7"),
        ("gender eq", "character 8"),
        ("gender eq ", "character 11: expected value"),
        ("gender eq male and ", "character 20: expected parameter"),
        ("gender eq male xor", "character 16: expected and, or"),
        ("(gender eq male", "expected )"),
        ("not gender eq male", "expected ("),
        ("gander eq male", "no search parameter gander → gender?"),
        ("gender gt male", "takes no operator gt"),
        ("birthdate ge tomorrow", "the value is no date"),
        ("birthdate pr maybe", "takes true, false only"),
        ('name eq "open', 'expected "'),
        ("gender[active eq true].x eq 1", "gender is no reference"),
        ("(" * 40 + "gender eq male" + ")" * 40, "nested more than 16 deep"),
        ("organization:Organization." + "partof." * 40 + "name eq x", "nested more than 16 deep"),
    ],
)
def test_what_is_wrong_with_a_filter(text, words):
    ((name, en),) = said_of("Patient", [("_filter", text)])
    assert name == "_filter"
    assert words in en


def said_of(rtype, pairs):
    with pytest.raises(BadSearch) as caught:
        query.parse(rtype, pairs)
    return [(one.name, one.en) for one in caught.value.mistakes]


def test_all_mistakes_at_once_with_the_nearest_name():
    wrong = [
        ("nmae=x", "Patient has no search parameter nmae → name?"),
        ("name:contians=x", "a parameter of type string takes no modifier :contians → :contains?"),
        ("birthdate=yesterday", "the value is no date: 2026, 2026-03, 2026-03-12, 2026-03-12T10:30:00+07:00"),
        ("birthdate=2026-13", "the value is no date: 0001-01-01 … 9999-12-31"),
        ("gender=", "a value is missing"),
        ("gender=male,,female", "a value is missing"),
        ("gender:missing=yes", "takes true, false only"),
        ("identifier=|", "the value is no token: code, system|code, |code, system|"),
        ("identifier:of-type=a|b", "the value is no token: system|code|value"),
        ("general-practitioner:Patient=1", "general-practitioner does not refer to Patient"),
        ("general-practitioner=Patinet/1", "there is no resource type Patinet → Patient?"),
        ("general-practitioner:above=Practitioner/1", ""),
        ("organization.nmae=x", "Organization has no search parameter nmae → name?"),
        ("name.family=x", "name is no reference: nothing can be chained to it"),
        ("_has:Observation:code:x=1", "code is no reference: nothing can be chained to it"),
        ("_has:Coverage:payor:status=1", ""),
        ("_has:Observation:patient=1", "write _has:Type:parameter:parameter"),
        ("_sort=nmae", "Patient has no search parameter nmae → name?"),
        ("_sort=-_text", "cannot sort by _text"),
        ("_count=-1", "the value is no _count: 0, 1, 2, …"),
        ("_total=maybe", "takes none, estimate, accurate only"),
        ("_contained=both", "takes false only"),
        ("_include=Observation:subject", "Observation is not what is searched for; use :iterate"),
        ("_include=Patient:name", "name is no reference: nothing can be chained to it"),
        ("_include=Patient", "write Type:parameter[:Type] or *"),
        ("_revinclude=Encounter:location", "location does not refer to Patient"),
        ("_elements=a b", "the value is no _elements: id,name,birthDate"),
        ("_query=mine", "_query is not supported here"),
        ("_cuont=3", "Patient has no search parameter _cuont → _count?"),
        ("_list=a/b", "the value is no List: _list=42, _list=$current-problems"),
    ]
    wrong = [(text, words) for text, words in wrong if words]
    pairs = [tuple(text.split("=", 1)) for text, _ in wrong]
    found = said_of("Patient", pairs)
    assert found == [(name, words) for (name, _), (_, words) in zip(pairs, wrong, strict=True)]


def test_messages_do_not_repeat_what_was_asked():
    for name, value in [
        ("birthdate", "NguyenVanAn"),
        ("gender:missing", "NguyenVanAn"),
        ("_count", "NguyenVanAn"),
        ("_filter", "name eq NguyenVanAn NguyenVanAn"),
    ]:
        with pytest.raises(BadSearch) as caught:
            query.parse("Patient", [(name, value)])
        assert "NguyenVanAn" not in str(caught.value)


def test_lenient_leaves_out_and_tells():
    found = parse("Patient", "nmae=x&gender=male&_count=z", lenient=True)
    assert found.criteria == (only("Patient", "gender=male"),)
    assert [one.name for one in found.ignored] == ["nmae", "_count"]


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("gender", "male")] * 65, "over the bound of 64"),
        ([("gender", ",".join(["male"] * 501))], "over the bound of 500"),
        ([("name", "x" * 10_000_000)], "longer than 8192 characters"),
        ([("organization." + "partof." * 50 + "name", "x")], "nested more than 16 deep"),
        ([("_has:Provenance:target:_has:Provenance:entity:" * 20 + "_id", "x")], ""),
        ([("_has:Observation:subject:" + "part-of." * 12 + "code", "x")], "over the bound of 400"),
        ([("_sort", ",".join(["name"] * 9))], "over the bound of 8"),
        ([("_include", f"Patient:{name}") for name in ("organization", "link", "general-practitioner")] * 20, ""),
        ([("_count", "9" * 10_000)], "longer than 8192 characters"),
        ([("_count", "9" * 8000)], "the value is no _count"),
        ([("birthdate", "9" * 8000)], "the value is no date"),
        ([("_id", "1"), ("_count", "1"), ("_count", "2")], "may be given once only"),
    ],
)
def test_bounds(pairs, words):
    if not words:
        query.parse("Patient", pairs[:3]) if pairs[0][0] == "_include" else said_of("Patient", pairs)
        return
    assert words in said_of("Patient", pairs)[0][1]


@pytest.mark.parametrize("text", ["1e999999999", "1e401", "1" * 61, "0x10", "NaN", "Infinity", "١٢", "1_000", "--5", "5.", ".5"])
def test_what_is_no_number(text):
    assert "is no number" in said("RiskAssessment", f"probability={text}")[0][1]


def test_reading_stops_after_many_mistakes():
    assert len(said_of("Patient", [(f"nmae{number}", "x") for number in range(100_000)])) == query.rules().limits.mistakes
    with pytest.raises(BadSearch):
        query.parse("Patient", [(f"nmae{number}", "x") for number in range(100_000)], lenient=True)


def test_an_unknown_type_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        parse("Patinet", "")


# --- reading what was written gives the same -------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
WORDS = TEXT.filter(lambda text: bool(fold(text)))
PREFIX = st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])
DATE = st.sampled_from(
    ["2026", "2026-03", "2026-03-12", "2026-03-12T10:30", "2026-03-12T10:30:00Z", "2026-03-12T10:30:00.125-05:00", "0002", "9999-12-31"]
)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000).map(str) | st.sampled_from(
    ["1e2", "-0.50", "+7", "100.00"]
)


def escaped(text):
    for sign in "\\,|$":
        text = text.replace(sign, "\\" + sign)
    return text


TOKEN = st.one_of(
    TEXT.map(escaped),
    st.tuples(TEXT, TEXT).map(lambda pair: f"{escaped(pair[0])}|{escaped(pair[1])}"),
    TEXT.map(lambda text: "|" + escaped(text)),
    TEXT.map(lambda text: escaped(text) + "|"),
)
QUANTITY = st.tuples(PREFIX, NUMBER, st.sampled_from(["", "||mg", "|http://u|", "|http://u|m\\|g"])).map("".join)
DATES = st.tuples(PREFIX, DATE).map("".join)
PAIRS = st.one_of(
    st.tuples(st.sampled_from(["code", "status", "identifier:not", "subject:identifier", "subject:Patient.gender", "_tag", "code:below"]), TOKEN),
    st.tuples(
        st.sampled_from(
            ["value-string", "value-string:exact", "value-string:contains", "code:text", "subject:Patient.name", "subject.name:contains"]
        ),
        WORDS.map(escaped),
    ),
    st.tuples(st.sampled_from(["date", "_lastUpdated", "encounter.date", "_has:Provenance:target:recorded"]), DATES),
    st.tuples(st.sampled_from(["value-quantity", "component-value-quantity"]), QUANTITY),
    st.tuples(st.just("code-value-quantity"), st.tuples(TOKEN, QUANTITY).map("$".join)),
    st.tuples(
        st.sampled_from(["subject", "patient", "performer", "encounter"]),
        st.sampled_from(["1", "Patient/1", "http://x/Patient/1", "urn:uuid:1", "Practitioner/1/_history/2"]),
    ),
    st.tuples(st.sampled_from(["code:in", "_profile", "_source"]), TEXT.map(escaped)),
)
MANY = st.lists(PAIRS.flatmap(lambda one: st.sampled_from([one, (one[0], f"{one[1]},{one[1]}")])), max_size=5)


@given(MANY)
def test_reading_what_was_written_gives_the_same(pairs):
    found = query.parse("Observation", pairs)
    assert query.parse("Observation", parse_qsl(str(found), keep_blank_values=True, strict_parsing=bool(str(found)))) == found
    assert str(query.parse("Observation", found.pairs())) == str(found)


def filters(depth=2):
    quoted = WORDS.map(json.dumps)
    leaf = st.one_of(
        st.tuples(st.sampled_from(["name", "family", "general-practitioner.name"]), st.sampled_from(["eq", "ne", "co", "sw", "ew"]), quoted).map(
            " ".join
        ),
        st.tuples(
            st.sampled_from(["birthdate", "_lastUpdated"]), st.sampled_from(["eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb", "po"]), DATE
        ).map(" ".join),
        st.tuples(
            st.sampled_from(["gender", "identifier", "organization.type"]),
            st.sampled_from(["eq", "ne", "co", "sw", "ew", "ss", "sb", "in", "ni"]),
            st.sampled_from(["a", "s|a", '"a b"', "http://x"]),
        ).map(" ".join),
        st.tuples(st.sampled_from(["gender", "name", "organization", "birthdate"]), st.just("pr"), st.sampled_from(["true", "false"])).map(" ".join),
    )
    if not depth:
        return leaf
    below = filters(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(below, st.sampled_from([" and ", " or "]), below).map("".join),
        below.map("({})".format),
        below.map("not ({})".format),
        st.tuples(st.just("link:Patient["), below, st.just("].gender eq male")).map("".join),
    )


@given(filters())
def test_reading_a_filter_that_was_written_gives_the_same(text):
    found = query.parse("Patient", [("_filter", text)])
    assert query.parse("Patient", found.pairs()) == found


@given(
    st.sampled_from(["Patient", "Observation"]),
    st.lists(st.tuples(TEXT | st.sampled_from(["_filter", "name", "_has:", "subject.", "_include", "_sort", "a:b.c:d"]), TEXT), max_size=3),
)
def test_whatever_is_sent_is_read_or_refused(rtype, pairs):
    found = query.parse(rtype, pairs, lenient=True)
    assert query.parse(rtype, found.pairs()).pairs() == found.pairs()
    if found.ignored:
        assert said_of(rtype, pairs)
    else:
        assert query.parse(rtype, pairs) == found
