"""What rights and the trail cost a reader over HTTP, and whether hot queries keep their index as the app role."""

from __future__ import annotations

import http.client
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import orjson
from psycopg import sql

from yba import access, accounts, audit, directory, identity, record
from yba.access import Relation, RelationKind, UnitKind
from yba.fhir import search
from yba.kit import Actor, Grant, Internal, clock, new_id
from yba.kit.actor import Origin
from yba.kit.db import owner_connection, reading, unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg import Connection

    from yba.kit.prepared import Ask

_PEOPLE: Final = 500
_EACH: Final = 40
_CHANGED: Final = 10
_ICD: Final = "http://hl7.org/fhir/sid/icd-10"
_COMMUNE: Final = "03127"
_FACILITY: Final = "11001"
_CONNECTIONS: Final = 4
_ROUNDS: Final = 6
_SLICE: Final = 2.0  # seconds of one variant before the other has its turn: both share the machine's good and bad minutes
_WARM: Final = 300
_HTTP_OK: Final = 200
_SYSTEM: Final = Actor.system("bench")
_EDGE: Final = Actor.system("edge")
_GUESS: Final = accounts.guess
DOCTOR: Final = Actor.user(UUID(int=7), [Grant("doctor", frozenset({_FACILITY}))], purpose="treatment", origin=Origin("10.0.0.1", 50_000, "bench"))


@dataclass(frozen=True, slots=True)
class AccessFigures:
    """What `yba bench access --json` prints of reading; docs/performance.md says what each key means."""

    read_overhead: float
    reads_per_s: float
    reads_per_s_plain: float
    plans_indexed: float
    plans: int

    def as_json(self) -> dict[str, object]:
        """The figures as the keys of the JSON line."""
        return asdict(self)


def guarded() -> None:
    """Let this process answer known software as the doctor: a predicate by relations, both locks, row in the trail, commit, all in one message."""
    _answer_as(DOCTOR)


def plain() -> None:
    """The same without the row in the trail, for a process that does nothing else; the operator's predicate is one comparison of a column."""
    vars(audit)["noting"] = _nothing
    _answer_as(Actor.operator("bench"))


def _answer_as(by: Actor) -> None:
    """Put somebody in the place of whoever a proven session of software belongs to; everything else of the FHIR API is as it is served."""
    real = _GUESS

    def guess(*, token: str, origin: Origin, patience: int) -> tuple[Actor, Ask] | None:
        found = real(token=token, origin=origin, patience=patience)
        return (by, found[1]) if found else None

    vars(accounts)["guess"] = guess


def _nothing(*_args: object, **_named: object) -> None:
    pass


class NoPace:
    """What the bench's servers have in place of the shield's paces."""

    def take(self, *_: object) -> bool:
        """Always."""
        return True

    def fetch(self, *_: object) -> int:
        """Never any seconds to wait."""
        return 0


def bench_access() -> AccessFigures:
    """Measure in an empty data folder that is thrown away afterwards.

    ``read_overhead``: the share of reads per second of ``GET /fhir/Condition/id`` that predicate, row security opened by it, and the trail's
    row (with its commit, synchronous_commit on) take away, median over rounds in which both variants have their turn; ``plans_indexed``: share
    of the statements the rooms send for a doctor's and a nurse's hot reads that touch no large table without an index.
    """
    made = _fill()
    good, total = _plans(made)
    token = _token()
    with _served("guarded") as with_both, _served("plain") as without:
        pairs = _race(with_both, without, token, [f"/fhir/Condition/{ident}" for idents in made.values() for ident in idents])
    return AccessFigures(
        read_overhead=round(statistics.median(1 - one / other for one, other in pairs), 3),
        reads_per_s=round(statistics.median(one for one, _ in pairs), 1),
        reads_per_s_plain=round(statistics.median(other for _, other in pairs), 1),
        plans_indexed=round(good / total, 3),
        plans=total,
    )


def _fill() -> dict[UUID, list[str]]:
    """Make 500 people with 40 conditions each, ten of them in two versions, all patients of one hospital; returns the ids of each."""
    made: dict[UUID, list[str]] = {}
    with unit_of_work(by=_SYSTEM) as conn:
        directory.ensure_many(conn, by=_SYSTEM, seen_at=clock.now(), facilities=[_FACILITY])
        for number in range(1, _PEOPLE + 1):
            person = UUID(int=number << 64)
            idents = made[person] = [str(new_id()) for _ in range(_EACH)]
            record.put_many(conn, by=_SYSTEM, puts=[_put(person, ident, number + nth, fresh=True) for nth, ident in enumerate(idents)])
            record.put_many(
                conn, by=_SYSTEM, puts=[_put(person, ident, number + nth + 7, fresh=False) for nth, ident in enumerate(idents[:_CHANGED])]
            )
        now = clock.now()
        ties = [
            Relation(person, unit, code, kind, now - timedelta(days=1), None, "Claim", "", UUID(int=nth))
            for nth, person in enumerate(made, 1)
            for unit, code, kind in ((UnitKind.FACILITY, _FACILITY, RelationKind.VISIT), (UnitKind.AREA, _COMMUNE, RelationKind.RESIDENCE))
        ]
        access.relate_many(conn, by=_SYSTEM, relations=ties)
    with owner_connection() as conn:
        conn.execute("ANALYZE")
    return made


def _put(person: UUID, ident: str, number: int, *, fresh: bool) -> record.Put:
    coding = {"system": _ICD, "code": f"I{number % 90 + 10}"}
    doc = {"resourceType": "Condition", "id": ident, "code": {"coding": [coding]}, "subject": {"reference": f"Patient/{person}"}}
    index = search.index("Condition", doc)
    place = (index.start, index.end, _FACILITY, person, (), "bench", fresh)
    return record.Put("Condition", ident, person, orjson.dumps(doc), index.tokens, *place)


# over HTTP


def _token() -> str:
    """A session of the hospital's software."""
    with unit_of_work(by=Actor.operator("bench")) as conn:
        client = accounts.add_client(conn, by=Actor.operator("bench"), facility=_FACILITY)
        made = accounts.open_session(conn, by=_EDGE, username=client.username, password=client.secret, address="127.0.0.1")
    if isinstance(made, accounts.Refused):
        raise Internal("the bench's own client was refused.")
    return made.access_token


@contextmanager
def _served(variant: str) -> Iterator[int]:
    """Serve one variant as `yba serve` does (granian, one process, four threads); gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "yba", "bench", "access", "--serve", variant, "--port", str(port)]
    with subprocess.Popen(command) as process:
        try:
            yield port
        finally:
            process.terminate()


def _race(guarded_port: int, plain_port: int, token: str, paths: Sequence[str]) -> list[tuple[float, float]]:
    for port in (guarded_port, plain_port):
        _wait(port)
        _rate(port, token, paths, most=_WARM)
    return [(_rate(guarded_port, token, paths), _rate(plain_port, token, paths)) for _ in range(_ROUNDS)]


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/fhir/metadata")
            connection.getresponse().read()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _rate(port: int, token: str, paths: Sequence[str], *, most: int = 1 << 30) -> float:
    """Requests per second of four connections in a slice of time."""
    counts = [0] * _CONNECTIONS
    begun = time.monotonic()

    def ask(nth: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        pick = random.Random(nth)  # noqa: S311  which row is read
        while time.monotonic() - begun < _SLICE and counts[nth] < most:
            connection.request("GET", pick.choice(paths), headers={"Authorization": f"Bearer {token}", "Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != _HTTP_OK:
                raise Internal(f"the bench's server answered {answer.status}.")
            counts[nth] += 1
        connection.close()

    threads = [Thread(target=ask, args=(nth,)) for nth in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(counts) / (time.monotonic() - begun)
    if not all(counts):
        raise Internal("the bench's server did not answer every connection.")
    return rate


# plans


class _Sent(NamedTuple):
    query: sql.Composable | bytes | str
    params: Any


_SCANNED: Final = re.compile(r"Seq Scan on (\w+)")
_LARGE: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= 1000"


def _plans(made: dict[UUID, list[str]]) -> tuple[int, int]:
    """Run the hot reads as users, catch what the rooms send, and read the plan of each as the app role in the same unit."""
    person, idents = next(iter(made.items()))
    nurse = Actor.user(UUID(int=8), [Grant("station-nurse", frozenset({_FACILITY}), frozenset({_COMMUNE}))], purpose="treatment")
    citizen = Actor.user(UUID(int=9), [Grant("citizen", persons=frozenset({person}))], purpose="own-record")
    token = [search.token("code", _ICD, "I10")]
    reads: list[tuple[Actor, Callable[[Connection[Any], Actor], object]]] = []
    for by in (DOCTOR, nurse, citizen):
        reads += [
            (by, lambda conn, by: record.get(conn, by=by, rtype="Condition", id=idents[0])),
            (by, lambda conn, by: record.history(conn, by=by, rtype="Condition", id=idents[0])),
            (by, lambda conn, by: record.of_person(conn, by=by, person_id=person)),
            (by, lambda conn, by: record.page_of(conn, by=by, person_id=person)),
            (by, lambda conn, by: record.coverage_of_data(conn, by=by, person_id=person)),
        ]
    for by in (DOCTOR, nurse):
        reads.append((by, lambda conn, by: record.with_tokens(conn, by=by, rtype="Condition", tokens=token, person_id=person)))
        reads.append((by, _find))
    with reading(by=_SYSTEM) as conn:
        large = {name for (name,) in conn.execute(_LARGE.encode())}  # an empty partition is read whole, and rightly
    plans = [plan for by, read in reads for plan in _plans_of(by, read)]
    return sum(large.isdisjoint(_SCANNED.findall(plan)) for plan in plans), len(plans)


def _find(conn: Connection[Any], by: Actor) -> object:
    return identity.find(conn, by=by, id="011159001234")


def _plans_of(by: Actor, read: Callable[[Connection[Any], Actor], object]) -> list[str]:
    sent: list[_Sent] = []
    with reading(by=by) as conn:
        real = conn.execute

        def catch(query: Any, params: Any = None, **named: Any) -> Any:  # noqa: ANN401  # psycopg's own
            sent.append(_Sent(query, params))
            return real(query, params, **named)

        vars(conn)["execute"] = catch
        read(conn, by)
        del vars(conn)["execute"]
        return ["\n".join(str(row[0]) for row in real(_explained(one.query, conn), one.params)) for one in sent if _reads(one.query, conn)]


def _text(query: sql.Composable | bytes | str, conn: Connection[Any]) -> str:
    return query.as_string(conn) if isinstance(query, sql.Composable) else query.decode() if isinstance(query, bytes) else query


def _reads(query: sql.Composable | bytes | str, conn: Connection[Any]) -> bool:
    text = _text(query, conn).lstrip().upper()
    return text.startswith(("SELECT", "WITH")) and " FROM " in text.replace("\n", " ") and "SET_CONFIG" not in text


def _explained(query: sql.Composable | bytes | str, conn: Connection[Any]) -> sql.SQL:
    return sql.SQL("EXPLAIN " + _text(query, conn))
