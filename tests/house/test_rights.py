"""Every public query and action asks access: by a predicate, a require, or through a function of its module that does; the few others say why not."""

import ast

from tests.house.source import modules

BELOW = {"access", "audit", "events", "kit", "specs", "terminology", "fhir"}  # below access, access itself, or public packaged knowledge
# Functions whose name says what they do, and why nobody's right is asked in them.
REASONS = {
    "accounts.actions.end_many": "a step of acts of this room that asked (end_assignment, sign_off_review, upkeep)",
    "accounts.actions.take_out_of_use": "a step of acts of this room that asked (leave, disable, disable_idle)",
    "accounts.queries.actor_of": "the edge makes the actor here whose rights are asked from then on",
    "accounts.queries.names_of": "names at work of who did an act, for who may see the act",
    "accounts.sessions.open_session": "signing in: there is no actor yet whose right could be asked",
    "accounts.sessions.check_password": "signing in, as above",
    "accounts.sessions.authenticate": "signing in, as above",
    "accounts.sessions.authenticate_basic": "signing in, as above",
    "ingest.export.rebuild": "of a claim that the caller read under its right; the record asks for its own",
}
ASKING = {
    "queries", "actions", "show", "door", "export", "history", "listing", "clients", "reviews", "upkeep", "sessions", "rewrap", "key_ring", "plans",
    "proposals", "carrying", "moving",
}  # fmt: skip
ASKS = {
    "predicate",
    "at_once",
    "require",
    "holds",
    "reaches",
    "reach",
    "relations_of",
}  # `reach`: accounts.roles, which asks access facility by facility


def called(node):
    """What is called: access.x() and plain x() by name, methods and other modules' functions not at all."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr if isinstance(node.func.value, ast.Name) and node.func.value.id == "access" else ""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def asks(tree):
    """The functions of a module, and those that ask access, themselves or through each other."""
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = {name: set(filter(None, (called(node) for node in ast.walk(body) if isinstance(node, ast.Call)))) for name, body in bodies.items()}
    asking = {name for name, names in calls.items() if names & ASKS}
    while more := {name for name, names in calls.items() if names & asking} - asking:
        asking |= more
    return bodies, asking


def test_every_public_query_and_action_asks_access():
    faults, used = [], set()
    for module in modules():
        if module.room in BELOW or module.path.stem not in ASKING or "store" in module.package:
            continue
        bodies, asking = asks(module.tree)
        for name, body in bodies.items():
            takes_by = any(argument.arg == "by" for argument in body.args.kwonlyargs)
            if name.startswith("_") or not takes_by or name in asking:
                continue
            full = f"{module.room}.{module.path.stem}.{name}"
            used.add(full)
            if full not in REASONS:
                faults.append(full)
    assert not faults, "\n" + "\n".join(sorted(faults))
    assert set(REASONS) <= used, f"reasons of what is not there: {set(REASONS) - used}"


def test_nobody_decides_by_the_kind_of_actor_or_its_facilities():
    """What an actor may is data (roles.toml). Places where facilities still narrow an act are listed: they only ever take away."""
    narrowing = {
        "accounts", "access", "audit", "kit",
        "web",  # a page offers the facilities of who asks
        "events.actions",  # below access
        "record.actions",  # which facilities a COPY may write for, before access.require says it for each
        "ingest.door",  # what a sender may file for: what stands in the file, not who may call
        "ingest.relations",  # relations are the platform's own work
        "ingest.drive",  # as door: kept with the message
    }  # fmt: skip
    faults = []
    for module in modules():
        if {module.room, f"{module.room}.{module.path.stem}"} & narrowing:
            continue
        asked = [
            node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "by"
        ]
        faults += [f"{module.where}:{node.lineno} by.{node.attr}" for node in asked if node.attr in {"facilities", "may_see", "kind"}]
    assert not faults, "\n" + "\n".join(faults)
