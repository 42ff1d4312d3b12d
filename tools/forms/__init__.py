"""Generators of the Questionnaires in specs/forms."""
