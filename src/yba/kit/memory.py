"""How a long-lived process holds its memory: what is loaded at start is never garbage, and what is scattered wide lies in large pages."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_YOUNG: Final = 100_000  # a page of 1,000 resources makes some 60,000 objects and lets them go: collected once in many pages, not within one


def settle() -> None:
    """Call once when everything is loaded and before the first request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)


_LARGE: Final = 2 << 20  # bytes of a large page on x86-64 and arm64
_HUGEPAGE, _COLLAPSE = 14, 25  # advice of linux/mman.h: wherever possible; now (since Linux 6.1)
_ALLOWED: Final = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_MAPS: Final = Path("/proc/self/maps")


def in_large_pages() -> int:
    """Ask the kernel to hold what this process has by now in pages of 2 MB; return how many bytes it put there at once.

    Python's objects lie scattered over hundreds of megabytes: looking up where each page of 4 KB is takes a virtual machine a tenth of ingest
    (docs/performance.md). Nothing happens on other systems than Linux, or where the operator has said `never`; an older kernel does it in its time.
    """
    try:
        allowed = "[never]" not in _ALLOWED.read_text("ascii")
    except OSError:
        return 0
    if not allowed:
        return 0
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    done = 0
    for start, end in _own():
        madvise(start, end - start, _HUGEPAGE)
        done += end - start if madvise(start, end - start, _COLLAPSE) == 0 else 0
    return done


def _own() -> Iterator[tuple[int, int]]:
    """The private memory of this process, cut to whole large pages; not its stacks, and nothing of a file."""
    for line in _MAPS.read_text("utf-8", "replace").splitlines():
        places, access, _, _, inode, *name = line.split(maxsplit=5)
        if access == "rw-p" and inode == "0" and (not name or name[0] == "[heap]"):
            first, last = (int(place, 16) for place in places.split("-"))
            start, end = -(-first // _LARGE) * _LARGE, last // _LARGE * _LARGE
            if start < end:
                yield start, end
