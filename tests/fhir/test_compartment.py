"""In whose compartments a resource is: R4's definitions, and the slip that is mended."""

from yba.fhir import compartment, definitions, match, parameters


def test_the_definitions_name_types_and_reference_parameters_of_r4():
    assert compartment.kinds() == ("Device", "Encounter", "Patient", "Practitioner", "RelatedPerson")
    for kind in compartment.kinds():
        for rtype, names in compartment.definition(kind).items():
            assert rtype in definitions.resource_types()
            for name in names:
                one = parameters.parameters(rtype)[name]
                assert one.type == "reference"
                assert kind in one.targets or one.targets == ("Resource",)
    assert len(compartment.definition()) == 67


def test_patients_of_a_resource():
    assert compartment.patients(
        {
            "resourceType": "Observation",
            "subject": {"reference": "Patient/1"},
            "performer": [{"reference": "Patient/2"}, {"reference": "Practitioner/3"}],
        }
    ) == ["1", "2"]
    assert compartment.patients({"resourceType": "Patient", "id": "1", "link": [{"other": {"reference": "Patient/2"}}]}) == ["1", "2"]
    assert compartment.patients({"resourceType": "Task", "for": {"reference": "Patient/1"}}) == ["1"]
    assert compartment.patients(
        {"resourceType": "Coverage", "beneficiary": {"reference": "Patient/1/_history/2"}, "payor": [{"reference": "Patient/1"}]}
    ) == ["1"]
    assert compartment.patients({"resourceType": "Organization", "id": "1"}) == []
    assert compartment.patients({"resourceType": "Encounter", "subject": {"reference": "Group/1"}}) == []


def test_other_servers_and_contained_patients_are_not_ours():
    for reference in ("http://h/fhir/Patient/1", "#p", "urn:uuid:1"):
        doc = {"resourceType": "Observation", "subject": {"reference": reference}, "contained": [{"resourceType": "Patient", "id": "p"}]}
        assert compartment.patients(doc) == []


def test_a_search_inside_a_compartment_finds_its_members():
    docs = [
        {"resourceType": "Observation", "id": "a", "subject": {"reference": "Patient/1"}},
        {"resourceType": "Observation", "id": "b", "performer": [{"reference": "Patient/1"}]},
        {"resourceType": "Observation", "id": "c", "subject": {"reference": "Patient/2"}},
        {"resourceType": "Observation", "id": "d", "encounter": {"reference": "Encounter/1"}},
        {"resourceType": "Patient", "id": "1"},
        {"resourceType": "Patient", "id": "3", "link": [{"other": {"reference": "Patient/1"}}]},
    ]
    for kind in compartment.kinds():
        for doc in docs:
            asked = compartment.criterion(kind, "1", doc["resourceType"])
            assert (asked is not None and match.matches(asked, doc)) is ("1" in compartment.members(kind, doc))
    assert compartment.criterion("Patient", "1", "Organization") is None
