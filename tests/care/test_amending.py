"""What part A of QĐ 831 says of a person is written through registration's door; who somebody is stays as it was, and that is said."""

from __future__ import annotations

import pytest

from tests.care.conftest import COMMUNE, HOSPITAL, STATION
from yba import care, forms, record
from yba.access import Denied
from yba.specs import forms as specs

TOLD = care.Newcomer(
    "Trần Thị Hường", "female", "1959-03-12", phone="0987 654 321", commune=COMMUNE, address="Bản Mới", ethnicity="03", permanent_address="Bản Cũ",
    permanent_commune=COMMUNE,
)  # fmt: skip


def own(mine, by, person):
    found = [one.doc for one in record.of_person(mine, by=by, person_id=person) if one.rtype == "Patient" and one.facility_id == STATION]
    return next(one for one in found if one["id"] != str(person))


def test_name_phone_homes_ethnicity_are_written_and_what_is_not_said_stays(mine, by, person):
    care.start(mine, by=by, person_id=person, facility=STATION)
    before = own(mine, by, person)
    made = care.amend(mine, by=by, person_id=person, facility=STATION, facts=TOLD)
    assert (set(made.written), made.refused) == ({"telecom", "address", "extension"}, ())
    doc = own(mine, by, person)
    assert doc["identifier"] == before["identifier"]
    assert [one.get("text") for one in doc["address"]] == ["Bản Mới", "Bản Cũ"]
    golden = record.golden_patients(mine, by=by, person_ids=[person])[person].doc
    assert golden["telecom"][0]["value"] == "0987654321"
    assert golden["address"][0]["text"] == "Bản Mới"
    assert care.amend(mine, by=by, person_id=person, facility=STATION, facts=TOLD).written == (), "twice is once"
    less = care.amend(mine, by=by, person_id=person, facility=STATION, facts=care.Newcomer("", "", "", address="Bản Ba"))
    assert less.written == ("address",)
    assert [one.get("text") for one in own(mine, by, person)["address"]] == ["Bản Ba", "Bản Cũ"]


def test_who_somebody_is_is_not_changed_by_a_form_and_that_is_said(mine, by, person):
    care.start(mine, by=by, person_id=person, facility=STATION)
    facts = TOLD._replace(sex="male", birth="1960", citizen="001159000099", card="DN4010123456789")
    made = care.amend(mine, by=by, person_id=person, facility=STATION, facts=facts, household="12")
    assert [one.field for one in made.refused] == ["sex", "birth", "citizen", "card", "household"]
    golden = record.golden_patients(mine, by=by, person_ids=[person])[person].doc
    assert (golden["gender"], golden["birthDate"]) == ("female", "1959-03-12")
    with pytest.raises(care.NotPlausible):
        care.amend(mine, by=by, person_id=person, facility=STATION, facts=TOLD._replace(ethnicity="XX"))
    with pytest.raises(Denied):
        care.amend(mine, by=by, person_id=person, facility=HOSPITAL, facts=TOLD)


def test_every_fact_of_part_a_is_asked_by_a_question_that_is_there():
    form = forms.form(specs.PERSONAL)
    asked = specs.registration(specs.PERSONAL)
    assert set(asked.values()) <= form.items.keys()
    assert set(asked) - {"household"} <= set(care.Newcomer._fields)
    assert specs.registration("vitals") == {}
