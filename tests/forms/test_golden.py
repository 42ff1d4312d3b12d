"""Every form has a golden folder: what a browser posts beside what the record stores."""

import pytest

from tests.forms.golden import FOLDER, said
from yba.specs import forms as specs


@pytest.mark.parametrize("folder", sorted(FOLDER.iterdir()), ids=lambda one: one.name)
def test_what_is_posted_becomes_what_is_stored(folder):
    assert said(folder) == (folder / "out.json").read_text("utf-8")


def test_every_form_has_one():
    missing = {spec.name for versions in specs.forms().values() for spec in versions} - {one.name for one in FOLDER.iterdir()}
    assert not missing
