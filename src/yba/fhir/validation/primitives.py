"""Checks of single values: form of primitives, required codes, shape and target of references."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.fhir import ucum
from yba.fhir.definitions import Element, Field, is_primitive, is_resource, primitive_matches, value_set
from yba.fhir.fhirpath import Temporal, read_date, read_moment
from yba.fhir.tokens import reference_type
from yba.fhir.xhtml import unsafe

from .issue import Issue, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


NUMBERS: Final = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
_WHOLE: Final = NUMBERS - {"decimal"}
_SMALLEST: Final = -(2**31)
_LARGEST: Final = 2**31 - 1
_LONGEST: Final = 11  # letters of either
ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TIMES: Final[Mapping[str, Callable[[str], Temporal | None]]] = {"date": read_date, "dateTime": read_moment, "instant": read_moment}
_FORMS: Final = {  # required sets that no list can hold
    "http://hl7.org/fhir/ValueSet/mimetypes": re.compile(r"[\w.+-]+/[\w.+*-]+(?:\s*;.*)?|application|text|image|xml|json|ttl"),
    "http://hl7.org/fhir/ValueSet/currencies": re.compile(r"[A-Z]{3}"),
}
_CARRIERS: Final = ("Bundle.", "Parameters.")  # what they hold is not stored by itself
_CONDITION: Final = re.compile(r"[A-Z][A-Za-z]+\?")
_UNITS: Final = "http://hl7.org/fhir/ValueSet/ucum-units"


def kind(value: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return what a JSON value is, in both languages."""
    names = {dict: ("đối tượng", "an object"), list: ("mảng", "an array"), str: ("văn bản", "text"), bool: ("đúng/sai", "true or false")}
    names |= {int: ("số", "a number"), float: ("số", "a number"), Decimal: ("số", "a number"), type(None): ("null", "null")}
    return names.get(type(value), (type(value).__name__, type(value).__name__))


def expected(path: str, vi: str, en: str, value: Any) -> Issue:  # noqa: ANN401
    """Make the error of a value of the wrong JSON kind."""
    found_vi, found_en = kind(value)
    return error("structure", path, f"cần {vi}, gặp {found_vi}", f"expected {en}, found {found_en}")


def primitive(type_: str, value: Any, path: str) -> Iterator[Issue]:  # noqa: ANN401
    """Check the JSON kind and the form of a value."""
    if type_ == "boolean":
        if not isinstance(value, bool):
            yield expected(path, "true hoặc false", "true or false", value)
        return
    if type_ in NUMBERS:
        text = digits(value)
        if text is None:
            yield expected(path, f"số ({type_})", f"a number ({type_})", value)
            return
    elif isinstance(value, str):
        text = value
    else:
        yield expected(path, f"văn bản ({type_})", f"text ({type_})", value)
        return
    if not text:
        yield error("value", path, "giá trị không được rỗng", "a value is never empty")
    elif type_ == "xhtml" and not well_formed(type_, text):
        yield Issue(
            "error",
            "invariant",
            path,
            "chỉ được chứa XHTML định dạng chữ, không có mã chạy",
            "only XHTML that formats text, nothing that runs",
            "txt-1",
        )
    elif not well_formed(type_, text):
        yield error("value", path, f"giá trị không phải {type_}", f"it is no {type_}")  # never the value: it may be a person's


def well_formed(type_: str, text: str) -> bool:
    """Whether a text that is not empty has the form of a primitive type."""
    if not primitive_matches(type_, text):
        return False
    if type_ in _WHOLE:
        return len(text) <= _LONGEST and _SMALLEST <= int(text) <= _LARGEST
    if type_ == "xhtml":
        return not unsafe(text)  # nothing that runs in the window of who reads it (R4 txt-1)
    return type_ not in _TIMES or _TIMES[type_](text) is not None


def digits(value: Any) -> str | None:  # noqa: ANN401
    """Return the JSON text of a number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, float):
        return orjson.dumps(value).decode()
    if isinstance(value, orjson.Fragment):
        text = orjson.dumps(value).decode()
        return text if not text.startswith('"') else None
    return None


def binding(element: Element, field: Field, value: Any, path: str, codes: Callable[[str, str | None, str], bool | None] | None) -> Iterator[Issue]:  # noqa: ANN401
    """Check a value against a required value set."""
    if element.binding:
        yield from bound(element.binding, field.type, value, path, codes)


def bound(url: str, type_: str, value: Any, path: str, codes: Callable[[str, str | None, str], bool | None] | None) -> Iterator[Issue]:  # noqa: ANN401
    """Check a code, Coding, CodeableConcept or Quantity against a value set that must hold it."""
    pairs = _pairs(type_, value)
    if pairs is None or any(_within(url, system, code, codes) is not False for system, code in pairs):
        return
    yield error("code-invalid", path, f"mã không thuộc bộ giá trị bắt buộc {url}", f"the code is not in the required set {url}")


def hoped(url: str, type_: str, value: Any, path: str, codes: Callable[[str, str | None, str], bool | None] | None) -> Iterator[Issue]:  # noqa: ANN401
    """Warn of codes none of which is in a value set that should be used (extensible); words alone and sets nobody here knows are passed over."""
    pairs = _pairs(type_, value)
    if pairs and codes and all(codes(url, system, code) is False for system, code in pairs):
        yield Issue("warning", "code-invalid", path, f"mã không thuộc bộ giá trị {url}", f"no code of the value set {url}")


def _pairs(type_: str, value: Any) -> list[tuple[str | None, str]] | None:  # noqa: ANN401
    if type_ == "CodeableConcept":
        found = value.get("coding", ())
    elif type_ in {"Coding", "Quantity"}:
        found = [value]
    else:
        return [(None, value)] if is_primitive(type_) and isinstance(value, str) else None
    return [(one.get("system", ""), one["code"]) for one in found if isinstance(one, dict) and isinstance(one.get("code"), str)]


def _within(url: str, system: str | None, code: str, codes: Callable[[str, str | None, str], bool | None] | None) -> bool | None:
    """Whether a set holds a code; None where nobody here can say."""
    allowed = value_set(url)
    if allowed:
        return any(code in one for one in allowed.values()) if system is None else code in allowed.get(system, ())
    if url in _FORMS:
        return _FORMS[url].fullmatch(code) is not None
    if url == _UNITS:
        return ucum.parse(code) is not None
    return codes(url, system, code) if codes else None


def reference(value: dict[str, Any], field: Field, path: str, *, stored: bool = False) -> Iterator[Issue]:
    """Check the shape of a reference and the type of what it refers to; ``stored``: that it is no condition, which a transaction alone resolves."""
    target = value.get("reference")
    if stored and isinstance(target, str) and not path.startswith(_CARRIERS) and _CONDITION.match(target):
        yield error("value", f"{path}.reference", "tham chiếu có điều kiện chỉ dùng trong transaction", "a condition is for transactions alone")
        return
    if isinstance(target, str) and not target.startswith(("#", "urn:", "http://", "https://")) and "?" not in target:
        parts = target.split("/")
        if parts[2:3] not in ([], ["_history"]) or len(parts) not in {2, 4} or not is_resource(parts[0]) or not ID.fullmatch(parts[1]):
            yield error("value", f"{path}.reference", "tham chiếu không có dạng Loại/id", "it is no Type/id")
            return
    if not field.targets:
        return
    found = (reference_type(target) if isinstance(target, str) else None) or value.get("type")
    if isinstance(found, str) and is_resource(found) and found not in field.targets:
        allowed = ", ".join(field.targets)
        yield error("value", path, f"trỏ tới {found}, chỉ cho phép {allowed}", f"refers to {found}, allowed {allowed}")
