"""A malicious client of one facility at the gateway: filing for others, looking at others, exhausting memory, confusing the door."""

import base64
import io
import zipfile

import pytest
from django.test import RequestFactory

from tests.gateway.test_shapes import Hospital, hospital, open_account  # noqa: F401  fixtures
from tests.ingest.builder import file_of, tables
from tests.ingest.test_attacks import check_in, foreign_files, lone
from yba import access, audit, ingest
from yba.gateway import door, plain
from yba.gateway import urls as gateway_urls
from yba.gateway.answers import plain_fault
from yba.gateway.edge import admit, speaking
from yba.kit import Actor, Grant
from yba.kit.db import reading

OPERATOR = Actor.operator()


def archive_of(*files, method=zipfile.ZIP_DEFLATED):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        for number, data in enumerate(files):
            file.writestr(f"{number}.xml", data)
    return held.getvalue()


def filed():
    with reading(by=OPERATOR) as conn:
        return [conn.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in ("message", "claim", "check_in")]  # noqa: S608  # constants


@pytest.fixture
def client(hospital):  # noqa: F811
    hospital.sign_in()
    return hospital


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in foreign_files()])
def test_nothing_of_another_facility_is_even_kept(client, data):
    post = {"content_type": "application/xml", "headers": client.bearer()}
    assert client.http.post("/intake/claims", data, **post).status_code == 403
    zipped = client.http.post("/intake/claims", archive_of(data, data), **post).json()
    assert {one["error"] for one in zipped["files"]} == {"wrong-facility"}
    for path, number in (("guiHoSoXmlQD3176", "130"), ("checkInKcbQd3176", "0")):
        assert client.send(data, path=f"/api/qd130/{path}", number=number).json()["maKetQua"] in {"403", "202"}
    assert filed() == [0, 0, 0]


@pytest.mark.parametrize("data", [lone("11001"), check_in("11001"), b"<x/>"])
def test_who_sent_it_gets_its_receipt_and_nobody_else(client, open_account, data):  # noqa: F811
    other = Hospital(open_account("99999"))
    other.sign_in()
    code = client.http.post("/intake/claims", data, content_type="application/xml", headers=client.bearer()).json()["transaction"]
    ingest.process(by=OPERATOR)
    for path in (f"/intake/transactions/{code}", f"/api/kcb/tra-cuu-trang-thai/{code}"):
        assert client.http.get(path, headers=client.bearer()).status_code == 200
        assert other.http.get(path, headers=other.bearer()).status_code == 404


def test_archives_of_one_call_share_one_limit(client):
    with door.MAX_FILE.set_to(100_000):
        bomb = archive_of(*[b"<x>" + b" " * 90_000 + b"</x>"] * 8)
        boundary = "b" * 20
        parts = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{n}.zip"\r\n\r\n'.encode() + bomb + b"\r\n" for n in range(5)
        )
        answer = client.http.post(
            "/intake/claims",
            parts + f"--{boundary}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=client.bearer(),
        )
    found = answer.json()["files"]
    assert found[-1]["error"] == "too-big"
    assert len(found) < 15  # 10 x 100 kB, not 5 x 8 x 90 kB


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_by_other_methods_are_refused(client, method):
    data = archive_of(file_of(tables()), method=method)
    answer = client.http.post("/intake/claims", data, content_type="application/zip", headers=client.bearer())
    assert (answer.status_code, answer.json()["error"]) == (422, "not-zip")


def test_a_nul_is_wrong_and_no_failure_of_ours(client):
    assert client.form("/api/token/take", {"username": "11001\0_BV", "password": "x"}).status_code == 401
    basic = "Basic " + base64.b64encode(b"1\0:x").decode()
    assert client.http.get("/intake/transactions/%00", headers={"Authorization": basic}).status_code == 401
    assert client.http.get("/intake/transactions/%00", headers=client.bearer()).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "11001"])
def test_an_unknown_host_name_gets_nothing(client, host):
    answer = client.http.get("/", headers={"Host": host})
    assert answer.status_code in {400, 403}
    assert b"<form" not in answer.content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_of_a_million_empty_claims_is_refused_before_it_is_read(client, encoding):
    data = ("<GIAMDINHHS><THONGTINHOSO>" + "<HOSO/>" * (door.MAX_CLAIMS + 1)).encode(encoding)
    answer = client.http.post("/intake/claims", data, content_type="application/xml", headers=client.bearer())
    assert (answer.status_code, answer.json()["error"]) == (413, "too-big")
    assert filed() == [0, 0, 0]


def test_every_address_declares_what_it_needs_and_an_undeclared_one_does_not_load():
    for one in gateway_urls.urlpatterns:
        declaration = access.declared(one.callback)
        assert declaration is not None, one.pattern
        assert bool(declaration.rights) is not ("token" in str(one.pattern)), "only signing in is open to all"
    with pytest.raises(TypeError, match="declares no right"):
        speaking(plain_fault, "GET")(lambda _request: None)


def test_a_client_without_the_right_is_refused_and_that_stands_in_the_trail(database, monkeypatch):
    robbed = Actor.facility_client("01234")
    robbed = robbed.acting_as(Grant("citizen"), purpose="own-record")
    request = RequestFactory().get("/intake/transactions/X")
    request.yba_needed = access.declared(plain.transaction)
    with pytest.raises(access.Denied):
        admit(request, robbed)
    operator = Actor.operator()
    with reading(by=operator) as conn:
        (refused,) = audit.trail(conn, by=operator, tag=audit.Tag.RIGHT_REFUSED)
    assert (refused.who, refused.about_id, refused.outcome) == ("client:01234", "ingest:receipt:read", "refused")
