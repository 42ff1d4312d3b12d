"""The national profiles over HTTP: $validate holds a resource against the profile it is asked for, or names itself."""

import copy

from yba.specs import fhir as specs


def errors(reply):
    assert reply.status == 200, reply.data[:400]
    return [one["diagnostics"] for one in reply.doc["issue"] if one["severity"] == "error"]


def test_validation_knows_the_national_profiles(client):
    for example in specs.examples():
        assert not errors(client.post(f"{example['resourceType']}/$validate", example)), example["id"]
    coverage = copy.deepcopy(next(one for one in specs.examples() if one["id"] == "coverage-card"))
    coverage["identifier"][0]["system"] = "https://example.org/card"
    assert any("identifier:card" in one for one in errors(client.post("Coverage/$validate", coverage)))
    del coverage["meta"]
    assert not errors(client.post("Coverage/$validate", coverage))
    asked = {"name": "profile", "valueUri": specs.profile_of("Coverage")}
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": coverage}, asked]}
    assert any("identifier:card" in one for one in errors(client.post("Coverage/$validate", parameters)))
