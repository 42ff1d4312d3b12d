"""The order of an answer."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from yba.fhir import query, sorting


def order(docs, text):
    sort = query.parse(docs[0]["resourceType"], [("_sort", text)]).sort
    return [doc["id"] for doc in sorted(docs, key=lambda doc: sorting.sort_key(doc["resourceType"], doc, sort))]


def observation(id_, **doc):
    return {"resourceType": "Observation", "id": id_, **doc}


def test_dates_rise_by_their_beginning_and_fall_by_their_end():
    docs = [
        observation("a", effectivePeriod={"start": "2026-01-01", "end": "2026-12-31"}),
        observation("b", effectiveDateTime="2026-03-12"),
        observation("c", effectiveDateTime="2025"),
        observation("d"),
        observation("e", effectivePeriod={"start": "2026-06-01"}),
    ]
    assert order(docs, "date") == ["c", "a", "b", "e", "d"]
    assert order(docs, "-date") == ["e", "a", "b", "c", "d"]


def test_several_keys_then_the_id():
    docs = [
        observation("b", status="final", valueQuantity={"value": 5}),
        observation("a", status="final", valueQuantity={"value": Decimal("5.0")}),
        observation("c", status="amended", valueQuantity={"value": 10}),
        observation("d", status="final", valueQuantity={"value": 10.5}),
    ]
    assert order(docs, "status,value-quantity") == ["c", "a", "b", "d"]
    assert order(docs, "-status,-value-quantity") == ["d", "a", "b", "c"]


def test_names_are_ordered_without_marks():
    docs = [
        {"resourceType": "Patient", "id": id_, "name": [{"family": family}]}
        for id_, family in [("a", "Đặng"), ("b", "Dương"), ("c", "Bùi"), ("d", "Ân")]
    ]
    assert order(docs, "family") == ["d", "c", "a", "b"]


def test_of_several_values_the_least_rises_and_the_greatest_falls():
    docs = [{"resourceType": "Patient", "id": id_, "name": [{"given": list(given)}]} for id_, given in [("x", "bz"), ("y", "ac"), ("z", "dd")]]
    assert order(docs, "given") == ["y", "x", "z"]
    assert order(docs, "-given") == ["x", "z", "y"]


VALUES = st.none() | st.integers(-3, 3)


@given(st.lists(VALUES, min_size=1, max_size=6), st.sampled_from(["value-quantity", "-value-quantity", "-status,value-quantity"]))
def test_any_order_is_total_and_keeps_what_says_nothing_last(numbers, text):
    docs = [observation(f"{place:02}", **({} if number is None else {"valueQuantity": {"value": number}})) for place, number in enumerate(numbers)]
    found = order(docs, text)
    assert sorted(found) == [doc["id"] for doc in docs]
    silent = [doc["id"] for doc in docs if "valueQuantity" not in doc]
    assert found[len(found) - len(silent) :] == silent
    assert order(docs[::-1], text) == found
