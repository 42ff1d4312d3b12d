"""A hospital changes the address in its software, sends a day's claims, and reads what is wrong with them."""

import base64
import hashlib
import json
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from tests.ingest.builder import file_of, tables
from yba import accounts
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.operations.serving import serving

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class HospitalSystem:
    """What the known open-source clients do over HTTP: sign in, keep the pair, post the five fields, read four keys."""

    def __init__(self, port, username, password):
        self.port, self.username, self.md5 = port, username, hashlib.md5(password.encode(), usedforsecurity=False).hexdigest().upper()
        self.pair = None

    def post(self, path, body, headers):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        document = json.loads(answer.read())
        connection.close()
        return answer.status, document

    def take_token(self):
        status, document = self.post("/api/token/take", urlencode({"username": self.username, "password": self.md5}), FORM)
        assert (status, document["maKetQua"]) == (200, "200")
        self.pair = document["APIKey"]

    def submit(self, data, path="/api/qd130/guiHoSoXmlQD3176", number="130"):
        fields = {
            "username": self.username,
            "loaiHoSo": number,
            "maTinh": self.username[:2],
            "maCSKCB": self.username[:5],
            "fileHSBase64": base64.b64encode(data),
        }
        headers = FORM | {"accessToken": self.pair["access_token"], "tokenId": self.pair["id_token"], "passwordHash": self.md5.lower()}
        return self.post(path, urlencode(fields), headers)[1]

    def get(self, path, accept="application/json"):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": "Bearer " + self.pair["access_token"], "Accept": accept})
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer


@pytest.mark.law("BHYT-DATA-R22")
def test_from_the_changed_address_to_the_mended_claim(database):
    operator = Actor.operator()
    with unit_of_work(by=operator) as conn:
        made = accounts.add_client(conn, by=operator, facility="11001")
    with serving(database.env) as port:
        hospital = HospitalSystem(port, made.username, made.secret)
        hospital.take_token()
        codes = [hospital.submit(file_of(tables(f"26.{number:06}", GIOI_TINH="9")))["maGiaoDich"] for number in range(3)]
        again = hospital.submit(file_of(tables("26.000000", GIOI_TINH="9")))
        assert (again["maKetQua"], again["maGiaoDich"]) == ("200", codes[0])

        # Within seconds the receipt says, as no known gateway does, what to mend.
        receipt = _when_done(hospital, codes[0])
        assert [cause["field"] for cause in receipt["causes"] if cause["field"] == "GIOI_TINH"] == ["GIOI_TINH"]
        page = hospital.get(f"/intake/transactions/{codes[0]}", "text/html")
        assert "Cách sửa:" in page

        mended = hospital.submit(file_of(tables("26.000000")))
        receipt = _when_done(hospital, mended["maGiaoDich"])
        assert receipt["counts"] == {"accepted": 0, "unchanged": 0, "replaced": 1, "rejected": 0}
        assert not [cause for cause in receipt["causes"] if cause["field"] == "GIOI_TINH"]


def _when_done(hospital, code, patience=60.0):
    until = time.monotonic() + patience
    while True:
        receipt = json.loads(hospital.get(f"/intake/transactions/{code}"))
        if receipt["state"] == "done":
            return receipt
        assert time.monotonic() < until, receipt["state"]
        time.sleep(0.3)
