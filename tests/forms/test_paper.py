"""Paper: every form prints, blank and filled; what a person typed is never read as markup; a font of ours is embedded where it was fetched."""

import json

import pytest

from tests.forms.golden import FOLDER
from yba import forms
from yba.forms.paper import laid_out
from yba.specs import abbreviations
from yba.specs import forms as specs

NAMES = sorted(spec.name for versions in specs.forms().values() for spec in versions)


@pytest.mark.parametrize("name", NAMES)
def test_every_form_prints_blank_and_filled(name):
    form = forms.form(name)
    asked = json.loads((FOLDER / name / "in.json").read_text("utf-8"))
    blank, filled = forms.paper(form, None), forms.paper(form, forms.answers(form, asked["posted"]), lang="en")
    assert blank.startswith(b"%PDF-")
    assert filled.startswith(b"%PDF-")


def test_markup_stays_text():
    form = forms.form("vitals")
    for text in ('#panic("x")', "$ x^2 $", "\\u{41}", '#read("/etc/passwd")', "*x* _y_ `z`", ']]} #import "x.typ": *'):
        assert forms.paper(form, forms.answers(form, {"a:note": [text]}), head=forms.Head(facility=text)).startswith(b"%PDF-")


@pytest.mark.law("EMR-R04")
@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("BN có THA, ĐTĐ típ 2", "Người bệnh có tăng huyết áp, đái tháo đường típ 2"),
        ("HA 150/90, XN máu", "Huyết áp 150/90, xét nghiệm máu"),
        ("HATTr 95", "Huyết áp tâm trương 95"),
        ("mã THA01, HA-1, tha, BHYTX", "mã THA01, HA-1, tha, BHYTX"),
        ("", ""),
    ],
)
def test_abbreviations_are_spelled_out_on_paper_and_codes_stay(typed, printed):
    assert abbreviations.spelled(typed) == printed
    assert abbreviations.spelled(printed) == printed
    form = forms.form("vitals")
    parts = json.dumps(laid_out(form, forms.answers(form, {"a:note": [typed]}))["parts"], ensure_ascii=False)
    assert printed in parts


def test_no_label_of_a_form_is_printed_abbreviated():
    for name in NAMES:
        told = json.dumps(laid_out(forms.form(name), None), ensure_ascii=False)
        assert abbreviations.spelled(told.replace('"', " ")) == told.replace('"', " "), name
