"""Searches as FHIR R4 writes them: read into criteria, written back."""

from yba.fhir.search_rules import Limits, rules

from .criteria import (
    And,
    Chain,
    CompositeValue,
    Criterion,
    DateValue,
    Has,
    Inside,
    Listed,
    NearValue,
    Not,
    NumberValue,
    OfTypeValue,
    Or,
    Prefix,
    QuantityValue,
    ReferenceValue,
    StringValue,
    Term,
    TokenValue,
    UriValue,
    Value,
    Within,
)
from .mistakes import BadSearch, Mistake
from .model import Include, Query, Sort
from .read import parse, parse_criterion
from .scope import refers
from .terms import MODIFIERS

__all__ = [
    "MODIFIERS",
    "And",
    "BadSearch",
    "Chain",
    "CompositeValue",
    "Criterion",
    "DateValue",
    "Has",
    "Include",
    "Inside",
    "Limits",
    "Listed",
    "Mistake",
    "NearValue",
    "Not",
    "NumberValue",
    "OfTypeValue",
    "Or",
    "Prefix",
    "QuantityValue",
    "Query",
    "ReferenceValue",
    "Sort",
    "StringValue",
    "Term",
    "TokenValue",
    "UriValue",
    "Value",
    "Within",
    "parse",
    "parse_criterion",
    "refers",
    "rules",
]
