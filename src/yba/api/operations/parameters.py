"""What an operation is given: parameters of the address and of a Parameters resource alike, and what it gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from yba.api import bodies
from yba.api.faults import bad

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from yba.api.http import Request

Doc = dict[str, Any]
_SHAPE: Final = frozenset({"_format", "_pretty", "_summary", "_elements"})  # how to answer


class Given:
    """Values by name, in order; resources by name."""

    def __init__(self, request: Request, *, itself: bool = False) -> None:
        """Read address and, of a POST, body: a Parameters resource, or a bare resource, which is the parameter "resource". Raises Refusal.

        ``itself``: so is a Parameters that holds none.
        """
        self.texts: dict[str, list[str]] = {}
        self.resources: dict[str, Doc] = {}
        for name, value in request.query:
            self.texts.setdefault(name, []).append(value)
        if request.method == "POST" and request.has_body:
            self._take(bodies.document(request), itself)

    def _take(self, doc: Doc, itself: bool) -> None:  # noqa: FBT001
        if doc.get("resourceType") != "Parameters" or (itself and not any(one.get("name") == "resource" for one in _parts(doc))):
            self.resources["resource"] = doc
            return
        for one in _parts(doc):
            name = str(one.get("name", ""))
            if isinstance(one.get("resource"), dict):
                self.resources[name] = one["resource"]
            for key, value in one.items():
                if key.startswith("value"):
                    self.texts.setdefault(name, []).append(_text(value))

    def only(self, names: Collection[str], *, lenient: bool = False) -> Self:
        """Refuse what the operation does not know, or leave it out where the caller is lenient. Raises Refusal."""
        unknown = [name for name in {**self.texts, **self.resources} if name not in names and name not in _SHAPE]
        if unknown and not lenient:
            raise bad("Thao tác này không có tham số đó.", "The operation has no such parameter.", code="not-supported", expression=tuple(unknown))
        for name in unknown:
            self.texts.pop(name, None)
        return self

    def text(self, name: str) -> str:
        """Return the first value of a name, "" without one."""
        return self.texts.get(name, [""])[0]

    def flag(self, name: str) -> bool:
        """Return a boolean parameter, false where it is not given. Raises Refusal."""
        text = self.text(name)
        if text not in {"", "true", "false"}:
            raise bad(f"{name} là true hoặc false.", f"{name} is true or false.", code="value", expression=(name,))
        return text == "true"

    def whole(self, name: str, usual: int, most: int) -> int:
        """Return a whole number above nothing, ``most`` at most. Raises Refusal."""
        text = self.text(name)
        if not text:
            return usual
        if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:  # noqa: PLR2004  # a number nobody means
            raise bad(f"{name} là số nguyên dương.", f"{name} is a whole number above 0.", code="value", expression=(name,))
        return min(int(text), most)


def _parts(doc: Doc) -> Iterator[Doc]:
    listed = doc.get("parameter", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise bad("Parameters.parameter phải là danh sách.", "Parameters.parameter must be a list.", code="structure")
    yield from listed


def _text(value: Any) -> str:  # noqa: ANN401  # any FHIR value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):  # a Reference, an Identifier, a Coding
        return str(value.get("reference") or value.get("value") or value.get("code") or "")
    return str(value)
