"""Who signs in: people with their posts and second factors, facilities' software with its sessions, and the lock-out of guessers."""

from .actions import assign, disable, end_assignment, end_sessions, join, leave, move, reset_credentials
from .clients import add_client, disable_client, list_clients, reset_secret
from .demo import DemoAccount, demo_allowed, make_demo_accounts, mark_demo, refuse_forgotten_demo
from .model import Client, NewSecret, Refused, Session, SignedIn, Why
from .pace import spend_pace
from .people import Account, Assignment, Decision, Handover, Kind, Network, OpenSession, Post, PractitionerIdentity, Review, ReviewItem
from .queries import (
    account,
    account_named,
    accounts,
    actor_of,
    assignments_of,
    names_of,
    networks,
    open_sessions,
    places_of_work,
    practitioner_identities,
)
from .reseal import reseal_secrets, secret_versions
from .reviews import access_reviews, decide, open_due_reviews, open_review, sign_off_review
from .screen_model import NewCode, Screen
from .screens import add_screen, end_screen, open_screen, recode_screen, refuse_screen, renew_screen, screen_of, screens
from .sessions import authenticate, authenticate_basic, open_session
from .signin import providers
from .signin.origin import PROXIES, address_of, browser_of, origin_of
from .token_model import NewToken, Presented, Token
from .tokens import bearer, distrust, end_token, guess, make_token, tokens_of
from .upkeep import disable_idle, end_at_closed_facilities, end_licence, set_networks

__all__ = [
    "PROXIES",
    "Account",
    "Assignment",
    "Client",
    "Decision",
    "DemoAccount",
    "Handover",
    "Kind",
    "Network",
    "NewCode",
    "NewSecret",
    "NewToken",
    "OpenSession",
    "Post",
    "PractitionerIdentity",
    "Presented",
    "Refused",
    "Review",
    "ReviewItem",
    "Screen",
    "Session",
    "SignedIn",
    "Token",
    "Why",
    "access_reviews",
    "account",
    "account_named",
    "accounts",
    "actor_of",
    "add_client",
    "add_screen",
    "address_of",
    "assign",
    "assignments_of",
    "authenticate",
    "authenticate_basic",
    "bearer",
    "browser_of",
    "decide",
    "demo_allowed",
    "disable",
    "disable_client",
    "disable_idle",
    "distrust",
    "end_assignment",
    "end_at_closed_facilities",
    "end_licence",
    "end_screen",
    "end_sessions",
    "end_token",
    "guess",
    "join",
    "leave",
    "list_clients",
    "make_demo_accounts",
    "make_token",
    "mark_demo",
    "move",
    "names_of",
    "networks",
    "open_due_reviews",
    "open_review",
    "open_screen",
    "open_session",
    "open_sessions",
    "origin_of",
    "places_of_work",
    "practitioner_identities",
    "providers",
    "recode_screen",
    "refuse_forgotten_demo",
    "refuse_screen",
    "renew_screen",
    "reseal_secrets",
    "reset_credentials",
    "reset_secret",
    "screen_of",
    "screens",
    "secret_versions",
    "set_networks",
    "sign_off_review",
    "spend_pace",
    "tokens_of",
]
