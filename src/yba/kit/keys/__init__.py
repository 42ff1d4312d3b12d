"""The key ring: keys of the installation by purpose and version, kept in files and never in the database; rotation leaves old versions opening."""

from .bundle import export_bundle, restore_bundle
from .model import CannotOpen, KeyVersion, Purpose
from .passphrase import read as read_passphrase
from .ring import Ring, ring
from .use import Signer, derived, is_sealed_text, open_, open_text, seal, seal_text, session_secrets, signer, text_version, verify

__all__ = [
    "CannotOpen",
    "KeyVersion",
    "Purpose",
    "Ring",
    "Signer",
    "derived",
    "export_bundle",
    "is_sealed_text",
    "open_",
    "open_text",
    "read_passphrase",
    "restore_bundle",
    "ring",
    "seal",
    "seal_text",
    "session_secrets",
    "signer",
    "text_version",
    "verify",
]
