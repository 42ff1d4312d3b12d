"""Running the platform: law status now; health, backup and benches as they come."""

from .law import LawStatus, Standing, law_markdown, law_status

__all__ = ["LawStatus", "Standing", "law_markdown", "law_status"]
