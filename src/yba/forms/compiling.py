"""Turns a Questionnaire into a form: every rule read once, and what this room cannot do said at once, with the linkId."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from yba.fhir import definitions, fhirpath
from yba.kit.errors import Invalid

from . import extensions as ext
from . import lists
from .limits import read_limits
from .model import TYPES, Condition, Constraint, Fixed, Form, Item, Option, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OPERATORS: Final = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_DEEPEST: Final = 12
_MOST: Final = 3_000  # items: twelve times the largest form of the ministry
_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"


class BadForm(Invalid):
    """A Questionnaire that this room cannot ask; the message names the linkId."""


def compiled(doc: Mapping[str, Any]) -> Form:
    """Compile a Questionnaire. Raises BadForm."""
    if doc.get("resourceType") != "Questionnaire" or not isinstance(doc.get("item"), list) or not doc.get("url"):
        raise BadForm("Không phải Questionnaire.", advice="A Questionnaire with url and item is expected.")
    sets = {f"#{one.get('id')}": one for one in doc.get("contained", ()) if one.get("resourceType") == "ValueSet"}
    reader = _Reader(sets)
    extract = ext.value(doc, ext.EXTRACT)
    root = Item("", "group", str(doc.get("title", "")), children=tuple(reader.items(doc["item"], (), "independent" if extract else "", 1)))
    root = replace(root, constraints=tuple(_constraints(doc)), context=_context(doc), fixed=tuple(_fixed(doc)))
    items = {item.link_id: item for item in root.walk() if item.link_id}
    _check(root, items)
    period = doc.get("effectivePeriod", {})
    return Form(
        url=doc["url"],
        version=str(doc.get("version", "")),
        title=str(doc.get("title", "")),
        title_en=ext.english(doc, "title"),
        status=str(doc.get("status", "")),
        valid_from=_day(period.get("start")),
        valid_to=_day(period.get("end")),
        root=root,
        items=items,
        variables=tuple((str(one.get("name")), str(one.get("expression"))) for one in _expressions(doc, ext.VARIABLE)),
        doc=doc,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _expressions(element: Mapping[str, Any], url: str) -> Iterator[dict[str, Any]]:
    for one in ext.extensions(element, url):
        if isinstance(one.get("valueExpression"), dict):
            yield one["valueExpression"]


class _Reader:
    """Reads items; linkIds may stand once only."""

    def __init__(self, sets: Mapping[str, Mapping[str, Any]]) -> None:
        self.sets = sets
        self.known: set[str] = set()

    def items(self, docs: Sequence[Mapping[str, Any]], above: tuple[str, ...], extract: str, depth: int) -> Iterator[Item]:
        """Read the items of one level."""
        if depth > _DEEPEST:
            raise BadForm(f"Biểu mẫu lồng quá {_DEEPEST} cấp.", advice="Items are nested too deeply.")
        for doc in docs:
            yield self.item(doc, above, extract, depth)

    def item(self, doc: Mapping[str, Any], above: tuple[str, ...], extract: str, depth: int) -> Item:
        """Read one item and what stands below."""
        link_id, type_ = str(doc.get("linkId", "")), str(doc.get("type", ""))
        if not link_id or link_id in self.known or len(self.known) >= _MOST or "\n" in link_id:
            raise BadForm(
                f"Mục {link_id!r}: linkId trống, trùng hoặc quá nhiều mục.", advice="linkId is missing or stands twice, or there are too many."
            )
        self.known.add(link_id)
        if type_ not in TYPES:
            raise BadForm(f"Mục {link_id}: chưa hỗ trợ kiểu {type_!r}.", advice=f"The type {type_!r} is not supported.")
        own = _extracts(doc, extract)
        inner = (*above, link_id) if type_ == "group" and doc.get("repeats") else above
        try:
            return replace(
                _plain(doc, link_id, type_),
                options=tuple(self._options(doc)),
                value_set="" if str(doc.get("answerValueSet", "")).startswith("#") else str(doc.get("answerValueSet", "")),
                extract=own,
                above=above,
                children=tuple(self.items(doc.get("item", ()), inner, own if own == "independent" else "", depth + 1)),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise BadForm(f"Mục {link_id}: {fault}", advice="The item cannot be read.") from fault

    def _options(self, doc: Mapping[str, Any]) -> Iterator[Option]:
        for one in doc.get("answerOption", ()):
            yield _option(one)
        listed = str(doc.get("answerValueSet", ""))
        if listed.startswith("#"):
            if listed not in self.sets:
                raise KeyError(listed)
            for include in self.sets[listed].get("compose", {}).get("include", ()):
                for concept in include.get("concept", ()):
                    data = {"system": include.get("system"), "code": concept["code"], "display": concept.get("display", concept["code"])}
                    yield Option(concept["code"], Value("Coding", {k: v for k, v in data.items() if v}), data["display"], _designated(concept))


def _designated(concept: Mapping[str, Any]) -> str:
    return next((str(one["value"]) for one in concept.get("designation", ()) if one.get("language") == "en"), "")


def _option(doc: Mapping[str, Any]) -> Option:
    key = next(name for name in doc if name.startswith("value"))
    data = doc[key]
    value = Value(key.removeprefix("value"), data)
    if value.type == "Coding":
        shown = str(data.get("display") or data["code"])
        return Option(str(data["code"]), value, shown, ext.english(data, "display"))
    return Option(str(data), value, str(data), "")


def _plain(doc: Mapping[str, Any], link_id: str, type_: str) -> Item:
    """Read what an item says by itself."""
    helps = [one for one in doc.get("item", ()) if one.get("type") == "display" and ext.concept(one, ext.CONTROL) == "help"]
    unit = ext.value(doc, ext.UNIT) or {}
    soft, hard, lengths = read_limits(doc)
    return Item(
        link_id=link_id,
        type=type_,
        vi=str(doc.get("text", "")),
        en=ext.english(doc, "text"),
        prefix=str(doc.get("prefix", "")),
        help_vi=str(helps[0].get("text", "")) if helps else "",
        help_en=ext.english(helps[0], "text") if helps else "",
        repeats=doc.get("repeats") is True,
        required=doc.get("required") is True,
        read_only=doc.get("readOnly") is True,
        hidden=ext.value(doc, ext.HIDDEN) is True,
        unit=(str(unit.get("code", "")), str(unit.get("display") or unit.get("code", ""))),
        unit_en=ext.english(unit, "display"),
        units=tuple(_units(doc)),
        soft=soft,
        hard=hard,
        lengths=lengths,
        occurs=(int(ext.value(doc, ext.MIN_OCCURS) or 0), int(ext.value(doc, ext.MAX_OCCURS) or 0)),
        pattern=str(ext.value(doc, ext.REGEX) or ""),
        decimals=ext.value(doc, ext.DECIMALS),
        enabled=tuple(_conditions(doc)),
        every=doc.get("enableBehavior") == "all",
        enabled_by=ext.expression(doc, ext.ENABLED_BY),
        calculated=ext.expression(doc, ext.CALCULATED),
        initial=ext.expression(doc, ext.INITIAL),
        population=_population(doc),
        defaults=tuple(Value(key.removeprefix("value"), data) for one in doc.get("initial", ()) for key, data in one.items()),
        code=tuple(doc.get("code", ())),
        category=tuple(one["valueCodeableConcept"] for one in ext.extensions(doc, ext.CATEGORY)),
        period=_period(ext.value(doc, ext.PERIOD)),
        definition=str(doc.get("definition", "")),
        context=_context(doc),
        fixed=tuple(_fixed(doc)),
        constraints=tuple(_constraints(doc)),
        control=ext.concept(doc, ext.CONTROL),
        printed=str(ext.value(doc, ext.PRINTED) or ""),
    )


def _units(doc: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in ext.extensions(doc, ext.UNIT_OPTION):
        coding = one["valueCoding"]
        yield str(coding["code"]), str(coding.get("display") or coding["code"])


def _period(found: Any) -> str:  # noqa: ANN401  # a Duration
    return f"{found['value']} {found.get('code') or found.get('unit')}" if isinstance(found, dict) else ""


def _extracts(doc: Mapping[str, Any], above: str) -> str:
    found = ext.value(doc, ext.EXTRACT)
    return above if found is None else found if isinstance(found, str) else "independent" if found else ""


def _context(doc: Mapping[str, Any]) -> str:
    found = ext.value(doc, ext.CONTEXT)
    if isinstance(found, str):
        return found
    for one in ext.extensions(doc, ext.DEFINITION):
        parts = {part.get("url"): part for part in one.get("extension", ())}
        return str(parts.get("definition", {}).get("valueCanonical", "")).removeprefix(_BASE)
    return ""


def _fixed(doc: Mapping[str, Any]) -> Iterator[Fixed]:
    for one in ext.extensions(doc, ext.FIXED):
        parts = {part.get("url"): part for part in one.get("extension", ())}
        path = str(next(iter(_told(parts["definition"])))[1]).partition("#")[2]
        given = next(iter(_told(parts.get("fixed-value", {}))), None)
        told = parts.get("expression", {}).get("valueExpression", {})
        yield Fixed(path, Value(*given) if given else None, str(told.get("expression", "")))


def _told(part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield type and value of an extension's value."""
    for key, data in part.items():
        if key.startswith("value"):
            yield key.removeprefix("value"), data


def _population(doc: Mapping[str, Any]) -> tuple[str, ...]:
    """Name and expression of what fills the rows of a group."""
    told = ext.value(doc, ext.POPULATION) or {}
    return (str(told["name"]), ext.expression(doc, ext.POPULATION)) if ext.expression(doc, ext.POPULATION) else ()


def _constraints(doc: Mapping[str, Any]) -> Iterator[Constraint]:
    for one in ext.extensions(doc, ext.CONSTRAINT):
        parts = {part["url"]: part for part in one.get("extension", ())}
        human = parts["human"]
        yield Constraint(
            str(parts["key"].get("valueId", "")),
            str(parts["expression"]["valueString"]),
            parts.get("severity", {}).get("valueCode") != "warning",
            str(human["valueString"]),
            ext.english(human, "valueString"),
        )


def _conditions(doc: Mapping[str, Any]) -> Iterator[Condition]:
    for one in doc.get("enableWhen", ()):
        key = next(name for name in one if name.startswith("answer"))
        if one["operator"] not in _OPERATORS:
            raise ValueError(one["operator"])
        yield Condition(str(one["question"]), one["operator"], Value(key.removeprefix("answer"), one[key]))


def _check(root: Item, items: Mapping[str, Item]) -> None:
    """Refuse conditions on questions there are none of, expressions that cannot be read, and types nobody knows. Raises BadForm."""
    for item in root.walk():
        for condition in item.enabled:
            if condition.question not in items or not items[condition.question].is_question:
                raise BadForm(f"Mục {item.link_id}: điều kiện theo câu hỏi không có {condition.question!r}.", advice="enableWhen names no question.")
        texts = (
            item.enabled_by,
            item.calculated,
            item.initial,
            *item.population[1:],
            *(one.expression for one in item.constraints),
            *(one.expression for one in item.fixed),
        )
        for text in filter(None, texts):
            try:
                fhirpath.compile(text)
            except fhirpath.FHIRPathError as fault:
                raise BadForm(f"Mục {item.link_id}: biểu thức sai: {fault}", advice="An expression cannot be read.") from fault
        if item.population and (item.type != "group" or not item.repeats or item.above):
            raise BadForm(
                f"Mục {item.link_id}: chỉ nhóm lặp ngoài cùng được điền từ hồ sơ.", advice="Only an outermost repeating group is populated."
            )
        if item.value_set and lists.list_of(item.value_set) is None:
            raise BadForm(f"Mục {item.link_id}: không có danh mục {item.value_set!r}.", advice="answerValueSet names no list that is held here.")
        if item.context and not definitions.is_resource(item.context):
            raise BadForm(f"Mục {item.link_id}: không có loại {item.context!r}.", advice="definitionExtract names no resource type.")
