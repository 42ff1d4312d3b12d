"""Whatever claim the generator makes, its resources follow the national profiles and carry no extension that is not declared."""

from __future__ import annotations

from random import Random

import orjson
import pytest

from tests.ingest.mapping import samples
from yba import fhir, synth
from yba.ingest.mapping import map_claim, read
from yba.specs import fhir as specs


@pytest.mark.parametrize("kind", synth.KINDS)
@pytest.mark.parametrize("standard", ["4210", "130", "3176"])
def test_synthetic_claims_follow_the_profiles(standard: str, kind: str) -> None:
    try:
        made = synth.one_claim(Random(f"{standard} {kind}"), standard, kind)  # no secret
    except ValueError:
        pytest.skip("this standard has no such visit")
    claim = samples.claim({table: rows for table, rows in made.tables.items() if rows}, standard, made.link)
    mapped = map_claim(claim, samples.keys(claim))
    assert mapped.resources
    for one in mapped.resources:
        doc = read(orjson.dumps(one.doc))
        url = specs.profile_of(one.rtype)
        found = fhir.validate(doc, profiles=[url] if url else [], library=specs.profiles())
        assert not [f"{issue.expression}: {issue.en}" for issue in found if issue.severity == "error"], one.rtype
