"""The population database as C06 speaks it: SOAP through the axis; what was seen and what is assumed stands in population.toml."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from lxml import etree

from yba.kit import clock
from yba.specs.identity.registers import population

from .judging import Found
from .model import Asked, Outcome, RegisterError, bad_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED: Final = frozenset({"username", "secret", "service_url", "staff"})
MORE: Final = frozenset({"client", "api_key", "unit", "account", "procedure"})
_SHORT: Final = 9  # digits of an old identity card
_LONGEST: Final = 500  # characters of one field
_YEAR: Final = 4
_MOST: Final = 2  # people in an answer to one number


def headers(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of one request: Basic with sha256(service address + user + time + secret), as client code of the axis does it."""
    stamp = str(round(clock.now().timestamp() * 1000))
    proof = hashlib.sha256(f"{credentials['service_url']}{credentials['username']}{stamp}{credentials['secret']}".encode()).hexdigest()
    basic = base64.b64encode(f"{credentials['username']}:{proof}".encode()).decode()
    found = {"Timestamp": stamp, "Authorization": f"Basic {basic}", "Content-Type": "application/xml; charset=utf-8", "SOAPAction": '""'}
    if "client" in credentials:
        found["X-Road-Client"] = credentials["client"]
    if "api_key" in credentials:
        found["ApiKey"] = credentials["api_key"]
    return found


def request(asked: Asked, number: str, credentials: Mapping[str, str]) -> bytes:
    """Write the envelope; ``number`` is our own of this request (MaYeuCau)."""
    words = population().direct
    envelope = etree.Element(_in(words["soap"], "Envelope"), nsmap={"soapenv": words["soap"], "dan": words["asks"]})
    etree.SubElement(envelope, _in(words["soap"], "Header"))
    body = etree.SubElement(envelope, _in(words["soap"], "Body"))
    operation = etree.SubElement(body, _in(words["asks"], words["operation"]))

    def say(name: str, text: str) -> None:
        if text:
            etree.SubElement(operation, _in(words["asks"], name)).text = text

    say("MaYeuCau", number[: words["number_of_request"]])
    say("MaDVC", credentials.get("procedure", words["procedure"]))
    say("MaTichHop", words["service"])
    say("MaCanBo", credentials["staff"])
    say("MaDonVi", credentials.get("unit", ""))
    say("TaiKhoan", credentials.get("account", ""))
    say("SoCMND" if len(asked.number) == _SHORT else "SoDinhDanh", asked.number)
    say("HoVaTen", " ".join(asked.name.split()).upper())
    birth = etree.SubElement(operation, _in(words["asks"], "NgayThangNamSinh"))
    digits = asked.birth[:10].replace("-", "")
    whole = len(digits) == 8  # noqa: PLR2004  yyyymmdd
    etree.SubElement(birth, _in(words["asks"], "NgayThangNam" if whole else "Nam")).text = digits if whole else digits[:_YEAR]
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))


def answer(raw: bytes, asked: Asked) -> Found | None:
    """Read an answer: the person, or None when the register knows nobody. Raises RegisterError: bad answer, or another person's."""
    words = population().direct
    body = _body(raw, words["soap"])
    if body.find(_in(words["soap"], "Fault")) is not None:
        raise RegisterError("CSDL dân cư báo lỗi xử lý (SOAP Fault).", outcome=Outcome.FAILED, breaks=True)
    collection = body.find(_in(words["answers"], "CongdanCollection"))
    if collection is None:
        raise bad_answer("Trả lời của CSDL dân cư không có CongdanCollection.")
    people = collection.findall(_in(words["answers"], "CongDan"))
    if not people:
        return None
    if len(people) >= _MOST:
        raise bad_answer("CSDL dân cư trả về nhiều người cho một số.")
    found = _found(people[0], words["answers"], words["sex"])
    if asked.number not in {found.number, found.old_number}:
        raise RegisterError("CSDL dân cư trả về thông tin của người khác: đã bỏ, không lưu.", outcome=Outcome.WRONG_PERSON)
    return found


def _in(space: str, name: str) -> str:
    return f"{{{space}}}{name}"


def _body(raw: bytes, soap: str) -> etree._Element:
    """Parse without entities, DTD or network, and find the body."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise bad_answer("Trả lời của CSDL dân cư không phải XML đọc được.") from None
    if b"<!DOCTYPE" in raw or tree.getroottree().docinfo.internalDTD is not None:
        raise bad_answer("Trả lời của CSDL dân cư có DOCTYPE: không đọc.")
    body = tree.find(_in(soap, "Body"))
    if tree.tag != _in(soap, "Envelope") or body is None:
        raise bad_answer("Trả lời của CSDL dân cư không phải phong bì SOAP.")
    return body


def _found(person: etree._Element, space: str, sexes: Mapping[str, str]) -> Found:
    def text(*path: str) -> str:
        node: etree._Element | None = person
        for name in path:
            node = None if node is None else node.find(_in(space, name))
        said = "" if node is None else (node.text or "").strip()
        if len(said) > _LONGEST:
            raise bad_answer("Trả lời của CSDL dân cư có trường dài bất thường.")
        return said

    day = text("NgayThangNamSinh", "NgayThangNam")
    birth = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else text("NgayThangNamSinh", "Nam")  # noqa: PLR2004  yyyymmdd
    name = " ".join(part for part in (text("HoVaTen", "Ho"), text("HoVaTen", "ChuDem"), text("HoVaTen", "Ten")) if part)
    homes = (text("ThuongTru", "MaPhuongXa"), text("NoiOHienTai", "MaPhuongXa"))
    return Found(
        text("SoDinhDanh"), text("SoCMND"), name, birth, sexes.get(text("GioiTinh"), ""), tuple(one for one in homes if one),
        text("ChuHo", "SoDinhDanh"),
    )  # fmt: skip
