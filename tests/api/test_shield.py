"""The shield before the API: TLS where it is a must, proxies' words only from proxies, security headers on every answer."""

import pytest

from tests.api import world as w
from yba.accounts import PROXIES
from yba.app.shield.proxies import TLS


def test_what_came_in_the_clear_does_not_seem_to_work(client):
    with TLS.set_to(True):
        answer = client.get("Patient/none")
        assert (answer.status, answer.codes) == (403, ["security"])
        with PROXIES.set_to(1):
            secure = client.get("metadata", x_forwarded_proto="https")
            assert secure.status == 200
            assert secure.headers["strict-transport-security"]
            assert secure.doc["implementation"]["url"] == "https://localhost/fhir"
            stranger = w.Client(client.token, address="203.0.113.7")
            assert stranger.get("metadata", x_forwarded_proto="https").status == 403


def test_an_address_somebody_claims_counts_only_from_our_proxy(client):
    client.get("Patient/none", x_forwarded_for="198.51.100.1")
    made = client.post("Patient", w.patient(), x_forwarded_for="198.51.100.1")
    with PROXIES.set_to(1):
        other = client.post("Patient", w.patient("P-2"), x_forwarded_for="198.51.100.2")
    assert (made.status, other.status) == (201, 201), other.data
    with w.unit_of_work(by=w.OPERATOR) as conn:
        seen = {row[0] for row in conn.execute("SELECT DISTINCT address FROM audit_event WHERE who = 'client:01013' AND address <> ''")}
    assert seen == {"127.0.0.1", "198.51.100.2"}


@pytest.mark.parametrize("path", ["metadata", "Patient/none", "Nothing/1", "token"])
def test_every_answer_is_kept_by_no_cache_and_runs_nothing(client, path):
    for who in (client, w.Client()):
        headers = who.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]
