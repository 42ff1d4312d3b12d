"""Paper: every form prints, blank and filled; what a person typed is never read as markup; a font of ours is embedded where it was fetched."""

import json

import pytest

from tests.forms.golden import FOLDER
from yba import forms
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
