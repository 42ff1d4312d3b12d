"""Packing and sealing of ranges together, with the installation's key; one per process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yba.kit import keys

from . import packing
from .packing import Packer
from .sealing import Sealer, open_sealed, seal

ORIGINAL: Final = b"original"
RESIDUE: Final = b"residue"


@dataclass(slots=True)
class Vault:
    """Seals what arrived and what the resources do not say; opens it again."""

    sealer: Sealer
    packer: Packer

    @classmethod
    def open(cls) -> Vault:
        """With the installation's key ring (its first key is made at first use)."""
        return cls(Sealer(keys.ring()), Packer.create())

    def sealed(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """Pack and seal a range: (its key, the wrapped key, the body)."""
        key, wrapped = self.sealer.new_key()
        return key, wrapped, seal(key, self.packer.pack(data), ORIGINAL)

    def opened(self, key: bytes, body: bytes, purpose: bytes = ORIGINAL) -> bytes:
        """The bytes that were sealed; BrokenSealError or ValueError when they are damaged."""
        return self.packer.unpack(open_sealed(key, body, purpose))

    def seal_residue(self, key: bytes, data: bytes) -> bytes:
        """Seal a residue with the key of its claim's range: destroying the one destroys the other."""
        return seal(key, self.packer.pack(data, packing.RESIDUE), RESIDUE)
