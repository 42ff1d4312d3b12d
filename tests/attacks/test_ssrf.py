"""The server fetches from addresses its operator wrote down and from no others: identity providers and time stamps."""

import ast
from pathlib import Path

import pytest

import yba
from tests.matrix import world as w
from yba import accounts
from yba.kit import Invalid

SRC = Path(yba.__file__).parent
# Every module that can open a connection to elsewhere, and whose address it is. A new one must be judged here.
MAY_FETCH = {
    "accounts/signin": "identity providers of VAR/keys/oidc.toml, https only",
    "identity/registers": "the population database of YBA_POPULATION and the insurer's gateway of YBA_CARD, https only, no redirects",
    "audit": "the time-stamping authority of YBA_AUDIT_TSA",
    "warehouse/lake/mirror": "the S3-compatible server of YBA_LAKE_ENDPOINT, https only but on this machine; keys are the settings' alone",
    "operations/bench_reading.py": "the bench's own servers on loopback",
    "operations/serving.py": "the server it started itself on loopback, for benches and journeys",
}
CLIENTS = {
    "requests",
    "urllib.request",
    "http.client",
    "httpx",
    "aiohttp",
    "urllib3",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc.client",
    "obstore",
    "boto3",
}
PROVIDER = """
[[provider]]
id = "a"
for = "staff"
name = "a"
issuer = "ISSUER"
client_id = "a"
secret = "s"
levels = ["1"]
minimum = "1"
[provider.claims]
username = "u"
level = "l"
"""


def fetchers():
    found = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":  # what is loaded late
                names = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if CLIENTS & set(names):
                found.add(str(path.relative_to(SRC)))
    return found


def test_no_other_module_opens_connections():
    assert {one for one in fetchers() if not one.startswith(tuple(MAY_FETCH))} == set()


@pytest.mark.parametrize(
    "issuer",
    [
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "gopher://x",
        "ftp://id.example",
        "//id.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.nip.io",
        "",
    ],
)
def test_a_provider_is_https_or_this_machine(tmp_path, issuer):
    path = tmp_path / "oidc.toml"
    path.touch(mode=0o600)
    path.write_text(PROVIDER.replace("ISSUER", issuer), "utf-8")
    with pytest.raises(Invalid):
        accounts.providers.read(path)


@pytest.mark.parametrize("field", ["issuer", "server_url", "discovery", "jwks_uri", "redirect_uri", "next", "url", "iss", "request_uri"])
def test_who_asks_the_page_chooses_no_address(migrated, field):
    """No provider is set up here: whatever is sent, nothing is fetched, and nobody is led elsewhere."""
    for name in ("vneid", "x", "http:%2F%2F169.254.169.254"):
        for path in (f"/accounts/oidc/{name}/login/", f"/accounts/oidc/{name}/login/callback/"):
            for answer in (w.browser().get(path, {field: "http://169.254.169.254/"}), w.browser().post(path, {field: "http://169.254.169.254/"})):
                assert answer.status_code in {302, 400, 403, 404, 405}
                assert "169.254" not in answer.get("Location", "").partition("?")[0]
