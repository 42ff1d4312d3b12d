"""A person's page: what it holds, how it is built from resources, and its plain-text form."""

from . import words
from .build import Fact, build
from .model import Alert, Extent, Identity, Insurance, Medicine, Origin, Page, Paper, Point, Problem, Result, Visit
from .text import as_text

__all__ = [
    "Alert",
    "Extent",
    "Fact",
    "Identity",
    "Insurance",
    "Medicine",
    "Origin",
    "Page",
    "Paper",
    "Point",
    "Problem",
    "Result",
    "Visit",
    "as_text",
    "build",
    "words",
]
