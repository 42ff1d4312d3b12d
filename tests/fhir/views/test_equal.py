"""Two makers of one answer must agree: random views over random documents, the obvious runner and DuckDB's SQL."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yba.fhir import views

Doc = dict[str, Any]
TEXTS = st.sampled_from(["a", "b", "it's", 'x"y', "Đỗ", "", "\\", "01", "12.5"])
WORDS = st.sampled_from(["official", "usual", "old"])
DATES = st.sampled_from(["1970", "1970-06", "1970-06-15", "2000-02-29", "2024-02"])
MOMENTS = st.sampled_from(["2020", "2020-05", "2020-05-06", "2020-05-06T07:08:09Z", "2020-05-06T07:08:09.5+07:00", "2020-05-05T23:59:59-12:00"])
NUMBERS = st.sampled_from([0, 1, -3, 1.5, 2.25, 100, 0.1, Decimal("1.50"), Decimal("-2.000"), 1e-7])
KEYS = st.sampled_from(["Patient/1", "Organization/2/_history/3", "https://a.b/c/Practitioner/4", "#in", "urn:uuid:5", "Patient/"])


def some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Doc]:
    """Give objects with any of these properties; empty lists are left out, as FHIR wants it."""
    return st.fixed_dictionaries({}, optional=parts).map(lambda doc: {key: value for key, value in doc.items() if value != []})


MEASURED = some(value=NUMBERS, unit=TEXTS.filter(bool)).filter(bool)
SAID = st.one_of(
    st.just({}),
    TEXTS.filter(bool).map(lambda text: {"valueString": text}),
    st.tuples(st.sampled_from(["valueQuantity", "valueAge", "valueDuration"]), MEASURED).map(lambda pair: {pair[0]: pair[1]}),
)
EXTENSION = st.lists(st.builds(lambda url, said: {"url": url, **said}, st.sampled_from(["u", "v"]), SAID), max_size=2)
PERIOD = some(start=MOMENTS, end=MOMENTS)
NAME = some(use=WORDS, family=TEXTS, given=st.lists(TEXTS, max_size=3), period=PERIOD, extension=EXTENSION)
POINT = some(system=st.sampled_from(["phone", "email"]), value=TEXTS, rank=st.integers(1, 3))
CONTACT = some(name=NAME, telecom=st.lists(POINT, max_size=2), gender=st.sampled_from(["male", "female"]))
CHOICE = st.one_of(
    st.just({}),
    st.integers(0, 3).map(lambda n: {"multipleBirthInteger": n}),
    st.booleans().map(lambda b: {"multipleBirthBoolean": b}),
)
PATIENT = st.builds(
    lambda doc, choice, number: {"resourceType": "Patient", "id": f"p{number}", **doc, **choice},
    some(
        active=st.booleans(), gender=st.sampled_from(["male", "female"]), birthDate=DATES, _birthDate=some(extension=EXTENSION).filter(bool),
        name=st.lists(NAME, max_size=3), telecom=st.lists(POINT, max_size=3), contact=st.lists(CONTACT, max_size=2), extension=EXTENSION,
        deceasedDateTime=MOMENTS, managingOrganization=some(reference=KEYS), generalPractitioner=st.lists(some(reference=KEYS), max_size=2),
    ),
    CHOICE,
    st.integers(0, 3),
)  # fmt: skip
COMPONENT = some(code=some(text=TEXTS), valueString=TEXTS, valueQuantity=some(value=NUMBERS, code=TEXTS))
INNER = st.one_of(
    st.builds(
        lambda doc: {"resourceType": "Patient", **doc},
        some(id=WORDS, active=st.booleans(), birthDate=DATES, name=st.lists(NAME, max_size=2), managingOrganization=some(reference=KEYS)),
    ),
    st.builds(lambda doc: {"resourceType": "Organization", **doc}, some(id=WORDS, name=TEXTS, alias=st.lists(TEXTS, max_size=2))),
)
OBSERVATION = st.builds(
    lambda doc, number: {"resourceType": "Observation", "id": f"o{number}", **doc},
    some(
        code=some(text=TEXTS, coding=st.lists(some(system=TEXTS, code=TEXTS), max_size=2)), effectiveDateTime=MOMENTS,
        valueQuantity=some(value=NUMBERS, code=TEXTS), component=st.lists(COMPONENT, max_size=3), subject=some(reference=KEYS), contained=st.lists(INNER, max_size=3), extension=EXTENSION,
    ),
    st.integers(0, 3),
)  # fmt: skip

# What may be asked of each type: several values (each may be counted, narrowed, joined), one value, conditions; and what leads to other types.
SEVERAL = {
    "Patient": ["name.family", "name.given", "telecom.value", "telecom.rank", "contact.telecom.value", "contact.name.given", "name.where(use = 'official').given",
                "extension('u').value.ofType(string)", "generalPractitioner.getReferenceKey()", "name.period.start", "(gender | name.use)", "name.extension('v').value.ofType(string)",
                "name.select(given.first())", "name.family.extension('v').value.ofType(string)", "contact.name.given.extension('u').url", "contact.where(gender = 'male' and name.exists()).telecom.system", "name.given.where($this != 'a')", "name.tail().use", "name.skip(1).family",
                "name.where(%context.active).use", "extension.value.ofType(Quantity).value", "extension('u').value.ofType(Quantity).unit", "name.where(%resource.gender = 'male').given"],
    "HumanName": ["given", "extension('u').value.ofType(string)", "given.where($this = 'b' or $index = 0)", "(family | given)"],
    "Contact": ["telecom.value", "name.given", "telecom.where(rank > 1).system"],
    "ContactPoint": ["value", "rank"],
    "Observation": ["component.value.ofType(string)", "component.value.ofType(Quantity).value", "code.coding.code", "component.code.text", "subject.getReferenceKey(Patient)",
                    "component.where(value.exists()).code.text", "contained.id", "contained.ofType(Patient).name.given", "contained.ofType(Organization).name", "contained.where($this is Patient).id",
                    "extension.value.ofType(Quantity).value", "extension.value.ofType(Age).unit", "contained.ofType(Patient).managingOrganization.getReferenceKey()"],
    "Inside": ["name.given", "name.where(use = %context.id).family", "(id | name.use)"],
    "Component": ["value.ofType(string)", "value.ofType(Quantity).code"],
}  # fmt: skip
SINGLE = {
    "Patient": ["id", "active", "gender", "birthDate", "multipleBirth.ofType(integer)", "multipleBirth.ofType(boolean)", "deceased.ofType(dateTime)", "getResourceKey()",
                "managingOrganization.getReferenceKey()", "birthDate.lowBoundary()", "birthDate.highBoundary(6)", "birthDate ~ @1970-06", "gender !~ 'MALE'", "multipleBirth.ofType(integer).lowBoundary(0)", "birthDate.highBoundary()", "deceased.ofType(dateTime).highBoundary()", "%rowIndex",
                "deceased.ofType(dateTime).lowBoundary()", "birthDate.extension('u').exists()", "multipleBirth.ofType(integer) + 1.5", "multipleBirth.ofType(integer) div 2",
                "multipleBirth.ofType(integer) * 2 - 1", "gender & '-' & id", "gender.substring(1, 2)", "iif(active, id, gender)", "name[1].family", "contact.telecom[1].value",
                "active and gender = 'male'", "active or birthDate.exists()", "active.not()", "gender != 'male'", "birthDate < @1971-01-01", "birthDate <= @1970-06", "birthDate != @1970-06-15",
                "deceased.ofType(dateTime) > @2020-05-06", "deceased.ofType(dateTime) = @2020-05-06T07:08:09Z", "name.given = 'a'", "gender in ('male' | 'x')", "name.all(use.exists())",
                "multipleBirth.exists()", "multipleBirth is boolean", "telecom.exists(system = 'phone' and rank >= 2)", "name.exists(given.count() > 1)", "(multipleBirth.ofType(integer)) / 0",
                "multipleBirth.ofType(integer) / 3", "gender[1].exists()", "birthDate.tail().exists()", "deceased.ofType(dateTime) < @2020-05-06T07:08Z", "deceased.ofType(dateTime) != @2020-05-06T07+07:00", "extension.exists(value is Quantity)"],
    "HumanName": ["family", "use", "period.start", "period.end.highBoundary()", "period.highBoundary()", "%rowIndex", "given.first()", "given.count()", "%resource.id", "use = 'old'", "'x'",
                  "family.contains('a')", "family.length()", "family.upper()", "given.exists()"],
    "Contact": ["gender", "name.family", "%rowIndex", "telecom.first().value", "gender.exists()"],
    "ContactPoint": ["system", "rank + 1", "%rowIndex", "value.startsWith('a')"],
    "Observation": ["id", "code.text", "value.ofType(Quantity).value", "value.ofType(Quantity).value.lowBoundary()", "value.ofType(Quantity).value.highBoundary(1)", "effective.ofType(dateTime).highBoundary(12)", "code.text ~ 'DỖ'", "value.ofType(Quantity).value > 1", "effective.ofType(dateTime)",
                    "value.ofType(Quantity).value + 0.2 = 0.3", "effective.ofType(dateTime).lowBoundary()", "value.exists()", "code.coding.exists(system = 'a')", "%rowIndex",
                    "contained.exists($this is Organization)", "contained.ofType(Patient).first().active", "contained.first() is Patient", "contained.count()", "value.ofType(Quantity).value / 4"],
    "Inside": ["id", "active", "%rowIndex", "birthDate.highBoundary()", "name.first().family", "managingOrganization.getReferenceKey()", "%resource.id", "name.exists()"],
    "Component": ["code.text", "value.ofType(Quantity).value", "%rowIndex", "value.exists()", "value.ofType(Quantity).value.highBoundary()"],
}  # fmt: skip
WAYS = {
    "Patient": [("name", "HumanName"), ("contact", "Contact"), ("telecom", "ContactPoint"), ("contact.name", "HumanName"), ("name.where(use = 'official')", "HumanName")],
    "HumanName": [("$this", "HumanName")],
    "Contact": [("telecom", "ContactPoint"), ("name", "HumanName")],
    "ContactPoint": [],
    "Observation": [("component", "Component"), ("component.where(value.exists())", "Component"), ("contained.ofType(Patient)", "Inside")],
    "Inside": [("name", "HumanName")],
    "Component": [],
}  # fmt: skip
CONDITIONS = {
    "Patient": ["active", "name.exists()", "gender = 'male'", "birthDate.exists().not()"],
    "Observation": ["value.exists()", "component.empty()"],
}


class _Names:
    """Gives each column a name of its own."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"c{self.count}"


@st.composite
def columns(draw: st.DrawFn, type_: str, names: _Names) -> list[Doc]:
    found = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            found.append({"name": names.next(), "path": draw(st.sampled_from(SINGLE[type_]))})
            continue
        path = draw(st.sampled_from(SEVERAL[type_]))
        after = draw(st.sampled_from(["", ".first()", ".count()", ".exists()", ".empty()", ".last()", "[1]", ".distinct()"]))
        if after == ".distinct()" and path.endswith("start"):
            after = ""
        found.append({"name": names.next(), "path": path + after, "collection": after in {"", ".distinct()"}})
    return found


@st.composite
def selects(draw: st.DrawFn, type_: str, names: _Names, depth: int) -> Doc:
    found: Doc = {}
    ways = WAYS[type_]
    if ways and draw(st.booleans()):
        path, type_ = draw(st.sampled_from(ways))
        found[draw(st.sampled_from(["forEach", "forEachOrNull"]))] = path
    found["column"] = draw(columns(type_, names))
    if depth and draw(st.booleans()):
        found["select"] = [draw(selects(type_, names, depth - 1)) for _ in range(draw(st.integers(1, 2)))]
    if depth and draw(st.integers(0, 3)) == 0:
        branch = draw(selects(type_, names, 0))
        other = draw(selects(type_, names, 0))
        found["unionAll"] = [branch, {**{key: other[key] for key in ("forEach", "forEachOrNull") if key in other}, "column": branch["column"]}]
        if ("forEach" in branch or "forEachOrNull" in branch) or len(found["unionAll"][1]) > 1:
            found["unionAll"] = [branch, branch]  # the columns are those of one type
    return found


@st.composite
def some_views(draw: st.DrawFn, resource: str) -> Doc:
    names = _Names()
    view: Doc = {"name": "v", "resource": resource, "select": [draw(selects(resource, names, 2)) for _ in range(draw(st.integers(1, 2)))]}
    if draw(st.booleans()):
        view["where"] = [{"path": draw(st.sampled_from(CONDITIONS[resource]))}]
    return view


def table(rows: list[Doc]) -> list[str]:
    """Return rows as texts without order."""
    return sorted(json.dumps(row, default=str) for row in rows)


QUIET = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@QUIET
@given(some_views("Patient"), st.lists(PATIENT, min_size=1, max_size=5))
def test_views_of_patients(view: Doc, docs: list[Doc]) -> None:
    assert table(views.run(view, docs, engine="duckdb")) == table(views.run(view, docs))


@QUIET
@given(some_views("Observation"), st.lists(OBSERVATION, min_size=1, max_size=5))
def test_views_of_observations(view: Doc, docs: list[Doc]) -> None:
    assert table(views.run(view, docs, engine="duckdb")) == table(views.run(view, docs))


ITEM = st.recursive(
    some(linkId=TEXTS),
    lambda inner: some(
        linkId=TEXTS, item=st.lists(inner, max_size=2), answer=st.lists(some(valueString=TEXTS, item=st.lists(inner, max_size=2)), max_size=2)
    ),
    max_leaves=8,
)
TREE = st.lists(ITEM, max_size=3).map(lambda items: {"resourceType": "QuestionnaireResponse", "id": "q", **({"item": items} if items else {})})


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREE, st.sampled_from([["item"], ["item", "answer.item"], ["answer.item", "item"]]), st.booleans())
def test_what_is_nested_is_gone_through_in_one_order(doc: Doc, paths: list[str], inside: bool) -> None:
    inner = [{"forEachOrNull": "answer", "column": [{"name": "said", "path": "value.ofType(string)"}]}] if inside else []
    below = {
        "repeat": paths,
        "column": [{"name": "n", "path": "%rowIndex"}, {"name": "link", "path": "linkId"}],
        **({"select": inner} if inner else {}),
    }
    view = {"name": "v", "resource": "QuestionnaireResponse", "select": [below]}
    assert table(views.run(view, [doc], engine="duckdb")) == table(views.run(view, [doc]))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PATIENT, min_size=1, max_size=3), st.sampled_from(SEVERAL["Patient"]))
def test_both_refuse_several_values_in_a_column_for_one(docs: list[Doc], path: str) -> None:
    view = {"name": "v", "resource": "Patient", "select": [{"column": [{"name": "c", "path": path}]}]}
    said = []
    for engine in views.ENGINES:
        try:
            said.append(str(table(views.run(view, docs, engine=engine))))
        except views.ViewError as error:
            said.append(str(error))
    assert said[0] == said[1]
