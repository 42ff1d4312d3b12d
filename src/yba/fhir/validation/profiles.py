"""A resource held against profiles: cardinality, fixed values and patterns, types, bindings, slices, extensions, invariants."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from yba.fhir.definitions import is_primitive, properties
from yba.fhir.fhirpath import Environment, FHIRPathError, Node, Purse, children, compile, system  # noqa: A004  the contract's name
from yba.fhir.tokens import reference_type
from yba.kit import Invalid

from .issue import Issue, error
from .primitives import bound, hoped
from .profile import CORE, UNBOUNDED, Asked, Discriminator, Profile, compile_profile
from .rules import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_DEEPEST: Final = 20  # profiles of profiles of extensions
_STEP: Final = re.compile(r"\.?(?:extension\('(?P<url>[^']*)'\)|(?P<call>resolve\(\)|ofType\(\w+\))|(?P<name>\$this|\w+))")


class Holding:
    """Holds profiles against documents; definitions are compiled when they are first met."""

    def __init__(
        self,
        library: Mapping[str, dict[str, Any]],
        codes: Callable[[str, str | None, str], bool | None] | None = None,
        environment: Environment | None = None,
        purse: Purse | None = None,
    ) -> None:
        """Take the definitions by their url, who knows value sets, what lies outside the document, and the steps that are left."""
        self._library = library
        self._codes = codes
        outside = environment or Environment()
        self._environment = outside if outside.slices else replace(outside, slices=self.in_slice)
        self._purse = purse or Purse(outside.steps)
        self._compiled: dict[str, Profile | None] = {}

    def knows(self, url: str) -> bool:
        """Whether a profile can be checked here."""
        return self._profile(url) is not None

    def check(self, node: Node, url: str, whole: Node | None = None, depth: int = 0) -> list[Issue]:
        """Hold an element or resource against a profile and what that is based on."""
        profile = self._profile(url)
        if profile is None:
            said = f"không biết hồ sơ (profile) {url}", f"unknown profile {url}"
            return [Issue("warning", "not-found", node.path(), *said, url)]
        if depth > _DEEPEST:
            return [error("processing", node.path(), f"hồ sơ {url} dựa vào chính nó", f"profile {url} leads to itself")]
        if profile.type not in {node.type, "Extension"}:
            return [error("structure", node.path(), f"hồ sơ {url} dành cho {profile.type}", f"profile {url} is about {profile.type}")]
        around = whole or node
        found = list(self._asked(profile.root, [node], node.path(), around, depth))
        if profile.base and not profile.base.startswith(CORE):
            found += self.check(node, profile.base, whole, depth + 1)
        return found

    def _profile(self, url: str) -> Profile | None:
        url = url.partition("|")[0]
        if url not in self._compiled:
            definition = self._library.get(url)
            self._compiled[url] = compile_profile(definition) if definition is not None else None
        return self._compiled[url]

    # --- one element and what is asked of it

    def _asked(self, asked: Asked, nodes: list[Node], path: str, whole: Node, depth: int) -> Iterator[Issue]:
        """Check all elements of one name within one parent; `path` is where the missing one would stand."""
        least, most = asked.minimum, asked.maximum
        if len(nodes) < least:
            yield error(
                "required", path, f"{asked.path}: cần ít nhất {least}, có {len(nodes)}", f"{asked.path}: at least {least} needed, found {len(nodes)}"
            )
        if most != UNBOUNDED and len(nodes) > most:
            yield error(
                "structure", path, f"{asked.path}: nhiều nhất {most}, có {len(nodes)}", f"{asked.path}: at most {most} allowed, found {len(nodes)}"
            )
        for node in nodes:
            yield from self._one(asked, node, whole, depth)
        if asked.slices:
            yield from self._sliced(asked, nodes, path, whole, depth)

    def _one(self, asked: Asked, node: Node, whole: Node, depth: int) -> Iterator[Issue]:
        yield from _values(asked, node)
        if asked.binding:
            yield from bound(asked.binding, node.type, node.data, node.path(), self._codes)
        if asked.extensible:
            yield from hoped(asked.extensible, node.type, node.data, node.path(), self._codes)
        for rule in asked.rules:
            issue = held(rule, node, whole, whole, self._environment, self._purse)
            if issue is not None:
                yield issue
        if asked.profiles and asked.name not in {"contained", "resource"}:
            yield from self._any_profile(asked.profiles, node, whole, depth)
        if asked.children:
            below = children(node)
            for child in asked.children.values():
                yield from self._asked(child, _named(node, below, child.name), f"{node.path()}.{child.name}", whole, depth)

    def _any_profile(self, urls: tuple[str, ...], node: Node, whole: Node, depth: int) -> list[Issue]:
        """Check that one of several profiles is followed; say what is wrong with the nearest, of one that is followed the warnings."""
        known = [url for url in urls if self.knows(url)]
        found = [self.check(node, url, whole, depth + 1) for url in known]
        return min([one for one in found if not _wrong(one)] or found, key=len, default=[])

    # --- slices

    def _sliced(self, asked: Asked, nodes: list[Node], path: str, whole: Node, depth: int) -> Iterator[Issue]:
        members: dict[str, list[Node]] = {name: [] for name in asked.slices}
        for node in nodes:
            name = self._slice_of(asked, node, whole, depth)
            if name is not None:
                members[name].append(node)
            elif asked.slicing == "closed":
                yield error(
                    "structure", node.path(), f"{asked.path}: không thuộc lát nào", f"{asked.path}: belongs to no slice, and there are no others"
                )
        for name, one in asked.slices.items():
            yield from self._asked(one, members[name], path, whole, depth)

    def in_slice(self, node: Node, url: str, name: str) -> bool | None:
        """Whether an element is of a slice of a profile; None where neither that nor its bases slice such elements by this name."""
        profile, depth = self._profile(url), 0
        own = _own_name(node)
        while profile is not None and depth < _DEEPEST:
            for asked in _all_below(profile.root):
                if asked.name == own and name in asked.slices:
                    return self._slice_of(asked, node, _top(node), 0) == name
            profile, depth = self._profile(profile.base), depth + 1
        return None

    def _slice_of(self, asked: Asked, node: Node, whole: Node, depth: int) -> str | None:
        discriminators = asked.discriminators or _assumed(asked)
        return next((name for name, one in asked.slices.items() if all(self._tells(by, one, node, whole, depth) for by in discriminators)), None)

    def _tells(self, by: Discriminator, slice_: Asked, node: Node, whole: Node, depth: int) -> bool:
        """Whether an element is of a slice by one discriminator."""
        if slice_.name in {"extension", "modifierExtension"} and slice_.profiles and by.path == "url":
            return isinstance(node.data, dict) and node.data.get("url") in {url.partition("|")[0] for url in slice_.profiles}
        wanted = _below(slice_, by.path)
        if by.type == "type":
            return _has_type(wanted or slice_, node, by.path)
        try:
            found = [one for one in compile(by.path, lenient=True).items(node, self._environment) if isinstance(one, Node)]
        except FHIRPathError:
            return False
        if by.type == "exists":
            return bool(found) if wanted is None or wanted.maximum != 0 else not found
        if by.type == "profile":
            urls = (wanted or slice_).profiles
            return any(not _wrong(self.check(one, url, whole, depth + 1)) for one in found for url in urls if self.knows(url))
        return wanted is not None and bool(found) and any(self._matches(wanted, one) for one in found)

    def _matches(self, wanted: Asked, node: Node) -> bool:
        """Whether an element has the fixed values, patterns and codes that a slice is known by."""
        if any(True for _ in _fixed(wanted, node)):
            return False
        if wanted.binding and any(True for _ in bound(wanted.binding, node.type, node.data, "", self._codes)):
            return False
        below = children(node) if wanted.children else []
        for child in wanted.children.values():
            inner = _named(node, below, child.name)
            if _known_by(child) and not any(self._matches(child, one) for one in inner):
                return False
        return _known_by(wanted)


def _said(code: str, asked: Asked, place: str, vi: str, en: str) -> Issue:
    """Make the error of something that a profile asks."""
    return error(code, place, f"{asked.path}: {vi}", f"{asked.path}: {en}")


def _wrong(issues: list[Issue]) -> bool:
    return any(one.severity == "error" for one in issues)


def _own_name(node: Node) -> str:
    """Return the name of an element, without the type of a choice."""
    found = properties(_holder(node.parent)).get(node.key) if node.parent is not None else None
    return found[0].name if found else node.key


def _all_below(asked: Asked) -> Iterator[Asked]:
    yield asked
    for inner in (*asked.children.values(), *asked.slices.values()):
        yield from _all_below(inner)


def _top(node: Node) -> Node:
    return node if node.parent is None else _top(node.parent)


def _assumed(asked: Asked) -> tuple[Discriminator, ...]:
    """Return how slices are told apart where a differential leaves it out: extensions by url, choices by type."""
    if asked.name in {"extension", "modifierExtension"}:
        return (Discriminator("value", "url"),)
    return (Discriminator("type", "$this"),)


def _known_by(asked: Asked) -> bool:
    """Whether anything below is fixed, so that it can tell a slice."""
    return asked.fixed is not None or asked.pattern is not None or bool(asked.binding) or any(_known_by(one) for one in asked.children.values())


def _named(node: Node, below: list[Node], name: str) -> list[Node]:
    """Return the children of one name; `valueQuantity` asks for one type of a choice."""
    found = properties(node.type).get(name) if "." in node.type or not is_primitive(node.type) else None
    if found is not None and found[0].name != name:
        return [one for one in below if one.key == name]
    keys = {name} if found is not None else {key for key, (element, _) in properties(_holder(node)).items() if element.name == name}
    return [one for one in below if one.key in keys]


def _holder(node: Node) -> str:
    return node.type if isinstance(node.data, dict) else "Element"


def _below(slice_: Asked, path: str) -> Asked | None:
    """Return what a slice asks at the path of a discriminator."""
    at: Asked | None = slice_
    for step in _STEP.finditer("" if path == "$this" else path):
        if at is None or step["call"]:
            continue
        if step["url"]:
            inner = at.children.get("extension")
            slices = inner.slices.values() if inner else ()
            at = next((one for one in slices if step["url"] in one.profiles or _url_of(one) == step["url"]), None)
        elif step["name"] != "$this":
            at = at.children.get(step["name"]) or _part(at, step["name"])
    return at


def _url_of(asked: Asked) -> Any:  # noqa: ANN401
    url = asked.children.get("url")
    return url.fixed[1] if url and url.fixed else None


def _part(asked: Asked, name: str) -> Asked | None:
    """Return what a pattern or fixed object says of one of its elements."""
    said = asked.pattern or asked.fixed
    inside = said[1].get(name) if said and isinstance(said[1], dict) else None
    if inside is None:
        return None
    return Asked(name, f"{asked.path}.{name}", pattern=("", inside[0] if isinstance(inside, list) and len(inside) == 1 else inside))


def _has_type(asked: Asked, node: Node, path: str) -> bool:
    if path.endswith("resolve()"):
        inner = [one for one in children(node) if one.key == path.partition(".")[0]] if path != "resolve()" else [node]
        targets = asked.targets or asked.types
        return any(reference_type(str(one.data.get("reference", ""))) in targets for one in inner if isinstance(one.data, dict))
    if path not in {"$this", ""}:
        return any(one.key == path and one.type in asked.types for one in children(node))
    return node.type in asked.types if asked.types else node.key.lower() == (asked.path.rpartition(":")[2]).lower()


def _values(asked: Asked, node: Node) -> Iterator[Issue]:
    """Check fixed value, pattern, type, targets, length and limits of one element."""
    yield from _fixed(asked, node)
    path = node.path()
    if asked.types and node.key and not _allowed(asked.types, node):
        allowed = ", ".join(asked.types)
        yield error(
            "structure", path, f"{asked.path}: kiểu {node.type}, chỉ cho phép {allowed}", f"{asked.path}: is a {node.type}, allowed {allowed}"
        )
    if asked.targets and node.type == "Reference":
        found = reference_type(str(node.data.get("reference", ""))) or node.data.get("type")
        if found and found not in asked.targets and not {"Resource", "DomainResource"} & set(asked.targets):
            allowed = ", ".join(asked.targets)
            yield error(
                "value", path, f"{asked.path}: trỏ tới {found}, chỉ cho phép {allowed}", f"{asked.path}: refers to {found}, allowed {allowed}"
            )
    if asked.longest and isinstance(node.data, str) and len(node.data) > asked.longest:
        yield _said("value", asked, path, f"dài quá {asked.longest} ký tự", f"longer than {asked.longest} characters")
    for limit, operator in ((asked.least, "<"), (asked.most, ">")):
        if limit is not None and _beyond(node, limit, operator):
            yield error(
                "value", path, f"{asked.path}: {operator} {limit[1]}, ngoài giới hạn", f"{asked.path}: {operator} {limit[1]}, outside the limit"
            )


def _allowed(types: tuple[str, ...], node: Node) -> bool:
    own = node.type
    if "." in own or own in types:
        return True
    return bool({"BackboneElement", "Element", "Resource", "DomainResource"} & set(types)) or (own in {"id", "uri", "string"} and "string" in types)


def _beyond(node: Node, limit: tuple[str, Any], operator: str) -> bool:
    other = Node(limit[1], limit[0][0].lower() + limit[0][1:] if not isinstance(limit[1], dict) else limit[0])
    try:
        return compile(f"$this {operator} %limit").items(node, limit=system(other)) == [True]
    except FHIRPathError:
        return False


def _fixed(asked: Asked, node: Node) -> Iterator[Issue]:
    if asked.fixed is not None and not _same(asked.fixed[1], node.data):
        yield _said("value", asked, node.path(), "phải đúng giá trị đã định", "is not the fixed value")
    if asked.pattern is not None and not _contains(asked.pattern[1], node.data):
        yield _said("value", asked, node.path(), "không theo mẫu đã định", "does not follow the pattern")


def _same(wanted: Any, found: Any) -> bool:  # noqa: ANN401
    return bool(_plain(wanted) == _plain(found))


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Bring floats and Decimals together."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _contains(wanted: Any, found: Any) -> bool:  # noqa: ANN401
    """Whether a value holds everything of a pattern; of an array, each wanted one somewhere."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _contains(one, found[key]) for key, one in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(_contains(one, other) for other in found) for one in wanted)
    if isinstance(found, list):
        return any(_contains(wanted, other) for other in found)
    return _same(wanted, found)


def library_of(definitions: tuple[dict[str, Any], ...]) -> dict[str, dict[str, Any]]:
    """Index definitions by url. Raises Invalid for one without."""
    for one in definitions:
        if not isinstance(one.get("url"), str):
            raise Invalid("a profile has a url")
    return {one["url"]: one for one in definitions}
