"""Why something is refused, as FHIR says it: issues with codes, in Vietnamese and English; never a stack, never a word about a person."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import record
from yba.access import Denied
from yba.fhir import query
from yba.kit import Category, YbaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Issue(NamedTuple):
    """One line of an OperationOutcome."""

    code: str  # of http://hl7.org/fhir/issue-type
    vi: str
    en: str
    expression: tuple[str, ...] = ()
    severity: str = "error"


class Refusal(Exception):
    """An answer by exception: the unit of work is rolled back, the issues are told."""

    def __init__(self, status: int, *issues: Issue, headers: Mapping[str, str] | None = None) -> None:
        """Take the HTTP status and everything that is wrong, at once."""
        super().__init__(issues[0].code if issues else "")
        self.status, self.issues, self.headers = int(status), issues, dict(headers or {})


# Category -> (status, issue code, Vietnamese, English), where an error of a room says nothing better.
_TOLD: Final = {
    Category.NOT_FOUND: (HTTPStatus.NOT_FOUND, "not-found", "Không có tài nguyên này.", "There is no such resource."),
    Category.CONFLICT: (HTTPStatus.CONFLICT, "conflict", "Mâu thuẫn với điều đang lưu.", "It contradicts what is stored."),
    Category.INVALID: (HTTPStatus.UNPROCESSABLE_ENTITY, "processing", "Nội dung không nhận được.", "It cannot be accepted as it is."),
    Category.FORBIDDEN: (HTTPStatus.FORBIDDEN, "forbidden", "Không có quyền làm việc này.", "You may not do this."),
    Category.UNAUTHENTICATED: (HTTPStatus.UNAUTHORIZED, "login", "Chưa xác thực.", "Not signed in."),
    Category.TOO_MUCH: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-costly", "Yêu cầu quá lớn.", "The request is too large."),
    Category.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "transient", "Máy chủ tạm ngừng; hãy thử lại.", "Not ready; try again."),
    Category.INTERNAL: (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "exception",
        "Máy chủ gặp lỗi; không có gì được ghi.",
        "Something went wrong; nothing was written.",
    ),
}
_UNSAID: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # never in a string of R4; XML cannot hold them

# Errors that say more than their category.
_BETTER: Final[dict[type[YbaError], tuple[int, str]]] = {
    record.VersionConflict: (HTTPStatus.PRECONDITION_FAILED, "conflict"),
    record.BadCursor: (HTTPStatus.BAD_REQUEST, "value"),
    query.BadSearch: (HTTPStatus.BAD_REQUEST, "invalid"),
}


def told(error: YbaError) -> Refusal:
    """Say an error of a room as an answer; a mistake of ours is told without its message."""
    status, code, vi, en = _TOLD[error.category]
    if error.category is Category.INTERNAL:
        return Refusal(status, Issue(code, vi, en))
    better = next((one for kind, one in _BETTER.items() if isinstance(error, kind)), (int(status), code))
    return _told(error, *better, vi, en)


def _told(error: YbaError, status: int, code: str, vi: str, en: str) -> Refusal:
    found = next((listed for name in ("problems", "mistakes", "issues") if (listed := getattr(error, name, ()))), ())
    if found:
        return Refusal(status, *(_issue(one, code) for one in found))
    if isinstance(error, Denied):
        return Refusal(status, Issue(code, error.vi, error.en))
    return Refusal(status, Issue(code, str(getattr(error, "vi", "") or error.message or vi), str(getattr(error, "en", "") or error.advice or en)))


def _issue(found: Any, code: str) -> Issue:  # noqa: ANN401  # a Problem of the record, a Mistake of a query, an Issue of fhir
    where = getattr(found, "expression", "") or getattr(found, "name", "")
    expression = tuple(where) if isinstance(where, (tuple, list)) else (where,) if where else ()
    return Issue(getattr(found, "code", code), found.vi, found.en, expression, getattr(found, "severity", "error"))


def outcome(issues: Sequence[Issue], lang: str = "vi") -> dict[str, Any]:
    """Write an OperationOutcome: `details.text` in the reader's language, `diagnostics` in both."""
    return {"resourceType": "OperationOutcome", "issue": [_line(issue, lang) for issue in issues]}


def _line(said: Issue, lang: str) -> dict[str, Any]:
    issue = said._replace(vi=_clean(said.vi), en=_clean(said.en), expression=tuple(_clean(one) for one in said.expression))
    made: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"text": issue.en if lang == "en" else issue.vi},
        "diagnostics": issue.vi if issue.vi == issue.en else f"{issue.vi} | {issue.en}",
    }
    if issue.expression:
        made["expression"] = list(issue.expression)
    return made


def _clean(text: str) -> str:
    """A refusal may say a name as it was sent, and has to be written whatever stood in it."""
    return _UNSAID.sub("\ufffd", text)


def fine(vi: str, en: str) -> dict[str, Any]:
    """Write an OperationOutcome that says what was done."""
    return outcome([Issue("informational", vi, en, severity="information")])


def bad(vi: str, en: str, *, code: str = "invalid", expression: tuple[str, ...] = ()) -> Refusal:
    """A 400: what was sent cannot be read."""
    return Refusal(HTTPStatus.BAD_REQUEST, Issue(code, vi, en, expression))


def missing() -> Refusal:
    """A 404: there is none, or the caller may not know of it."""
    _, code, vi, en = _TOLD[Category.NOT_FOUND]
    return Refusal(HTTPStatus.NOT_FOUND, Issue(code, vi, en))


def unknown_type() -> Refusal:
    """A 404 for a type or compartment that there is not."""
    words = ("FHIR R4 không có loại hoặc nhóm hồ sơ này.", "R4 has no such resource type or compartment.")
    return Refusal(HTTPStatus.NOT_FOUND, Issue("not-supported", *words))


def gone() -> Refusal:
    """A 410: there was one."""
    return Refusal(HTTPStatus.GONE, Issue("deleted", "Tài nguyên này đã được xóa.", "This resource was deleted."))


def failed(vi: str, en: str, *, code: str = "conflict") -> Refusal:
    """A 412: a condition of the request does not hold."""
    return Refusal(HTTPStatus.PRECONDITION_FAILED, Issue(code, vi, en))


def broken() -> Refusal:
    """A 500."""
    status, code, vi, en = _TOLD[Category.INTERNAL]
    return Refusal(status, Issue(code, vi, en))
