"""Signing in with a browser: what Django and allauth call, by name, from the settings."""
