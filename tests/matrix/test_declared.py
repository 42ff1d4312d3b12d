"""Every address and command says which right it needs or why it is open; roles and rights that are new must be known here."""

from pathlib import Path

from tools.document_rights import commands, routes
from yba.access import Right
from yba.specs import access as specs

# Rights no code asks for: the warehouse is a later issue; reading claims as such, destroying originals and events have no face yet. Shrinking only.
UNUSED = {
    "events:event:announce", "events:event:read", "ingest:claim:read", "ingest:original:destroy", "warehouse:dataset:read",
}  # fmt: skip
# A new role must be added here by hand: somebody has looked at what it opens.
ROLES = {
    "ambulance-crew", "citizen", "claims-auditor", "data-scientist", "dispatcher", "doctor", "epidemiologist", "facility-administrator",
    "facility-manager", "facility-screen", "province-screen",
    "facility-client", "guardian", "identity-officer", "lab", "operator", "pharmacist", "privacy-officer", "programme-officer", "provincial-manager",
    "record-clerk", "station-nurse", "system", "system-administrator",
}  # fmt: skip


def test_every_address_declares(migrated):
    missing = [f"/{route.address}" for route in routes() if route.declaration is None]
    assert not missing, "declare with yba.access.needs or open_to_all"


def test_every_command_declares(migrated):
    missing = [" ".join(one.words) for one in commands() if one.declaration is None]
    assert not missing, "add it to yba.cli.rights"


def test_what_is_open_says_why(migrated):
    everything = [*routes(), *commands()]
    assert all(len(one.declaration.reason) > 10 for one in everything if one.declaration is not None and not one.declaration.rights)


def test_no_two_addresses_hide_each_other(migrated):
    """The first pattern that fits answers: a later one with the same text would never be asked."""
    found = [route.address for route in routes() if not route.address.startswith("accounts/closed")]
    assert len(found) == len(set(found))


def test_the_roles_are_those_somebody_looked_at():
    assert set(specs.roles()) == ROLES


def test_every_right_is_asked_for_somewhere():
    """A right no code asks for promises a wall that is not there; those of rooms to come are named here."""
    source = "\n".join(
        path.read_text("utf-8") for path in Path(specs.__file__).parents[1].rglob("*.py") if path.parent.name != "access" or path.name != "rights.py"
    )
    unused = {right.value for right in Right if f"Right.{right.name}" not in source}
    assert unused == UNUSED
