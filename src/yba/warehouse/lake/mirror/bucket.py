"""One prefix of a bucket: put, put once, get, list, delete; its errors without addresses, keys and what servers say."""

from __future__ import annotations

import importlib
import re
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from yba.kit import log
from yba.kit.errors import Conflict, Invalid, NotFound, Unavailable
from yba.warehouse.settings import LAKE, LAKE_ENDPOINT, LAKE_KEY, LAKE_REGION, LAKE_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = log.get(__name__)
SCHEME: Final = "s3"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_STATUS: Final = re.compile(r"status code: (\d{3})")  # listings tell it in their words alone
_BY_STATUS: Final = {"401": "denied", "403": "denied", "404": "missing", "409": "taken", "412": "taken"}
_PIECE: Final = 8 << 20
_WAIT: Final = timedelta(seconds=60)
_SLOW: Final = timedelta(minutes=5)  # for one request
_TRIES: Final = 4


class MirrorUnreachable(Unavailable):
    """The storage does not answer, or not as such a server does."""


class MirrorDenied(Unavailable):
    """The storage does not let us."""


class Taken(Conflict):
    """There is an object of this name already."""


class Stored(NamedTuple):
    """One object as a listing tells it."""

    path: str
    bytes: int
    at: datetime


class Address(NamedTuple):
    """Where a lake is mirrored."""

    bucket: str
    prefix: str


def address() -> Address | None:
    """Return where the lake of the settings is mirrored; None: it is a folder alone. Raises Invalid."""
    if not LAKE().startswith(f"{SCHEME}:"):
        return None
    told = urlsplit(LAKE())
    if not told.netloc or told.query or told.fragment or "@" in told.netloc:
        raise Invalid("YBA_LAKE is no address of a bucket.", advice="Write s3://BUCKET/PREFIX; key and secret in YBA_LAKE_KEY and YBA_LAKE_SECRET.")
    return Address(told.netloc, told.path.strip("/"))


def bucket() -> Bucket | None:
    """Open the bucket of the settings; None: the lake is a folder alone. Nothing is asked of the server yet. Raises Invalid."""
    where = address()
    if where is None:
        return None
    if not LAKE_KEY() or not LAKE_SECRET():
        raise Invalid("YBA_LAKE is a bucket without key and secret.", advice="Set YBA_LAKE_KEY and YBA_LAKE_SECRET.")
    endpoint = urlsplit(LAKE_ENDPOINT())
    if LAKE_ENDPOINT() and (endpoint.scheme not in {"https", "http"} or (endpoint.scheme == "http" and endpoint.hostname not in _LOOPBACK)):
        raise Invalid(
            "YBA_LAKE_ENDPOINT must begin with https.", advice="The lake holds health records: only a server on this machine may go without."
        )
    return Bucket(where)


class Bucket:
    """The objects below one prefix."""

    def __init__(self, where: Address) -> None:
        """Take the address; key, secret, endpoint and region are those of the settings and of nothing else of the environment."""
        self.name = f"{SCHEME}://{where.bucket}/{where.prefix}".rstrip("/")
        self._obstore = importlib.import_module("obstore")  # 15 MB that most processes never need
        config: dict[str, Any] = {
            "access_key_id": LAKE_KEY(), "secret_access_key": LAKE_SECRET(), "region": LAKE_REGION(), "virtual_hosted_style_request": False,
            "checksum_algorithm": "sha256",  # sent along: the server refuses what arrived otherwise
            "conditional_put": "etag",
        }  # fmt: skip
        if LAKE_ENDPOINT():
            config["endpoint"] = LAKE_ENDPOINT()
        self._store = importlib.import_module("obstore.store").S3Store(
            where.bucket, prefix=where.prefix or None, config=config,
            client_options={"allow_http": LAKE_ENDPOINT().startswith("http:"), "connect_timeout": timedelta(seconds=5), "timeout": _SLOW},
            retry_config={"max_retries": _TRIES, "retry_timeout": _WAIT},
        )  # fmt: skip
        self._errors = importlib.import_module("obstore.exceptions")

    def put(self, path: str, source: Path) -> None:
        """Write a file's bytes as an object, whole or not at all; what was there is replaced."""
        with self._speaking("put", path):
            self._obstore.put(self._store, path, source)

    def put_once(self, path: str, data: bytes) -> None:
        """Write an object where there is none; of two who try one gets Taken."""
        with self._speaking("put", path):
            self._obstore.put(self._store, path, data, mode="create")

    def get(self, path: str) -> bytes:
        """Return an object's bytes. Raises NotFound."""
        return b"".join(self.pieces(path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """Give out an object piece by piece. Raises NotFound."""
        with self._speaking("get", path):
            for piece in self._obstore.get(self._store, path).stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    def list(self, below: str = "") -> list[Stored]:
        """Return what there is below a path, in order of names."""
        with self._speaking("list", below):
            found = [
                Stored(one["path"], one["size"], one["last_modified"])
                for some in self._obstore.list(self._store, prefix=below or None)
                for one in some
            ]
        return sorted(found)

    def delete(self, path: str) -> None:
        """Remove an object; one that is not there is no fault."""
        with self._speaking("delete", path):
            self._obstore.delete(self._store, path)

    @contextmanager
    def _speaking(self, act: str, path: str) -> Iterator[None]:
        """Turn errors into ours: the client's own quote the answer and the whole address."""
        kind = ""
        try:
            yield
        except (self._errors.BaseError, OSError) as error:
            told = _STATUS.search(str(error))
            kind = _BY_STATUS.get(told[1] if told else "", type(error).__name__)
        if not kind:
            return
        if kind == "taken":
            raise Taken(f"{self.name}: {path} is there already.") from None
        if kind == "denied":
            _log.error("warehouse.mirror.denied", kind=kind, path=path)
            raise MirrorDenied(
                f"{self.name}: {act} {path}: access denied.", advice="See YBA_LAKE_KEY, YBA_LAKE_SECRET and the bucket's rules."
            ) from None
        if kind == "missing" and act == "get":
            raise NotFound(f"{self.name}: there is no {path}.") from None
        _log.error("warehouse.mirror.failed", kind=kind, path=path)
        advice = "Is the server up, and is there such a bucket? See YBA_LAKE_ENDPOINT."
        raise MirrorUnreachable(f"{self.name}: {act} {path} failed ({kind}).", advice=advice) from None
