"""``yba audit``: read, follow, seal, verify and archive the audit trail."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from tqdm import tqdm

from yba import access
from yba import audit as trails
from yba.access import Right
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid

from .common import EXIT_FAILED, print_json, say, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from yba.audit import TrailEntry
    from yba.kit import Actor
    from yba.kit.reach import Predicate

    Sight = Callable[[Connection[Any]], Predicate]

STORES = {"record-access": trails.Store.RECORD_ACCESS, "security": trails.Store.SECURITY}
_COLUMNS = access.Columns(person="person_id", facility="facility", labels=None, rtype=None)
_PAUSE = 1.0  # seconds between two looks for new rows
_DAY = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_FIELDS = (
    "id", "at", "store", "who", "actor_kind", "role", "purpose", "under", "tag", "about_type", "about_id", "version", "person_id", "facility",
    "outcome", "reason", "address", "port", "device", "transaction", "detail",
)  # fmt: skip


@click.group()
def audit() -> None:
    """Nhật ký: ai làm gì, xem gì, lúc nào, từ đâu; niêm phong và kiểm tra."""


@audit.command()
@click.option("--store", type=click.Choice(sorted(STORES)), help="One of the two logs.")
@click.option("--person", type=click.UUID, help="Acts about this person (record id).")
@click.option("--about", help="Acts about the thing with this id.")
@click.option("--tag", type=click.Choice([tag.value for tag in trails.Tag]), metavar="TAG", help="One kind of act, such as record:page:read.")
@click.option("--facility", help="Acts in this facility (MA_CSKCB).")
@click.option("--since", type=_DAY, help="From this day or moment (Vietnam's time).")
@click.option("--until", type=_DAY, help="Before this day or moment.")
@click.option("--human/--machine", default=None, help="Acts of people only, or of machines only.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "csv", "jsonl", "fhir"]), default="text", show_default=True)
@click.option("--follow", is_flag=True, help="Go on printing new rows, oldest first, until stopped (for a SIEM; begins after --after or now).")
@click.option("--after", type=int, help="With --follow: begin after the row of this number.")
def trail(*, limit: int, form: str, follow: bool, after: int | None, **narrow: Any) -> None:  # noqa: ANN401  click's options, by name
    """In nhật ký, mới nhất trước; việc xem này cũng được ghi lại."""
    by = start("oversight")
    asked = _asked(narrow)
    if not by.standing and asked["log"] is None:
        asked["log"] = trails.Store.RECORD_ACCESS  # the other log is another right
    sight = _sight(by, Right.AUDIT_SECURITY_READ if asked["log"] is trails.Store.SECURITY else Right.AUDIT_TRAIL_READ)
    write = _writer(form)
    if follow:
        _follow(by, asked, write, after, sight)
        return
    with unit_of_work(by=by) as conn:
        earlier = access.persons_of(conn, by=by, person_ids=[asked["person"]] if asked.get("person") else [])
        found = trails.trail(conn, by=by, limit=limit, seen=sight(conn) if sight else None, earlier=earlier, **asked)
    for entry in found:
        write(entry)


@audit.command()
def seal() -> None:
    """Niêm phong ngay những gì đã ghi xong."""
    done = trails.seal(by=start())
    if done.put_off:
        say("Còn việc đang ghi dở quá lâu; sẽ niêm phong ở lần sau. / Acts are still being written; sealing is put off.")
        sys.exit(EXIT_FAILED)
    click.echo(f"{done.seals} dấu niêm phong, {done.rows} dòng / {done.seals} seals, {done.rows} rows")


@audit.command()
@click.option("--store", type=click.Choice(sorted(STORES)), help="Only one of the two logs.")
@click.option("--since", type=_DAY, help="From the first seal made at or after this moment.")
@click.option(
    "--archive", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Verify an archive folder instead, without a database."
)
@click.option("--keys", type=click.Path(exists=True, file_okay=False, path_type=Path), help="With --archive: folder with the trusted audit-*.pub.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(store: str | None, since: datetime | None, archive: Path | None, keys: Path | None, as_json: bool) -> None:  # noqa: FBT001  click's way
    """Kiểm tra nhật ký còn nguyên vẹn: không dòng nào bị sửa, mất, thêm hay đổi chỗ."""
    with tqdm(unit=" dòng", unit_scale=True, disable=None, file=sys.stderr) as bar:
        if archive is not None:
            verdict = trails.verify_archive(archive, keys=keys, progress=bar.update)
        else:
            stores = (STORES[store],) if store else tuple(trails.Store)
            by = start("oversight")
            sight = _sight(by, Right.AUDIT_STORE_VERIFY)
            verdict = trails.verify(by=by, stores=stores, since=_moment(since), progress=bar.update, sight=sight)
    if as_json:
        print_json(verdict.as_json())
    else:
        _tell(verdict)
    if not verdict.is_whole:
        sys.exit(EXIT_FAILED)


@audit.command()
@click.option("--before", type=click.DateTime(formats=["%Y-%m-%d", "%Y-%m"]), required=True, help="Months that ended before this day.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder in which the archive's folders are made.")
@click.option("--store", type=click.Choice(sorted(STORES)), help="Only one of the two logs.")
@click.option("--detach", is_flag=True, help="Then take these months out of the live tables (needs YBA_DATABASE_OWNER_URL).")
def archive(before: datetime, out: Path, store: str | None, detach: bool) -> None:  # noqa: FBT001  click's way
    """Đưa các tháng đã niêm phong vào kho lạnh (Parquet), kiểm tra lại kho, rồi mới tách khỏi bảng đang dùng."""
    by = start()
    for one in (STORES[store],) if store else tuple(trails.Store):
        made = trails.archive(by=by, store=one, before=before.replace(tzinfo=UTC), out=out, detach=detach)
        if made is None:
            click.echo(f"{one.value}: không có tháng nào đã niêm phong trước ngày này / nothing sealed before that day")
        else:
            click.echo(f"{one.value}: {made.rows} dòng → {out / made.name}" + (" (đã tách / detached)" if made.detached else ""))


@audit.command()
def key() -> None:
    """In khóa công khai để người ngoài kiểm tra được chữ ký (giữ một bản ở nơi khác)."""
    start()
    click.echo(trails.public_pem(trails.signing_key().public_key()).decode(), nl=False)


def _sight(by: Actor, right: Right) -> Sight | None:
    """What opens the log for a bound role, which has no reach of its own; a machine's stands open as far as it goes."""
    return None if by.standing else lambda conn: access.predicate(conn, by=by, right=right, columns=_COLUMNS)


def _asked(narrow: dict[str, Any]) -> dict[str, Any]:
    tag = narrow.pop("tag")
    log = narrow.pop("store")
    since, until = _moment(narrow.pop("since")), _moment(narrow.pop("until"))
    given = {"tag": trails.Tag(tag) if tag else None, "log": STORES[log] if log else None, "since": since, "until": until}
    return {**narrow, **given}


def _follow(by: Actor, asked: dict[str, Any], write: Any, after: int | None, sight: Sight | None) -> None:  # noqa: ANN401  a writer
    """Print rows as they settle; a row whose number is passed by a later one is never left out (only settled numbers are read)."""
    if asked["until"] is not None:
        raise Invalid("--follow has no end.", advice="Leave --until out.")
    try:
        for entry in trails.follow(by=by, after=after, pause=_PAUSE, sight=sight, **asked):
            write(entry)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _writer(form: str) -> Any:  # noqa: ANN401  a function of one row
    if form == "csv":
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(_FIELDS)
        return lambda entry: rows.writerow([_flat(value) for value in _told(entry).values()])
    if form == "jsonl":
        return lambda entry: print_json(_told(entry))
    if form == "fhir":
        return lambda entry: print_json(trails.as_fhir(entry))
    return lambda entry: click.echo(_line(entry))


def _told(entry: TrailEntry) -> dict[str, Any]:
    row = {**entry._asdict(), "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}
    return {name: row[name] for name in _FIELDS}


def _flat(value: object) -> object:
    """Write a value for a table; a text a spreadsheet would calculate is quoted."""
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _line(entry: TrailEntry) -> str:
    person = f" · {entry.person_id}" if entry.person_id else ""
    role = f" ({entry.role})" if entry.role else ""
    end = "" if entry.outcome == "done" else f" [{entry.outcome}]"
    why = f" · {entry.reason}" if entry.reason else ""
    place = " ".join(filter(None, (entry.facility, entry.address)))
    at = entry.at.astimezone(clock.VIETNAM)
    return f"{at:%d/%m/%Y %H:%M:%S}  {entry.who}{role}  {entry.tag}{end}  {entry.about_type} {entry.about_id}{person}  {place}{why}".rstrip()


def _moment(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=clock.VIETNAM) if day else None


def _tell(verdict: trails.Verdict) -> None:
    for one in verdict.checked:
        late = f", {one.unsealed} chưa niêm phong / unsealed" if one.unsealed else ""
        click.echo(f"{one.store}: {one.seals} dấu / seals, {one.rows} dòng / rows{late}")
    for trouble in verdict.troubles:
        click.echo(str(trouble))
    click.echo("Nguyên vẹn. / Whole." if verdict.is_whole else "KHÔNG nguyên vẹn. / NOT whole.")
