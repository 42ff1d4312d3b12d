"""The insurer's card look-up (KQNhanLichSuKCB2024): sign-in, look-up, and the whole reply kept as it came, for the facility that asked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

from yba import access
from yba.access import Right
from yba.kit.errors import Invalid
from yba.kit.ids import derived
from yba.kit.text import name_key
from yba.specs.identity.registers import card as rules

from . import settings
from .asking import Given, Question, ask
from .model import CardAnswer, Outcome, Register, RegisterError, Reply, away, bad_answer
from .pace import Pace
from .subjects import card_subject
from .wire import Endpoint, post

if TYPE_CHECKING:
    from uuid import UUID

    from yba.kit.actor import Actor

NEEDED: Final = frozenset({"username", "password", "staff_name", "staff_number"})
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_JSON: Final = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
_CARD: Final = re.compile(r"[0-9A-Z]{10}|[0-9]{12}|[A-Z]{2}[0-9A-Z]{13}")
_BIRTH: Final = re.compile(r"[0-9]{4}(-[0-9]{2}-[0-9]{2})?")
_NUMBER: Final = 10  # last characters of a card: the insurance number
_LONGEST: Final = 300
_MILLISECONDS, _EPOCH = 10**11, 10**8  # numbers above are Unix times in ms and s, below a life in seconds
_REFUSED: Final = "401"
# Fields of the reply that claims are judged by and a desk shows; the rest stands in the reply alone.
FACTS: Final = {
    "maThe": "card", "hoTen": "name", "ngaySinh": "birth", "gioiTinh": "sex", "maDKBD": "registered_at", "gtTheTu": "valid_from",
    "gtTheDen": "valid_to",
    "ngayDu5Nam": "five_years_from", "maKV": "area", "maSoBHXH": "insurance", "maTheMoi": "new_card", "gtTheTuMoi": "new_valid_from",
    "gtTheDenMoi": "new_valid_to", "maDKBDMoi": "new_registered_at",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Token:
    access: str
    identity: str
    end: datetime


@dataclass(frozen=True, slots=True)
class Cards:
    """The insurer's look-up for one facility and one moment of a visit: `registers.cards(…)` makes it."""

    by: Actor
    moment: str
    facility: str
    link: str = ""

    def look_up(self, number: str, *, name: str, birth: str, person_id: UUID | None = None, anew: bool = False) -> CardAnswer:
        """Look a card up by its number (15 characters, or the 10 or 12 of the insurance number), name and birth ("1959-03-12", "1959").

        Asked once for the same moment, visit and words, unless ``anew``. Raises Denied, Invalid, HeldBack, RegisterError, as `verify` does.
        """
        text = "".join(number.split()).upper()
        said = " ".join(name.split())
        if not _CARD.fullmatch(text) or not said or len(said) > _LONGEST or not _BIRTH.fullmatch(birth[:10]):
            raise Invalid("Cần mã thẻ (15, 10 hoặc 12 ký tự), họ tên và ngày sinh hoặc năm sinh để tra cứu.")
        question = Question(
            by=self.by, register=Register.CARD, mode="insurer", purpose=self.moment, facility=self.facility, link=self.link, person_id=person_id,
            asked=derived("register-query", "card", text, name_key(said), birth[:10], self.link), subject=card_subject(text),
        )  # fmt: skip
        limit = Pace(settings.CARD_PER_MINUTE(), settings.CARD_PER_DAY())
        where = settings.endpoint(settings.CARD)
        account = settings.credentials(settings.CARD_CREDENTIALS, NEEDED, table=self.facility)
        asked = {
            "maThe": text, "hoTen": said, "ngaySinh": _written(birth[:10]), "hoTenCb": account["staff_name"], "cccdCb": account["staff_number"],
        }  # fmt: skip

        def speak(_number: str) -> Reply:
            return _speak(where, account, asked)

        return _answer(ask(question, speak, rules(), limit, anew=anew))


def cards(*, by: Actor, moment: str, facility: str, link: str = "") -> Cards:
    """Open the look-up for a facility at a moment of a visit (arrival, during, closing: TT 12/2026); ``link`` is the visit's MA_LK.

    Each facility asks under its own account: a table of its code in the credentials file. Raises Denied, Invalid.
    """
    if moment not in rules().purposes:
        raise Invalid("Thời điểm tra cứu không đúng.", advice=", ".join(rules().purposes))
    access.require(by, Right.IDENTITY_REGISTER_ASK, facility=facility)
    return Cards(by, moment, facility, link)


def is_configured() -> bool:
    """Whether cards are looked up at all: without, claims are not judged by look-ups and pay nothing for it."""
    return bool(settings.CARD())


class _Tokens:
    """Tokens of this process by address and account: token, account and facility belong together."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int, str], _Token] = {}
        self._lock = Lock()

    def of(self, where: Endpoint, account: dict[str, str], password: str) -> _Token:
        key = (where.host, where.port, account["username"])
        with self._lock:
            held = self._held.get(key)
        if held is not None and held.end > datetime.now(UTC) + timedelta(seconds=rules().token_margin):
            return held
        body = urlencode({"username": account["username"], "password": password}).encode()
        told = _read(post(where, rules().token_path, body, _FORM, rules().limits))
        key_pair = told.get("APIKey")
        if _text(told.get("maKetQua")) != "200" or not isinstance(key_pair, dict):
            raise RegisterError("Cổng BHXH từ chối tài khoản tra cứu thẻ.", outcome=Outcome.REFUSED)
        made = _Token(_text(key_pair.get("access_token")), _text(key_pair.get("id_token")), _end(key_pair.get("expires_in")))
        if not made.access or not made.identity:
            raise bad_answer("Cổng BHXH không trả mã phiên.")
        with self._lock:
            self._held[key] = made
        return made

    def forget(self, where: Endpoint, account: dict[str, str]) -> None:
        with self._lock:
            self._held.pop((where.host, where.port, account["username"]), None)


_tokens = _Tokens()


def _speak(where: Endpoint, account: dict[str, str], asked: dict[str, str]) -> Reply:
    """Sign in where needed and look up; a token the gateway no longer takes is fetched anew once."""
    password = hashlib.md5(account["password"].encode(), usedforsecurity=False).hexdigest().upper()  # the gateway's own form
    code = _REFUSED
    for _ in range(2):
        token = _tokens.of(where, account, password)
        signed = {"username": account["username"], "password": password, "token": token.access, "id_token": token.identity}
        raw = post(where, f"{rules().path}?{urlencode(signed)}", orjson.dumps(asked), _JSON, rules().limits)
        told = _read(raw)
        code = _code(told.get("maKetQua"))
        if code != _REFUSED:
            return _reply(code, told, raw, asked["maThe"])
        _tokens.forget(where, account)
    raise RegisterError("Cổng BHXH từ chối tài khoản tra cứu thẻ.", outcome=Outcome.REFUSED)


def _reply(code: str, told: dict[str, Any], raw: bytes, card: str) -> Reply:
    known = rules().codes.get(code)
    if known is None:
        raise bad_answer("Cổng BHXH trả mã kết quả không có trong danh mục.")
    if known.meaning == "fault":
        if code.startswith(("1", "5")):  # 100, 101, 500: the other side's trouble
            raise away(f"Cổng BHXH: {known.vi} ({code}).")
        raise RegisterError(f"Cổng BHXH: {known.vi} ({code}).", outcome=Outcome.FAILED, breaks=False)
    facts = {ours: text for theirs, ours in FACTS.items() if (text := _text(told.get(theirs)))}
    about = facts.get("card", "")
    if about and about[-_NUMBER:] != card[-_NUMBER:] and facts.get("insurance", "")[-_NUMBER:] != card[-_NUMBER:]:
        raise RegisterError("Cổng BHXH trả về thẻ của người khác: đã bỏ, không lưu.", outcome=Outcome.WRONG_PERSON)
    return Reply(Outcome.NOT_FOUND if known.meaning == "unknown" else Outcome.FOUND, {}, code, facts, raw)


def _answer(given: Given) -> CardAnswer:
    return CardAnswer(given.outcome, given.code, rules().codes[given.code].meaning, given.facts, given.read_at, given.id, given.kept)


def _read(raw: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise bad_answer("Trả lời của cổng BHXH không phải JSON đọc được.") from None
    if not isinstance(told, dict):
        raise bad_answer("Trả lời của cổng BHXH không đúng mẫu.")
    return told


def _code(value: object) -> str:
    """MaKetQua comes as text, number or boolean by service: compared as three digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:03d}"
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    if len(value) > _LONGEST:
        raise bad_answer("Trả lời của cổng BHXH có trường dài bất thường.")
    return value.strip()


def _end(told: object) -> datetime:
    """When a token ends, in UTC: a date-time, a Unix time in s or ms, or a number of seconds; else the usual life."""
    now = datetime.now(UTC)
    text = str(told).strip()[:40]
    if text.isascii() and text.isdigit():
        number = int(text)
        seconds = number / 1000 if number > _MILLISECONDS else number
        return datetime.fromtimestamp(min(seconds, 4e9), UTC) if number > _EPOCH else now + timedelta(seconds=number)
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return now + timedelta(minutes=rules().token_minutes)
    return end.replace(tzinfo=UTC) if end.tzinfo is None else end


def _written(birth: str) -> str:
    """dd/MM/yyyy, or the year alone."""
    return "/".join(reversed(birth.split("-")))
