"""What SQL on FHIR asks of a runner, path by path, with the values that the specification's text gives: both runners."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from yba.fhir import views

PATIENT = {
    "resourceType": "Patient",
    "id": "a",
    "birthDate": "1970-06",
    "deceasedDateTime": "2020-05-06T07:08:09Z",
    "multipleBirthInteger": 3,
    "active": True,
    "gender": "male",
    "name": [
        {
            "family": "N",
            "_family": {"extension": [{"url": "u", "valueString": "own"}]},
            "given": ["A", "B"],
            "_given": [None, {"extension": [{"url": "u", "valueString": "gb"}]}],
        },
        {"given": ["C"]},
    ],
    "managingOrganization": {"reference": "Organization/1"},
}


def cell(path: str, doc: dict[str, Any], engine: str, constants: tuple[dict[str, Any], ...] = (), *, many: bool = False) -> Any:
    column = {"name": "c", "path": path, "collection": many}
    view = {"name": "v", "resource": doc["resourceType"], "select": [{"column": [column]}], "constant": list(constants)}
    (row,) = views.run(view, [doc], engine=engine)
    return row["c"]


@pytest.mark.parametrize("engine", views.ENGINES)
@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("name.family.extension('u').value.ofType(string)", ["own"]),
        ("name.given.extension('u').value.ofType(string)", ["gb"]),
        ("name.given.extension.url", ["u"]),
        ("name[0].given.extension('u').url", ["u"]),
        ("name.where(family = 'N').family.extension('u').url", ["u"]),
        ("contact.name.family.extension('u').url", []),
        ("name.given.extension('other').url", []),
    ],
)
def test_what_extends_a_repeated_primitive(path: str, values: list[str], engine: str) -> None:
    assert cell(path, PATIENT, engine, many=True) == values


@pytest.mark.parametrize("engine", views.ENGINES)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("managingOrganization.getReferenceKey('Organization')", "Organization/1"),
        ("managingOrganization.getReferenceKey('Patient')", None),
        ("managingOrganization.getReferenceKey(Organization)", "Organization/1"),
        ("birthDate ~ @1970-06", True),
        ("birthDate ~ @1970-06-01", False),
        ("maritalStatus.text ~ gender", False),
        ("multipleBirth.ofType(integer) ~ 3", True),
        ("active !~ true", False),
        ("nothing ~ @1970-06", False),
        ("gender !~ nothing", True),
        ("nothing ~ {}", True),
        ("nothing !~ maritalStatus.text", False),
        ("gender ~ 'MALE'", True),
        ("'a b' ~ 'A\tb'", True),
        ("'a  b' ~ 'a b'", False),
        ("'2147483647'.toInteger()", 2147483647),
        ("'2147483648'.toInteger()", None),
        ("'0000000000005'.toInteger()", 5),
        ("deceased.ofType(dateTime).lowBoundary(10)", "2020-05-06T07Z"),
        ("deceased.ofType(dateTime).highBoundary(12)", "2020-05-06T07:08Z"),
        ("deceased.ofType(dateTime).highBoundary(14)", "2020-05-06T07:08:09Z"),
        ("deceased.ofType(dateTime).highBoundary(17)", "2020-05-06T07:08:09.999Z"),
        ("deceased.ofType(dateTime).lowBoundary(6)", "2020-05"),
        ("birthDate.highBoundary(8)", "1970-06-30"),
        ("birthDate.highBoundary(5)", None),
        ("birthDate.highBoundary(17)", "1970-06-30T23:59:59.999-12:00"),
        ("birthDate.lowBoundary(12)", "1970-06-01T00:00+14:00"),
        ("birthDate.highBoundary(%digits)", "1970-06"),
        ("multipleBirth.ofType(integer).lowBoundary()", 2.5),
        ("multipleBirth.ofType(integer).highBoundary(0)", 4.0),
        ("multipleBirth.ofType(integer).highBoundary(-1)", None),
        ("multipleBirth.ofType(integer).highBoundary(39)", None),
        ("%price > 0.1", True),
    ],
)
def test_one_value(path: str, value: Any, engine: str) -> None:
    given = ({"name": "digits", "valueInteger": 6}, {"name": "price", "valueDecimal": Decimal("0.25")})
    assert cell(path.replace("\\t", "\t"), PATIENT, engine, given) == value


GENDERS, KINDS = "http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/ValueSet/observation-status"
OF_GENDER = "http://hl7.org/fhir/administrative-gender"


@pytest.mark.parametrize("engine", views.ENGINES)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"status.memberOf('{KINDS}')", True),
        (f"status.memberOf('{GENDERS}|4.0.1')", False),
        ("status.memberOf(%kinds)", True),
        (f"code.memberOf('{GENDERS}')", True),
        (f"code.coding.first().memberOf('{GENDERS}')", False),
        (f"code.coding[1].memberOf('{GENDERS}')", True),
        (f"code.coding[2].memberOf('{GENDERS}')", True),
        (f"code.coding[3].memberOf('{GENDERS}')", False),
        (f"code.coding[9].memberOf('{GENDERS}')", None),
        (f"method.memberOf('{GENDERS}')", None),
        (f"category.first().memberOf('{GENDERS}')", False),
        (f"value.ofType(string).memberOf('{GENDERS}')", None),
        (f"code.coding.where($this.memberOf('{GENDERS}')).count()", 2),
    ],
)
def test_codes_of_a_value_set(path: str, value: Any, engine: str) -> None:
    codings = [{"system": "urn:other", "code": "male"}, {"system": OF_GENDER, "code": "male"}, {"code": "female"}, {"system": OF_GENDER}]
    doc = {"resourceType": "Observation", "status": "final", "code": {"coding": codings}, "category": [{"text": "x"}]}
    assert cell(path, doc, engine, ({"name": "kinds", "valueUri": KINDS},)) == value


@pytest.mark.parametrize("engine", views.ENGINES)
def test_a_value_set_that_nobody_lists_is_refused(engine: str) -> None:
    with pytest.raises(views.ViewError, match="knows the value sets that R4 binds codes to"):
        cell("gender.memberOf('urn:mine')", PATIENT, engine)


@pytest.mark.parametrize("engine", views.ENGINES)
@pytest.mark.parametrize(
    ("number", "digits", "low", "high"),
    [
        ("1.587", "", 1.5865, 1.5875), ("1.587", "2", 1.58, 1.59), ("1.587", "6", 1.5865, 1.5875), ("1.587", "0", 1, 2), ("-1.587", "", -1.5875, -1.5865),
        ("-1.587", "2", -1.59, -1.58), ("-1.587", "0", -2, -1), ("12.500", "", 12.4995, 12.5005), ("12.5", "", 12.45, 12.55), ("120", "2", 119.5, 120.5), ("0", "", -0.5, 0.5),
        ("0.0", "1", -0.1, 0.1), ("0.0034", "1", 0, 0), ("1e-7", "", 5e-8, 1.5e-7), ("1.50E1", "", 14.95, 15.05), ("1.1234567891", "", 1.12345678, 1.12345679), ("99.995", "2", 99.99, 100),
        ("1.5", "28", 1.45, 1.55), ("1.5", "29", None, None), ("1.5", "-1", None, None),
    ],
)  # fmt: skip
def test_boundaries_of_numbers(number: str, digits: str, low: float | None, high: float | None, engine: str) -> None:
    doc = {"resourceType": "Observation", "valueQuantity": {"value": Decimal(number)}}
    assert cell(f"value.ofType(Quantity).value.lowBoundary({digits})", doc, engine) == low
    assert cell(f"value.ofType(Quantity).value.highBoundary({digits})", doc, engine) == high


@pytest.mark.parametrize("engine", views.ENGINES)
def test_numbers_are_read_as_they_are_written_beside_and_inside_of_resources_inside(engine: str) -> None:
    inner = {"resourceType": "Observation", "id": "in", "valueQuantity": {"value": Decimal("2.500")}}
    doc = {"resourceType": "Observation", "valueQuantity": {"value": Decimal("1.50")}, "contained": [inner]}
    paths = ["value.ofType(Quantity).value.lowBoundary()", "contained.ofType(Observation).value.ofType(Quantity).value.lowBoundary()"]
    paths += ["contained.id", "contained.ofType(Observation).value.ofType(Quantity).value"]
    view = {"name": "v", "resource": "Observation", "select": [{"column": [{"name": f"c{n}", "path": path} for n, path in enumerate(paths)]}]}
    assert views.run(view, [doc], engine=engine) == [{"c0": 1.495, "c1": 2.4995, "c2": "in", "c3": 2.5}]
