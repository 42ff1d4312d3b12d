"""The bench of the FHIR API reads answers whole, counts only right ones, refuses to report alone, and its visits are valid and stored."""

import importlib
import socket
import threading

import orjson
import pytest

from tests.api import world as w
from yba.fhir import errors
from yba.kit import Internal, Invalid
from yba.operations import bench_fhir_data as data
from yba.operations.bench_fhir_servers import CONNECTIONS, OWN, Server, _installed
from yba.operations.bench_fhir_wire import Ask, Reply, Wire, answer, drive

bench = importlib.import_module("yba.operations.bench_fhir")  # the room exports a function of the same name
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    ("told", "body"),
    [
        (OK, b"{}"),
        (b"HTTP/1.1 204 No Content\r\nx: y\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", b""),
    ],
)
def test_an_answer_is_taken_when_it_is_whole_and_not_before(told, body):
    assert answer(told).body == body
    assert answer(told).status == int(told[9:12])
    assert all(answer(told[:cut]) is None for cut in range(len(told)))


class Echo(threading.Thread):
    """Answers every request with the same bytes, in two pieces."""

    def __init__(self, told):
        super().__init__(daemon=True)
        self.told, self.heard, self.serving = told, [], []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listening.getsockname()[1]}/fhir"

    def run(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return  # closed: the test is over
            self.serving.append(threading.Thread(target=self.serve, args=(connection,), daemon=True))
            self.serving[-1].start()

    def serve(self, connection):
        with connection:
            while got := connection.recv(1 << 16):
                self.heard.append(got)
                connection.sendall(self.told[:20])
                connection.sendall(self.told[20:])

    def end(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for one in [self, *self.serving]:
            one.join(10)


@pytest.fixture
def served():
    made = []

    def serve(told):
        made.append(Echo(told))
        made[-1].start()
        return made[-1]

    yield serve
    for one in made:
        one.end()


def test_every_connection_is_kept_busy_and_every_answer_timed(served):
    echo = served(OK)
    wires = [Wire(echo.base, "abc") for _ in range(3)]
    replies = []
    timing = drive(wires, lambda nth: Ask("POST", f"X{nth}", b"{}"), lambda _, reply: replies.append(reply), most=30)
    for wire in wires:
        wire.close()
    assert len(timing.answers) == len(replies) == len(echo.heard) == 30
    assert {reply.body for reply in replies} == {b"{}"}
    assert all(one.startswith(b"POST /fhir/X") and b"Authorization: Bearer abc\r\n" in one for one in echo.heard)


def test_a_server_that_hangs_up_is_not_measured(served):
    wire = Wire(served(OK).base)
    wire.close()
    wire.socket, other = socket.socketpair()
    with wire.socket, other:
        other.shutdown(socket.SHUT_WR)
        with pytest.raises(Internal):
            wire.ask(Ask("GET", "x"))


def test_an_address_that_is_not_plain_http_is_refused():
    with pytest.raises(Invalid):
        Wire("https://example.org/fhir")


def server(name, echo):
    return Server(name, echo.base, lambda _: "")


def side(name, echo):
    made = bench.Side(server(name, echo))
    made.visits = [[bench.Visit(data.Person(nth), {"Observation": ["1"], "Patient": ["2"], "Encounter": ["3"]})] for nth in range(CONNECTIONS)]
    return made


def rows(*wanted):
    return {row.name: row for row in bench.ROWS if row.name in wanted}


def test_a_peer_that_answers_wrongly_has_no_figures_and_we_may_not(served):
    echo, good = served(OK), served(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"fullUrl":')
    row = rows("identifier")["identifier"]
    found = bench._race([side(OWN, good), side("peer", echo)], row, 0.05, 1)
    assert "per_s" in found[OWN]
    assert found["peer"]["wrong"].endswith("0 entries, not 1")
    assert bench.ratio(found) is None
    with pytest.raises(Internal, match="identifier"):
        bench._race([side(OWN, echo)], row, 0.05, 1)


def test_the_ratio_is_to_the_best_of_those_that_answer_rightly():
    found = {OWN: {"per_s": 300.0}, "a": {"per_s": 100.0}, "b": {"per_s": 150.0}, "c": {"wrong": "404"}}
    assert bench.ratio(found) == 2.0


def test_nothing_is_reported_without_a_peer(served):
    with pytest.raises(Invalid):
        bench.bench_fhir([server(OWN, served(OK))], resources=0, seconds=1, rounds=1)


def test_a_peer_that_cannot_be_installed_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Internal):
        _installed(tmp_path / "file" / "venv")


def test_what_is_sent_is_valid_and_a_whole_visit():
    sent = orjson.loads(data.visit(data.Person(77)))
    docs = [entry["resource"] for entry in sent["entry"]]
    assert len(docs) == data.RESOURCES == len({entry["fullUrl"] for entry in sent["entry"]})
    assert all(entry["request"]["url"] == entry["resource"]["resourceType"] for entry in sent["entry"])
    assert [errors(doc) for doc in docs] == [[]] * data.RESOURCES
    assert docs[0]["birthDate"] == data.Person(77).born
    assert {doc["subject"]["reference"] for doc in docs[1:]} == {sent["entry"][0]["fullUrl"]}
    assert data.visit(data.Person(77)) != data.visit(data.Person(78))


def test_every_row_is_answered_rightly_by_us(database):
    """The rows against the real application: what the bench expects of an answer is what a client gets."""
    client = w.software()
    made = bench.Side(Server(OWN, "http://127.0.0.1/fhir", lambda _: client.token))
    for number in range(3):
        sent = client.post("", data.visit(data.Person(number * 4)))
        assert sent.status == 200, sent.data[:500]
        bench._keep(made.visits[0], bench.Visit(data.Person(number * 4), bench._ids(sent.data)))
    made.numbers = 100
    pick = bench.random.Random(1)
    for row in bench.ROWS:
        ask = row.make(made, 0, pick)
        reply = client.ask(ask.method, ask.path, ask.body or None)
        assert reply.status in {200, 201}, (row.name, reply.data[:300])
        assert reply.data.count(b'"fullUrl"') >= row.least, row.name
        assert isinstance(Reply(reply.status, b"", reply.data).body, bytes)
