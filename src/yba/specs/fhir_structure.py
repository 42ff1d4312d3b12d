"""StructureDefinitions (differentials) of the national profiles and extensions, made of the files in `specs/fhir/profiles/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import identity, systems
from .claims import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Doc = dict[str, Any]
CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
_KEYS: Final = frozenset({"min", "max", "must", "fixed", "types", "targets", "extension", "set", "strength", "slice", "vi", "en", "warn"})
_PRIMITIVE: Final = frozenset({"code", "string", "decimal", "date", "dateTime"})


class Maker:
    """Makes StructureDefinitions under one canonical base with one head (version, date, publisher …)."""

    def __init__(self, base: str, head: Doc, sets: Iterable[str]) -> None:
        """Take what all have in common and the names of the value sets there are."""
        self._base, self._head, self._sets = base, head, frozenset(sets)

    def extension(self, name: str, said: Mapping[str, Any]) -> Doc:
        """Make the definition of one extension. Raises SpecError for a type of value nobody knows."""
        url = systems.extension(name)
        if "parts" in said:
            elements = list(self._parts(name, said["parts"]))
        else:
            elements = [{"id": "Extension.extension", "path": "Extension.extension", "max": "0"}]
        elements.append({"id": "Extension.url", "path": "Extension.url", "fixedUri": url})
        value: Doc = {"max": "0"} if "parts" in said else {"min": 1, **self._value(name, said)}
        elements.append({"id": "Extension.value[x]", "path": "Extension.value[x]", **value})
        top = {"id": "Extension", "path": "Extension", "short": said["vi"], "definition": f"{said['vi']}. {said['en']}."}
        return {
            **self._named(f"x-{name}", url, said),
            "kind": "complex-type",
            "abstract": False,
            "context": [{"type": "element", "expression": place} for place in said["context"]],
            "type": "Extension",
            "baseDefinition": f"{CORE}Extension",
            "derivation": "constraint",
            "differential": {"element": [top, *elements]},
        }

    def profile(self, name: str, said: Mapping[str, Any], contexts: Mapping[str, Iterable[str]]) -> Doc:
        """Make the profile of a resource type; `contexts` says where each extension may stand."""
        rtype = said["type"]
        asked: dict[str, Doc] = {**_extensions(rtype, said.get("extensions", ()), contexts), **_identifiers(said.get("identifiers", ()))}
        for path, more in said.get("element", {}).items():
            if unknown := more.keys() - _KEYS:
                message = f"resources.toml, [{name}] {path}: keys nobody reads: {sorted(unknown)}"
                raise SpecError(message)
            asked[path] = asked.get(path, {}) | more
        ordered = sorted(asked, key=_rank)
        elements = [self._element(rtype, path, asked[path]) for path in ordered]
        return {
            **self._named(f"yba-{name}", f"{self._base}StructureDefinition/yba-{name}", said),
            "kind": "resource",
            "abstract": False,
            "type": rtype,
            "baseDefinition": f"{CORE}{rtype}",
            "derivation": "constraint",
            "differential": {"element": [{"id": rtype, "path": rtype, "short": said["vi"], "definition": f"{said['vi']}. {said['en']}."}, *elements]},
        }

    def _named(self, id_: str, url: str, said: Mapping[str, Any]) -> Doc:
        name = "".join(part.capitalize() for part in id_.split("-"))
        made: Doc = {"resourceType": "StructureDefinition", "id": id_, "url": url, **self._head}
        return made | {"name": name, "title": said["en"], "description": f"{said['vi']}. {said['en']}.", "fhirVersion": "4.0.1"}

    def _element(self, rtype: str, path: str, asked: Mapping[str, Any]) -> Doc:
        """Make one ElementDefinition; its keys are in no order that matters."""
        plain = ".".join(step.partition(":")[0] for step in path.split("."))
        made: Doc = {"id": f"{rtype}.{path}", "path": f"{rtype}.{plain}"}
        if ":" in path.rsplit(".", 1)[-1]:
            made["sliceName"] = path.rpartition(":")[2]
        if "slice" in asked:
            kind, _, at = asked["slice"].partition(":")
            made["slicing"] = {"discriminator": [{"type": kind, "path": at}], "rules": "open"}
        made |= {key: asked[key] for key in ("min", "max") if key in asked}
        if "vi" in asked:
            made |= {"short": asked["vi"], "definition": f"{asked['vi']}. {asked.get('en', '')}."}
        if "fixed" in asked:
            made[f"fixed{asked['fixed']['type']}"] = asked["fixed"]["value"]
        types = _types(asked)
        if types:
            made["type"] = types
        if asked.get("must"):
            made["mustSupport"] = True
        if "set" in asked:
            made["binding"] = self._binding(asked["set"], asked.get("strength", "extensible"))
        if "warn" in asked:
            made["constraint"] = [asked["warn"]]
        return made

    def _parts(self, name: str, parts: Mapping[str, Mapping[str, Any]]) -> Iterator[Doc]:
        path = "Extension.extension"
        yield {"id": path, "path": path, "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "closed"}}
        for part, said in parts.items():
            id_ = f"{path}:{part}"
            yield {
                "id": id_,
                "path": path,
                "sliceName": part,
                "min": 0,
                "max": "1",
                "short": said["vi"],
                "definition": f"{said['vi']}. {said['en']}.",
            }
            yield {"id": f"{id_}.extension", "path": f"{path}.extension", "max": "0"}
            yield {"id": f"{id_}.url", "path": f"{path}.url", "fixedUri": part}
            yield {"id": f"{id_}.value[x]", "path": f"{path}.value[x]", "min": 1, **self._value(f"{name}.{part}", said)}

    def _value(self, name: str, said: Mapping[str, Any]) -> Doc:
        kind = said.get("value", "")
        inner, _, target = kind.partition("(")
        if inner == "Reference" and target:
            return {"type": [{"code": "Reference", "targetProfile": [CORE + target.removesuffix(")")]}]}
        if kind not in _PRIMITIVE and kind != "Coding":
            message = f"extensions.toml, [{name}]: no such type of value: {kind!r}"
            raise SpecError(message)
        made: Doc = {"type": [{"code": kind}]}
        if "set" in said:
            made["binding"] = self._binding(said["set"], "extensible")
        return made

    def _binding(self, name: str, strength: str) -> Doc:
        if name not in self._sets:
            message = f"specs/fhir/profiles: no value set {name!r}"
            raise SpecError(message)
        return {"strength": strength, "valueSet": f"{self._base}ValueSet/{name}"}


def _types(asked: Mapping[str, Any]) -> list[Doc]:
    if "targets" in asked:
        return [{"code": "Reference", "targetProfile": [CORE + one for one in asked["targets"]]}]
    if "extension" in asked:
        return [{"code": "Extension", "profile": [systems.extension(asked["extension"])]}]
    return [{"code": one} for one in asked.get("types", ())]


def _rank(path: str) -> int:
    """Extensions stand first in R4, then identifiers; of what is sliced, the whole before its slices."""
    first = path.partition(".")[0].partition(":")[0]
    if first == "extension":
        return 0
    if first == "identifier":
        return 2 if ":" in path else 1
    return 3


def _extensions(rtype: str, names: Iterable[str], contexts: Mapping[str, Iterable[str]]) -> dict[str, Doc]:
    asked: dict[str, Doc] = {}
    for name in names:
        if rtype not in contexts.get(name, ()):
            message = f"resources.toml: extension {name!r} may not stand in {rtype}"
            raise SpecError(message)
        asked[f"extension:{name}"] = {"min": 0, "max": "1", "extension": name}
    return {"extension": {"slice": "value:url"}, **asked} if asked else {}


def _identifiers(names: Iterable[str]) -> dict[str, Doc]:
    asked: dict[str, Doc] = {}
    shapes = {kind.system: kind.pattern.pattern for kind in identity.identifiers().kinds}
    for name in names:
        asked[f"identifier:{name}"] = {"min": 0, "max": "*", "must": True, **({"warn": _shape(name, shapes[name])} if name in shapes else {})}
        asked[f"identifier:{name}.system"] = {"min": 1, "fixed": {"type": "Uri", "value": systems.identifier(name)}}
        asked[f"identifier:{name}.value"] = {"min": 1}
    return {"identifier": {"slice": "value:system"}, **asked} if asked else {}


def _shape(name: str, pattern: str) -> Doc:
    """Make the warning about a number that does not look like one of its kind; FHIRPath strings escape the backslash."""
    escaped = pattern.replace("\\", "\\\\")
    human = f"Số không đúng dạng thường gặp ({name}). The number does not look like one of its kind ({name})."
    return {"key": f"yba-{name}", "severity": "warning", "human": human, "expression": f"value.exists() implies value.matches('^({escaped})$')"}
