"""What this server can, from what is there: the CapabilityStatement and the OpenAPI description are made of the table of interactions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from yba import __version__
from yba.access import open_to_all
from yba.fhir import compartment, parameters, query
from yba.kit import clock
from yba.specs import fhir as national

from . import documents
from .call import storable
from .http import Answer
from .negotiation import JSON, JSON_PATCH, XML

if TYPE_CHECKING:
    from .call import Call, Route, Table

Doc = dict[str, Any]
_PUBLIC: Final = "what the server can is no secret: clients read it before they sign in"
# Name of an interaction in the table -> R4's code, for a type and for the whole.
_OF_TYPE: Final = {
    "read": "read", "vread": "vread", "update": "update", "patch": "patch", "delete": "delete", "history": "history-instance",
    "history-type": "history-type", "create": "create", "search-type": "search-type",
}  # fmt: skip
_OF_ALL: Final = {"batch": ("batch", "transaction"), "search-system": ("search-system",), "history-system": ("history-system",)}
# Operations that R4 does not define as one of the type itself.
_DEFINED: Final = {
    "validate": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    "summary": "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
    "visit": "https://yba.vn/fhir/OperationDefinition/Encounter-visit",
}
_OAUTH: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"  # where clients look for the address of tokens
_NOT_HERE: Final = frozenset({"_query"})  # declared by R4, refused by the search
_INDEXED: Final = "Có chỉ mục. Indexed."
_SEARCHES: Final = (
    "Mọi tham số tìm kiếm của R4 đều dùng được; tham số không có chỉ mục được tính trong hồ sơ một người hoặc sau một tham số có chỉ mục. "
    "All R4 search parameters work; those without an index within one person's record, or after an indexed one."
)


class Capability:
    """Both descriptions, written once a process."""

    def __init__(self, table: Table) -> None:
        """Take the interactions."""
        self.table = table

    @open_to_all(_PUBLIC)
    def statement(self, call: Call) -> Answer:
        """``GET /metadata``."""
        base, (rest,) = call.request.base, self._statement["rest"]
        security = {"extension": [{"url": _OAUTH, "extension": [{"url": "token", "valueUri": f"{base}/token"}]}], **rest["security"]}
        found = {**self._statement, "implementation": {"description": "Y bạ", "url": base}, "rest": [{**rest, "security": security}]}
        return Answer(body=documents.dumps(found).decode())

    @open_to_all(_PUBLIC)
    def openapi(self, call: Call) -> Answer:
        """``GET /openapi.json``: OpenAPI 3.0."""
        found = {**self._openapi, "servers": [{"url": call.request.base}]}
        return Answer(body=documents.dumps(found).decode(), headers={"Content-Type": "application/json;charset=utf-8"})

    @cached_property
    def _statement(self) -> Doc:
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": documents.moment(clock.now()),
            "publisher": "yba",
            "kind": "instance",
            "software": {"name": "yba", "version": __version__},
            "implementation": {"description": "Y bạ"},
            "fhirVersion": "4.0.1",
            "format": [JSON, XML, "json", "xml"],
            "patchFormat": [JSON_PATCH, JSON, XML],
            "rest": [self._rest()],
        }

    def _rest(self) -> Doc:
        names = {route.name for route in self.table.routes}
        return {
            "mode": "server",
            "documentation": _SEARCHES,
            "security": {
                "cors": False,
                "service": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth"}]}],
                "description": "Bearer: phiên của phần mềm cơ sở (POST /fhir/token, client_credentials) hoặc mã của tài khoản. "
                "A facility's session or an account's own token.",
            },
            "resource": [self._resource(rtype, names) for rtype in sorted(storable())],
            "interaction": [{"code": code} for name, codes in _OF_ALL.items() if name in names for code in codes],
            "compartment": [f"http://hl7.org/fhir/CompartmentDefinition/{kind.lower()}" for kind in compartment.kinds()],
            "operation": self._operations(""),
        }

    def _resource(self, rtype: str, names: set[str]) -> Doc:
        known = {code: one for code, one in parameters.parameters(rtype).items() if code not in _NOT_HERE}
        indexed = {one.code for one in parameters.profile(rtype).tokens}
        made: Doc = {
            "type": rtype,
            "profile": f"http://hl7.org/fhir/StructureDefinition/{rtype}",
            "interaction": [{"code": code} for name, code in _OF_TYPE.items() if name in names],
            "versioning": "versioned-update",
            "readHistory": True,
            "updateCreate": True,
            "conditionalCreate": True,
            "conditionalRead": "full-support",
            "conditionalUpdate": True,
            "conditionalDelete": "single",
            "referencePolicy": ["literal", "logical"],
            "searchInclude": [
                "*",
                *sorted(f"{rtype}:{code}" for code, one in known.items() if one.type == "reference" and query.refers(rtype, code)),
            ],
            "searchRevInclude": sorted(_referring(rtype)),
            "searchParam": [
                {"name": code, "type": one.type, **({"documentation": _INDEXED} if code in indexed else {})} for code, one in sorted(known.items())
            ],
        }
        if profile := national.profile_of(rtype):
            made["supportedProfile"] = [profile]
        operations = self._operations(rtype)
        return {**{key: value for key, value in made.items() if value != []}, **({"operation": operations} if operations else {})}

    def _operations(self, rtype: str) -> list[Doc]:
        found = {
            name: _DEFINED.get(name, f"http://hl7.org/fhir/OperationDefinition/{rtype}-{name}")
            for route in self.table.routes
            if route.parts and route.parts[-1].startswith("$") and _is_of(route, rtype)
            for name in [route.parts[-1][1:]]
        }
        return [{"name": name, "definition": definition} for name, definition in sorted(found.items())]

    @cached_property
    def _openapi(self) -> Doc:
        paths: Doc = {}
        for route in self.table.routes:
            for method in sorted(route.methods):
                paths.setdefault(f"/{route.address}", {}).setdefault(method.lower(), self._described(route, method))
        return {
            "openapi": "3.0.3",
            "info": {"title": "Y bạ FHIR R4", "version": __version__, "description": "docs/fhir.md"},
            "paths": paths,
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "schemas": {"Resource": {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"type": "string"}}}},
            },
            "security": [{"bearer": []}],
        }

    def _described(self, route: Route, method: str) -> Doc:
        made: Doc = {
            "operationId": f"{route.name}-{method.lower()}",
            "summary": (route.act.__doc__ or "").splitlines()[0],
            "parameters": [_parameter(part[1:-1]) for part in route.parts if part.startswith("{")],
            "responses": {
                "default": {"description": "Kết quả, hoặc OperationOutcome", "content": {kind: {"schema": _RESOURCE} for kind in (JSON, XML)}}
            },
        }
        if route.anonymous:
            made["security"] = []
        if method in {"POST", "PUT", "PATCH"}:
            made["requestBody"] = {
                "required": False,
                "content": {_sent(route): {"schema": {"type": "object"} if _sent(route) != JSON else _RESOURCE}},
            }
        return made


_RESOURCE: Final = {"$ref": "#/components/schemas/Resource"}


def _sent(route: Route) -> str:
    return "application/x-www-form-urlencoded" if route.parts[-1:] in {("_search",), ("token",)} else JSON


def _parameter(name: str) -> Doc:
    schema: Doc = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    if name == "type":
        schema = {"type": "string", "enum": sorted(storable())}
    elif name == "compartment":
        schema = {"type": "string", "enum": ["Patient"]}
    elif name == "version":
        schema = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _is_of(route: Route, rtype: str) -> bool:
    """Whether an operation is of a type, or (rtype "") of the whole."""
    return not rtype if len(route.parts) == 1 else bool(rtype) and route.parts[0] in {rtype, "{type}"}


def _referring(rtype: str) -> set[str]:
    """Parameters of other types that may refer to one type."""
    return {
        f"{other}:{code}"
        for other in storable()
        for code, one in parameters.parameters(other).items()
        if one.type == "reference" and rtype in one.targets and query.refers(other, code)
    }
