"""The population database through a licensed provider, which answers yes or no per field; the shape is assumed (population.toml)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import orjson

from .model import FIELDS, Asked, Outcome, RegisterError, Verdict, bad_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED: Final = frozenset({"client_id", "secret"})
MORE: Final[frozenset[str]] = frozenset()
_WORDS: Final = {"Y": Verdict.YES, "N": Verdict.NO, "U": Verdict.NOT_KNOWN}
_FOUND: Final = {"FOUND": True, "NOT_FOUND": False}


def headers(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of one request."""
    basic = base64.b64encode(f"{credentials['client_id']}:{credentials['secret']}".encode()).decode()
    return {"Authorization": f"Basic {basic}", "Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}


def request(asked: Asked, number: str, *, purpose: str, consent: str) -> bytes:
    """Write the question: what is to be compared, why, and with which consent."""
    fields = {
        "number": asked.number, "name": asked.name, "birth": asked.birth[:10], "sex": asked.sex, "address": asked.commune, "household": asked.head,
    }  # fmt: skip
    said = {name: value for name, value in fields.items() if value}
    return orjson.dumps({"transaction": number, "purpose": purpose, "consent": consent, "fields": said})


def answer(raw: bytes, asked: Asked, number: str) -> dict[str, Verdict] | None:
    """Read the verdicts; None when the register knows nobody. Raises RegisterError: bad answer, or the answer to another question."""
    try:
        told: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise bad_answer("Trả lời của đơn vị xác thực không phải JSON đọc được.") from None
    if not isinstance(told, dict) or _FOUND.get(_text(told.get("result"))) is None:
        raise bad_answer("Trả lời của đơn vị xác thực không đúng mẫu.")
    if told.get("transaction") != number or told.get("number", asked.number) != asked.number:
        message = "Đơn vị xác thực trả lời cho một câu hỏi khác: đã bỏ, không lưu."
        raise RegisterError(message, outcome=Outcome.WRONG_PERSON)
    if not _FOUND[told["result"]]:
        return None
    matches = told.get("matches")
    if not isinstance(matches, dict) or any(_text(value) not in _WORDS for value in matches.values()):
        raise bad_answer("Trả lời của đơn vị xác thực không đúng mẫu.")
    return {name: _WORDS.get(_text(matches.get(name)), Verdict.NOT_KNOWN) for name in FIELDS}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
