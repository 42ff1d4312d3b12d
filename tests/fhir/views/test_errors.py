"""What is said of a view that is wrong: always the view, the place and the rule, never a value of a person."""

from __future__ import annotations

from typing import Any

import pytest

from yba.fhir import views

ID = {"name": "id", "path": "id"}


def one(path: str, **more: Any) -> dict[str, Any]:
    return {"name": "t", "resource": "Patient", "select": [{"column": [ID, {"name": "c", "path": path, **more}]}]}


def some(*selects: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "t", "resource": "Patient", "select": list(selects), **more}


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (one("nmae.family"), "view t, select[0].column[1]: Patient has no nmae"),
        (one("name.fmaily"), "view t, select[0].column[1]: HumanName has no fmaily"),
        (one("deceased.ofType(string)"), "view t, select[0].column[1]: Patient has no deceased of type string"),
        (one("active", type="date"), "view t, select[0].column[1]: column c says it is date, and is boolean"),
        (one("birthDate.exists()", type="string"), "view t, select[0].column[1]: column c says it is string, and is Boolean"),
        (some({"forEach": "maritalStatus", "column": [ID]}), "view t, select[0]: forEach maritalStatus goes through what is never more than one: it only leaves rows out"),
        (some({"forEach": "nome", "column": [ID]}), "view t, select[0]: Patient has no nome"),
        (some({"column": [ID]}, where=[{"path": "nothing.exists()"}]), "view t, where[0]: Patient has no nothing"),
    ],
)  # fmt: skip
def test_what_only_the_strict_check_minds(view: dict[str, Any], said: str) -> None:
    with pytest.raises(views.ViewError) as error:
        views.check(view)
    assert str(error.value) == said
    views.run(view, [{"resourceType": "Patient", "id": "p"}])


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (one("name.given.("), "view t, select[0].column[1]: FHIRPath, character 12"),
        (one("name.frist()"), "view t, select[0].column[1]: character 6: frist() is not spoken by views"),
        (one("%no"), "view t, select[0].column[1]: character 1: unknown constant %no"),
        (one("multipleBirth + 1"), "view t, select[0].column[1]: + needs values of one type: say which with ofType()"),
        (one("active + 1"), "view t, select[0].column[1]: character 8: + is reckoned with numbers in views"),
        (one("birthDate > @2020-01-01T10:00:00"), "view t, select[0].column[1]: character 13: a moment needs its time zone"),
        (one("active", tag=[{"name": "ansi/type", "value": "JSONB"}]), "view t, select[0].column[1]: column c asks for SQL type JSONB, which is not known"),
        (one("active", tag=[{"name": "ansi/type", "value": "DATE"}]), "view t, select[0].column[1]: boolean is not written as date"),
        (some({"column": [ID]}, where=[{"path": "name.family"}]), "view t, where[0]: name.family is no condition, it is string"),
        (some({"column": [ID]}, {"select": [{"column": [ID]}]}), "view t, select[1].select[0].column[0]: column id stands there twice"),
        (some({"unionAll": [{"column": [ID]}, {"column": [{"name": "b", "path": "id"}]}]}),
         "view t, select[0].unionAll[1]: branches of a unionAll need the same columns in the same order: ['id'] and ['b']"),
        (some({"unionAll": [{"column": [ID]}, {"column": [{"name": "id", "path": "active"}]}]}),
         "view t, select[0]: column id has another type in each branch of the unionAll: boolean, id"),
        (some({"forEach": "deceased", "column": [ID]}), "view t, select[0]: goes through elements of several types: say which with ofType()"),
        (some({"forEach": "name", "repeat": ["link"], "column": [ID]}), "view t, select[0]: has forEach and repeat: one select goes through its elements in one way"),
        (some({"column": [ID]}, constant=[{"name": "a", "valueDate": 7}]), "view t, constant[0]: valueDate is not a date"),
        ({"name": "t", "resource": "Pateint", "select": [{"column": [ID]}]}, "view t, resource: R4 has no resource Pateint"),
        ({"name": "t", "resource": "Patient"}, "view t, select: is missing or empty"),
        (one("gender" + ".substring(0, %n)" * 30 ) | {"constant": [{"name": "n", "valueInteger": 9}]}, "view t, select[0].column[1]: character "),
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", views.ENGINES)
def test_what_no_runner_takes(view: dict[str, Any], said: str, engine: str) -> None:
    with pytest.raises(views.ViewError) as error:
        views.run(view, [{"resourceType": "Patient", "id": "p"}], engine=engine)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("engine", views.ENGINES)
def test_several_values_are_told_without_saying_them(engine: str) -> None:
    with pytest.raises(views.ViewError) as error:
        views.run(one("name.given"), [{"resourceType": "Patient", "name": [{"given": ["Secret", "Other"]}]}], engine=engine)
    assert str(error.value) == "view t, select[0].column[1]: several values for column c, which is no collection"


def nested(levels: int) -> dict[str, Any]:
    doc: dict[str, Any] = {"linkId": "end"}
    for _ in range(levels - 1):
        doc = {"linkId": "x", "item": [doc]}
    return {"resourceType": "QuestionnaireResponse", "item": [doc]}


REPEATED = {"name": "t", "resource": "QuestionnaireResponse", "select": [{"repeat": ["item"], "column": [{"name": "l", "path": "linkId"}]}]}


@pytest.mark.parametrize("engine", views.ENGINES)
@pytest.mark.parametrize("levels", [1, 2, 30, 64])
def test_a_repeat_goes_down_as_far_as_documents_do(engine: str, levels: int) -> None:
    assert len(views.run(REPEATED, [nested(levels), nested(1)], engine=engine)) == levels + 1


def test_what_is_nested_too_deeply_is_an_error_in_sql_and_never_left_out() -> None:
    assert len(views.run(REPEATED, [nested(65)])) == 65
    with pytest.raises(views.ViewError, match="repeat finds more than 64 levels"):
        views.run(REPEATED, [nested(65)], engine="duckdb")


def test_odd_documents_are_no_reason_to_fail() -> None:
    """What stands in the wrong place or form gives nothing; the statement goes on."""
    docs = [
        {
            "resourceType": "Patient",
            "id": 5,
            "name": "text",
            "birthDate": ["x"],
            "active": "yes",
            "multipleBirthInteger": "many",
            "deceasedDateTime": "gestern",
        }
    ]
    paths = ["name.family.first()", "active", "multipleBirth.ofType(integer)", "deceased.ofType(dateTime).lowBoundary()", "birthDate.lowBoundary()"]
    view = some({"column": [{"name": f"c{number}", "path": path} for number, path in enumerate(paths)]})
    assert len(views.run(view, docs, engine="duckdb")) == 1


def test_a_text_of_a_view_never_asks_for_settings_of_spark() -> None:
    """Spark puts ${env:…} and ${…} of its settings into a statement before it reads it."""
    column = {"name": "c", "path": "%mark & '${spark.app.name}'"}
    view = some({"column": [ID, column]}, constant=[{"name": "mark", "valueString": "${env:YBA_KEYS}"}])
    assert "${" not in views.compile_view(views.read(view), views.SPARK).sql
    assert views.run(view, [{"resourceType": "Patient", "id": "p"}]) == [{"id": "p", "c": "${env:YBA_KEYS}${spark.app.name}"}]
