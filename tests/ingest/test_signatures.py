"""The facility's signature: verified on the raw bytes, against the operator's trust list; an unknown form is a note."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner, methods

from tests.ingest.builder import envelope, hoso, tables
from yba import ingest
from yba.ingest import signatures
from yba.kit import Actor, Invalid
from yba.kit.settings import VAR

OPERATOR = Actor.operator()

FILE = (
    b"<GIAMDINHHS><THONGTINDONVI><MACSKCB>11001</MACSKCB></THONGTINDONVI><THONGTINHOSO><DANHSACHHOSO><HOSO>a</HOSO></DANHSACHHOSO></THONGTINHOSO>"
    b"<CHUKYDONVI></CHUKYDONVI></GIAMDINHHS>"
)


def issue(name, *, by=None, days=30):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    issuer_key, issuer = (by[0], by[1].subject) if by else (key, subject)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    return key, certificate


def sign(data, holder):
    root = etree.fromstring(data)
    pem = holder[1].public_bytes(serialization.Encoding.PEM).decode()
    signed = XMLSigner(method=methods.enveloped).sign(root, key=holder[0], cert=pem)
    signature = signed.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    signed.find("CHUKYDONVI").append(signature)
    return etree.tostring(signed)


@pytest.fixture
def authority():
    return issue("Cơ quan chứng thực thử")


@pytest.fixture
def trusted(authority, tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(authority[1].public_bytes(serialization.Encoding.PEM))
    with VAR.set_to(tmp_path):
        yield authority


def rules(data):
    return [one.rule for one in signatures.examine(data).findings]


def test_trusted_signature_leaves_no_finding(trusted):
    found = signatures.examine(sign(FILE, issue("BVĐK thử", by=trusted)))
    assert (found.form, found.valid, found.trusted, found.findings) == ("xmldsig", True, True, ())
    assert "BVĐK thử" in found.subject


def test_changed_byte_is_found(trusted):
    data = sign(FILE, issue("BV", by=trusted)).replace(b"<HOSO>a<", b"<HOSO>b<")
    assert rules(data) == ["SIG002"]


def test_unknown_issuer_is_a_note_and_expired_a_finding(trusted, authority):
    assert rules(sign(FILE, issue("Lạ"))) == ["SIG003"]
    assert rules(sign(FILE, issue("Cũ", by=trusted, days=-1))) == ["SIG004"]


@pytest.mark.parametrize("content", [b"MIIabc=", b"<X/>", b"<!-- -->x"])
def test_unknown_form_is_a_note(content):
    data = FILE.replace(b"<CHUKYDONVI>", b"<CHUKYDONVI>" + content)
    assert rules(data) == ["SIG001"]


def test_policy_is_the_facilities_own():
    assert not signatures.required("11001")
    with signatures.REQUIRED.set_to(("11001",)):
        assert signatures.required("11001")
        assert not signatures.required("11002")
    with signatures.REQUIRED.set_to(("*",)):
        assert signatures.required("11002")


def sign_part(data, holder, *, uri="#claims"):
    """Sign one element by its Id, as XAdES software does, and put the signature into CHUKYDONVI."""
    root = etree.fromstring(data)
    pem = holder[1].public_bytes(serialization.Encoding.PEM).decode()
    signed = XMLSigner(method=methods.enveloped).sign(root, key=holder[0], cert=pem, reference_uri=uri)
    signature = signed.find(".//{http://www.w3.org/2000/09/xmldsig#}Signature")
    signed.find("CHUKYDONVI").append(signature)
    return etree.tostring(signed)


PARTLY = FILE.replace(b"<THONGTINHOSO>", b'<THONGTINHOSO Id="claims">')
EVIL = b"<HOSO>evil</HOSO>"
FAKE = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:Reference URI=""/></ds:SignedInfo></ds:Signature>'


def test_the_list_of_claims_may_be_signed_alone(trusted):
    found = signatures.examine(sign_part(PARTLY, issue("BV", by=trusted)))
    assert (found.valid, found.trusted) == (True, True)


def wrapped():
    """Each takes a genuine file and adds claims that nobody signed, without touching a signed byte."""
    yield "outside the list", lambda data: data.replace(b"<THONGTINDONVI>", b"<THONGTINDONVI>" + EVIL)
    yield "a second list", lambda data: data.replace(b"<THONGTINHOSO", b"<THONGTINHOSO>" + EVIL + b"</THONGTINHOSO><THONGTINHOSO", 1)
    yield "beside the signature", lambda data: data.replace(b"<CHUKYDONVI>", b"<CHUKYDONVI>" + EVIL)
    yield "in another namespace", lambda data: data.replace(b"<CHUKYDONVI>", b'<CHUKYDONVI><x xmlns="y">' + EVIL + b"</x>")
    yield "signed part moved away", _moved
    yield "a second signature that says all", lambda data: _moved(data).replace(b"</CHUKYDONVI>", FAKE + b"</CHUKYDONVI>")


def _moved(data):
    begin, end = data.index(b"<THONGTINHOSO"), data.index(b"</THONGTINHOSO>") + len(b"</THONGTINHOSO>")
    genuine, rest = data[begin:end], data[:begin] + b"<THONGTINHOSO>" + EVIL + b"</THONGTINHOSO>" + data[end:]
    return rest.replace(b"<CHUKYDONVI>", b"<CHUKYDONVI><old>" + genuine + b"</old>")


@pytest.mark.parametrize(("name", "attack"), [pytest.param(*one, id=one[0]) for one in wrapped()])
def test_a_genuine_signature_does_not_cover_what_was_put_beside_it(trusted, name, attack):
    found = signatures.examine(attack(sign_part(PARTLY, issue("BV", by=trusted))))
    assert not found.good
    assert found.findings[0].rule in {"SIG002", "SIG005"}


def test_claims_inside_the_signature_are_not_signed_by_it(trusted):
    data = sign(FILE, issue("BV", by=trusted))
    end = data.rindex(b"</ds:Signature>")
    found = signatures.examine(data[:end] + b"<ds:Object>" + EVIL + b"</ds:Object>" + data[end:])
    assert not found.good


def test_a_hospitals_own_certificate_vouches_for_nobody_else(tmp_path, authority):
    hospital = issue("BV", by=authority)
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "hospital.pem").write_bytes(hospital[1].public_bytes(serialization.Encoding.PEM))
    with VAR.set_to(tmp_path):
        assert signatures.examine(sign(FILE, hospital)).good
        assert not signatures.examine(sign(FILE, issue("BV khác", by=hospital))).good


@pytest.mark.parametrize("named", ["", "11002"])
def test_leaving_the_facility_out_of_the_envelope_does_not_evade_the_policy(database, named):
    with signatures.REQUIRED.set_to(("11001",)):
        data = envelope(hoso(tables()), facility=named)
        landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
        ingest.process(by=OPERATOR)
    (claim,) = ingest.receipt(by=OPERATOR, transaction=landing.transaction).claims
    assert claim.outcome is ingest.Outcome.REJECTED
    assert "LAND015" in {one.rule for one in claim.findings}


def test_the_operator_loads_the_trust_list(database, authority, tmp_path):
    pem = authority[1].public_bytes(serialization.Encoding.PEM)
    with VAR.set_to(tmp_path):
        assert "Cơ quan chứng thực thử" in ingest.add_trusted(pem, by=Actor.operator())[0]
        assert len(ingest.trusted()) == 1
        found = signatures.examine(sign(FILE, issue("BVĐK thử", by=authority)))
        with pytest.raises(Invalid):
            ingest.add_trusted(b"no certificate", by=Actor.operator())
    assert found.trusted
