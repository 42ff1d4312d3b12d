"""A spreadsheet becomes a form, without a programmer: read, put in force, filled in, changed, withdrawn under a draft."""

import io
from uuid import UUID

import openpyxl
import pytest

from tests.forms.test_drafts import HERE, doctor, person  # noqa: F401  # the fixture
from yba import forms
from yba.access import Denied
from yba.kit import Actor, Grant
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, NotFound

DESIGNER = Actor.user(UUID(int=40), [Grant("system-administrator", frozenset(), areas=frozenset({"*"}))], purpose="administration")
SURVEY = [
    ("type", "name", "label", "label::English (en)", "required", "relevant", "constraint", "calculation", "hint"),
    ("begin_group", "house", "Hộ gia đình", "Household", "", "", "", "", ""),
    ("integer", "members", "Số người", "Members", "yes", "", ". >= 1 and . <= 30", "", "Kể cả trẻ em"),
    ("select_one water", "water", "Nguồn nước", "Water", "", "", "", "", ""),
    ("text", "other", "Nguồn khác", "Other", "", "${water} = 'other'", "", "", ""),
    ("end_group", "", "", "", "", "", "", "", ""),
    ("begin_repeat", "child", "Trẻ em", "Children", "", "${members} > 2", "", "", ""),
    ("text", "child_name", "Tên trẻ", "Name", "", "", "", "", ""),
    ("end_repeat", "", "", "", "", "", "", "", ""),
    ("calculate", "double", "Gấp đôi", "", "", "", "", "${members} * 2", ""),
]
CHOICES = [("list_name", "name", "label"), ("water", "well", "Giếng"), ("water", "other", "Khác")]


def workbook(survey=SURVEY, settings=(("form_id", "form_title", "version"), ("ve_sinh_ho", "Vệ sinh hộ gia đình", "1"))):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in (("survey", survey), ("choices", CHOICES), ("settings", settings)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_spreadsheet_asks_what_it_says():
    form = forms.compiled(forms.import_xlsform(workbook()))
    assert form.name == "own-ve-sinh-ho"
    assert [line.at for line in forms.view(form, forms.Answers()).walk() if line.shown] == ["house", "members", "water", "double"]
    answers = forms.answers(form, {"a:members": ["3"], "a:water": ["Khác"], "a:child_name~1": ["Páo"]})
    assert [line.at for line in forms.view(form, answers).walk() if line.shown and line.item.is_question] == [
        "members",
        "water",
        "other",
        "child_name~0",
        "child_name~1",
        "double",
    ]
    assert forms.settle(form, answers).values["double", ()][0].data == 6
    assert [one.rule for one in forms.check(form, forms.answers(form, {"a:members": ["31"]}))] == ["maximum"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("geopoint", "where", "Ở đâu"), "dòng 11, cột type"),
        (("text", "tên lạ", "x"), "dòng 11, cột name"),
        (("text", "x", "x", "", "", "count(${child}) > 2"), "dòng 11, cột relevant"),
        (("integer", "x", "x", "", "", "", "regex(., 'a+')"), "dòng 11, cột constraint"),
        (("calculate", "x", "x", "", "", "", "", "__import__('os')"), "dòng 11, cột calculation"),
        (("select_one nothing", "x", "x"), "dòng 11, cột type"),
        (("end_group", "", ""), "dòng 11, cột type"),
        (("text", "members", "x"), "members"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_row_and_column(row, said):
    with pytest.raises(forms.BadForm) as fault:
        forms.import_xlsform(workbook([*SURVEY, row + ("",) * (9 - len(row))]))
    assert said in str(fault.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html>"])
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(forms.BadForm):
        forms.import_xlsform(data)


def test_differences_are_told():
    old = forms.compiled(forms.import_xlsform(workbook()))
    changed = [list(row) for row in SURVEY]
    changed[2][2] = "Số thành viên"
    changed[4] = ["date", "since", "Từ ngày", "", "", "", "", "", ""]
    new = forms.compiled(forms.import_xlsform(workbook(changed), version="2"))
    assert [(one.kind, one.link_id, one.what_en) for one in forms.difference(old, new)] == [
        ("changed", "members", ("words",)), ("added", "since", ()), ("removed", "other", ()),
    ]  # fmt: skip
    assert forms.difference(old, old) == []


def add(version):
    with unit_of_work(by=DESIGNER) as conn:
        return forms.add_form(conn, by=DESIGNER, questionnaire=forms.import_xlsform(workbook(), version=version))


def set_(act, form):
    with unit_of_work(by=DESIGNER) as conn:
        act(conn, by=DESIGNER, url=form.url, version=form.version)


def test_a_draft_survives_a_withdrawn_version_and_is_finished(person):  # noqa: F811  # the fixture
    one = add("1")
    nurse = doctor()
    with unit_of_work(by=nurse) as conn, pytest.raises(NotFound):
        forms.form(one.url, conn=conn)  # not in force yet
    set_(forms.publish_form, one)
    with pytest.raises(Conflict):
        add("1")
    with unit_of_work(by=nurse) as conn:
        form = forms.form(one.url, conn=conn)
        draft = forms.open_draft(conn, by=nurse, form=form, person_id=person[0], facility=HERE, patient=person[1])
    set_(forms.withdraw_form, one)
    with unit_of_work(by=nurse) as conn:
        begun = forms.draft(conn, by=nurse, id=draft.id)
        assert begun.withdrawn or not forms.in_force(begun.form, begun.kept_at.date())
        done = forms.finish(conn, by=nurse, draft=draft.id, answers=forms.answers(begun.form, {"a:members": ["4"]}), number=begun.number)
    assert done.done
    with unit_of_work(by=nurse) as conn:
        assert forms.response_of(conn, by=nurse, id=done.response)[1].get("members")[0].data == 4


def test_only_who_may_writes_forms(database):
    with pytest.raises(Denied), unit_of_work(by=doctor()) as conn:
        forms.add_form(conn, by=doctor(), questionnaire=forms.import_xlsform(workbook()))
