"""The server's configuration: durable, sized to the machine, quiet about data; written anew at each start as data/yba.conf."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from .layout import PORT

if TYPE_CHECKING:
    from pathlib import Path

    from .place import RunAs

MEGABYTE: Final = 1 << 20
# A container's /dev/shm is often 64 MB, too little for parallel queries; memory-mapped files are the way out.
LEAST_SHM: Final = 512 * MEGABYTE

HBA: Final = """# written by yba: only the socket, only with a password
local all all scram-sha-256
"""


def _memory() -> int:
    pages: int = os.sysconf("SC_PHYS_PAGES")
    size: int = os.sysconf("SC_PAGE_SIZE")
    return pages * size


def _shared_memory_kind() -> str:
    try:
        shm = os.statvfs("/dev/shm")  # noqa: S108  # asked for its size only
    except OSError:
        return "mmap"
    return "posix" if shm.f_frsize * shm.f_blocks >= LEAST_SHM else "mmap"


def settings(socket: Path) -> dict[str, str]:
    """Return the settings by name; fsync, synchronous_commit and full_page_writes are said aloud because they must stay on."""
    memory = _memory() // MEGABYTE
    buffers = max(64, min(2048, memory // 8))
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "max_connections": "100",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(256, memory // 16))}MB",
        "dynamic_shared_memory_type": _shared_memory_kind(),
        # Ingest writes in bursts: few, long checkpoints mean fewer full-page images in the log.
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "random_page_cost": "1.1",
        "jit": "off",
        # No standby reads this log; pg_basebackup still works with replica.
        "wal_level": "replica",
        "timezone": "Asia/Ho_Chi_Minh",
        "log_timezone": "Asia/Ho_Chi_Minh",
        # The log must not hold people's data: no statement texts, no DETAIL lines quoting rows.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
        "cluster_name": "yba",
    }


def lines(values: dict[str, str], compression: str) -> str:
    """Return the file's text."""
    extra = {"wal_compression": compression, "default_toast_compression": compression} if compression else {}
    body = "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in (values | extra).items())
    return "# written by yba at each start; put your own settings into local.conf beside this file\n" + body


def write(data: Path, socket: Path, user: RunAs, compression: str) -> None:
    """Write yba.conf and pg_hba.conf into the cluster."""
    for name, text in (("yba.conf", lines(settings(socket), compression)), ("pg_hba.conf", HBA)):
        path = data / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        user.own(path)


def include(data: Path, user: RunAs) -> None:
    """Make a new cluster read our file, then the operator's local.conf."""
    path = data / "postgresql.conf"
    path.write_text("include 'yba.conf'\ninclude_if_exists 'local.conf'\n", encoding="utf-8")
    path.chmod(0o600)
    user.own(path)
