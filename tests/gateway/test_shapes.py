"""Every shape a hospital's software speaks, against the real door and database."""

import base64
import hashlib
import io
import zipfile
from datetime import datetime
from urllib.parse import urlencode

import orjson
import pytest
from django.test import Client

from tests.ingest.builder import file_of, tables
from yba import accounts, audit, ingest
from yba.gateway import door
from yba.kit import Actor, clock
from yba.kit.db import reading, unit_of_work

OPERATOR = Actor.operator()
FORM = "application/x-www-form-urlencoded"
CLAIM = file_of(tables())
CHECK_IN = (
    "<?xml version='1.0' encoding='utf-8'?><CHI_TIEU_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB><TRANG_THAI_KCB><MA_LK>25.000001</MA_LK><STT>1</STT>"
    "<MA_BN>BN0001</MA_BN><HO_TEN>Nguyễn Thị Thử</HO_TEN><NGAY_SINH>195903120000</NGAY_SINH><GIOI_TINH>2</GIOI_TINH>"
    "<MA_DOITUONG_KCB>1.1</MA_DOITUONG_KCB><NGAY_VAO>202603100800</NGAY_VAO><MA_LOAI_KCB>01</MA_LOAI_KCB><MA_CSKCB>11001</MA_CSKCB>"
    "<NGAY_YL>202603100805</NGAY_YL></TRANG_THAI_KCB></DSACH_TRANG_THAI_KCB><CHUKYDONVI/></CHI_TIEU_TRANG_THAI_KCB>"
).encode()


class Hospital:
    """A simulated hospital system: what the known clients do, no more."""

    def __init__(self, made):
        self.http, self.username, self.facility = Client(raise_request_exception=False, HTTP_HOST="localhost"), made.username, made.facility
        self.md5 = hashlib.md5(made.secret.encode(), usedforsecurity=False).hexdigest().upper()
        self.key = None

    def form(self, path, fields, **headers):
        return self.http.generic("POST", path, urlencode(fields), content_type=FORM, headers=headers)

    def sign_in(self):
        answer = self.form("/api/token/take", {"username": self.username, "password": self.md5})
        self.key = answer.json().get("APIKey")
        return answer

    def headers(self):
        return {"accessToken": self.key["access_token"], "tokenId": self.key["id_token"], "passwordHash": self.md5.lower()}

    def send(self, data, path="/api/qd130/guiHoSoXmlQD3176", number="130", headers=None, **change):
        text = base64.b64encode(data).decode() if isinstance(data, bytes) else data
        fields = {"username": self.username, "loaiHoSo": number, "maTinh": self.facility[:2], "maCSKCB": self.facility, "fileHSBase64": text}
        return self.form(path, fields | change, **(headers or self.headers()))

    def bearer(self):
        return {"Authorization": "Bearer " + self.key["access_token"]}


@pytest.fixture
def open_account(database):
    def open_(facility):
        with unit_of_work(by=OPERATOR) as conn:
            return accounts.add_client(conn, by=OPERATOR, facility=facility)

    return open_


@pytest.fixture
def hospital(open_account):
    made = Hospital(open_account("11001"))
    made.sign_in()
    return made


def landed():
    with reading(by=OPERATOR) as conn:
        return conn.execute("SELECT count(*) FROM message").fetchone()[0]


# --- the insurer's shape


def test_the_session_has_the_insurers_keys_and_its_end_is_in_utc(hospital):
    answer = hospital.sign_in()
    assert answer.status_code == 200
    document = answer.json()
    assert document["maKetQua"] == "200"
    assert set(document["APIKey"]) == {"access_token", "id_token", "token_type", "username", "expires_in"}
    ends = datetime.fromisoformat(document["APIKey"]["expires_in"])
    assert 3500 < (ends - clock.now()).total_seconds() <= 3600


@pytest.mark.parametrize("edition", ["130", "4750", "3176"])
@pytest.mark.law("BHYT-DATA-R22")
def test_a_claim_is_received_with_the_four_keys_and_its_reply_is_kept_for_good(hospital, edition):
    answer = hospital.send(CLAIM, f"/api/qd130/guiHoSoXmlQD{edition}")
    document = answer.json()
    assert answer.status_code == 200
    assert set(document) == {"maKetQua", "maGiaoDich", "thoiGianTiepNhan", "thongDiep"}
    assert document["maKetQua"] == "200"
    assert abs((datetime.strptime(document["thoiGianTiepNhan"], "%Y%m%d%H%M%S").replace(tzinfo=clock.VIETNAM) - clock.now()).total_seconds()) < 60
    with reading(by=OPERATOR) as conn:
        kept = [entry for entry in audit.trail(conn, by=OPERATOR, about=document["maGiaoDich"]) if entry.tag == audit.Tag.INTAKE_REPLY.value]
    assert kept[0].detail["code"] == "200"
    assert kept[0].detail["message"] == document["thongDiep"]
    assert kept[0].detail["sha256"] == hashlib.sha256(CLAIM).hexdigest()
    # MA_LK and the version of the file hang on the transaction of the reply.
    ingest.process(by=Actor.system("test"))
    assert ingest.receipt(by=OPERATOR, transaction=document["maGiaoDich"]).claims[0].link == "25.000001"


def test_the_same_bytes_are_the_same_transaction(hospital):
    first, again = hospital.send(CLAIM).json(), hospital.send(CLAIM).json()
    assert first["maGiaoDich"] == again["maGiaoDich"]
    assert again["maKetQua"] == "200"
    assert "trước đó" in again["thongDiep"]
    assert landed() == 1
    assert hospital.send(file_of(tables(HO_TEN="Nguyễn Thị Khác"))).json()["maGiaoDich"] != first["maGiaoDich"]


@pytest.mark.law("BHYT-DATA-R03")
def test_a_check_in_is_a_status_with_a_transaction_and_never_a_claim(hospital):
    document = hospital.send(CHECK_IN, "/api/qd130/checkInKcbQd3176", "0").json()
    assert document["maKetQua"] == "200"
    assert "check-in" in document["thongDiep"]
    totals = ingest.process(by=Actor.system("test"))
    receipt = ingest.receipt(by=OPERATOR, transaction=document["maGiaoDich"])
    assert receipt.kind is ingest.MessageKind.CHECK_IN
    assert (receipt.claims, totals.claims_present) == ((), 0)
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE rtype = 'Claim'").fetchone() == (0,)


@pytest.mark.law("BHYT-DATA-R03")
@pytest.mark.parametrize(
    ("data", "path", "number"),
    [
        (CHECK_IN, "/api/qd130/guiHoSoXmlQD3176", "130"),
        (CLAIM, "/api/qd130/checkInKcbQd3176", "0"),
        (CLAIM, "/api/qd130/guiHoSoXmlQD3176", "0"),
        (CLAIM, "/api/qd130/guiDuLieuGdykQd130", "12"),
    ],
)
def test_a_message_of_another_kind_than_its_address_is_refused(hospital, data, path, number):
    document = hospital.send(data, path, number).json()
    assert (document["maKetQua"], document["maGiaoDich"]) == ("202", "")
    assert landed() == 0


@pytest.mark.parametrize("as_json", [False, True])
def test_json_and_a_bearer_token_do_as_well(hospital, as_json):
    fields = {"username": hospital.username, "loaiHoSo": 130, "maTinh": "11", "maCSKCB": "11001", "fileHSBase64": base64.b64encode(CLAIM).decode()}
    kind, body = ("application/json", orjson.dumps(fields)) if as_json else (FORM, urlencode(fields))
    answer = hospital.http.generic("POST", "/api/qd130/guiHoSoXmlQD130", body, content_type=kind, headers=hospital.bearer())
    assert answer.json()["maKetQua"] == "200"


def test_blanks_are_plus_signs_again(hospital):
    data = next(data for number in range(500) if b"+" in base64.b64encode(data := file_of(tables(HO_TEN=f"Nguyễn Thử {number}"))))
    body = "fileHSBase64=" + base64.b64encode(data).decode()  # not URL-encoded, as some clients send it
    answer = hospital.http.generic("POST", "/api/qd130/guiHoSoXmlQD130", body, content_type=FORM, headers=hospital.headers())
    assert answer.json()["maKetQua"] == "200"
    assert hospital.send(data).json()["maGiaoDich"] == answer.json()["maGiaoDich"]


# --- whose file


@pytest.mark.parametrize(
    "what",
    [
        {"maCSKCB": "11002"},
        {"maTinh": "12"},
        {"data": file_of(tables(MA_CSKCB="11002"))},
        {"data": file_of(tables(), tables("25.000002", MA_CSKCB="11002"))},
        {"data": CLAIM.replace(b"<MACSKCB>11001<", b"<MACSKCB>11002<")},
    ],
)
def test_a_token_never_files_for_another_facility(hospital, what):
    answer = hospital.send(what.pop("data", CLAIM), **what)
    assert (answer.status_code, answer.json()["maKetQua"]) == (403, "403")
    assert landed() == 0
    if "maTinh" not in what:
        with reading(by=OPERATOR) as conn:
            assert audit.trail(conn, by=OPERATOR, tag=audit.Tag.INTAKE_REFUSED)


def test_tokens_and_forms_of_two_accounts_do_not_mix(hospital, open_account):
    other = Hospital(open_account("11002"))
    other.sign_in()
    assert hospital.send(CLAIM, username=other.username).json()["maKetQua"] == "401"
    mixed = hospital.headers() | {"tokenId": other.key["id_token"]}
    assert hospital.send(CLAIM, headers=mixed).json()["maKetQua"] == "401"
    mixed = hospital.headers() | {"passwordHash": other.md5}
    assert hospital.send(CLAIM, headers=mixed).json()["maKetQua"] == "401"
    assert landed() == 0


def test_a_transaction_is_seen_by_its_facility_only(hospital, open_account):
    other = Hospital(open_account("11002"))
    other.sign_in()
    code = hospital.send(CLAIM).json()["maGiaoDich"]
    assert hospital.http.get(f"/intake/transactions/{code}", headers=hospital.bearer()).status_code == 200
    answer = other.http.get(f"/intake/transactions/{code}", headers=other.bearer())
    assert answer.status_code == 404
    assert "Thử" not in answer.text
    assert other.http.get(f"/api/kcb/tra-cuu-trang-thai/{code}", headers=other.bearer()).json()["maKetQua"] == "404"


# --- faults at once


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "204"),
        (b" ", "204"),
        ("@@@", "202"),
        (b"{}", "201"),
        (b"not xml at all", "201"),
        (b"<?xml version='1.0'?><HS><A/></HS>", "202"),
        (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><GIAMDINHHS>&b;</GIAMDINHHS>", "202"),
    ],
)
def test_faults_of_the_content_are_answered_at_once_in_the_four_keys(hospital, data, code):
    answer = hospital.send(data)
    assert answer.status_code == 200, "the insurer answers 200 and clients read maKetQua"
    assert set(answer.json()) == {"maKetQua", "maGiaoDich", "thoiGianTiepNhan", "thongDiep"}
    assert answer.json()["maKetQua"] == code
    assert answer.json()["thongDiep"]


@pytest.mark.parametrize(
    "headers", [{}, {"accessToken": "x", "tokenId": "y", "passwordHash": "z"}, {"Authorization": "Bearer"}, {"Authorization": "Basic !"}]
)
def test_without_a_session_nothing_is_taken(hospital, headers):
    answer = hospital.form("/api/qd130/guiHoSoXmlQD130", {"fileHSBase64": base64.b64encode(CLAIM).decode()}, **headers)
    assert (answer.status_code, answer.json()["maKetQua"]) == (401, "401")
    assert landed() == 0


def test_wrong_passwords_and_wrong_names_get_the_same_answer_and_end_in_a_lock(hospital):
    unknown = hospital.form("/api/token/take", {"username": "nobody", "password": "0" * 32})
    hospital.md5 = "0" * 32
    wrong = hospital.sign_in()
    assert (wrong.status_code, wrong.json()["thongDiep"]) == (unknown.status_code, unknown.json()["thongDiep"])
    assert wrong.status_code == 401
    for _ in range(9):
        hospital.sign_in()
    locked = hospital.sign_in()
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0


def test_twenty_megabytes_are_taken_and_more_than_the_limit_is_a_clear_413(hospital):
    big = CLAIM.replace(b"<CHUKYDONVI/>", b"<!--" + b"x" * (20 << 20) + b"--><CHUKYDONVI/>")
    assert hospital.send(big).json()["maKetQua"] == "200"
    with door.MAX_FILE.set_to(1 << 20):
        answer = hospital.send(big)
        assert (answer.status_code, answer.json()["maKetQua"]) == (413, "413")
        assert "lớn hơn" in answer.json()["thongDiep"]
        slightly = CLAIM.replace(b"<CHUKYDONVI/>", b"<!--" + b"x" * (1 << 20) + b"--><CHUKYDONVI/>")
        assert hospital.send(slightly).json()["maKetQua"] == "413"
    assert landed() == 1


def test_a_mistake_of_ours_says_the_file_was_not_taken_and_nothing_else(hospital, monkeypatch):
    def broken(**_):
        raise RuntimeError("Nguyễn Thị Thử 011159000001")

    monkeypatch.setattr(ingest, "land", broken)
    answer = hospital.send(CLAIM)
    assert (answer.status_code, answer.json()["maKetQua"]) == (500, "500")
    assert "CHƯA" in answer.json()["thongDiep"]
    assert "Thử" not in answer.text
    assert "Traceback" not in answer.text


def test_another_method_is_told_so(hospital):
    assert hospital.http.get("/api/token/take").status_code == 405
    assert hospital.http.get("/intake/claims").status_code == 405


# --- the Hà Nội axis


def test_the_axis_takes_several_files_and_each_stands_for_itself(hospital):
    login = {"username": hospital.username, "password": hospital.md5, "code": "11001"}
    answer = hospital.http.post("/api/auth/token/take", orjson.dumps(login), content_type="application/json")
    assert answer.json()["maKetQua"] is True
    token = answer.json()["apiKey"]
    assert set(token) == {"accessToken", "idToken", "tokenType", "username", "expiresIn"}
    files = [
        base64.b64encode(each).decode()
        for each in (CLAIM, b"\xef\xbb\xbf" + file_of(tables("25.000002")), b"junk", file_of(tables("25.3", MA_CSKCB="11002")))
    ]
    document = {"loaiHoSo": "130", "maTinh": "HN", "maCSKCB": "11001", "files": files}
    headers = {"Authorization": "Bearer " + token["accessToken"]}
    answer = hospital.http.post("/api/kcb/xml/qd3176/guiHoSoXml", orjson.dumps(document), content_type="application/json", headers=headers).json()
    assert (answer["maKetQua"], answer["totalSuccess"], answer["totalFailed"]) == ("200", 2, 2)
    assert [result["maKetQua"] for result in answer["fileResults"]] == ["200", "200", "201", "403"]
    assert "Tệp thứ 3" in answer["fileResults"][2]["thongDiep"]
    code = answer["fileResults"][0]["maGiaoDich"]
    state = hospital.http.get(f"/api/kcb/tra-cuu-trang-thai/{code}", headers=headers).json()
    assert (state["maGiaoDich"], state["trangThai"]) == (code, "received")
    ingest.process(by=Actor.system("test"))
    state = hospital.http.get(f"/api/kcb/tra-cuu-trang-thai/{code}", headers=headers).json()
    assert (state["trangThai"], state["tongHoSo"], state["hoSoTuChoi"]) == ("done", 1, 0)


def test_the_axis_refuses_the_code_of_another_facility(hospital):
    login = {"username": hospital.username, "password": hospital.md5, "code": "11002"}
    answer = hospital.http.post("/api/auth/token/take", orjson.dumps(login), content_type="application/json")
    assert (answer.status_code, answer.json()["maKetQua"]) == (403, False)


# --- the Điện Biên portal


def test_the_portal_answers_200_or_201_and_names_the_file(hospital):
    token = hospital.http.post("/api/token", {"username": hospital.username, "password": hospital.md5}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    good = hospital.http.post("/api/Cong130/CheckIn", {"files": [_named("a.xml", CLAIM), _named("b.xml", CHECK_IN)]}, headers=headers)
    assert (good.status_code, good.json()["trangThai"]) == (200, 1)
    assert good.json()["maGiaoDich"]
    bad = hospital.http.post("/api/Cong130/CheckIn", {"files": [_named("a.xml", CLAIM), _named("b.xml", b"junk")]}, headers=headers)
    assert (bad.status_code, bad.json()["trangThai"]) == (201, 2)
    assert "thứ 2" in bad.json()["thongDiep"]
    assert bad.json()["daTiepNhan"] == [good.json()["maGiaoDich"]]
    assert hospital.http.post("/api/Cong130/CheckIn", {"files": []}, headers=headers).json()["trangThai"] == 2


def _named(name, data):
    held = io.BytesIO(data)
    held.name = name
    return held


# --- the plain shape


def test_plain_xml_with_a_token_or_with_a_password(hospital, open_account):
    answer = hospital.http.post("/intake/claims", CLAIM, content_type="application/xml", headers=hospital.bearer())
    document = answer.json()
    assert (answer.status_code, document["claims_present"], document["again"], document["kind"]) == (200, 1, False, "claims")
    basic = "Basic " + base64.b64encode(f"{hospital.username}:{hospital.md5}".encode()).decode()
    again = hospital.http.post("/intake/claims", CLAIM, content_type="application/octet-stream", headers={"Authorization": basic}).json()
    assert (again["transaction"], again["again"]) == (document["transaction"], True)


def test_a_zip_is_taken_file_by_file(hospital):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.xml", CLAIM)
        file.writestr("../b.xml", file_of(tables("25.000002")))
        file.writestr("c.xml", b"junk")
    answer = hospital.http.post("/intake/claims", held.getvalue(), content_type="application/zip", headers=hospital.bearer())
    assert answer.status_code == 200
    assert (answer.json()["taken_in"], answer.json()["refused"]) == (2, 1)
    assert answer.json()["files"][2]["error"] == "not-xml"
    broken = hospital.http.post("/intake/claims", held.getvalue()[:60], content_type="application/zip", headers=hospital.bearer())
    assert (broken.status_code, broken.json()["error"]) == (422, "not-zip")


def test_multipart_files_are_taken(hospital):
    answer = hospital.http.post("/intake/claims", {"any": _named("a.xml", CLAIM)}, headers=hospital.bearer())
    assert answer.json()["file"] == "a.xml"


def test_the_receipt_tells_every_finding_by_cause_and_escapes_what_was_sent(hospital):
    name = "<script>alert('x')</script>"
    bad = file_of(*(tables(f"25.{number}", HO_TEN=name, GIOI_TINH="9", MA_BENH_CHINH="") for number in range(3)))
    code = hospital.http.post("/intake/claims", bad, content_type="text/xml", headers=hospital.bearer()).json()["transaction"]
    early = hospital.http.get(f"/intake/transactions/{code}", headers=hospital.bearer()).json()
    assert (early["state"], early["claims"]) == ("received", [])
    ingest.process(by=Actor.system("test"))
    document = hospital.http.get(f"/intake/transactions/{code}", headers=hospital.bearer()).json()
    assert document["state"] == "done"
    assert sum(document["counts"].values()) == 3
    sex = next(cause for cause in document["causes"] if cause["field"] == "GIOI_TINH")
    assert sex["count"] == 3
    page = hospital.http.get(f"/intake/transactions/{code}", headers=hospital.bearer() | {"Accept": "text/html"})
    assert page["Content-Type"].startswith("text/html")
    assert "GIOI_TINH" in page.text
    assert "Cách sửa:" in page.text
    assert "3 lần, 3 hồ sơ" in page.text
    assert "<script>" not in page.text
    assert hospital.http.get("/intake/transactions/NOTHING", headers=hospital.bearer()).status_code == 404
