"""The lake: the record as Parquet files, filled by what changed, read as it stands or stood."""

from .compact import compact
from .engine import connect as scratch
from .export import refresh
from .folder import Folder
from .model import Compacted, LakeBusy, LakeDamaged, LakeFile, LakeForeign, Manifest, ManifestDamaged, Refreshed, Role, Status, Zone
from .reading import hurried_reader, reader, spark_reader, whole
from .standing import key_versions, status, view_bytes
from .working import mirrored

__all__ = [
    "Compacted",
    "Folder",
    "LakeBusy",
    "LakeDamaged",
    "LakeFile",
    "LakeForeign",
    "Manifest",
    "ManifestDamaged",
    "Refreshed",
    "Role",
    "Status",
    "Zone",
    "compact",
    "hurried_reader",
    "key_versions",
    "mirrored",
    "reader",
    "refresh",
    "scratch",
    "spark_reader",
    "status",
    "view_bytes",
    "whole",
]
