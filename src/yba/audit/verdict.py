"""What verifying found: troubles by kind, with the place where it can be named, in words for the person who reads them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class TroubleKind(StrEnum):
    """What can be wrong with a store. The first group is tampering, the second is worth knowing."""

    ROW_CHANGED = "row-changed"
    ROW_MISSING = "row-missing"
    ROW_ADDED = "row-added"
    SEAL_CHANGED = "seal-changed"
    SEAL_MISSING = "seal-missing"
    SIGNATURE_WRONG = "signature-wrong"
    KEY_UNKNOWN = "key-unknown"
    TAIL_CUT_OFF = "tail-cut-off"
    HEADS_DIFFER = "heads-differ"
    ANCHOR_WRONG = "anchor-wrong"
    ARCHIVE_WRONG = "archive-wrong"

    CLOCK_WENT_BACK = "clock-went-back"
    HEADS_BEHIND = "heads-behind"
    SEALING_LATE = "sealing-late"
    ARCHIVED_UNSEEN = "archived-unseen"


REMARKS: Final = frozenset({TroubleKind.CLOCK_WENT_BACK, TroubleKind.HEADS_BEHIND, TroubleKind.SEALING_LATE, TroubleKind.ARCHIVED_UNSEEN})
_WORDS: Final = {
    TroubleKind.ROW_CHANGED: "dòng bị sửa / a row was changed",
    TroubleKind.ROW_MISSING: "dòng bị mất / a row is missing",
    TroubleKind.ROW_ADDED: "dòng bị thêm vào / a row was added",
    TroubleKind.SEAL_CHANGED: "dấu niêm phong bị sửa / a seal was changed",
    TroubleKind.SEAL_MISSING: "mất dấu niêm phong / a seal is missing",
    TroubleKind.SIGNATURE_WRONG: "chữ ký không đúng / the signature is wrong",
    TroubleKind.KEY_UNKNOWN: "ký bằng khóa lạ / signed with a key that is not trusted",
    TroubleKind.TAIL_CUT_OFF: "phần cuối bị cắt: sổ heads.log còn ghi / the end was cut off: heads.log knows of it",
    TroubleKind.HEADS_DIFFER: "sổ heads.log ghi khác / heads.log says otherwise",
    TroubleKind.ANCHOR_WRONG: "dấu thời gian không khớp / the time stamp does not fit",
    TroubleKind.ARCHIVE_WRONG: "bản lưu trữ không đúng / the archive is not what was signed",
    TroubleKind.CLOCK_WENT_BACK: "đồng hồ máy chủ đã bị lùi / the server's clock had been set back",
    TroubleKind.HEADS_BEHIND: "chưa ghi vào heads.log / not in heads.log yet",
    TroubleKind.SEALING_LATE: "quá hạn niêm phong / rows wait longer for their seal than stated",
    TroubleKind.ARCHIVED_UNSEEN: "đã đưa vào lưu trữ, chưa xem lại / archived, not looked at",
}


class Trouble(NamedTuple):
    """One thing found: in which store, at which seal and row where known; ``note`` narrows it down."""

    kind: TroubleKind
    store: str
    seal: int | None = None
    row: int | None = None
    note: str = ""

    def __str__(self) -> str:
        """Say it in a line, Vietnamese first."""
        place = "".join([f" · niêm phong {self.seal}" if self.seal is not None else "", f" · dòng {self.row}" if self.row is not None else ""])
        return f"{self.store}{place}: {_WORDS[self.kind]}{f' ({self.note})' if self.note else ''}"


class Checked(NamedTuple):
    """One store: how many seals and rows were looked at, how many rows lie in archives unseen, how many wait for a seal and how long."""

    store: str
    seals: int
    rows: int
    archived: int
    unsealed: int
    unsealed_age: float


class Verdict(NamedTuple):
    """The outcome of `verify`; ``seconds`` is the time it took."""

    checked: tuple[Checked, ...]
    troubles: tuple[Trouble, ...]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing was tampered with (remarks do not count)."""
        return all(trouble.kind in REMARKS for trouble in self.troubles)

    @property
    def rows(self) -> int:
        """Return how many rows were looked at."""
        return sum(one.rows for one in self.checked)

    def as_json(self) -> dict[str, object]:
        """Return what a program reads."""
        return {
            "whole": self.is_whole,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "rows_per_s": round(self.rows / self.seconds) if self.seconds else 0,
            "stores": [one._asdict() for one in self.checked],
            "troubles": [{**one._asdict(), "kind": one.kind.value, "tampering": one.kind not in REMARKS} for one in self.troubles],
        }
