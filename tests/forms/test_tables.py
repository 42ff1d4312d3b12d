"""The health-check templates and the groups of QĐ 3074: every row of the tables has its questions, or a reason."""

import csv
import tomllib
from pathlib import Path

import pytest

from yba import forms
from yba.specs import forms as specs

SPECS = Path(specs.__file__).with_name("forms")
KINDS = {
    "adult": {"≥18", "≥18 nữ"}, "child-6-18": {"6-<18", "<18"}, "child-under-6": {"<6", "<18"}, "driver": {"driver"}, "railway": {"railway"},
    "seafarer": {"seafarer"},
}  # fmt: skip
REASONS = tomllib.loads((SPECS / "health-check.toml").read_text("utf-8"))


def rows(name):
    return list(csv.DictReader((SPECS / f"{name}.csv").read_text("utf-8").splitlines(keepends=True)))


def tags(form):
    """Every linkId of a form in one text, so that a tag of the table is found whatever it stands beside there."""
    return set(form.items)


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_for_these_people_has_questions_or_a_reason(kind):
    form = forms.form(f"health-check-{kind}")
    missing = []
    for row in rows("health-check-fields"):
        told = set(row["applies_to"].split(","))
        if row["block"] in REASONS["no_question"] or not (told & KINDS[kind] or told & {"all", "all/seafarer"}):
            continue
        # the parts that are whole tags of the table must be there; "A/B" in one name is spelt out by the generator
        parts = [
            part.strip()
            for part in (row["field"].partition(": ")[2] or row["field"]).replace("(_PL)", "").replace(" + ", ", ").replace(" / ", ", ").split(",")
        ]
        whole = [part for part in parts if part.isidentifier() and part.isupper() and not part.startswith("_")]
        if whole and not set(whole) & tags(form):
            missing.append(row["field"])
        if (
            not whole
            and row["field"] not in REASONS["incomplete"]
            and not any(tag.startswith(row["field"].split("/")[0].split("_")[0]) for tag in tags(form))
        ):
            missing.append(row["field"])
    assert not missing


def test_people_are_asked_what_is_for_them_only():
    driver, child = forms.form("health-check-driver"), forms.form("health-check-child-under-6")
    assert "HANG_LAI_XE" in driver.items
    assert "HANG_LAI_XE" not in child.items
    assert "SINH_NON" in child.items
    assert "SINH_NON" not in driver.items


def test_every_group_of_the_electronic_record_has_a_home():
    asked = {link_id for name in ("personal", "history", "vaccination", "visit") for link_id in forms.form(f"ehr-831-{name}").items}
    homes = tomllib.loads((SPECS / "ehr-3074.toml").read_text("utf-8"))["home"]
    found = rows("ehr-3074")
    assert len(found) == 28
    for row in found:
        home = homes[row["item_code"]]
        assert row["fhir_mapping"].startswith(home["resource"]), row["item_code"]
        assert home.get("question") in asked or home.get("why"), row["item_code"]


def test_every_label_and_answer_of_every_form_has_its_english():
    missing = set()
    for form in forms.forms():
        missing |= {(form.name, "title")} if not form.title_en else set()
        for item in form.items.values():
            missing |= {(form.name, item.vi)} if item.vi and not item.en else set()
            missing |= {(form.name, item.help_vi)} if item.help_vi and not item.help_en else set()
            missing |= {(form.name, option.vi) for option in item.options if not option.en}
    assert missing == set()


def test_no_label_is_a_tag_without_its_tones():
    toneless = [
        item.vi for form in forms.forms() for item in form.items.values() if item.vi.partition(": ")[2].startswith(("Kq ", "Kham ", "Noi khoa"))
    ]
    assert toneless == []
