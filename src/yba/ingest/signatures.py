"""Recognise and verify the facility's signature (CHUKYDONVI) on the bytes as they arrived.

NĐ 188/2025 Art. 69 makes it mandatory by 2026-01-01, yet its exact form is published nowhere we have seen (envelope.md section 7): XML-DSig and XAdES
are verified, any other form is a note. Refusal is the facility's own policy (YBA_SIGNATURE_REQUIRED), never the default.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from yba import access, audit
from yba.access import Right
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid
from yba.kit.ids import write_secret_once
from yba.kit.settings import VAR, declare, words

from .faults import finding

if TYPE_CHECKING:
    from pathlib import Path

    from yba.kit.actor import Actor

    from .model import Finding

REQUIRED: Final = declare(
    "YBA_SIGNATURE_REQUIRED",
    words,
    default="",
    meaning="Facilities whose files are refused without a valid, trusted signature; * means all. Empty: signatures are only noted.",
    write="facility codes separated by commas, for example 11001,11002, or *",
)
_DSIG: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES: Final = "{http://uri.etsi.org/01903/"
_CHAIN: Final = 4  # leaf, two intermediates, root
# What stands below the root and may be signed alone; otherwise it is the root that must be signed.
_COVERED: Final = frozenset({"THONGTINHOSO", "DSACH_TRANG_THAI_KCB"})
_IDS: Final = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")


@dataclass(frozen=True, slots=True)
class Signature:
    """What was found in CHUKYDONVI.

    ``form``: "xmldsig", "xades" or "unknown"; ``certificate``: SHA-256 fingerprint in hex, "" unknown; ``valid``: the bytes are those that were
    signed; ``trusted``: the certificate stands in, or is issued below, the operator's trust list.
    """

    form: str
    certificate: str = ""
    subject: str = ""
    valid: bool = False
    trusted: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it holds and its certificate is trusted."""
        return self.valid and self.trusted

    def as_json(self) -> dict[str, str | bool]:
        """What is kept with the message: which certificate signed it."""
        return {"form": self.form, "certificate": self.certificate, "subject": self.subject, "valid": self.valid, "trusted": self.trusted}


def examine(data: bytes) -> Signature:
    """Look at the signature of a file that is known to have one. Findings: SIG001 unknown form … SIG005 does not cover the claims."""
    root = _parse(data)
    element = root.find(f".//{_DSIG}Signature") if root is not None else None
    if root is None or element is None:
        return Signature("unknown", findings=(finding("SIG001", table="CHUKYDONVI"),))
    form = "xades" if any(str(one.tag).startswith(_XADES) for one in element.iter()) else "xmldsig"
    certificate = _certificate(element)
    if certificate is None:
        return Signature(form, findings=(finding("SIG002", table="CHUKYDONVI", value="X509Certificate"),))
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    subject = certificate.subject.rfc4514_string()
    problem = _verify(root, element, certificate)
    if problem:
        return Signature(form, fingerprint, subject, findings=(finding(problem, table="CHUKYDONVI", value=subject),))
    found: list[Finding] = []
    trusted = _trusted(certificate)
    if not trusted:
        found.append(finding("SIG003", table="CHUKYDONVI", value=subject))
    now = clock.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        found.append(finding("SIG004", table="CHUKYDONVI", value=f"{certificate.not_valid_after_utc:%d/%m/%Y}"))
        trusted = False
    return Signature(form, fingerprint, subject, valid=True, trusted=trusted, findings=tuple(found))


def required(facility: str) -> bool:
    """Whether this facility's policy refuses files without a trusted signature."""
    policy = REQUIRED()
    return "*" in policy or facility in policy


def _parse(data: bytes) -> etree._Element | None:
    """Parse without touching white space or comments: the digest is over them."""
    if b"<!DOCTYPE" in data:
        return None
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _certificate(element: etree._Element) -> x509.Certificate | None:
    text = element.findtext(f".//{_DSIG}X509Certificate")
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join((text or "").split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def _verify(root: etree._Element, signature: etree._Element, certificate: x509.Certificate) -> str:
    """Return "" when the signature holds and covers the claims, else the rule that says what is wrong."""
    config = SignatureConfiguration(require_x509=True, expect_references=max(len(_references(signature)), 1))
    try:
        XMLVerifier().verify(root, x509_cert=certificate, expect_config=config)
    except (SignXMLException, ValueError, TypeError, KeyError):
        return "SIG002"
    return "" if _covers(root, signature) else "SIG005"


def _covers(root: etree._Element, signature: etree._Element) -> bool:
    """Whether what was signed is what will be read: the root, or its one child that holds the data, with every claim inside.

    A name is no proof: a signed THONGTINHOSO of last month can be put into another file, beside claims nobody signed (signature wrapping).
    """
    claims = list(root.iter("{*}HOSO"))
    if any(signature in one.iterancestors() for one in claims):  # the one place that a signature over the whole leaves out
        return False
    uris = [one.get("URI", "") for one in _references(signature)]
    if "" in uris:
        return True
    named = {uri[1:] for uri in uris}
    held = [one for one in root.iterchildren(etree.Element) if etree.QName(one).localname in _COVERED]
    signed = next((one for one in (root, *held) if _named(one, named)), None)
    if signed is None or (signed is not root and len(held) > 1) or sum(_named(one, named) for one in root.iter(etree.Element)) > len(named):
        return False
    return all(signed in one.iterancestors() for one in claims)


def _named(element: etree._Element, ids: set[str]) -> bool:
    return any(element.get(name) in ids for name in _IDS)


def _references(signature: etree._Element) -> list[etree._Element]:
    """What this very signature names; another one in the file may never have been verified."""
    return signature.findall(f"{_DSIG}SignedInfo/{_DSIG}Reference")


def _trusted(certificate: x509.Certificate) -> bool:
    known = trust_list()
    prints = {one.fingerprint(hashes.SHA256()) for one in known}
    current = certificate
    for _ in range(_CHAIN):
        if current.fingerprint(hashes.SHA256()) in prints:
            return True
        issuer = next((one for one in known if _issued(current, one)), None)
        if issuer is None:
            return False
        current = issuer
    return False


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    """A hospital's own certificate may stand in the folder: only an authority's, within its time, vouches for others."""
    try:
        authority = by.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return authority and by.not_valid_before_utc <= clock.now() <= by.not_valid_after_utc


def trust_folder() -> Path:
    """Where the operator puts certificates (PEM) of facilities or of the authorities that issue them."""
    return VAR() / "trust"


def trust_list() -> tuple[x509.Certificate, ...]:
    """The certificates the operator trusts; read again when the folder changes."""
    folder = trust_folder()
    if not folder.is_dir():
        return ()
    return _load(folder, max((one.stat().st_mtime_ns for one in folder.glob("*.pem")), default=0))


@lru_cache(maxsize=4)
def _load(folder: Path, _changed: int) -> tuple[x509.Certificate, ...]:
    return tuple(certificate for path in sorted(folder.glob("*.pem")) for certificate in x509.load_pem_x509_certificates(path.read_bytes()))


def trusted() -> list[str]:
    """The trust list in words: subject, last day, fingerprint."""
    return [_words(one) for one in trust_list()]


def add_trusted(pem: bytes, *, by: Actor) -> list[str]:
    """Put the certificates of a PEM file into the trust list, audited; Invalid when there is none in it, Denied without the right."""
    access.require(by, Right.INGEST_TRUST_ADD)
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Invalid("Tệp không chứa chứng thư số dạng PEM.", advice="Nạp tệp có -----BEGIN CERTIFICATE-----.") from error
    folder = trust_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with unit_of_work(by=by) as conn:
        for one in found:
            name = one.fingerprint(hashes.SHA256()).hex()
            write_secret_once(folder / f"{name}.pem", one.public_bytes(serialization.Encoding.PEM))
            audit.note(conn, by=by, tag=audit.Tag.INGEST_TRUST_ADD, about_type="Certificate", about_id=name)
    return [_words(one) for one in found]


def _words(certificate: x509.Certificate) -> str:
    print_ = certificate.fingerprint(hashes.SHA256()).hex()
    return f"{certificate.subject.rfc4514_string()} · đến {certificate.not_valid_after_utc:%d/%m/%Y} · {print_[:16]}"
