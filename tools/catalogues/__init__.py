"""Compilers that turn the gathered reference data into the package data of ``yba.terminology``."""
