"""Nothing that somebody sends makes the server call anywhere: a listener that must stay silent, and every way of naming an address we know."""

import socket
import threading

import pytest
from django.test import Client

from tests.ingest.builder import file_of, tables
from yba import accounts, ingest
from yba.kit import Actor
from yba.kit.db import unit_of_work

OPERATOR = Actor.operator()
NAMING = {
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]><GIAMDINHHS>&e;</GIAMDINHHS>',
    "external definition": '<!DOCTYPE GIAMDINHHS SYSTEM "{url}">{file}',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "{url}"> %p;]>{file}',
    "file entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><GIAMDINHHS>&e;</GIAMDINHHS>',
    "xinclude": '<GIAMDINHHS xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}"/></GIAMDINHHS>',
    "schema": '<GIAMDINHHS xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{url}"/>',
    "style sheet": '<?xml-stylesheet href="{url}" type="text/xsl"?>{file}',
    "signature reference": (
        '<GIAMDINHHS><CHUKYDONVI><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>'
        '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        '<Reference URI="{url}"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AAAA</DigestValue></Reference></SignedInfo>'
        '<SignatureValue>AAAA</SignatureValue><KeyInfo><RetrievalMethod URI="{url}"/></KeyInfo></Signature></CHUKYDONVI></GIAMDINHHS>'
    ),
}


@pytest.fixture
def listener():
    """An address of this machine, and who called it."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def hear():
            while not over.is_set():
                try:
                    taken, _ = server.accept()
                except TimeoutError:
                    continue
                calls.append(taken)
                taken.close()

        thread = threading.Thread(target=hear)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", calls
        over.set()
        thread.join()


def document(kind, url):
    return NAMING[kind].replace("{url}", url).replace("{file}", file_of(tables()).decode().partition("?>")[2]).encode()


@pytest.mark.parametrize("kind", NAMING)
def test_a_file_that_names_an_address_is_read_without_going_there(database, listener, kind):
    url, calls = listener
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=document(kind, url), filename="a.xml", sender="x")
    ingest.process(by=OPERATOR)
    receipt = ingest.receipt_text(ingest.receipt(by=OPERATOR, transaction=landing.transaction))
    assert calls == []
    assert "root:" not in receipt


def test_the_gateway_and_the_pages_go_nowhere_either(database, listener):
    url, calls = listener
    with unit_of_work(by=OPERATOR) as conn:
        made = accounts.add_client(conn, by=OPERATOR, facility="11001")
    browser = Client(headers={"host": "localhost"}, raise_request_exception=False)
    taken = browser.post("/api/token/take", {"username": made.username, "password": made.secret, "url": url}, content_type="application/json")
    assert taken.status_code == 200
    for kind in NAMING:
        browser.post("/intake/claims", document(kind, url), content_type="application/xml", headers={"X-Callback": url})
    for address in (f"/accounts/oidc/{url}/login/", f"/accounts/login/?next={url}", f"/?{url}", "/accounts/oidc/vneid/login/"):
        browser.get(address)
        browser.post(address, {"process": "login", "next": url, "issuer": url, "server_url": url, "jwks_uri": url})
    assert calls == []


def test_the_listener_hears(listener):
    url, calls = listener
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) as caller:
        assert caller.recv(1) == b""
    assert len(calls) == 1
