"""The pages over HTTP: who may open them, what is written down, what the headers promise."""

from uuid import UUID

import orjson
import pytest
from django.test import Client

from yba import audit, record
from yba.kit import Actor, clock
from yba.operations.bench_record import puts
from yba.operations.sample_record import PERSON, sample_record

OPERATOR = Actor.operator()


@pytest.fixture
def client(conn):
    record.put_many(conn, by=OPERATOR, puts=puts(sample_record(120, last=clock.today()), UUID(int=1)))
    return Client(HTTP_HOST="localhost")


@pytest.mark.parametrize(
    "change",
    [
        {"REMOTE_ADDR": "10.0.0.5"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "::ffff:10.0.0.5"},
        {"HTTP_X_FORWARDED_FOR": "10.0.0.5"},
        {"HTTP_FORWARDED": "for=10.0.0.5"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", f"/record/{PERSON}", "/record/011159001234"])
def test_only_a_browser_at_this_machine_sees_a_page(client, path, change):
    answer = client.get(path, **change)
    assert answer.status_code == 403
    assert "NGUYỄN" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "yba.dienbien.gov.vn"])
def test_another_name_for_this_machine_is_refused(client, host, settings_hosts):
    answer = client.get(f"/record/{PERSON}", HTTP_HOST=host)
    assert answer.status_code in {400, 403}
    assert "NGUYỄN" not in answer.text


@pytest.fixture
def settings_hosts():
    """Even where the installation is called by these names from outside."""
    from django.test import override_settings  # noqa: PLC0415  # needs Django's settings

    with override_settings(ALLOWED_HOSTS=["*"]):
        yield


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machines_own_names_open_the_page(client, host):
    answer = client.get(f"/record/{PERSON}", HTTP_HOST=host, REMOTE_ADDR="::1" if "::" in host else "127.0.0.1")
    assert answer.status_code == 200
    assert "NGUYỄN THỊ MAI" in answer.text


@pytest.mark.parametrize("number", ["011159001234", "0111 5900 1234", "1112345678", "GD4111112345678"])
def test_a_number_leads_to_an_address_that_says_nothing(client, number):
    answer = client.post("/", {"number": number})
    assert (answer.status_code, answer["Location"]) == (302, f"/record/{PERSON}")
    assert client.get(f"/record/{number}")["Location"] == f"/record/{PERSON}"


def test_a_wrong_number_is_said_kindly(client):
    for answer in (client.post("/", {"number": "999"}), client.get("/record/999"), client.get(f"/record/{UUID(int=9)}"), client.post("/", {})):
        assert answer.status_code == 404
        assert "Không có hồ sơ nào mang số này" in answer.text


def test_every_view_and_every_search_is_in_the_trail(client, conn):
    def tags():
        return [row[0] for row in conn.execute("SELECT tag FROM audit_event WHERE person_id = %s ORDER BY id", (PERSON,)).fetchall()]

    before = len(tags())
    client.get(f"/record/{PERSON}")
    assert tags()[before:] == [audit.Tag.PAGE_READ.value]
    client.post("/", {"number": "011159001234"})
    assert audit.Tag.PERSON_FIND.value in tags()[before + 1 :]
    found = conn.execute("SELECT count(*) FROM audit_event WHERE tag = %s AND person_id IS NULL", (audit.Tag.PERSON_FIND.value,)).fetchone()
    client.post("/", {"number": "999"})
    assert conn.execute("SELECT count(*) FROM audit_event WHERE tag = %s AND person_id IS NULL", (audit.Tag.PERSON_FIND.value,)).fetchone() == (
        found[0] + 1,
    )
    trail = str(conn.execute("SELECT a::text FROM audit_event a").fetchall())
    assert "011159001234" not in trail, "the trail names people by id"


def test_pages_are_not_kept_framed_or_fed_from_elsewhere(client):
    answer = client.get(f"/record/{PERSON}")
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert client.delete("/").status_code == 405
    assert client.post(f"/record/{PERSON}").status_code == 405


def test_the_search_form_needs_its_token(client):
    strict = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    assert strict.post("/", {"number": "011159001234"}).status_code == 403
    token = strict.get("/").text.split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post("/", {"number": "011159001234", "csrfmiddlewaretoken": token}).status_code == 302


def test_english_and_all_visits_are_a_link_away(client):
    assert "Open a health record" in client.get("/?lang=en").text
    assert client.post("/?lang=en", {"number": "011159001234"})["Location"].endswith("?lang=en")
    assert "years old" in client.get(f"/record/{PERSON}?lang=en&all=1").text
    assert '<html lang="vi">' in client.get(f"/record/{PERSON}", HTTP_ACCEPT_LANGUAGE="en-US").text, "an English Windows is no English reader"


def test_the_bundle_holds_everything_with_its_decimals_and_redacts_by_label(client, conn):
    source = UUID(int=2)
    labelled = sample_record(16, last=clock.today())[15]
    labelled.id, labelled.labels = "secret", ("hiv",)
    labelled.doc["id"] = "secret"
    record.put_many(conn, by=OPERATOR, puts=puts([labelled], source))
    text = record.bundle_of(conn, by=OPERATOR, person_id=UUID(PERSON)).decode()
    bundle = orjson.loads(text)
    assert bundle["type"] == "searchset"
    assert bundle["total"] == len(bundle["entry"]) == 121
    assert bundle["entry"][0]["resource"]["resourceType"] == "Patient"
    assert '"value":28.0' in text
    secret = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["id"] == "secret")
    assert set(secret) == {"resourceType", "id", "meta"}
    assert secret["meta"]["security"][0]["code"] == "REDACTED"


def test_a_facility_sees_its_own_part_only(client, conn):
    page = record.page_of(conn, by=Actor.facility_client("11002"), person_id=UUID(PERSON))
    assert {visit.facility for visit in page.visits} == {"11002"}
