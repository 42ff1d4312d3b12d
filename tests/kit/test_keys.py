"""The key ring: old versions keep opening, new things use the newest, processes see each other's changes, files alone open nothing when protected."""

import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from yba.kit import keys, settings
from yba.kit.errors import Conflict, Invalid
from yba.kit.keys import CannotOpen, Purpose, Ring

PHRASE = b"con trau an co o bo song"


@pytest.fixture
def ring(var):
    """The ring of an empty data folder."""
    return keys.ring()


@pytest.fixture
def phrase(tmp_path_factory):
    """A passphrase in a file, told to the platform."""
    path = tmp_path_factory.mktemp("safe") / "phrase"
    path.touch(0o600)
    path.write_bytes(PHRASE + b"\n")
    with settings.KEYS_PASSPHRASE_FILE.set_to(str(path)):
        yield path


def on_disk(ring):
    return b"".join(path.read_bytes() for path in sorted(ring.folder.rglob("*")) if path.is_file())


def test_after_rotation_old_things_open_and_new_things_use_the_new_key(ring):
    before = keys.seal_text("hạt giống", about="seed")
    assert ring.rotate(Purpose.SECRETS).version == 2
    after = keys.seal_text("hạt giống", about="seed")
    assert [keys.open_text(one, about="seed") for one in (before, after)] == ["hạt giống"] * 2
    ring.retire(Purpose.SECRETS, 1)
    assert keys.open_text(after, about="seed") == "hạt giống"
    with pytest.raises(CannotOpen, match="secrets-1 is retired"):
        keys.open_text(before, about="seed")


def test_a_retired_key_is_gone_from_the_disk_and_from_other_rings_of_the_folder(ring):
    sealed = keys.seal(b"x")
    secret = ring.current(Purpose.SECRETS).secret
    other = Ring(ring.folder)
    assert keys.open_(sealed, of=other) == b"x"
    ring.rotate(Purpose.SECRETS)
    ring.retire(Purpose.SECRETS, 1)
    assert secret not in on_disk(ring)
    assert keys.passphrase.text(secret).encode() not in on_disk(ring)
    keys.seal(b"y", of=other)  # its next use of the folder
    with pytest.raises(CannotOpen):
        keys.open_(sealed, of=other)


def test_the_key_in_use_cannot_be_retired(ring):
    keys.seal(b"x")
    with pytest.raises(Conflict):
        ring.retire(Purpose.SECRETS, 1)


@given(data=st.binary(max_size=200), at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_what_was_changed_does_not_open(tmp_path_factory, data, at, flip):
    ring = Ring(tmp_path_factory.getbasetemp() / "keys-of-one-run")
    sealed = bytearray(keys.seal(data, about="a", of=ring))
    assert keys.open_(bytes(sealed), about="a", of=ring) == data
    for about, purpose in (("b", Purpose.SECRETS), ("a", Purpose.SEALING)):
        with pytest.raises(CannotOpen):
            keys.open_(bytes(sealed), about=about, purpose=purpose, of=ring)
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(CannotOpen):
        keys.open_(bytes(sealed), about="a", of=ring)


@pytest.mark.parametrize("sealed", ["", "yba1:", "yba1:***", "yba1:é", "gAAAAAB", "yba1:AAAA"])
def test_what_was_never_sealed_does_not_open(ring, sealed):
    with pytest.raises(CannotOpen):
        keys.open_text(sealed, about="seed")


def test_another_process_sees_a_rotation_without_being_told(ring):
    running = Ring(ring.folder)
    keys.seal(b"x", of=running)
    script = "from yba.kit import keys; print(keys.ring().rotate(keys.Purpose.SECRETS).version)"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "YBA_VAR": str(ring.folder.parent)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2"
    assert keys.seal(b"x", of=running)[:2] == b"\0\2"


def test_processes_that_make_the_first_key_at_once_agree(var):
    script = "from yba.kit import keys; print(keys.seal(b'x').hex())"
    env = {**os.environ, "YBA_VAR": str(var)}
    running = [subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    sealed = [bytes.fromhex(process.communicate()[0]) for process in running]
    assert [keys.open_(one) for one in sealed] == [b"x"] * 4


def test_keys_of_the_time_before_the_ring_are_version_1_and_move_in_when_it_is_written(var):
    master = os.urandom(32)
    (var / "keys").mkdir()
    (var / "keys" / "sealing.key").write_bytes(master)
    (var / "keys" / "django.key").write_bytes(b"text-of-django")
    ring = keys.ring()
    assert ring.current(Purpose.SEALING).secret == master
    assert keys.session_secrets() == ("text-of-django", ())
    ring.rotate(Purpose.SESSIONS)
    assert ring.key(Purpose.SEALING, 1).secret == master
    assert keys.session_secrets()[1] == ("text-of-django",)
    assert not list((var / "keys").glob("*.key"))


def test_signatures_are_verified_after_rotation_and_retirement(ring):
    signer = keys.signer()
    signature = signer.sign(b"head of the trail")
    ring.rotate(Purpose.AUDIT)
    ring.retire(Purpose.AUDIT, 1)
    assert keys.signer().name == "audit-2"
    assert keys.verify(signer.name, b"head of the trail", signature)
    assert not keys.verify(signer.name, b"another head", signature)
    assert not keys.verify("audit-2", b"head of the trail", signature)
    assert not keys.verify("audit-9", b"head of the trail", signature)


def test_files_are_for_their_owner_only_and_no_key_stands_in_a_repr(ring):
    keys.seal(b"x")
    key = ring.current(Purpose.SECRETS)
    assert {path.stat().st_mode & 0o777 for path in ring.files.iterdir()} == {0o600}
    assert ring.files.stat().st_mode & 0o777 == 0o700
    assert repr(key) == str(key) == "KeyVersion(secrets-1)"


def test_a_protected_ring_opens_with_its_passphrase_only(ring, phrase):
    sealed = keys.seal(b"x")  # told before the first key: protected from the first file on
    assert ring.protected
    assert Ring(ring.folder).current(Purpose.SECRETS).wrapped
    assert keys.passphrase.text(ring.current(Purpose.SECRETS).secret).encode() not in on_disk(ring)
    assert keys.open_(sealed, of=Ring(ring.folder)) == b"x"
    with settings.KEYS_PASSPHRASE_FILE.set_to(""), pytest.raises(Invalid, match="protected by a passphrase"):
        Ring(ring.folder).current(Purpose.SECRETS)
    phrase.write_bytes(b"another phrase altogether")
    with pytest.raises(Invalid, match="does not open"):
        Ring(ring.folder).current(Purpose.SECRETS)


def test_a_plain_ring_can_be_protected_and_the_passphrase_changed(ring, phrase):
    with settings.KEYS_PASSPHRASE_FILE.set_to(""):
        sealed = [keys.seal(b"x"), keys.seal(b"y", purpose=Purpose.SEALING)]
        ring.rotate(Purpose.SECRETS)
    secrets = [key.secret for key in ring.versions()]
    assert ring.protect(PHRASE) == 3
    assert not any(keys.passphrase.text(secret).encode() in on_disk(ring) for secret in secrets)
    assert keys.open_(sealed[0], of=Ring(ring.folder)) == b"x"
    new = b"a new phrase that is long enough"
    assert Ring(ring.folder).protect(new) == 0
    phrase.write_bytes(new)
    assert keys.open_(sealed[1], purpose=Purpose.SEALING, of=Ring(ring.folder)) == b"y"


def test_a_file_swapped_for_another_does_not_pass(ring, phrase):
    keys.seal(b"x")
    keys.seal(b"x", purpose=Purpose.SEALING)
    sealing, secrets = ring.files / "sealing-0001.json", ring.files / "secrets-0001.json"
    sealing.write_bytes(secrets.read_bytes().replace(b'"secrets"', b'"sealing"'))
    with pytest.raises(Invalid):
        Ring(ring.folder).current(Purpose.SEALING)
    sealing.write_bytes(b"{")
    with pytest.raises(Invalid, match="damaged"):
        Ring(ring.folder).current(Purpose.SEALING)


@pytest.mark.parametrize(("content", "mode"), [(b"short", 0o600), (PHRASE, 0o644), (None, 0)])
def test_a_bad_passphrase_file_is_refused_and_says_what_to_mend(ring, tmp_path, content, mode):
    path = tmp_path / "phrase"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with settings.KEYS_PASSPHRASE_FILE.set_to(str(path)), pytest.raises(Invalid) as told:
        keys.seal(b"x")
    assert told.value.advice
    assert b"short" not in str(told.value).encode().replace(b"shorter", b"")


def test_a_systemd_credential_is_taken(ring, tmp_path, monkeypatch):
    (tmp_path / "yba-keys").write_bytes(PHRASE)
    (tmp_path / "yba-keys").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    keys.seal(b"x")
    assert ring.protected


@pytest.mark.parametrize("protected", [False, True])
def test_a_bundle_brings_everything_back(ring, tmp_path_factory, phrase, protected):
    apart = tmp_path_factory.mktemp("apart")
    with settings.KEYS_PASSPHRASE_FILE.set_to(str(phrase) if protected else ""):
        (ring.folder).mkdir(exist_ok=True)
        (ring.folder / "installation.key").write_bytes(b"k" * 32)
        (ring.folder / "sealing.key").write_bytes(b"s" * 32)
        sealed = keys.seal(b"x")
        keys.export_bundle(ring, apart / "bundle", b"the phrase of the bundle")
        assert (apart / "bundle").stat().st_mode & 0o777 == 0o600
        with pytest.raises(Conflict):
            keys.export_bundle(ring, apart / "bundle", b"the phrase of the bundle")
    with pytest.raises(Invalid):
        keys.restore_bundle(apart / "keys", apart / "bundle", b"another phrase of the bundle")
    keys.restore_bundle(apart / "keys", apart / "bundle", b"the phrase of the bundle")
    back = Ring(apart / "keys")
    assert keys.open_(sealed, of=back) == b"x"
    assert back.key(Purpose.SEALING, 1).secret == b"s" * 32
    assert (apart / "keys" / "installation.key").read_bytes() == b"k" * 32
    with pytest.raises(Conflict):
        keys.restore_bundle(apart / "keys", apart / "bundle", b"the phrase of the bundle")


def test_an_unknown_version_costs_no_trust(ring):
    forged = b"\0\7" + os.urandom(12) + AESGCM(os.urandom(32)).encrypt(os.urandom(12), b"x", None)
    with pytest.raises(CannotOpen, match="not of this installation"):
        keys.open_(forged)
