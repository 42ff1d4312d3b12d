"""Running the platform: law status, benches and the key ring; health and backup as they come."""

from .bench_access import AccessFigures, NoPace, bench_access, bench_settings, guarded, plain
from .bench_audit import bench_audit
from .bench_fhir import FHIR_ROWS, bench_fhir, fhir_curve
from .bench_fhir_servers import fhir_peers, own_server
from .bench_identity import IdentityFigures, bench_identity
from .bench_ingest import IngestFigures, bench_ingest, frozen_set, in_new_folder
from .bench_record import bench_record
from .bench_warehouse import bench_warehouse
from .bench_web import PageFigures, bench_web
from .ig import IgBuilt, build_ig
from .key_ring import RingLine, check_keys, export_keys, protect_keys, retire_key, rewrap_keys, ring_lines, rotate_key
from .law import LawStatus, Standing, law_markdown, law_status

__all__ = [
    "FHIR_ROWS",
    "AccessFigures",
    "IdentityFigures",
    "IgBuilt",
    "IngestFigures",
    "LawStatus",
    "NoPace",
    "PageFigures",
    "RingLine",
    "Standing",
    "bench_access",
    "bench_audit",
    "bench_fhir",
    "bench_identity",
    "bench_ingest",
    "bench_record",
    "bench_settings",
    "bench_warehouse",
    "bench_web",
    "build_ig",
    "check_keys",
    "export_keys",
    "fhir_curve",
    "fhir_peers",
    "frozen_set",
    "guarded",
    "in_new_folder",
    "law_markdown",
    "law_status",
    "own_server",
    "plain",
    "protect_keys",
    "retire_key",
    "rewrap_keys",
    "ring_lines",
    "rotate_key",
]
