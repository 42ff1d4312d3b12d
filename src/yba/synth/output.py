"""Writing a set to disk: claims by facility and month (or in zip archives), the truth beside them, a manifest with counts and checksum."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

import orjson

from yba import __version__

from .dates import DAY, calendar, stamp, ymd
from .registers import BEDS, FACILITIES, POPULATION, bed_rows, facility_rows, group_of, population_rows
from .stream import File, Options, Stream

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from .people import Person

FILES_PER_ARCHIVE = 2000
CLAIM_COLUMNS = ("person_id", "facility", "local_id", "claim_link", "standard", "version", "ended", "note", "outcome", "clean", "file")
RESIDENT_COLUMNS = (
    "person_id",
    "name",
    "sex",
    "birth",
    "citizen_number",
    "insurance_number",
    "cards",
    "commune",
    "former_commune",
    "ethnic",
    "nationality",
    "mother_id",
)
CARD_COLUMNS = ("person_id", "number", "registered_at", "valid_from", "valid_to")
DIRT_COLUMNS = ("file", "facility", "claim_link", "version", "kind", "detail")


def write_set(options: Options, out: Path, *, archives: bool = False, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Write claims/, truth/ and manifest.json below `out`; give the manifest. `progress` is told the number of claims so far.

    The same options give the same bytes in every file. Raises FileExistsError when `out` already holds a set.
    """
    if any((out / name).exists() for name in ("manifest.json", "claims", "truth")):
        raise FileExistsError(f"{out} already holds a set; choose another folder")
    (out / "truth").mkdir(parents=True)
    stream = Stream(options)
    digest = sha256()
    size = 0
    target: _Folder | _Archives = _Archives(out / "claims") if archives else _Folder(out / "claims")
    with target, _Truth(out / "truth") as truth:
        for file in stream:
            target.write(file)
            digest.update(f"{file.path}\0{sha256(file.data).hexdigest()}\n".encode())
            size += len(file.data)
            truth.claims(file)
            truth.residents(stream)
            if progress is not None:
                progress(stream.tally.claims)
        truth.residents(stream)
        truth.registers(stream)
    manifest = _manifest(stream, digest.hexdigest(), size)
    (out / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return manifest


def _manifest(stream: Stream, checksum: str, size: int) -> dict[str, Any]:
    options, tally = stream.options, stream.tally
    return {
        "made_by": f"yba synth {__version__}",
        "seed": options.seed,
        "province": options.province,
        "population": options.population,
        "months": options.months,
        "from": ymd(stream.window.start),
        "to": ymd(stream.window.end),
        "claims_wanted": options.claims,
        "standards_forced": dict(options.standards),
        "dirt_factor": options.dirt,
        "residents": tally.people,
        "births": tally.births,
        "files": tally.files,
        "files_by_kind": dict(sorted(tally.kinds.items())),
        "bytes": size,
        "claims_present": tally.claims,
        "claims_to_reject": tally.rejected,
        "visits": sum(tally.visits.values()),
        "visits_by_type": dict(sorted(tally.visits.items())),
        "rows": dict(sorted(tally.rows.items())),
        "standards": dict(sorted(tally.standards.items())),
        "dirt": dict(sorted(tally.dirt.items())),
        "sha256": checksum,
        "sha256_of": "for each file in the order of making: path below claims/, NUL, sha256 of its bytes in hex, newline",
    }


class _Folder:
    """One file per file, in folders by facility and month."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing stays open."""

    def write(self, file: File) -> None:
        """Write one file."""
        folder = file.path.rpartition("/")[0]
        if folder not in self._made:
            (self._root / folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        (self._root / file.path).write_bytes(file.data)


class _Archives:
    """Zip archives of some thousand files, with fixed times so that the same set gives the same bytes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True)
        self._count = 0
        self._zip: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._zip is not None:
            self._zip.close()

    def write(self, file: File) -> None:
        """Add one file to the archive at hand."""
        if self._zip is None or self._count % FILES_PER_ARCHIVE == 0:
            if self._zip is not None:
                self._zip.close()
            self._zip = zipfile.ZipFile(
                self._root / f"claims-{self._count // FILES_PER_ARCHIVE + 1:04d}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=3
            )
        self._count += 1
        self._zip.writestr(zipfile.ZipInfo(file.path), file.data, zipfile.ZIP_DEFLATED, 3)


class _Truth:
    """people.csv (whose each sent claim is), residents.csv (what is true of each person), cards.csv (insurance), dirt.csv (what is wrong where).

    And population.csv and beds.csv, as `yba directory population load` and `beds load` take them; facilities.csv: names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counted: Counter[tuple[str, str, str]] = Counter()
        self._files = [(folder / name).open("w", encoding="utf-8", newline="") for name in ("people.csv", "residents.csv", "cards.csv", "dirt.csv")]
        self._people, self._residents, self._cards, self._dirt = (csv.writer(file, lineterminator="\n") for file in self._files)
        self._people.writerow(CLAIM_COLUMNS)
        self._residents.writerow(RESIDENT_COLUMNS)
        self._cards.writerow(CARD_COLUMNS)
        self._dirt.writerow(DIRT_COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in self._files:
            file.close()

    def claims(self, file: File) -> None:
        """Write the truth of one file."""
        for one in file.sent:
            wrong = [kind for kind, _ in one.dirt if not kind.startswith("resend:")]
            self._people.writerow(
                (
                    one.person,
                    one.facility,
                    one.local,
                    one.link,
                    one.standard,
                    one.version,
                    one.ended,
                    one.note,
                    one.outcome,
                    int(not wrong),
                    file.path,
                )
            )
            for kind, detail in one.dirt:
                self._dirt.writerow((file.path, one.facility, one.link, one.version, kind, detail))

    def residents(self, stream: Stream) -> None:
        """Write the people met since the last call."""
        for person in stream.residents:
            self._counted[group_of(person, stream.window.end)] += 1
            self._residents.writerow(_resident(person))
            self._cards.writerows((person.uid, card.number, card.registered, ymd(card.start), ymd(card.end)) for card in person.cards)
        stream.residents.clear()

    def registers(self, stream: Stream) -> None:
        """Write how many people live where, what facilities are called, and the beds of the hospitals."""
        year, since = stream.options.end.year, calendar(stream.window.start).replace(month=1, day=1).isoformat()
        tables = {
            "population.csv": (POPULATION, population_rows(self._counted, year)),
            "facilities.csv": (FACILITIES, facility_rows(stream.net)),
            "beds.csv": (BEDS, bed_rows(stream.net, self._counted.total(), since)),
        }
        for name, (head, rows) in tables.items():
            with (self._folder / name).open("w", encoding="utf-8", newline="") as file:
                written = csv.writer(file, lineterminator="\n")
                written.writerow(head)
                written.writerows(rows)


def _resident(person: Person) -> tuple[str, ...]:
    birth = stamp(person.birth) if person.birth % DAY else ymd(person.birth // DAY)
    return (
        person.uid,
        person.name,
        str(person.sex),
        birth,
        person.citizen,
        person.bhxh,
        ";".join(card.number for card in person.cards),
        person.place.code,
        person.place.former[person.former][0],
        person.ethnic,
        person.nationality,
        person.mother.uid if person.mother else "",
    )
