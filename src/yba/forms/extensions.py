"""The extensions of a Questionnaire that this room reads: their URLs, and how a value is taken out of an element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.specs import systems

if TYPE_CHECKING:
    from collections.abc import Mapping

_CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
_SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

HIDDEN: Final = _CORE + "questionnaire-hidden"
CONTROL: Final = _CORE + "questionnaire-itemControl"
UNIT: Final = _CORE + "questionnaire-unit"
UNIT_OPTION: Final = _CORE + "questionnaire-unitOption"
MIN_VALUE: Final = _CORE + "minValue"
MAX_VALUE: Final = _CORE + "maxValue"
MIN_LENGTH: Final = _CORE + "minLength"
REGEX: Final = _CORE + "regex"
DECIMALS: Final = _CORE + "maxDecimalPlaces"
MIN_OCCURS: Final = _CORE + "questionnaire-minOccurs"
MAX_OCCURS: Final = _CORE + "questionnaire-maxOccurs"
CONSTRAINT: Final = _CORE + "questionnaire-constraint"
SUPPORT_LINK: Final = _CORE + "questionnaire-supportLink"
TRANSLATION: Final = _CORE + "translation"
VARIABLE: Final = _CORE + "variable"

ENABLED_BY: Final = _SDC + "enableWhenExpression"
CALCULATED: Final = _SDC + "calculatedExpression"
INITIAL: Final = _SDC + "initialExpression"
POPULATION: Final = _SDC + "itemPopulationContext"
EXTRACT: Final = _SDC + "observationExtract"
CATEGORY: Final = _SDC + "observation-extract-category"
PERIOD: Final = _SDC + "observationLinkPeriod"
CONTEXT: Final = _SDC + "itemExtractionContext"
DEFINITION: Final = _SDC + "definitionExtract"
FIXED: Final = _SDC + "definitionExtractValue"

SOFT_MIN: Final = systems.extension("soft-min")  # below it the person is asked whether it is right (docs/forms.md)
SOFT_MAX: Final = systems.extension("soft-max")
PRINTED: Final = systems.extension("form-print")  # how the item is laid out on paper
XML_PATH: Final = systems.extension("form-xml")  # where the item stands in the decision's XML


def extensions(element: Mapping[str, Any], url: str) -> list[dict[str, Any]]:
    """Return the extensions of an element with a URL."""
    return [one for one in element.get("extension", ()) if one.get("url") == url]


def value(element: Mapping[str, Any], url: str) -> Any:  # noqa: ANN401  # any FHIR type
    """Return the value of the first extension with a URL; None when there is none."""
    for one in extensions(element, url):
        return next((data for key, data in one.items() if key.startswith("value")), None)
    return None


def expression(element: Mapping[str, Any], url: str) -> str:
    """Return the FHIRPath of an extension that holds an Expression; "" when there is none."""
    found = value(element, url)
    return str(found.get("expression", "")) if isinstance(found, dict) and found.get("language") == "text/fhirpath" else ""


def concept(element: Mapping[str, Any], url: str) -> str:
    """Return the first code of an extension that holds a CodeableConcept."""
    found = value(element, url)
    codings = found.get("coding", ()) if isinstance(found, dict) else ()
    return str(codings[0].get("code", "")) if codings else ""


def english(element: Mapping[str, Any], key: str) -> str:
    """Return the English translation of a text of an element; "" when it has none."""
    for one in extensions(element.get(f"_{key}", {}), TRANSLATION):
        parts = {part.get("url"): part.get("valueCode", part.get("valueString", part.get("valueMarkdown"))) for part in one.get("extension", ())}
        if parts.get("lang") == "en":
            return str(parts.get("content") or "")
    return ""
