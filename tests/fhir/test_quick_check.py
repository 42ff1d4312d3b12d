"""The quick check against the whole one: it never passes what the whole one refuses, and knows nearly everything that is right."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.fhir.validation.quick import is_sound
from yba.fhir.validation.structure import Walk
from yba.operations import bench_fhir_data

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests" / "r4-examples"
JUNK: list[Any] = [
    None, "", " x", 0, 1.5, -1, True, {}, [], "Patient/1", "Patient/1/2", "#a", "urn:uuid:1", "http://a b", "2026-02-30", "2026-03-12T10:30:00+07:00", "male",
    {"text": "x"}, [None], ["x"], [{"text": "x"}], {"reference": "Patient/1"}, {"reference": "Medication/1"}, {"coding": [{"code": "AMB"}]}, "x" * 50,
]  # fmt: skip


def found(doc: Any) -> bool:
    walk = Walk()
    walk.document(doc)
    return not walk.issues


def documents() -> list[dict[str, Any]]:
    if not EXAMPLES.is_dir():
        return [bench_fhir_data.patient(bench_fhir_data.Person(1)), bench_fhir_data.observation(1, 1, "Patient/1")]
    paths = sorted(EXAMPLES.rglob("*.json"))[::7]
    return [doc for path in paths if path.stat().st_size < 30_000 and isinstance(doc := orjson.loads(path.read_bytes()), dict)]


DOCUMENTS = documents()


def is_plain(value: Any, *, top: bool = True) -> bool:
    """Whether there are no properties with extensions of their own, and no resources within."""
    if isinstance(value, dict):
        within = not top and "resourceType" in value
        return not within and all(not key.startswith("_") and is_plain(inner, top=False) for key, inner in value.items())
    return not isinstance(value, list) or all(is_plain(one, top=False) for one in value)


def test_it_knows_every_plain_example_that_is_right() -> None:
    plain = [doc for doc in DOCUMENTS if is_plain(doc)]
    assert plain
    assert [doc.get("id") for doc in plain if is_sound(doc) is not found(doc)] == []
    assert sum(map(is_sound, plain)) > len(plain) * 0.9


@given(st.data())
def test_it_passes_nothing_that_the_whole_check_refuses(data: Any) -> None:
    doc = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 3))):
        here: Any = doc
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(here[key], (dict, list)) and data.draw(st.booleans()):
                here = here[key]
                continue
            spoil(here, key, data)
            break
    if is_sound(doc):
        assert found(doc)


def spoil(here: Any, key: Any, data: Any) -> None:
    how = data.draw(st.sampled_from(["junk", "gone", "another", "twice"]))
    if how == "junk":
        here[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))  # spoiled again, it must not spoil the list
    elif how == "gone":
        del here[key]
    elif isinstance(here, list):
        here.append(copy.deepcopy(here[key]))
    elif how == "another":
        here[data.draw(st.sampled_from(["colour", "valueString", "deceasedBoolean", "_status", "onsetAge", "contained", "language", "id"]))] = here[
            key
        ]
    else:
        here[key] = [here[key], here[key]]


@pytest.mark.parametrize("depth", [99, 100, 101])
def test_it_stops_where_the_whole_check_stops(depth: int) -> None:
    doc: dict[str, Any] = {"resourceType": "Basic", "code": {"text": "x"}}
    here = doc
    for _ in range(depth):
        here["extension"] = [{"url": "http://x.test"}]
        here = here["extension"][0]
    here["valueString"] = "x"
    assert is_sound(doc) is found(doc) is (depth <= 100)
