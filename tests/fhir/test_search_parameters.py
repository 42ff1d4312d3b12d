"""All of R4: every search parameter of every resource type finds a document that was built along its expression, and not one built otherwise."""

import pytest

from yba.fhir import definitions, match, parameters, query, search, values
from yba.fhir.extract import routes

# datatype -> (a value as JSON, what is asked for it)
SAMPLES = {
    "Coding": ({"system": "http://s", "code": "c1", "display": "Sốt cao"}, "http://s|c1"),
    "CodeableConcept": ({"coding": [{"code": "no"}, {"system": "http://s", "code": "c1"}], "text": "Sốt"}, "http://s|c1"),
    "Identifier": ({"system": "http://s", "value": "v,1"}, r"http://s|v\,1"),
    "ContactPoint": ({"system": "phone", "value": "0912"}, "0912"),
    "boolean": (True, "true"),
    "code": ("x-1", "x-1"),
    "id": ("1.2", "1.2"),
    "string": ("Nguyễn Văn", "nguyen v"),
    "markdown": ("Bệnh *nặng*", "benh"),
    "uri": ("http://u/1", "http://u/1"),
    "url": ("http://u/1", "http://u/1"),
    "canonical": ("http://u/1|2.0", "http://u/1"),
    "HumanName": ({"text": "Nguyễn Thị Phương"}, "phuong"),
    "Address": ({"line": ["12 Lê Lợi"], "city": "Huế"}, "hue"),
    "date": ("2026-03-12", "2026-03"),
    "dateTime": ("2026-03-12T10:00:00+07:00", "2026-03-12"),
    "instant": ("2026-03-12T10:00:00Z", "2026-03-12"),
    "Period": ({"start": "2026-03-12", "end": "2026-03-14"}, "2026-03"),
    "Timing": ({"event": ["2026-03-12"]}, "2026-03-12"),
    "decimal": (5.25, "5.25"),
    "integer": (7, "7"),
    "Quantity": ({"value": 5.25, "system": "http://u", "code": "mg", "unit": "milligram"}, "5.25|http://u|mg"),
    "Age": ({"value": 5, "unit": "năm"}, "5||năm"),
    "Duration": ({"value": 5, "system": "http://u", "code": "h"}, "5|http://u|h"),
    "Money": ({"value": 6300, "currency": "VND"}, "6300|urn:iso:std:iso:4217|VND"),
    "Range": ({"low": {"value": 5}, "high": {"value": 7}}, "ge7"),
    "SampledData": ({"origin": {"value": 2, "code": "mV"}, "factor": 2, "data": "E 1 3"}, "gt7"),
    "Reference": ({"reference": "Patient/p1"}, "Patient/p1"),
    "Location.position": ({"latitude": 21.03, "longitude": 105.85}, "21.0|105.8|20|km"),
}
ALSO = {  # where the type of the parameter reads the datatype in its own way
    ("token", "string"): ("v,1", r"v\,1"),
    ("token", "dateTime"): ("2026", "true"),
    ("token", "uri"): ("http://u/1", "http://u/1"),
    ("reference", "uri"): ("http://u/1", "http://u/1"),
    ("date", "string"): ("2026-03-12", "2026"),
    ("number", "Range"): ({"low": {"value": 5}, "high": {"value": 7}}, "ge7"),
}
SILENT = {("date", "Age"), ("date", "Range"), ("reference", "Attachment"), ("token", "Quantity"), ("token", "Range")}


def built(hops, value, root=None):
    """A document that has a value at the end of the hops."""
    node = root = {} if root is None else root
    steps = [hop for hop in hops if hop.key]
    for hop, nexthop in zip(hops, [*hops[1:], None], strict=True):
        if hop.equals:
            node[hop.equals[0]] = hop.equals[1]
            continue
        if hop is steps[-1]:
            sample = value | {nexthop.equals[0]: nexthop.equals[1]} if nexthop and nexthop.equals and isinstance(value, dict) else value
            node[hop.key] = [sample] if hop.many else sample
            return root
        below = node.get(hop.key)
        if below is None:
            below = node[hop.key] = [{}] if hop.many else {}
        node = below[0] if isinstance(below, list) else below
    return root


def sample(kind, route, rtype):
    leaf = route.hops[-1].type if route.hops else rtype
    value, asked = ALSO.get((kind, leaf)) or SAMPLES[leaf]
    if leaf == "Reference" and route.only:
        return {"reference": f"{route.only}/p1"}, f"{route.only}/p1"
    return value, asked


def simple():
    for rtype in sorted(definitions.resource_types()):
        for code, one in parameters.parameters(rtype).items():
            if one.expression and one.type != "composite" and (rtype, code) not in parameters.NOT_INDEXABLE and not code.startswith("_"):
                yield rtype, code, one
    yield from (
        ("Patient", code, parameters.parameters("Patient")[code]) for code in ("_id", "_lastUpdated", "_tag", "_security", "_profile", "_source")
    )


def test_every_simple_parameter():
    count = 0
    for rtype, code, one in simple():
        for route in routes(rtype, one.expression):
            if (one.type, route.hops[-1].type) in SILENT:
                continue
            value, text = sample(one.type, route, rtype)
            doc = {"resourceType": rtype, **built(route.hops, value)}
            asked = query.parse(rtype, [(code, text)])
            assert match.matches(asked, doc), (rtype, code, route, doc, text)
            assert query.parse(rtype, asked.pairs()) == asked
            assert route.boolean or not match.matches(asked, {"resourceType": rtype})
            assert match.matches(query.parse(rtype, [(f"{code}:missing", "false")]), doc)
            if (narrow := search.asked(rtype, asked.criteria[0])) is not None:
                assert set(narrow.tokens) & set(search.index(rtype, doc).tokens), (rtype, code, text)
            count += 1
    assert count > 1_500


def test_every_composite_parameter():
    count = 0
    for rtype in sorted(definitions.resource_types()):
        known = parameters.parameters(rtype)
        for code, one in known.items():
            for base in routes(rtype, one.expression) if one.type == "composite" else ():
                doc, texts = {}, []
                type_ = base.hops[-1].type if base.hops else rtype
                for name, expression in one.components:
                    inside = expression.startswith("%resource.")
                    route = routes(rtype if inside else type_, expression.removeprefix("%resource."))[0]
                    value, text = sample(known[name].type, route, rtype)
                    built(route.hops if inside else (*base.hops, *route.hops), value, doc)
                    texts.append(text)
                doc["resourceType"] = rtype
                asked = query.parse(rtype, [(code, "$".join(texts))])
                assert match.matches(asked, doc), (rtype, code, doc, texts)
                assert query.parse(rtype, asked.pairs()) == asked
                assert not match.matches(
                    query.parse(rtype, [(code, "$".join(["zzz" if known[one.components[0][0]].type == "token" else "1999", *texts[1:]]))]), doc
                )
                assert not values.of(rtype, {"resourceType": rtype}, code)
                narrow = search.asked(rtype, asked.criteria[0])
                assert narrow is None or set(narrow.tokens) & set(search.index(rtype, doc).tokens)
                count += 1
    assert count > 70


@pytest.mark.parametrize(("code", "inner"), [("composition", "Composition"), ("message", "MessageHeader")])
def test_the_first_entry_of_a_bundle_is_what_it_is_about(code, inner):
    doc = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": inner, "id": "c1"}}]}
    assert match.matches(query.parse("Bundle", [(code, f"{inner}/c1")]), doc)
    assert match.matches(query.parse("Bundle", [(code, "urn:uuid:1")]), doc)
    assert not match.matches(query.parse("Bundle", [(code, f"{inner}/c2")]), doc)
    assert match.matches(query.parse("Bundle", [(f"{code}:missing", "true")]), {"resourceType": "Bundle", "entry": [{}]})


def test_a_document_of_another_shape_is_no_failure():
    for rtype, code, _ in simple():
        for wrong in ({"name": 7, "code": "x", "subject": [1], "identifier": {}, "telecom": "y", "effectivePeriod": 3}, {"meta": []}):
            values.of(rtype, {"resourceType": rtype, **wrong}, code)
