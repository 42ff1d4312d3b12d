"""Fixtures of people's accounts: a facility in force, browsers, and a real identity provider."""

import base64
import contextlib
import hashlib
import hmac
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest
import requests
from django import conf
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from tests.npm import installed
from yba import accounts, directory
from yba.kit import clock
from yba.kit.db import unit_of_work

HERE = Path(__file__).parent / "provider"
PASSWORD = "con trâu xanh đi cày ruộng"
FACILITY, OTHER = "01013", "01028"


@pytest.fixture
def places(database, operator):
    """Two facilities the directory knows."""
    with unit_of_work(by=operator) as conn:
        directory.ensure_many(conn, by=operator, seen_at=clock.now(), facilities=[FACILITY, OTHER])


@pytest.fixture
def browse():
    """A new browser at an address."""

    def make(address="10.20.0.5"):
        return Client(headers={"host": "localhost"}, REMOTE_ADDR=address)

    return make


@pytest.fixture
def joined(places, operator):
    """Opens an account and gives its one-time code."""

    def make(username, role="doctor", *, facility=FACILITY, by=operator, name="Lê Thị Mai", **post):
        with unit_of_work(by=by) as conn:
            return accounts.join(
                conn, by=by, username=username, display_name=name, post=accounts.Post(role, facility=facility, **post), reason="vào làm việc"
            )

    return make


@pytest.fixture
def inside(places, operator):
    """Makes 10.20.0.0/16 the network of a facility."""
    with unit_of_work(by=operator) as conn:
        accounts.set_networks(conn, by=operator, facility=FACILITY, networks=["10.20.0.0/16"])


def users():
    """The accounts, as Django knows them."""
    return get_user_model().objects


def first_sign_in(browser, handover, password=PASSWORD):
    """Use a one-time code."""
    given = {"username": handover.username, "code": handover.code, "password1": password, "password2": password}
    return browser.post("/accounts/recover/", given)


def code_of(secret, at=None):
    """What an authenticator app shows (RFC 6238)."""
    counter = struct.pack(">Q", int(at or time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in(browser, username, password=PASSWORD):
    """Sign in with a password."""
    return browser.post("/accounts/login/", {"login": username, "password": password})


def is_in(browser):
    """Whether somebody is signed in and owes nothing."""
    answer = browser.get("/accounts/password/change/")
    return answer.status_code == 200


@pytest.fixture(scope="session")
def provider_process():
    """npm's oidc-provider, installed once by lock file under var/, on a free port."""
    cache = installed(HERE)
    shutil.copyfile(HERE / "provider.mjs", cache / "provider.mjs")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    callbacks = ",".join(f"http://localhost/accounts/oidc/{name}/login/callback/" for name in ("vneid", "so-y-te"))
    process = subprocess.Popen(
        [shutil.which("node"), "provider.mjs", str(port), callbacks], cwd=cache, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout.readline().strip() == "ready"
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class IdentityProvider:
    """The provider as a test uses it: says who signs in and which tokens are bad."""

    def __init__(self, issuer):
        self.issuer = issuer

    def says(self, bad="", **person):
        """Set the next person and the fault of the next token."""
        requests.post(f"{self.issuer}/control", json={"person": person, "bad": bad}, timeout=10).raise_for_status()

    def question(self, browser, name="vneid", **more):
        """Leave for the provider: the address it is asked at."""
        answer = browser.post(f"/accounts/oidc/{name}/login/", more)
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]

    def answer(self, question):
        """Walk through the provider's pages until it sends back: path and query of the callback."""
        with requests.Session() as session:
            place = question
            for _ in range(8):
                place = requests.compat.urljoin(question, session.get(place, allow_redirects=False, timeout=10).headers["Location"])
                if place.startswith("http://localhost/accounts/"):
                    return place.removeprefix("http://localhost")
        raise AssertionError(place)

    def sign_in(self, browser, name="vneid"):
        """Sign in through the provider and give the last answer of ours."""
        return browser.get(self.answer(self.question(browser, name)))


@pytest.fixture
def identity_provider(provider_process, tmp_path):
    """The provider, told to the platform as one for citizens and one for staff."""
    with contextlib.ExitStack() as stack:
        path = tmp_path / "oidc.toml"
        path.touch(mode=0o600)
        path.write_text(CONFIG.replace("ISSUER", provider_process), "utf-8")
        found = accounts.providers.read(path)
        told = accounts.providers.for_allauth(found)
        stack.enter_context(override_settings(YBA_PROVIDERS=found, SOCIALACCOUNT_PROVIDERS=told))
        assert found == conf.settings.YBA_PROVIDERS
        yield IdentityProvider(provider_process)


CONFIG = """
[[provider]]
id = "vneid"
for = "citizens"
name = "VNeID"
issuer = "ISSUER"
client_id = "yba"
secret = "a-secret-of-the-test-client-0123456789"
levels = ["1", "2"]
minimum = "2"
[provider.claims]
number = "citizen_number"
name = "name"
birth = "birthdate"
level = "loa"

[[provider]]
id = "so-y-te"
for = "staff"
name = "Sở Y tế"
issuer = "ISSUER"
client_id = "yba"
secret = "a-secret-of-the-test-client-0123456789"
levels = ["1", "2"]
minimum = "1"
[provider.claims]
username = "preferred_username"
level = "loa"
"""
