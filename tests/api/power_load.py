"""Clients that write all the time and remember what they were answered, and what they were not; and the judge who compares that with the tables."""

from __future__ import annotations

import base64
import http.client
import json
import random
import re
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from tests.api import world as w

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.api.power_station import Station

MARKS: Final = "http://yba.test/dau"
SHARED: Final = "shared"  # the counter that all clients raise against each other
_MARK: Final = re.compile(r"\b(?:w-\d+-\d+|s-\d+)\b")
_UNSURE: Final = frozenset({503})  # what was asked may have been done or not


@dataclass
class Told:
    """What the clients know. Every write carries a mark of its own."""

    made: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # mark -> ids answered; asked until answered where a condition allows
    maybe: set[str] = field(default_factory=set)  # creates that were never answered
    raised: dict[str, tuple[str, int]] = field(default_factory=dict)  # mark -> (id, version) answered
    whole: set[str] = field(default_factory=set)  # transactions answered
    gone: set[str] = field(default_factory=set)  # deletions answered
    maybe_gone: set[str] = field(default_factory=set)
    read: Counter[str] = field(default_factory=Counter)  # id -> reads answered
    odd: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)


class Writer(threading.Thread):
    """One client: does one thing after the other until told to stop; what is not answered is unsure, and it goes on."""

    shared = count(1)

    def __init__(self, station: Station, number: int, told: Told, stop: threading.Event) -> None:
        super().__init__(daemon=True, name=f"writer-{number}")
        self.station, self.number, self.told, self.stop = station, number, told, stop
        self.dice, self.marks = random.Random(number), count(1)
        self.line: http.client.HTTPConnection | None = None
        self.token, self.patient, self.mine = "", "", f"counter-{number}"
        self.done = 0  # answers so far
        self.kept: list[str] = []  # results that may be deleted

    def run(self) -> None:
        """Write until stopped."""
        acts: list[Callable[[], None]] = [
            self.create, self.create_once, self.create_once, self.raise_own, self.raise_shared, self.transaction, self.transaction, self.delete,
            self.new_patient, self.look,
        ]  # fmt: skip
        try:
            self.patient = self._sure("POST", "Patient", w.patient(f"BN-{self.number}"))[1].split("/")[-3]
            while not self.stop.is_set():
                self.dice.choice(acts)()
        finally:
            self._hang_up()

    def mark(self) -> str:
        """A mark nobody has used."""
        return f"w-{self.number}-{next(self.marks)}"

    def create(self) -> None:
        """Asked once: there is one where it was answered, one at most where not."""
        mark = self.mark()
        status, where = self._ask("POST", "Observation", self._result(mark))
        if status == 201:
            self._made(mark, where)
            self.kept.append(where.split("/")[-3])
        else:
            self.told.maybe.add(mark)

    def create_once(self) -> None:
        """Asked until answered, under a condition, half of the time beside the others: there is exactly one."""
        together = self.dice.random() < 0.5
        mark = f"s-{next(Writer.shared) // 3}" if together else self.mark()
        _, where = self._sure("POST", "Observation", self._result(mark), if_none_exist=f"identifier={MARKS}|{mark}")
        self._made(mark, where)

    def new_patient(self) -> None:
        """A new human, asked until answered."""
        mark = self.mark()
        doc = w.patient(mark, name=[{"family": "Lò", "given": [f"Thị {mark}"]}], birthDate=f"19{self.dice.randrange(30, 99)}-03-02")
        _, where = self._sure("POST", "Patient", doc)
        self._made(mark, where)

    def raise_own(self) -> None:
        """Add one to a counter nobody else writes."""
        self._raise(self.mine)

    def raise_shared(self) -> None:
        """Add one to the counter of all: whoever comes second is told so."""
        self._raise(SHARED)

    def _raise(self, id_: str) -> None:
        status, _ = self._ask("GET", f"Basic/{id_}")
        mark = self.mark()
        if status == 404:
            status, where = self._ask("PUT", f"Basic/{id_}", _counter(id_, 0, mark), if_none_match="*")
        elif status == 200:
            now = json.loads(self.body)
            self.told.read[id_] += 1
            value, version = int(now["code"]["coding"][0]["code"]), now["meta"]["versionId"]
            status, where = self._ask("PUT", f"Basic/{id_}", _counter(id_, value + 1, mark), if_match=f'W/"{version}"')
        else:
            return
        if status in {200, 201}:
            self.told.raised[mark] = (id_, int(where.rsplit("/", 1)[1]))
        elif status != 412:
            self.told.maybe.add(mark)

    def transaction(self) -> None:
        """A visit, two results of it and a line of a ledger: all four or none."""
        mark, visit = self.mark(), "urn:uuid:0c5a5c8e-3b7f-4f5e-9a52-0f5a2c3d4e5f"
        stay = {
            "resourceType": "Encounter", "identifier": [{"system": MARKS, "value": mark}], "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, "subject": {"reference": f"Patient/{self.patient}"},
            "period": {"start": "2026-03-02T08:00:00+07:00", "end": "2026-03-02T09:00:00+07:00"},
        }  # fmt: skip
        results = [{**self._result(mark), "encounter": {"reference": visit}} for _ in range(2)]
        ledger = _counter(f"ledger-{self.number}", 0, mark)
        entries = [{"request": {"method": "POST", "url": "Observation"}, "resource": one} for one in results]
        entries.append({"fullUrl": visit, "request": {"method": "POST", "url": "Encounter"}, "resource": stay})
        entries.append({"request": {"method": "PUT", "url": f"Basic/ledger-{self.number}"}, "resource": ledger})
        status, _ = self._ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        if status == 200:
            self.told.whole.add(mark)
        else:
            self.told.maybe.add(mark)

    def delete(self) -> None:
        """Asked until answered: deleting twice is as deleting once."""
        if self.kept:
            id_ = self.kept.pop(self.dice.randrange(len(self.kept)))
            status, _ = self._sure("DELETE", f"Observation/{id_}")
            (self.told.gone if status else self.told.maybe_gone).add(id_)

    def look(self) -> None:
        """Read: an answered look stands in the trail."""
        if self.kept:
            id_ = self.dice.choice(self.kept)
            status, _ = self._ask("GET", f"Observation/{id_}")
            self.told.read[id_] += status == 200

    def _result(self, mark: str) -> dict[str, Any]:
        return w.observation(self.patient, value=self.dice.randrange(90, 170), identifier=[{"system": MARKS, "value": mark}])

    def _made(self, mark: str, where: str) -> None:
        if where:
            self.told.made[mark].add(where.split("/")[-3])

    def _sure(self, method: str, path: str, doc: Any = None, **headers: str) -> tuple[int, str]:
        """Ask until there is an answer, or nobody wants to know any more."""
        while True:
            status, where = self._ask(method, path, doc, **headers)
            if status or self.stop.is_set():
                return status, where

    def _ask(self, method: str, path: str, doc: Any = None, **headers: str) -> tuple[int, str]:
        """The status and Location of an answer; 0 where there was none, and a moment's rest."""
        told = {"Content-Type": w.JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            self.line = self.line or http.client.HTTPConnection("127.0.0.1", self.station.port, timeout=60)
            self.token = self.token or self._sign_in(self.line)
            told["Authorization"] = f"Bearer {self.token}"
            self.line.request(method, f"/fhir/{path}".rstrip("/"), None if doc is None else json.dumps(doc), told)
            answer = self.line.getresponse()
            self.body = answer.read()
        except (OSError, http.client.HTTPException):
            self._rest()
            return 0, ""
        if answer.status == 401:  # the session is over
            self.token = ""
            self._rest()
            return 0, ""
        self.told.answered[f"{method} {answer.status}"] += 1
        if answer.status in _UNSURE:
            time.sleep(0.1)
            return 0, ""
        if answer.status not in {200, 201, 204, 404, 412}:
            self.told.odd.append(f"{method} {path}: {answer.status} {self.body[:300]!r}")
        self.done += 1
        return answer.status, answer.headers.get("Location", "")

    def _sign_in(self, line: http.client.HTTPConnection) -> str:
        account = self.station.account
        basic = base64.b64encode(f"{account['username']}:{account['secret']}".encode()).decode()
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
        line.request("POST", "/fhir/token", "grant_type=client_credentials", form)
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"no session: {answer.status}")
        return str(json.loads(body)["access_token"])

    def _rest(self) -> None:
        self._hang_up()
        time.sleep(0.1)

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None


def _counter(id_: str, value: int, mark: str) -> dict[str, Any]:
    return {"resourceType": "Basic", "id": id_, "code": {"coding": [{"system": MARKS, "code": str(value)}], "text": mark}}


ROWS: Final = """
SELECT rtype, coalesce(given_id, id::text), version, deleted, doc::text FROM resource WHERE NOT (rtype = 'Patient' AND id = person_id)
UNION ALL SELECT rtype, coalesce(given_id, id::text), version, deleted, doc::text FROM resource_history WHERE NOT (rtype = 'Patient' AND id = person_id)
"""
NOTED: Final = """
SELECT about_type, about_id, coalesce(version::integer, 0), tag FROM record_access
WHERE tag IN ('record:resource:put', 'record:resource:tombstone', 'record:resource:read') AND outcome = 'done'
"""
HALF: Final = {
    "locators without a resource": "SELECT count(*) FROM locator l WHERE NOT EXISTS"
    " (SELECT FROM resource r WHERE locator_key(r.rtype, coalesce(r.given_id, r.id::text)) = l.key AND r.person_id = l.person_id)",
    "resources without a locator": "SELECT count(*) FROM resource r WHERE NOT EXISTS"
    " (SELECT FROM locator l WHERE locator_key(r.rtype, coalesce(r.given_id, r.id::text)) = l.key AND r.person_id = l.person_id)",
    "names of nobody": "SELECT count(*) FROM search_text s WHERE NOT EXISTS (SELECT FROM locator l WHERE l.key = s.key)",
    "people without a compiled Patient": "SELECT count(*) FROM person p WHERE NOT EXISTS (SELECT FROM resource r WHERE r.rtype = 'Patient' AND r.id = p.id)",
    "visits without an opened record": "SELECT count(*) FROM resource r WHERE rtype = 'Encounter' AND NOT EXISTS (SELECT FROM relation v"
    " WHERE v.kind = 'visit' AND v.ground_id = coalesce(r.given_id, r.id::text) AND v.person_id = r.person_id)",
    "records opened without a visit": "SELECT count(*) FROM relation v WHERE ground_type = 'Encounter' AND NOT EXISTS (SELECT FROM resource r"
    " WHERE r.rtype = 'Encounter' AND v.ground_id = coalesce(r.given_id, r.id::text) AND v.person_id = r.person_id)",
}


def judge(station: Station, told: Told) -> list[str]:
    """Everything that is not as the clients were told, or half. Empty: every answered write is there once, and nothing else but what may be."""
    with station.connect() as conn:
        rows = conn.execute(ROWS).fetchall()
        noted = conn.execute(NOTED).fetchall()
        wrong = [f"{found} {name}" for name, text in HALF.items() for (found,) in conn.execute(text.encode()) if found]
    by_mark: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for rtype, id_, version, deleted, doc in rows:
        if not deleted:
            for mark in set(_MARK.findall(doc)):
                by_mark[mark].append((rtype, id_, version))
    return [*wrong, *_made(told, by_mark), *_whole(told, by_mark), *_versions(told, rows, by_mark), *_trail(told, rows, noted)]


def _made(told: Told, by_mark: dict[str, list[tuple[str, str, int]]]) -> Iterable[str]:
    for mark, ids in told.made.items():
        if len(ids) != 1 or [id_ for _, id_, _ in by_mark[mark]] != list(ids):
            yield f"{mark} was answered as {ids}, is there as {by_mark[mark]}"
    for mark in told.maybe:
        if len(by_mark[mark]) not in {0, 1, 4}:
            yield f"{mark} was not answered, is there as {by_mark[mark]}"


def _whole(told: Told, by_mark: dict[str, list[tuple[str, str, int]]]) -> Iterable[str]:
    for mark, found in by_mark.items():
        is_transaction = any(id_.startswith("ledger") for _, id_, _ in found) or any(rtype == "Encounter" for rtype, _, _ in found)
        if (is_transaction or mark in told.whole) and len(found) != 4:
            yield f"transaction {mark} is half there: {found}"
    yield from (f"transaction {mark} is not there" for mark in told.whole if not by_mark.get(mark))


def _versions(told: Told, rows: list[Any], by_mark: dict[str, list[tuple[str, str, int]]]) -> Iterable[str]:
    for mark, (id_, version) in told.raised.items():
        if by_mark[mark] != [("Basic", id_, version)]:
            yield f"update {mark} was answered as version {version} of {id_}, is there as {by_mark[mark]}"
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    living: dict[str, bool] = {}
    for rtype, id_, version, deleted, doc in rows:
        numbers[rtype, id_].append(version)
        living[id_] = living.get(id_, True) and not deleted
        if rtype == "Basic" and (id_ == SHARED or id_.startswith("counter")) and f'"code":"{version - 1}"' not in doc.replace('": "', '":"'):
            yield f"{id_} version {version} does not say {version - 1}: an update was lost"
    yield from (f"{ref} has the versions {found}" for ref, found in numbers.items() if sorted(found) != list(range(1, len(found) + 1)))
    yield from (f"{id_} was deleted and lives" for id_ in told.gone if living.get(id_, True))
    made = {id_ for ids in told.made.values() for id_ in ids}
    yield from (
        f"{id_} is deleted and nobody asked for it" for id_, alive in living.items() if not alive and id_ in made - told.gone - told.maybe_gone
    )


def _trail(told: Told, rows: list[Any], noted: list[Any]) -> Iterable[str]:
    written = Counter((rtype, id_, version, "tombstone" if deleted else "put") for rtype, id_, version, deleted, _ in rows)
    trail = Counter((rtype, id_, version, tag.rpartition(":")[2]) for rtype, id_, version, tag in noted if not tag.endswith("read"))
    yield from (f"in the tables and not in the trail: {one}" for one in (written - trail))
    yield from (f"in the trail and not in the tables: {one}" for one in (trail - written))
    looks = Counter(id_ for _, id_, _, tag in noted if tag.endswith("read"))
    yield from (f"{id_}: {number} looks answered, {looks[id_]} in the trail" for id_, number in told.read.items() if looks[id_] < number)
