"""How secrets and tokens are made, kept and compared: never as they travel.

Hospital software written for the insurer's gateway sends the MD5 of its password (hex, either case; source: BHXH letters
CV 3190/2023 and CV 1245/2024). That MD5 is as good as the password, so it is treated as one: only scrypt of it is kept.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets

_MD5_HEX = re.compile(r"[0-9a-fA-F]{32}\Z")
# Letters and digits that are not mistaken for each other when a secret is read over the telephone.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 6  # 30 characters of 32 signs = 150 bits
# 32 MiB and about 60 ms on one core of the reference machine: once per session, not per message.
_LOG_N, _R, _P = 15, 8, 1
_SALT = 16
# What is verified when the account does not exist, so that both answers take the same time.
NO_ACCOUNT = f"scrypt${_LOG_N}${_R}${_P}$AAAAAAAAAAAAAAAAAAAAAA==${'A' * 43}="


def new_secret() -> str:
    """Make a password of 150 random bits; it is never 32 hexadecimal digits, so it cannot be taken for an MD5."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def new_code() -> str:
    """Make a one-time code of 100 random bits, to be read from paper: five groups of four."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(5))


def new_token() -> str:
    """Make a session token of 256 random bits, safe in headers."""
    return secrets.token_urlsafe(32)


def as_md5(presented: str) -> str:
    """Bring a presented password, plain or already MD5 in hex of either case, to the one form that is compared."""
    text = presented.strip()
    if _MD5_HEX.match(text):
        return text.lower()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # the insurer's form, see above


def keep(presented: str) -> str:
    """Hash a presented password for keeping: ``scrypt$log2(N)$r$p$salt$hash``."""
    salt = secrets.token_bytes(_SALT)
    digest = _scrypt(as_md5(presented), salt, _LOG_N, _R, _P)
    return "$".join(("scrypt", str(_LOG_N), str(_R), str(_P), _b64(salt), _b64(digest)))


def matches(presented: str, kept: str) -> bool:
    """Say whether a presented password is the kept one; a damaged kept value matches nothing."""
    try:
        name, log_n, r, p, salt, digest = kept.split("$")
        parameters = int(log_n), int(r), int(p)
        salted, expected = base64.b64decode(salt), base64.b64decode(digest)
    except (ValueError, binascii.Error):
        return False
    if name != "scrypt":
        return False
    return hmac.compare_digest(_scrypt(as_md5(presented), salted, *parameters), expected)


def token_hash(token: str) -> bytes:
    """Hash a token for keeping: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def same(kept: bytes, presented: bytes) -> bool:
    """Compare two hashes in the same time whatever differs; nothing kept matches nothing."""
    return hmac.compare_digest(kept, presented) and bool(kept)


def password_proof(token: str, presented: str) -> bytes:
    """Bind the password to one session, so that ``passwordHash`` of each message is compared cheaply.

    Keyed with the token, which is not kept: the stored value alone gives nothing to guess against.
    """
    return hashlib.blake2b(as_md5(presented).encode(), key=hashlib.sha256(b"proof" + token.encode()).digest()).digest()


def _scrypt(text: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    n = 1 << log_n
    return hashlib.scrypt(text.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
