"""Running the platform: law status and benches; health and backup as they come."""

from .bench_ingest import IngestFigures, bench_ingest, frozen_set, in_new_folder
from .bench_record import bench_record
from .law import LawStatus, Standing, law_markdown, law_status

__all__ = ["IngestFigures", "LawStatus", "Standing", "bench_ingest", "bench_record", "frozen_set", "in_new_folder", "law_markdown", "law_status"]
