"""The insurer's card look-up, simulated: token and KQNhanLichSuKCB2024 in the shapes of portal_api.md, over the truth of a synthetic province."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import orjson

from yba.kit import clock
from yba.kit.text import fold, name_key
from yba.specs.identity.registers import card

from .moods import Mood
from .residents import chance
from .server import Told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .residents import Card, Resident

USER, SECRET = "11001_simulated", "not-a-secret"
STAFF, STAFF_NUMBER = "Quàng Văn Tra", "011190000001"
_GONE, _REPLACED, _WITHDRAWN = 0.012, 0.02, 0.008  # shares of cards reported decreased, replaced by a new one, withdrawn
_SEX: Final = {"1": "Nam", "2": "Nữ"}


class CardRegister:
    """Cards by number, with what befell some of them, drawn by seed."""

    media = "application/json; charset=utf-8"

    def __init__(self, residents: Iterable[Resident], *, seed: int = 1, user: str = USER, secret: str = SECRET, minutes: int = 60) -> None:
        """``minutes``: life of a token."""
        self.cards = {one.number: (resident, one) for resident in residents for one in resident.cards}
        self.seed, self.user, self.minutes = seed, user, minutes
        self.password = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest().upper()
        self.tokens: dict[str, datetime] = {}
        self.fate: dict[str, str] = {}
        """card -> code, laid down by a test or an operator before what the seed draws"""

    def answer(self, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:  # noqa: ARG002  the protocol's signature
        """Answer a sign-in or a look-up."""
        if path == card().token_path:
            return orjson.dumps(self._sign_in(parse_qs(body.decode("utf-8", "replace"))))
        if path != card().path:
            raise Told(404)
        given = {name: values[0] for name, values in parse_qs(query).items()}
        end = self.tokens.get(f"{given.get('token')} {given.get('id_token')}")
        if given.get("username") != self.user or given.get("password", "").upper() != self.password or end is None or end < datetime.now(UTC):
            return orjson.dumps({"maKetQua": "401", "ghiChu": "Token không hợp lệ"})
        try:
            asked: dict[str, Any] = orjson.loads(body)
        except orjson.JSONDecodeError:
            return orjson.dumps({"maKetQua": "205", "ghiChu": "Sai định dạng"})
        return orjson.dumps(self._look_up({name: str(value) for name, value in asked.items()}))

    def twisted(self, mood: Mood, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:
        """Answer in a hostile way."""
        well = self.answer(path, query, headers, body)
        told = orjson.loads(well)
        return {
            Mood.LATIN: b'{"maKetQua":"000","hoTen":"L\xf2"}',
            Mood.DEEP: b"[" * 100_000,
            Mood.ENTITY: b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><x>&x;</x>',
            Mood.BOMB: b'{"maKetQua":' + b"[" * 1000 + b"]" * 1000 + b"}",
            Mood.NUMBER: b'{"maKetQua":' + b"9" * 10_000 + b"}",
            Mood.OTHER: orjson.dumps({**told, "maThe": "GD4119999999999", "maSoBHXH": "9999999999"}),
            Mood.MANY: orjson.dumps([told, told]),
        }[mood]

    def _sign_in(self, said: dict[str, list[str]]) -> dict[str, Any]:
        if said.get("username") != [self.user] or said.get("password", [""])[0].upper() != self.password:
            return {"maKetQua": "401", "APIKey": None}
        access, identity, end = secrets.token_hex(16), secrets.token_hex(8), datetime.now(UTC) + timedelta(minutes=self.minutes)
        self.tokens[f"{access} {identity}"] = end
        key = {"access_token": access, "id_token": identity, "token_type": "Bearer", "username": self.user, "expires_in": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        return {"maKetQua": "200", "APIKey": key}

    def _look_up(self, asked: dict[str, str]) -> dict[str, Any]:
        if asked.get("cccdCb") != STAFF_NUMBER:
            return {"maKetQua": "054", "ghiChu": "Cán bộ chưa đăng ký"}
        if fold(asked.get("hoTenCb", "")) != fold(STAFF):
            return {"maKetQua": "055", "ghiChu": "Cán bộ không khớp"}
        found = self.cards.get(asked.get("maThe", ""))
        if found is None:
            return {"maKetQua": "050", "ghiChu": "Không có thông tin thẻ"}
        resident, one = found
        code = self._code(resident, one, asked)
        told: dict[str, Any] = {"maKetQua": code, "ghiChu": card().codes[code].vi}
        return told if code in {"060", "061", "070"} else told | self._facts(resident, one, code)

    def _code(self, resident: Resident, one: Card, asked: dict[str, str]) -> str:
        if name_key(asked.get("hoTen", "")) != name_key(resident.name):
            same = [word[:1] for word in fold(asked.get("hoTen", "")).split()] == [word[:1] for word in fold(resident.name).split()]
            return "061" if same else "060"
        if not _day(resident.birth).endswith(asked.get("ngaySinh", "")[-10:]):
            return "070"
        if one.number in self.fate:
            return self.fate[one.number]
        today = f"{clock.today():%Y%m%d}"
        drawn = chance(self.seed, "card", one.number)
        if one.valid_to < today:
            newer = any(other.valid_from > one.valid_from for other in resident.cards)
            return "003" if newer else "010"
        return "120" if drawn < _GONE else "110" if drawn < _GONE + _WITHDRAWN else "004" if drawn < _GONE + _WITHDRAWN + _REPLACED else "000"

    def _facts(self, resident: Resident, one: Card, code: str) -> dict[str, Any]:
        newer = resident.cards[-1] if code in {"003", "004"} else None
        return {
            "maThe": one.number, "hoTen": resident.name, "ngaySinh": _day(resident.birth), "gioiTinh": _SEX[resident.sex], "diaChi": "",
            "maDKBD": one.registered_at, "cqBHXH": "BHXH tỉnh", "gtTheTu": _day(one.valid_from), "gtTheDen": _day(one.valid_to), "maKV": "",
            "ngayDu5Nam": _day(one.valid_from), "maSoBHXH": one.number[5:], "maTheCu": "", "maTheMoi": newer.number if newer else "",
            "gtTheTuMoi": _day(newer.valid_from) if newer else "", "gtTheDenMoi": _day(newer.valid_to) if newer else "",
            "maDKBDMoi": newer.registered_at if newer else "", "tenDKBDMoi": "", "dsLichSuKCB2018": [], "dsLichSuKT2018": [],
        }  # fmt: skip


def _day(digits: str) -> str:
    """Yyyymmdd as the insurer writes it; a year alone stays one."""
    return f"{digits[6:8]}/{digits[4:6]}/{digits[:4]}" if len(digits) >= 8 else digits  # noqa: PLR2004  yyyymmdd
