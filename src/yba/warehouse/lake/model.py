"""The words of the lake: its files, its manifest, what an export brought and how things stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from yba.kit.errors import Conflict, Internal

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path
    from uuid import UUID

    from yba.record import Database, Mark


class Zone(StrEnum):
    """What bears a restricted category lies apart, sealed."""

    OPEN = "open"
    RESTRICTED = "restricted"


class Role(StrEnum):
    """What the rows of a file are: one of each resource that stood at a moment, later changes, or what only earlier days need."""

    BASE = "base"
    CHANGE = "change"
    PAST = "past"


class LakeDamaged(Internal):
    """A file of the lake is missing, changed or cannot be read; the message names it."""


class ManifestDamaged(LakeDamaged):
    """The newest manifest cannot be read, so nothing of the lake can; ``vi`` and ``en`` say so on a page, without the machine's paths."""

    def __init__(self, path: Path) -> None:
        """Take the file."""
        self.vi = (
            f"Kho số liệu không mở được: tệp danh mục {path.name} ghi dở hoặc đã bị sửa. Hồ sơ không mất gì;"
            " người vận hành lập lại kho bằng lệnh yba warehouse refresh --anew all."
        )
        self.en = (
            f"The lake cannot be opened: its manifest {path.name} is half written or changed. No record is lost;"
            " the operator builds the lake anew: yba warehouse refresh --anew all."
        )
        super().__init__(f"{path} cannot be read: half written or changed.", advice="Build the lake anew: yba warehouse refresh --anew all.")


class LakeForeign(Conflict):
    """The lake was filled from another database, or from a later state of this one."""


class LakeBusy(Conflict):
    """Another export or compaction is under way."""


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One Parquet file; ``seq`` is the newest export in it, ``digest`` XXH3-128 of its bytes as they lie there, ``key`` the version that sealed it.

    A file of a view (``view`` is "name@digest") holds the flat rows of the lake file ``of``.
    """

    path: str
    rtype: str
    zone: Zone
    role: Role
    seq: int
    rows: int
    bytes: int
    digest: str
    key: int = 0
    view: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class SideFile:
    """One part ("2026-10", "" = the whole) of a table that is no resource, as it stood from export ``seq`` on.

    ``told`` is a digest of the lines it was made of, ``layout`` of the table's columns; from export ``hides`` on (0: nowhere) until ``seq`` it is
    not known any more how the part stood.
    """

    path: str
    table: str
    part: str
    seq: int
    rows: int
    bytes: int
    digest: str
    told: str
    layout: str
    hides: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a lake is, all of it: what is not named here does not exist.

    ``number`` counts manifests, ``seq`` exports (numbers of the manifests that were exports); ``until`` is the moment the last export saw.
    ``floor``: earlier exports cannot be read any more, by type; ``days``: the last export of each day that is promised.
    """

    number: int
    seq: int
    lake: UUID
    database: Database
    token: UUID
    mark: Mark
    until: datetime
    looked: Mark  # of the last export that looked at every row, whatever its `updated` said
    files: tuple[LakeFile, ...] = ()
    floor: dict[str, int] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)
    leaving: tuple[tuple[str, datetime], ...] = ()  # replaced files that a reader may still hold open
    side: tuple[SideFile, ...] = ()  # by table, part and export

    def stored(self) -> tuple[LakeFile | SideFile, ...]:
        """Return every file the lake is made of."""
        return (*self.files, *self.side)

    def of(self, rtype: str, zone: Zone) -> list[LakeFile]:
        """Return the lake files of a type in a zone, oldest first."""
        return [one for one in self.files if one.rtype == rtype and one.zone is zone and not one.view]

    def types(self) -> list[str]:
        """Return the types there are files of."""
        return sorted({one.rtype for one in self.files if not one.view})

    def promised_from(self, today: date, days: int) -> int:
        """Return the oldest export that still must be readable: the last one of the first promised day, or of the one before it."""
        kept = [seq for day, seq in sorted(self.days.items()) if (today - day).days > days]
        return kept[-1] if kept else 0


class Refreshed(NamedTuple):
    """What an export brought: its number, rows by type, bytes written (views too), seconds, and files of views made."""

    seq: int
    rows: dict[str, int]
    bytes: int
    seconds: float
    views: int
    everywhere: bool


class Status(NamedTuple):
    """How the lake stands; ``lag_seconds``: for how long the oldest change that is not exported has waited (0: none); ``faults``: damaged files.

    ``rows`` by resource type, ``tables``: rows by side table.
    """

    seq: int
    until: datetime | None
    lag_seconds: float
    rows: dict[str, int]
    bytes: int
    files: int
    faults: tuple[str, ...]
    days: tuple[date, ...]
    tables: dict[str, int]


class Compacted(NamedTuple):
    """What a compaction did: types rewritten, files and bytes before and after, rows that are no longer there."""

    types: tuple[str, ...]
    files: tuple[int, int]
    bytes: tuple[int, int]
    dropped: int
