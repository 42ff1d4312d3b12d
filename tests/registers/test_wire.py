"""The one door to outside: TLS that is verified, credentials nobody else reads, addresses that stay what they are."""

import datetime as dt
import ipaddress
import ssl
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.registers.test_population import ALL_YES, ASKED, open_for, rows
from tests.registers.world import KEYS, hurried, reached, secrets_file
from yba.identity.registers import Outcome, RegisterError, settings, wire
from yba.kit import Invalid


def certificate(folder, *, host="127.0.0.1", days=10):
    """A certificate of its own authority for this machine, as two PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated axis")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "axis.pem", folder / "axis.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return pem, secret


@contextmanager
def behind_tls(folder, *, trusted=True, **made):
    pem, secret = certificate(folder, **made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    wire._context.cache_clear()
    with reached(folder) as server:
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        address = server.address.replace("http://", "https://")
        with settings.POPULATION.set_to(address), settings.REGISTERS_CA.set_to(str(pem) if trusted else ""):
            yield server


def test_a_register_behind_tls_of_a_known_authority(emptied, folder):
    with behind_tls(folder):
        assert open_for().verify(ASKED).matches == ALL_YES


@pytest.mark.parametrize("wrong", [{"trusted": False}, {"host": "10.0.0.1"}, {"days": -1}])
def test_a_certificate_that_is_not_trusted_not_the_hosts_or_over_ends_the_exchange(emptied, folder, monkeypatch, wrong):
    hurried(monkeypatch, answer_seconds=5)
    with behind_tls(folder, **wrong) as server:
        with pytest.raises(RegisterError) as error:
            open_for().verify(ASKED)
        assert (error.value.outcome, server.count) == (Outcome.AWAY, 0)  # nothing was said to it
    assert rows("outcome, attempts") == [("away", 1)]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_credentials_others_can_read_are_not_used(emptied, folder, mode):
    with reached(folder) as server:
        secrets_file(folder, KEYS["direct"], mode)
        with pytest.raises(Invalid, match="chmod 600"):
            open_for().verify(ASKED)
        assert server.count == 0


@pytest.mark.parametrize(
    "keys",
    [{}, {"username": "u"}, KEYS["direct"] | {"pasword": "s3cr3t"}, KEYS["licensed"]],
    ids=["none", "missing", "misspelt", "of the other mode"],
)
def test_a_credentials_file_that_is_not_whole_says_which_key_and_no_value(emptied, folder, keys):
    with reached(folder):
        secrets_file(folder, keys)
        with pytest.raises(Invalid) as error:
            open_for().verify(ASKED)
        assert not {value for value in keys.values() if value in str(error.value)} - {"u"}


def test_a_wrong_password_is_an_answer_of_its_own(emptied, folder):
    with reached(folder):
        secrets_file(folder, KEYS["direct"] | {"secret": "wrong"})
        with pytest.raises(RegisterError) as error:
            open_for().verify(ASKED)
        assert error.value.outcome is Outcome.REFUSED
        assert "wrong" not in str(error.value)
