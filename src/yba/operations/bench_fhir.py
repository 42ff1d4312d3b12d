"""How fast the FHIR API answers, beside other servers on the same box and data: `yba bench fhir`."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

import orjson

from yba.kit import Internal, Invalid
from yba.kit.db import owner_connection

from . import bench_fhir_data as data
from .bench_fhir_data import ICD, LOINC, MRN, Person
from .bench_fhir_load import load
from .bench_fhir_servers import CONNECTIONS, OWN, Server
from .bench_fhir_wire import Ask, drive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .bench_fhir_wire import Reply

_MOST_KEPT: Final = 5_000  # visits of each connection that reads choose from
_WARM: Final = 40
_OTHERS: Final = 1_000_000  # people of the curve are not those of the race
_GOOD: Final = range(200, 300)


class Visit(NamedTuple):
    """A visit that a server holds: the person, and the ids it gave."""

    person: Person
    ids: dict[str, list[str]]


@dataclass(slots=True)
class Side:
    """One server in the race: what each connection put there, and what has been measured."""

    server: Server
    visits: list[list[Visit]] = field(default_factory=lambda: [[] for _ in range(CONNECTIONS)])
    resources: int = 0
    numbers: int = 0  # people made so far
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def someone(self, nth: int) -> Person:
        """Make a person nobody has sent yet; the same ones on every server."""
        self.numbers += 1
        return Person(self.numbers * CONNECTIONS + nth)


class Row(NamedTuple):
    """One row of the table: how a request is made, what a right answer holds at least, how many things one request is."""

    name: str
    make: Callable[[Side, int, random.Random], Ask]
    least: int = 0  # entries of the Bundle; 0 = any 2xx
    items: int = 1


def _one(side: Side, nth: int, pick: random.Random) -> Visit:
    return pick.choice(side.visits[nth])


def _read(side: Side, nth: int, pick: random.Random) -> Ask:
    return Ask("GET", f"Observation/{pick.choice(_one(side, nth, pick).ids['Observation'])}")


def _identifier(side: Side, nth: int, pick: random.Random) -> Ask:
    return Ask("GET", f"Patient?identifier={_token(MRN, _one(side, nth, pick).person.mrn)}")


def _sorted(side: Side, nth: int, pick: random.Random) -> Ask:
    return Ask("GET", f"Observation?subject=Patient/{_one(side, nth, pick).ids['Patient'][0]}&_sort=-date")


def _code(side: Side, nth: int, pick: random.Random) -> Ask:
    return Ask("GET", f"Condition?code={_token(ICD, _one(side, nth, pick).person.diagnosis)}&_count=10")


def _family(side: Side, nth: int, pick: random.Random) -> Ask:
    person = _one(side, nth, pick).person
    return Ask("GET", f"Patient?family={quote(person.family)}&birthdate={person.born}")


def _chained(side: Side, nth: int, pick: random.Random) -> Ask:
    person = _one(side, nth, pick).person
    return Ask("GET", f"Observation?subject:Patient.identifier={_token(MRN, person.mrn)}&code={_token(LOINC, pick.choice(data.CODES))}")


def _include(side: Side, nth: int, pick: random.Random) -> Ask:
    stay = _one(side, nth, pick).ids["Encounter"][0]
    return Ask("GET", f"Encounter?_id={stay}&_include=Encounter:subject&_revinclude=Observation:encounter")


def _everything(side: Side, nth: int, pick: random.Random) -> Ask:
    return Ask("GET", f"Patient/{_one(side, nth, pick).ids['Patient'][0]}/$everything")


def _create(side: Side, nth: int, pick: random.Random) -> Ask:
    subject = f"Patient/{_one(side, nth, pick).ids['Patient'][0]}"
    return Ask("POST", "Observation", orjson.dumps(data.observation(pick.randrange(100_000), pick.randrange(12), subject)))


def _pair(side: Side, nth: int, _pick: random.Random) -> Ask:
    return Ask("POST", "", data.pair(side.someone(nth)))


def _visit(side: Side, nth: int, _pick: random.Random) -> Ask:
    return Ask("POST", "", data.visit(side.someone(nth)))


def _token(system: str, code: str) -> str:
    return quote(f"{system}|{code}", safe="")


# Reads first, over the same data everywhere; writes last, because who is faster would then hold more.
ROWS: Final = (
    Row("read", _read),
    Row("identifier", _identifier, 1),
    Row("subject_sorted", _sorted, data.OBSERVATIONS),
    Row("code", _code, 1),
    Row("family_birthdate", _family, 1),
    Row("chained", _chained, 1),
    Row("include_revinclude", _include, 2 + data.OBSERVATIONS),
    Row("everything", _everything, data.RESOURCES),
    Row("create", _create),
    Row("transaction", _pair),
    Row("visit_bundle", _visit, items=data.RESOURCES),
)


FHIR_ROWS: Final = tuple(row.name for row in ROWS)


def bench_fhir(
    servers: Sequence[Server], *, resources: int, seconds: float, rounds: int, only: Iterable[str] = (), tell: Callable[[str], None] = print
) -> dict[str, Any]:
    """Race the servers; the first is ours. Returns {"resources", "rows": {row: {server: {"per_s", "p50_ms", "p99_ms", …}}}, "ratio": {row: …}}.

    ``resources``: how many each holds before the first row; ``seconds`` of each server in each of ``rounds`` of a row, in turn, so that all
    share the machine's good and bad minutes. Raises Invalid without a peer, Internal where our own answers are wrong.
    """
    if len(servers) < 2:  # noqa: PLR2004  # ours and at least one more
        raise Invalid("Không có máy so sánh nào.", advice="Without a peer there is nothing to report: absolute figures depend on the machine.")
    sides = [Side(server) for server in servers]
    for side in sides:
        tell(f"{side.server.name}: {resources} resources …")
        fill(side, resources)
    wanted = set(only) or {row.name for row in ROWS}
    rows: dict[str, dict[str, Any]] = {}
    for row in ROWS:
        if row.name in wanted:
            rows[row.name] = _race(sides, row, seconds, rounds)
            tell(f"{row.name}: " + ", ".join(f"{name} {found.get('per_s', 'wrong')}" for name, found in rows[row.name].items()))
    return {"resources": resources, "rows": rows, "ratio": {name: ratio(found) for name, found in rows.items()}}


def ratio(found: dict[str, dict[str, Any]]) -> float | None:
    """Ours over the best of the others that answer rightly; None where none does."""
    best = max((one["per_s"] for name, one in found.items() if name != OWN and "per_s" in one), default=0.0)
    return round(found[OWN]["per_s"] / best, 2) if best else None


def fhir_curve(server: Server, sizes: Sequence[int], *, seconds: float, tell: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure the rows of our server alone at growing sizes: {"100000": {row: …}, …, "last_over_first": {row: rate}}.

    It is filled by the record's own door (`bench_fhir_load`), not through HTTP: the same visits, the same rows in every table.
    """
    side = Side(server, numbers=_OTHERS)
    found: dict[str, dict[str, Any]] = {}
    for size in sorted(sizes):
        tell(f"{size} resources …")
        load((size - side.resources) // data.RESOURCES, side.someone, lambda nth, *visit: _keep(side.visits[nth], Visit(*visit)), tell=tell)
        side.resources = size
        for row in ROWS:
            _drive(side, row, seconds, 0)  # not counted: pages nobody has read yet
        found[str(size)] = {row.name: _measured(side, row, [_drive(side, row, seconds, 1)]) for row in ROWS}
    first, last = (found[str(size)] for size in (min(sizes), max(sizes)))
    return {**found, "last_over_first": {name: round(last[name]["per_s"] / one["per_s"], 3) for name, one in first.items()}}


def fill(side: Side, resources: int) -> None:
    """Send visits until a server holds so many resources. Raises Internal where it takes none."""
    asked: list[Person | None] = [None] * CONNECTIONS

    def make(nth: int) -> Ask | None:
        if side.resources >= resources:
            return None
        side.resources += data.RESOURCES
        person = asked[nth] = side.someone(nth)
        return Ask("POST", "", data.visit(person))

    def heard(nth: int, reply: Reply) -> None:
        person = asked[nth]
        if reply.status not in _GOOD or person is None:
            raise Internal(f"{side.server.name} does not take a visit: {reply.status} {reply.body[:300]!r}")
        _keep(side.visits[nth], Visit(person, _ids(reply.body)))

    _drives(side, make, heard)
    if side.server.name == OWN:
        with owner_connection() as conn:
            conn.execute("ANALYZE")  # what autovacuum does within a minute


def _keep(kept: list[Visit], one: Visit) -> None:
    if len(kept) < _MOST_KEPT:
        kept.append(one)
    else:
        kept[one.person.number % _MOST_KEPT] = one


def _ids(body: bytes) -> dict[str, list[str]]:
    """Read the ids a server gave from its answer to a transaction."""
    found: dict[str, list[str]] = {}
    for entry in orjson.loads(body)["entry"]:
        parts = entry["response"]["location"].split("/_history")[0].split("/")
        found.setdefault(parts[-2], []).append(parts[-1])
    return found


def _drives(side: Side, make: Callable[[int], Ask | None], heard: Callable[[int, Reply], None], **until: Any) -> Any:  # noqa: ANN401  # of drive
    wires = side.server.wires()
    try:
        return drive(wires, make, heard, **until)
    finally:
        for wire in wires:
            wire.close()


class _Run(NamedTuple):
    answers: list[float]
    seconds: float
    own: float
    wrong: str


def _race(sides: Sequence[Side], row: Row, seconds: float, rounds: int) -> dict[str, Any]:
    runs: dict[str, list[_Run]] = {side.server.name: [] for side in sides}
    for nth in range(rounds):
        for side in sides:
            runs[side.server.name].append(_drive(side, row, seconds, nth))
    return {side.server.name: _measured(side, row, runs[side.server.name]) for side in sides}


def _drive(side: Side, row: Row, seconds: float, seed: int) -> _Run:
    pick = random.Random(seed)  # noqa: S311  # which row is read
    wrong: list[str] = []

    def heard(_nth: int, reply: Reply) -> None:
        if reply.status not in _GOOD:
            wrong.append(f"{reply.status} {reply.body[:200]!r}")
        elif row.least > (entries := reply.body.count(b'"fullUrl"')):
            wrong.append(f"{entries} entries, not {row.least}")

    def make(nth: int) -> Ask:
        return row.make(side, nth, pick)

    if not seed:
        _drives(side, make, heard, most=_WARM)
    timing = _drives(side, make, heard, seconds=seconds)
    return _Run(timing.answers, timing.seconds, timing.own, f"{len(wrong)} of {len(timing.answers)}: {wrong[0]}" if wrong else "")


def _measured(side: Side, row: Row, runs: Sequence[_Run]) -> dict[str, Any]:
    """Put a server's runs of a row together; one that answers wrongly has no figures, ours must not."""
    wrong = next((run.wrong for run in runs if run.wrong), "")
    if wrong and side.server.name == OWN:
        raise Internal(f"row {row.name}: our own answers are wrong: {wrong}")
    if wrong:
        return {"wrong": wrong}
    answers = sorted(seconds for run in runs for seconds in run.answers)
    cuts = statistics.quantiles(answers, n=100, method="inclusive")
    return {
        "per_s": round(len(answers) * row.items / sum(run.seconds for run in runs), 1),
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
        "client_us": round(sum(run.own for run in runs) / len(answers) * 1e6, 1),
    }
