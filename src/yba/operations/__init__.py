"""Running the platform: law status and benches; health and backup as they come."""

from .bench_ingest import IngestFigures, bench_ingest, frozen_set
from .law import LawStatus, Standing, law_markdown, law_status

__all__ = ["IngestFigures", "LawStatus", "Standing", "bench_ingest", "frozen_set", "law_markdown", "law_status"]
