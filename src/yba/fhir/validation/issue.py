"""One thing that validation found."""

from __future__ import annotations

from typing import NamedTuple


class Issue(NamedTuple):
    """What is wrong and where; no value of the resource stands in its words, codes neither: any of them may be a person's."""

    severity: str  # error, warning, information (OperationOutcome.issue.severity)
    code: str  # structure, required, value, code-invalid, invariant, extension, not-found, processing, incomplete (issue-type)
    expression: str  # FHIRPath of the element: Patient.name[0].given[1]
    vi: str
    en: str
    key: str = ""  # name of the invariant or profile


def error(code: str, expression: str, vi: str, en: str) -> Issue:
    """Make an error."""
    return Issue("error", code, expression, vi, en)
