"""Price lists of facilities: read from an operator's file, loaded with the document that approved them, asked by the day."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Right
from yba.audit import Tag, note
from yba.kit.errors import Invalid

from . import store_prices as store
from .codes import is_facility_code
from .csv_files import lines_of
from .model import Basis, Loaded, Price, PriceLine, PriceList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from psycopg import Connection

    from yba.kit import Actor

    Conn = Connection[tuple[Any, ...]]

COLUMNS: Final = ("list", "code", "name", "unit", "price", "basis", "tender")
MOST: Final = 50_000  # lines of a file: the longest list of techniques has 18,000
_NEEDED: Final = frozenset({"list", "code", "name", "price"})
_LENGTHS: Final = {"code": 255, "name": 1024, "unit": 50, "tender": 50}
_DEAREST: Final = Decimal(1_000_000_000)


def read_prices(data: bytes) -> list[PriceLine]:
    """Read a price list: CSV in UTF-8 whose first line names its columns (list, code, name, unit, price, basis, tender; in any order).

    ``list`` drug, service or exam; ``price`` dong a unit, "" = not offered any more; ``basis`` insurance where nothing is said. Raises Invalid
    with the number of the line, for the first that cannot be read.
    """
    found: dict[tuple[str, str, str], PriceLine] = {}
    for number, told in lines_of(data, COLUMNS, needed=_NEEDED):
        line = _line(told, number)
        if found.setdefault(line.key, line) is not line:
            raise Invalid(f"Dòng {number}: {line.code} có hai giá trong cùng một bảng.", advice="The same code stands twice in the list.")
        if len(found) > MOST:
            raise Invalid(f"Bảng giá dài quá {MOST} dòng.", advice="Load it in parts.")
    return list(found.values())


def _line(told: Mapping[str, str] | None, number: int) -> PriceLine:
    if told is None or any(len(told[name]) > most for name, most in _LENGTHS.items()) or not (told["code"] and told["name"]):
        raise Invalid(f"Dòng {number}: thiếu mã, thiếu tên, hoặc có ô quá dài.", advice="Code and name are needed; a cell is too long.")
    try:
        list_, basis = PriceList(told["list"]), Basis(told["basis"] or Basis.INSURANCE)
    except ValueError:
        known = f"{', '.join(PriceList)}; {', '.join(Basis)}"
        raise Invalid(f"Dòng {number}: loại hoặc nguồn giá không rõ.", advice=f"Known: {known}.") from None
    return PriceLine(list_, told["code"], basis, _amount(told["price"], number), told["name"], told["unit"], told["tender"])


def _amount(text: str, number: int) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    # A comma could be thousands or decimals: nobody guesses what a price is.
    if not amount.is_finite() or not 0 < amount < _DEAREST or amount != round(amount, 3):
        raise Invalid(
            f"Dòng {number}: giá {text[:20]!r} không đọc được.", advice="Write dong without separators of thousands, for example 36500 or 250.5."
        )
    return amount


def load_prices(conn: Conn, *, by: Actor, facilities: Iterable[str], document: str, since: date, lines: Sequence[PriceLine]) -> Loaded:
    """Let a price list be in force at some facilities from a day on; audited with its digest. What other lists said before that day stays.

    A price that begins on the same day is replaced: a list is loaded again when it was wrong. Raises Invalid, Denied.
    """
    access.require(by, Right.DIRECTORY_FACILITY_WRITE)
    codes = sorted(set(facilities))
    if not codes or not all(map(is_facility_code, codes)):
        raise Invalid("Bảng giá phải ghi mã cơ sở, 5 ký tự.", advice="Name the facilities by their five characters.")
    if not document.strip() or not lines:
        raise Invalid("Bảng giá phải có văn bản phê duyệt và ít nhất một dòng.", advice="Name the approving document; an empty list says nothing.")
    told = Counter[str]()
    for facility in codes:
        found = store.put(conn, facility, document.strip(), since, lines)
        told += found
        digest = sha256("\n".join(map(str, lines)).encode()).hexdigest()
        note(
            conn, by=by, tag=Tag.PRICE_LOAD, about_type="Organization", about_id=facility, facility=facility,
            detail={"document": document.strip(), "since": since, "lines": len(lines), "digest": digest, **found},
        )  # fmt: skip
    return Loaded(told["added"], told["changed"], len(lines) * len(codes) - told["added"] - told["changed"])


def prices_at(
    conn: Conn, *, by: Actor, facility: str, on: date, asked: Iterable[tuple[PriceList, str]] = (), whole: Iterable[PriceList] = ()
) -> list[Price]:
    """Return what some codes, and everything on some lists, cost at a facility on a day: of every basis, in one round trip.

    What is not offered any more is not among them. Prices are public: everybody who may read the directory sees all of them.
    """
    access.require(by, Right.DIRECTORY_FACILITY_READ)
    return store.at(conn, facility, on, sorted(set(asked)), sorted(set(whole)))
