"""Accounts of software: which facility a client may file for, its sessions, and the lock-out of guessers."""

from .clients import add_client, disable_client, list_clients, reset_secret
from .model import Client, NewSecret, Refused, Session, SignedIn, Why
from .sessions import authenticate, authenticate_basic, open_session

__all__ = [
    "Client",
    "NewSecret",
    "Refused",
    "Session",
    "SignedIn",
    "Why",
    "add_client",
    "authenticate",
    "authenticate_basic",
    "disable_client",
    "list_clients",
    "open_session",
    "reset_secret",
]
