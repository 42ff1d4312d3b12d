"""A client of the API in this process: the same WSGI application the server runs behind its shield, and people who may use it."""

import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import orjson
from django.db import connections

from yba import accounts, api, directory
from yba.accounts import Post
from yba.app import shield
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.operations import NoPace

HERE, THERE = "01013", "01028"
JSON, XML = "application/fhir+json", "application/fhir+xml"
CITIZEN = "http://yba.test/none"
EDGE = Actor.system("test")
OPERATOR = Actor.operator()
_numbers = itertools.count(1)


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def doc(self):
        return orjson.loads(self.data)

    @property
    def codes(self):
        """The issue codes of an OperationOutcome."""
        assert self.doc["resourceType"] == "OperationOutcome", self.data[:300]
        return [one["code"] for one in self.doc["issue"]]

    @property
    def id(self):
        return self.headers["location"].split("/")[-3]


@dataclass
class Client:
    """Speaks to the application with a token, or without."""

    token: str = ""
    pace: object = field(default_factory=NoPace)
    address: str = "127.0.0.1"

    def ask(self, method, path, body=None, *, kind=JSON, chunked=False, **headers):
        """Ask; ``path`` with its query, ``body`` a document or bytes; headers with _ for -; ``chunked``: in pieces, no length told."""
        path, _, query = path.partition("?")
        data = b"" if body is None else body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else orjson.dumps(body)
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": "/fhir" + (f"/{path}" if path else ""), "QUERY_STRING": query, "REMOTE_ADDR": self.address,
            "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO(data), "wsgi.url_scheme": "http", "CONTENT_LENGTH": str(len(data)),
        }  # fmt: skip
        if body is not None:
            environ["CONTENT_TYPE"] = kind
        if chunked:
            environ |= {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
        if self.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        told = {}

        def start(status, found, error=None):
            told["status"], told["headers"] = int(status.split()[0]), {name.lower(): value for name, value in found}

        data = b"".join(shield.shielded(api.Application(api.table(), self.pace))(environ, start))
        return Reply(told["status"], told["headers"], data)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body, **headers)

    def put(self, path, body, **headers):
        return self.ask("PUT", path, body, **headers)


def software(facility=HERE):
    """A facility's software with a session, as POST /fhir/token gives it."""
    with unit_of_work(by=OPERATOR) as conn:
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=[facility])
        made = accounts.add_client(conn, by=OPERATOR, facility=facility)
        opened = accounts.open_session(conn, by=EDGE, username=made.username, password=made.secret, address="127.0.0.1")
    return Client(opened.access_token)


def person(role, *, facility=HERE, proven=True, **places):
    """Somebody with a role and a token made after the second factor."""
    with unit_of_work(by=OPERATOR) as conn:
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=[HERE, THERE])
        post = Post(role, facility=facility, **places)
        account = accounts.join(
            conn, by=OPERATOR, username=f"u{next(_numbers)}.{role}", display_name="Người Thử", post=post, reason="kiểm thử"
        ).account
    own = Actor.user(account, [], purpose="treatment")
    with unit_of_work(by=own) as conn:
        made = accounts.make_token(conn, by=own, account=account, name="kiểm thử", hours=1, proven=proven)
    return Client(made.token), account


def patient(number="P-1", **more):
    """A Patient as a hospital's software sends it."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "http://benhvien.test/ma-bn", "value": number}],
        "name": [{"family": "Nguyễn", "given": ["Thị", "Mai"]}],
        "gender": "female",
        "birthDate": "1985-03-02",
        **more,
    }


def observation(patient_id, code="718-7", value=13.5, **more):
    """A result of a Patient."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": "2026-03-02T08:00:00+07:00",
        "valueQuantity": {"value": value, "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL"},
        **more,
    }


def status_by_path(status):
    """A FHIRPath Patch that gives an Observation another status."""
    part = [{"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "Observation.status"}, {"name": "value", "valueCode": status}]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": part}]}


def at_once(act, times=8):
    """Do ``act(number)`` in as many threads at once; what each gave, in their order, or the first failure."""

    def one(number):
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def persons_of(rtype, ident):
    """Whose records a resource stands in."""
    with unit_of_work(by=OPERATOR) as conn:
        return [row[0] for row in conn.execute("SELECT person_id FROM resource WHERE rtype = %s AND id::text = %s", (rtype, ident))]
