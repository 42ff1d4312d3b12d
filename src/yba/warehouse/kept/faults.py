"""A count that failed: what is said of it to who asked, and for how long it is not tried again; the log knows more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from yba.kit import clock, log
from yba.specs.reading import Words
from yba.warehouse.lake import LakeDamaged
from yba.warehouse.lake.engine import DIVIDED, EngineFailed
from yba.warehouse.measures.model import NO_NUMBER, Cell, State

if TYPE_CHECKING:
    from yba.kit.errors import YbaError
    from yba.warehouse.lake.model import Manifest

_log = log.get(__name__)
AGAIN: Final = timedelta(minutes=15)  # until what failed over the same files is tried again: a page does not wait for it each time
_FILE: Final = Words(
    "chưa tính được: một tệp của kho số liệu thiếu, hỏng hoặc chưa được lập lại; người vận hành đã có dòng nhật ký",
    "not counted: a file of the lake is missing, damaged or not built anew yet; the operator's log says which",
)
_WORDS: Final = {
    **dict.fromkeys(("IOException", "HTTPException", "SerializationException", "InvalidInputException"), _FILE),
    **dict.fromkeys(
        ("BinderException", "CatalogException", "ParserException", "SyntaxException"),
        Words(
            "chưa tính được: cách tính gọi một bảng hoặc cột mà kho không có; người vận hành đã có dòng nhật ký",
            "not counted: its SQL names a table or column the lake does not have; the operator's log says so",
        ),
    ),
    DIVIDED: NO_NUMBER,
    "OutOfMemoryException": Words(
        "chưa tính được: máy không đủ bộ nhớ; hệ thống sẽ tự tính lại", "not counted: there was not enough memory; it is tried again"
    ),
}
_OTHER: Final = Words(
    "chưa tính được: phép tính vấp phải dữ liệu không hợp lệ; người vận hành đã có dòng nhật ký",
    "not counted: the data do not fit how it is counted; the operator's log says so",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no count: words for people, over which export and files, and when it was tried."""

    words: Words
    seq: int
    until: datetime
    at: datetime
    inputs: str

    @property
    def cell(self) -> Cell:
        """What stands in the place of all numbers, of no period yet."""
        return Cell("", {}, None, None, None, State.FAILED, 0, 0, self.words)

    def lasts(self, inputs: str) -> bool:
        """Whether it would fail again: the same files, not long ago."""
        return self.inputs == inputs and timedelta(0) <= clock.now() - self.at < AGAIN


def fault_of(error: YbaError, name: str, manifest: Manifest, inputs: str) -> Fault:
    """Turn an error into what is said of it, and leave the rest to the log: a class and a measure, nothing an engine quoted."""
    kind = error.kind if isinstance(error, EngineFailed) else type(error).__name__
    _log.error("warehouse.measure.failed", measure=name, kind=kind)
    words = _FILE if isinstance(error, LakeDamaged) else _WORDS.get(kind, _OTHER)
    return Fault(words, manifest.seq, manifest.until, clock.now(), inputs)


def told(one: Fault) -> dict[str, Any]:
    """Give a fault as it lies on the shelf."""
    return {"words": [one.words.vi, one.words.en], "seq": one.seq, "until": one.until, "at": one.at, "inputs": one.inputs}


def read(found: dict[str, Any]) -> Fault:
    """Read what `told` gave. Raises ValueError, KeyError, TypeError."""
    until, at = (datetime.fromisoformat(found[name]) for name in ("until", "at"))
    return Fault(Words(*found["words"]), int(found["seq"]), until, at, str(found["inputs"]))
