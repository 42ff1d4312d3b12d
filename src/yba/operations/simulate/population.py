"""The population database, simulated: C06's SOAP (direct) and a licensed provider's JSON, over the truth of a synthetic province."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import orjson
from lxml import etree

from yba.kit.text import fold, name_key
from yba.specs.identity.registers import population

from .moods import Mood
from .server import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .residents import Resident

USER, SECRET, SERVICE = "yba-simulated", "not-a-secret", "https://axis.simulated/dancu"
_ALPHABET: Final = "0123456789"
_OTHER: Final = "999999999999"


class _Population:
    """Residents by number."""

    def __init__(self, residents: Iterable[Resident], *, strict: bool = False, user: str = USER, secret: str = SECRET) -> None:
        """``strict``: nobody is found unless name and year of birth fit (what service 037 is said to do)."""
        self.known = {one.number: one for one in residents if one.number}
        self.strict, self.user, self.secret = strict, user, secret

    def find(self, number: str, name: str, birth: str) -> Resident | None:
        """Find a resident, as strictly as told."""
        found = self.known.get(number)
        if found is not None and self.strict and (fold(found.name) != fold(name) or found.birth[:4] != birth[:4]):
            return None
        return found

    def _basic(self, headers: Mapping[str, str], password: str) -> None:
        wanted = base64.b64encode(f"{self.user}:{password}".encode()).decode()
        if headers.get("authorization") != f"Basic {wanted}":
            raise Told(401)


class Direct(_Population):
    """C06 as state bodies reach it."""

    media = "text/xml; charset=utf-8"

    def answer(self, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:  # noqa: ARG002  the protocol's signature
        """Answer TraCuuThongTinCongDan."""
        words = population().direct
        if path != words["path"]:
            raise Told(404)
        proof = hashlib.sha256(f"{SERVICE}{self.user}{headers.get('timestamp', '')}{self.secret}".encode()).hexdigest()
        self._basic(headers, proof)
        said = self._said(body)
        return envelope(self.find(said.get("SoDinhDanh", ""), said.get("HoVaTen", ""), said.get("NgayThangNam", said.get("Nam", ""))))

    def twisted(self, mood: Mood, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:
        """Answer in a hostile way."""
        well = self.answer(path, query, headers, body)
        number = self._said(body).get("SoDinhDanh", "")
        one = self.known.get(number) or next(iter(self.known.values()))
        return {
            Mood.LATIN: well.replace(b"<soapenv:Header/>", "<soapenv:Header>é</soapenv:Header>".encode("latin-1")),
            Mood.DEEP: b"<a>" * 100_000,
            Mood.ENTITY: _with_dtd('<!ENTITY x SYSTEM "file:///etc/passwd">', well, one.name),
            Mood.BOMB: _with_dtd(_bomb(), well, one.name),
            Mood.NUMBER: well.replace(f"<ns1:SoDinhDanh>{number}".encode(), b"<ns1:SoDinhDanh>" + b"9" * 1_000_00),
            Mood.OTHER: envelope(one).replace(one.number.encode(), _OTHER.encode()),
            Mood.MANY: envelope(one, one),
        }[mood]

    def _said(self, body: bytes) -> dict[str, str]:
        try:
            tree = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            raise Told(400) from None
        return {etree.QName(node).localname: node.text or "" for node in tree.iter() if isinstance(node.tag, str)}


class Licensed(_Population):
    """A provider that answers yes, no or unknown."""

    media = "application/json"

    def answer(self, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:  # noqa: ARG002  same
        """Answer one verification."""
        if path != population().licensed["path"]:
            raise Told(404)
        self._basic(headers, self.secret)
        asked: dict[str, Any] = orjson.loads(body)
        if not asked.get("consent"):
            raise Told(403)
        return orjson.dumps(self._verdicts(asked))

    def _verdicts(self, asked: dict[str, Any]) -> dict[str, Any]:
        said = asked["fields"]
        one = self.find(said["number"], said["name"], said["birth"])
        told = {"transaction": asked["transaction"], "number": said["number"], "result": "FOUND" if one else "NOT_FOUND"}
        if one is None:
            return told
        birth = said["birth"].replace("-", "")
        short = min(len(birth), len(one.birth))
        matches = {
            "number": "Y",
            "name": _yes(name_key(one.name) == name_key(said["name"])),
            "birth": _yes(one.birth[:short] == birth[:short]),
            "sex": _yes({"1": "male", "2": "female"}[one.sex] == said["sex"]) if "sex" in said else "U",
            "address": _yes(one.commune == said["address"]) if "address" in said else "U",
            "household": _yes(one.head == said["household"]) if "household" in said else "U",
        }
        return told | {"matches": matches}

    def twisted(self, mood: Mood, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:
        """Answer in a hostile way."""
        well = self.answer(path, query, headers, body)
        told = orjson.loads(well)
        return {
            Mood.LATIN: b'{"result":"FOUND","note":"\xe9"}',
            Mood.DEEP: b"[" * 100_000,
            Mood.ENTITY: b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><x>&x;</x>',
            Mood.BOMB: b'{"result":' + b"[" * 1000 + b"]" * 1000 + b"}",
            Mood.NUMBER: well.replace(b'"FOUND"', b"9" * 10_000),
            Mood.OTHER: orjson.dumps({**told, "transaction": "another"}),
            Mood.MANY: orjson.dumps([told, told]),
        }[mood]


def envelope(*people: Resident | None) -> bytes:
    """Write an answer of service 037."""
    words = population().direct
    inner = "".join(_person(one) for one in people if one is not None)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="{words["soap"]}"><soapenv:Header/><soapenv:Body>'
        f'<ns1:CongdanCollection xmlns:ns1="{words["answers"]}">{inner}</ns1:CongdanCollection></soapenv:Body></soapenv:Envelope>'
    ).encode()


def _person(one: Resident) -> str:
    birth = f"<ns1:Nam>{one.birth[:4]}</ns1:Nam>" + (f"<ns1:NgayThangNam>{one.birth}</ns1:NgayThangNam>" if one.birth[4:] else "")
    home = f"<ns1:MaTinhThanh/><ns1:MaQuanHuyen/><ns1:MaPhuongXa>{one.commune}</ns1:MaPhuongXa><ns1:ChiTiet/><ns1:QuocGia>VN</ns1:QuocGia>"
    return (
        f"<ns1:CongDan><ns1:SoDinhDanh>{one.number}</ns1:SoDinhDanh><ns1:SoCMND/>"
        f"<ns1:HoVaTen><ns1:Ho/><ns1:ChuDem/><ns1:Ten>{escape(one.name.upper())}</ns1:Ten></ns1:HoVaTen><ns1:GioiTinh>{one.sex}</ns1:GioiTinh>"
        f"<ns1:NgayThangNamSinh>{birth}</ns1:NgayThangNamSinh><ns1:ThuongTru>{home}</ns1:ThuongTru><ns1:NoiOHienTai>{home}</ns1:NoiOHienTai>"
        f"<ns1:ChuHo><ns1:QuanHe/><ns1:SoDinhDanh>{one.head}</ns1:SoDinhDanh></ns1:ChuHo></ns1:CongDan>"
    )


def _with_dtd(dtd: str, well: bytes, name: str) -> bytes:
    declaration, _, rest = well.partition(b"\n")
    return declaration + f"<!DOCTYPE soapenv:Envelope [{dtd}]>".encode() + rest.replace(escape(name.upper()).encode(), b"&x;")


def _bomb() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!ENTITY l0 "ha">{levels}<!ENTITY x "&l8;">'


def _yes(holds: bool) -> str:  # noqa: FBT001  one word
    return "Y" if holds else "N"
