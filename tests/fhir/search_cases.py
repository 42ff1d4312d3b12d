"""Queries written from the values of documents by plain reading: no definitions, no compiled routes; strings cut by regular expressions."""

import re
from pathlib import Path

import orjson

from yba.fhir import definitions, parameters

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "fhir-tests"
TYPES = {field.type[0].upper() + field.type[1:] for field in definitions.elements("Extension")["value"].fields}
CHOICES = {element.name for rtype in definitions.resource_types() for element in definitions.elements(rtype).values() if len(element.fields) > 1}
NESTED_CHOICES = {"item", "value", "probability", "product", "occurrence", "scheduled", "due", "abatement", "onset", "performed", "source", "target"}


def documents():
    """Resources of the public examples, those of bundles too."""
    for file in sorted(EXAMPLES.rglob("*.json")):
        data = orjson.loads(file.read_bytes())
        docs = [data] if isinstance(data, dict) else []
        docs += [entry["resource"] for doc in docs for entry in doc.get("entry", []) if isinstance(entry, dict) and "resource" in entry]
        yield from (doc for doc in docs if doc.get("resourceType") in definitions.resource_types())


def walk(node, names, told=""):
    """Values at the end of a path with the type that the property name tells."""
    if not names:
        return [(one, told) for one in (node if isinstance(node, list) else [node]) if one is not None]
    found = []
    for part in node if isinstance(node, list) else [node]:
        for key, value in part.items() if isinstance(part, dict) else ():
            rest = key[len(names[0]) :]
            if key == names[0] or (key.startswith(names[0]) and rest in TYPES and names[0] in CHOICES | NESTED_CHOICES):
                found += walk(value, names[1:], rest)
    return found


def read(doc, expression, root=True):
    """Values of a search parameter's expression."""
    if match := re.match(r"^([\w.]+)\.exists\(\) and ", expression):
        found = [value for value, _ in walk(doc, match[1].split(".")[1:])]
        return [(any(value is not False for value in found), "boolean")]
    everything = []
    for term in expression.split(" | "):
        only = re.search(r"\.where\(resolve\(\) is (\w+)\)", term)
        filter_ = re.search(r"\.where\((\w+)='([^']*)'\)", term)
        as_ = re.search(r" as (\w+)\)|\.as\((\w+)\)", term)
        plain = re.sub(r"\.where\(resolve\(\) is \w+\)| as \w+|\.as\(\w+\)|[()]", "", re.sub(r"\.where\(\w+='[^']*'\)", "", term))
        names = plain.split(".")[1 if root else 0 :]
        if filter_:
            before = len(re.sub(r"\.where\(\w+='.*", "", term).split(".")) - 1
            kept = [one for one, _ in walk(doc, names[:before]) if one.get(filter_[1]) == filter_[2]]
            found = [pair for one in kept for pair in walk(one, names[before:])]
        else:
            found = walk(doc, names)
        if only:
            found = [one for one in found if f"/{only[1]}/" in "/" + one[0].get("reference", "") or one[0].get("type") == only[1]]
        if as_:
            found = [one for one in found if one[1].lower() == (as_[1] or as_[2]).lower()]
        everything += found
    return everything


def escaped(text):
    return re.sub(r"([\\,|$])", r"\\\1", text)


def queries(kind, value, told):
    """Values to ask for that must find this one."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if kind in {"number", "quantity"} and isinstance(value, (int, float)):
        return [repr(value), f"ge{value!r}", f"le{value!r}", f"ap{value!r}"]
    return {"token": tokens, "string": strings, "date": dates, "quantity": quantities, "number": quantities, "reference": references, "uri": uris}[
        kind
    ](value, told)


def tokens(value, told):
    if isinstance(value, str):
        return [escaped(value)]
    if "coding" in value:
        return [one for coding in value["coding"] for one in pair(coding.get("system"), coding.get("code"))]
    if "code" in value:
        return pair(value.get("system"), value["code"])
    if "value" in value and value.get("system") in {"phone", "email", "fax", "url", "pager", "sms", "other", None} and "use" in value:
        return [escaped(value["value"])]
    return pair(value.get("system"), value.get("value")) if "value" in value else []


def pair(system, code):
    if not code:
        return []
    own = [escaped(code)]
    return [*own, f"{escaped(system)}|{escaped(code)}", f"{escaped(system)}|"] if system else [*own, f"|{escaped(code)}"]


def strings(value, told):
    if isinstance(value, str):
        return [escaped(value), escaped(value[:3]), escaped(value.upper())] if value.strip() and value[:3].strip() else []
    return [
        one
        for key, part in value.items()
        if key in {"family", "given", "prefix", "suffix", "text", "line", "city", "district", "state", "country", "postalCode"}
        for text in (part if isinstance(part, list) else [part])
        if text
        for one in strings(text, "")
    ]


def dates(value, told):
    if isinstance(value, str):
        return (
            [value, f"ge{value}", f"le{value}", f"ap{value}", value[:4], f"gt{int(value[:4]) - 1}", f"lt{int(value[:4]) + 1}"]
            if value[:4].isdigit()
            else []
        )
    if "event" in value:
        return [f"ge{min(value['event'])}"]
    if set(value) & {"start", "end"} and all(isinstance(one, str) for one in value.values()):
        return [f"ge{value['start']}" if "start" in value else f"le{value['end']}", f"ap{value.get('start', value.get('end'))}"]
    return []


def quantities(value, told):
    if "low" in value or "high" in value:
        return [f"ge{value['low']['value']!r}"] if "value" in value.get("low", {}) else []
    if "origin" in value:
        return [repr(value["origin"]["value"])]
    if not isinstance(value.get("value"), (int, float)):
        return []
    number = repr(value["value"])
    system, code = value.get("system"), value.get("code")
    if "currency" in value:
        system, code = "urn:iso:std:iso:4217", value["currency"]
    found = [number, f"ge{number}", f"le{number}"]
    found += [f"{number}|{escaped(system)}|{escaped(code)}"] if system and code else []
    found += [f"{number}||{escaped(code)}"] if code else []
    return found + ([f"{number}||{escaped(value['unit'])}"] if value.get("unit") else [])


def references(value, told):
    if isinstance(value, str):
        return [value, value.split("|")[0]]
    target = value.get("reference", "#")
    if target.startswith("#"):
        return []
    match = re.fullmatch(r"([A-Z]\w+)/([^/]+)", target)
    # one example writes an id alone, which R4 does not know
    return [target, match[2]] if match else [target.partition("/_history/")[0]] if ":" in target else []


def uris(value, told):
    return [escaped(value), escaped(value.split("|")[0])]


def of(doc):
    """(parameter, query) of every value that a resource says."""
    for code, one in parameters.parameters(doc["resourceType"]).items():
        if not one.expression or (doc["resourceType"], code) in parameters.NOT_INDEXABLE or one.type == "special":
            continue
        if one.type == "composite":
            yield from ((code, query) for query in composites(doc, one))
            continue
        for value, told in read(doc, one.expression):
            if isinstance(value, dict) and "contentType" in value:
                continue
            yield from ((code, query) for query in queries(one.type, value, told))


def composites(doc, one):
    known = parameters.parameters(doc["resourceType"])
    for base in one.expression.split(" | "):
        for element, _ in walk(doc, base.split(".")[1:]):
            parts = []
            for name, expression in one.components:
                inside = expression.startswith("%resource.")
                found = read(doc if inside else element, expression.removeprefix("%resource."), root=False)
                parts.append([query for value, told in found for query in queries(known[name].type, value, told)])
            if all(parts):
                yield "$".join(part[0] for part in parts)
                yield "$".join(part[-1] for part in parts)
