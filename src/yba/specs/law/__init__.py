"""The law as data: 457 duties, the dated ones to come, and which tests prove which duty."""

from .load import Concern, DatedDuty, Level, Requirement, proofs, requirements, timeline

__all__ = ["Concern", "DatedDuty", "Level", "Requirement", "proofs", "requirements", "timeline"]
