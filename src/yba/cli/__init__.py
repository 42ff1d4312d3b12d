"""The command line: one file per command or group, joined in ``main``."""
