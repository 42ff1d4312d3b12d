"""Why a client changes or deletes what stands in the record: header X-Provenance (R4), a plain X-Reason, or a Provenance in the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from yba.kit.settings import FHIR_REASONS
from yba.kit.text import nfc
from yba.specs import unborn

from . import bodies
from .faults import Issue, Refusal, bad

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .call import Call

LONGEST: Final = 500
_UNSAID: Final = Issue(
    "required",
    "Sửa hoặc xóa nội dung đã ghi phải nêu lý do: gửi X-Reason, X-Provenance, hoặc một Provenance trong cùng transaction.",
    "Changing or deleting what was recorded needs a reason: X-Reason, X-Provenance, or a Provenance in the same transaction.",
)


def said(call: Call, docs: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return the reason of a write, "" where none is given: of the request's headers, else of a Provenance among the documents written.

    ``X-Reason`` is UTF-8, percent-encoded; ``X-Provenance`` a Provenance as JSON, percent-encoded or escaped, because headers are ASCII. Raises
    Refusal for what cannot be read, is too long, or tells the sex of an unborn child.
    """
    request = call.outer or call.request
    plain, document = unquote(request.header("x-reason")), unquote(request.header("x-provenance"))
    texts = [plain] if plain else []
    if document and not plain:
        sent = bodies.json(document.encode())
        if not isinstance(sent, dict) or sent.get("resourceType") != "Provenance":
            raise bad("X-Provenance phải là một Provenance dạng JSON.", "X-Provenance must hold a Provenance as JSON.")
        texts = list(_reasons(sent))
    if not texts:
        texts = [text for doc in docs if doc.get("resourceType") == "Provenance" for text in _reasons(doc)]
    reason = " ".join(nfc("; ".join(dict.fromkeys(texts))).split())
    if len(reason) > LONGEST or unborn.tells_sex(reason):
        raise bad(f"Lý do dài quá {LONGEST} ký tự hoặc nói giới tính thai nhi.", "The reason is too long or tells the sex of an unborn child.")
    return reason


def needed(reason: str, *, changes: bool) -> None:
    """Refuse a change or deletion without a reason where the province asks for one (YBA_FHIR_REASONS)."""
    if changes and not reason and FHIR_REASONS():
        raise Refusal(422, _UNSAID)


def _reasons(doc: Mapping[str, Any]) -> Iterable[str]:
    """The words of Provenance.reason, else its codes' names."""
    for concept in doc.get("reason") or ():
        if isinstance(concept, dict):
            codings = [one for one in concept.get("coding") or () if isinstance(one, dict)]
            text = concept.get("text") or next((one.get("display") or one.get("code") for one in codings), "")
            if isinstance(text, str) and text.strip():
                yield text.strip()
