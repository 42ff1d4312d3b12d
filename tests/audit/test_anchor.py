"""Time stamps by a real authority (openssl ts) over HTTP, asked and verified as RFC 3161 has it."""

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from yba import audit
from yba.audit import Note, Store, Tag, TroubleKind, anchor
from yba.kit import Actor
from yba.kit.db import unit_of_work

OPERATOR = Actor.operator()
CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = yba test root
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[stamper]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = this
[this]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(*words, given=b""):
    return subprocess.run([shutil.which("openssl"), *map(str, words)], input=given, capture_output=True, check=True).stdout


def make_authority(folder: Path):
    config = folder / "openssl.cnf"
    config.write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        folder / "root.key",
        "-out",
        folder / "root.pem",
        "-days",
        "30",
        "-config",
        config,
        "-extensions",
        "ca",
    )
    openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        folder / "tsa.key",
        "-out",
        folder / "tsa.csr",
        "-subj",
        "/CN=yba test stamper",
        "-config",
        config,
    )
    openssl(
        "x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-CAcreateserial", "-days", "30",
        "-extfile", config, "-extensions", "stamper", "-out", folder / "tsa.pem",
    )  # fmt: skip
    return config


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A time-stamp authority on a port of its own, as institutions run them."""
    folder = tmp_path_factory.mktemp("tsa")
    config = make_authority(folder)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            answer = openssl("ts", "-reply", "-config", config, "-queryfile", query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder / "root.pem"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sealed(database, var):
    """One seal over three rows."""
    with unit_of_work(by=OPERATOR) as conn:
        audit.note_many(conn, by=OPERATOR, rows=[Note(Tag.PAGE_READ, "Patient", str(i)) for i in range(3)])
    audit.seal(by=OPERATOR)
    return database


def kinds():
    return [trouble.kind for trouble in audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,)).troubles]


@pytest.mark.parametrize("rooted", [True, False])
def test_a_head_is_stamped_once_a_day_and_the_stamp_verifies(sealed, authority, rooted):
    address, root = authority
    with anchor.TSA.set_to(address), anchor.TSA_ROOTS.set_to(str(root) if rooted else ""):
        assert anchor.anchor(by=OPERATOR) == 2  # both stores have a seal
        assert anchor.anchor(by=OPERATOR) == 0
        assert kinds() == []
        with sealed.as_owner() as conn:
            conn.execute("UPDATE audit_anchor SET token = set_byte(token, 60, get_byte(token, 60) # 255)")
        assert kinds() == [TroubleKind.ANCHOR_WRONG]


def test_a_stamp_of_an_authority_that_is_not_trusted_is_not_kept(sealed, authority, tmp_path):
    make_authority(tmp_path)
    with anchor.TSA.set_to(authority[0]), anchor.TSA_ROOTS.set_to(str(tmp_path / "root.pem")):
        assert anchor.anchor(by=OPERATOR) == 0


def test_a_chain_rewritten_with_the_stolen_key_does_not_fit_its_stamp(sealed, authority):
    """Even with the log outside rewritten too: somebody else saw the head."""
    with anchor.TSA.set_to(authority[0]), anchor.TSA_ROOTS.set_to(str(authority[1])):
        anchor.anchor(by=OPERATOR)
        with sealed.as_owner() as conn:
            conn.execute("TRUNCATE record_access, audit_seal")
        (audit.heads.path()).unlink()
        with unit_of_work(by=OPERATOR) as conn:
            audit.note(conn, by=OPERATOR, tag=Tag.PAGE_READ, about_type="Patient", about_id="other")
        audit.seal(by=OPERATOR)
        assert TroubleKind.ANCHOR_WRONG in kinds()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://127.0.0.1:1/x"])
def test_an_authority_that_is_away_hinders_nothing(sealed, address):
    with anchor.TSA.set_to(address):
        assert anchor.anchor(by=OPERATOR) == 0
    assert kinds() == []


def test_without_an_authority_nobody_is_asked(sealed):
    assert anchor.anchor(by=OPERATOR) == 0
