"""The right each command needs, or why it is open to all; a command that is not named here refuses."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from yba import access, app, audit
from yba.access import Denied, Right
from yba.kit.db import unit_of_work

from .common import actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yba.kit import Actor

_PUBLIC: Final = "public catalogues, packaged with the software"
_GIVEN: Final = "a pure function of files that whoever calls it holds already"
_RUN: Final = (Right.OPERATIONS_PLATFORM_RUN,)

# By the words of the command line. Whatever a right reaches is the matter of the rooms' predicates.
NEEDS: Final[dict[str, tuple[Right, ...] | str]] = {
    "accounts add": (Right.ACCOUNTS_ACCOUNT_ADD,),
    "accounts assign": (Right.ACCOUNTS_ACCOUNT_ASSIGN,),
    "accounts disable": (Right.ACCOUNTS_ACCOUNT_DISABLE,),
    "accounts end": (Right.ACCOUNTS_ACCOUNT_ASSIGN,),
    "accounts idle": (Right.ACCOUNTS_ACCOUNT_DISABLE,),
    "accounts list": (Right.ACCOUNTS_ACCOUNT_READ,),
    "accounts network": (Right.ACCOUNTS_NETWORK_WRITE,),
    "accounts reset": (Right.ACCOUNTS_ACCOUNT_RESET,),
    "accounts review": (Right.ACCOUNTS_REVIEW_READ,),
    "accounts screens end": (Right.ACCOUNTS_SCREEN_END,),
    "accounts screens list": (Right.ACCOUNTS_SCREEN_READ,),
    "accounts show": (Right.ACCOUNTS_ACCOUNT_READ,),
    "accounts token add": (Right.ACCOUNTS_ACCOUNT_RESET,),
    "accounts token end": (Right.ACCOUNTS_ACCOUNT_DISABLE,),
    "accounts token list": (Right.ACCOUNTS_ACCOUNT_READ,),
    "audit archive": (Right.AUDIT_STORE_ARCHIVE,),
    "audit key": (Right.AUDIT_STORE_VERIFY,),
    "audit seal": (Right.AUDIT_STORE_SEAL,),
    "audit trail": (Right.AUDIT_TRAIL_READ,),
    "audit verify": (Right.AUDIT_STORE_VERIFY,),
    "bench access": _RUN,
    "bench fhir": _RUN,
    "bench identity": _RUN,
    "bench ingest": _RUN,
    "bench record": _RUN,
    "bench warehouse": _RUN,
    "bench web": _RUN,
    "books list": _PUBLIC,
    "books show": (Right.WAREHOUSE_ROW_READ,),
    "claims export": (Right.INGEST_CLAIM_EXPORT,),
    "clients add": (Right.ACCOUNTS_CLIENT_ADD,),
    "clients disable": (Right.ACCOUNTS_CLIENT_DISABLE,),
    "clients list": (Right.ACCOUNTS_CLIENT_READ,),
    "clients reset": (Right.ACCOUNTS_CLIENT_RESET,),
    "demo": _RUN,
    "directory beds load": (Right.DIRECTORY_FACILITY_WRITE,),
    "directory beds show": (Right.DIRECTORY_FACILITY_READ,),
    "directory commune": _PUBLIC,
    "directory facility complete": (Right.DIRECTORY_FACILITY_WRITE,),
    "directory facility end": (Right.DIRECTORY_FACILITY_WRITE,),
    "directory facility list": (Right.DIRECTORY_FACILITY_READ,),
    "directory facility load": (Right.DIRECTORY_FACILITY_WRITE,),
    "directory facility show": (Right.DIRECTORY_FACILITY_READ,),
    "directory population load": (Right.DIRECTORY_FACILITY_WRITE,),
    "directory population show": (Right.DIRECTORY_FACILITY_READ,),
    "directory prices load": (Right.DIRECTORY_FACILITY_WRITE,),
    "directory prices show": (Right.DIRECTORY_FACILITY_READ,),
    "identity acts": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_PERSON_READ),
    "identity approve": (Right.IDENTITY_PERSON_APPROVE,),
    "identity decline": (Right.IDENTITY_PERSON_MERGE,),
    "identity link": _RUN,
    "identity merge": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_PERSON_MERGE),
    "identity number cancel": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_IDENTIFIER_WRITE),
    "identity number set": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_IDENTIFIER_WRITE),
    "identity proposals": (Right.IDENTITY_PERSON_MERGE,),
    "identity relink": (Right.IDENTITY_PERSON_RESOLVE,),
    "identity review": (Right.IDENTITY_REVIEW_READ,),
    "identity show": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_PERSON_READ),
    "identity split": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_PERSON_SPLIT),
    "identity temporary attach": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_IDENTIFIER_WRITE),
    "identity temporary give": (Right.IDENTITY_IDENTIFIER_WRITE,),
    "identity temporary label": (Right.IDENTITY_IDENTIFIER_WRITE,),
    "identity train": (Right.IDENTITY_PERSON_RESOLVE,),
    "identity undo": (Right.IDENTITY_PERSON_MERGE,),
    "identity unknown died": (Right.IDENTITY_UNKNOWN_SETTLE,),
    "identity unknown identify": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_UNKNOWN_SETTLE, Right.IDENTITY_PERSON_MERGE),
    "identity unknown list": (Right.IDENTITY_UNKNOWN_SETTLE,),
    "identity unknown register": (Right.IDENTITY_UNKNOWN_REGISTER,),
    "identity unknown told": (Right.IDENTITY_UNKNOWN_SETTLE,),
    "identity verify batch": (Right.IDENTITY_REGISTER_ASK, Right.IDENTITY_REGISTER_READ),
    "identity verify card": (Right.IDENTITY_REGISTER_ASK,),
    "identity verify person": (Right.IDENTITY_PERSON_FIND, Right.IDENTITY_REGISTER_ASK),
    "identity verify state": (Right.IDENTITY_REGISTER_READ,),
    "ig build": _PUBLIC,
    "ingest": (Right.INGEST_MESSAGE_LAND, Right.INGEST_MESSAGE_PROCESS),
    "intake list": (Right.INGEST_RECEIPT_READ,),
    "intake receipt": (Right.INGEST_RECEIPT_READ,),
    "intake replay": (Right.INGEST_CLAIM_REPLAY,),
    "intake trust": (Right.INGEST_TRUST_READ,),
    "intake watch": (Right.INGEST_MESSAGE_LAND, Right.INGEST_MESSAGE_PROCESS),
    "intake withdraw": (Right.INGEST_MESSAGE_WITHDRAW,),
    "keys check": (Right.OPERATIONS_KEY_MANAGE,),
    "keys export": (Right.OPERATIONS_KEY_MANAGE,),
    "keys list": (Right.OPERATIONS_KEY_MANAGE,),
    "keys protect": (Right.OPERATIONS_KEY_MANAGE,),
    "keys restore": (Right.OPERATIONS_KEY_MANAGE,),
    "keys retire": (Right.OPERATIONS_KEY_MANAGE,),
    "keys rewrap": (Right.OPERATIONS_KEY_MANAGE,),
    "keys rotate": (Right.OPERATIONS_KEY_MANAGE,),
    "law": (Right.OPERATIONS_LAW_READ,),
    "measures list": _PUBLIC,
    "measures show": (Right.WAREHOUSE_MEASURE_READ,),
    "migrate": _RUN,
    "record counts": (Right.RECORD_CLINICAL_SEARCH,),
    "record index add": (Right.RECORD_INDEX_WRITE,),
    "record index list": (Right.RECORD_INDEX_WRITE,),
    "record index remove": (Right.RECORD_INDEX_WRITE,),
    "record labels": (Right.RECORD_RESOURCE_WRITE,),
    "record show": (Right.IDENTITY_PERSON_FIND, Right.RECORD_CLINICAL_READ),
    "record visits": (Right.RECORD_RESOURCE_WRITE,),
    "reports check": (Right.WAREHOUSE_REPORT_READ,),
    "reports correct": (Right.WAREHOUSE_REPORT_MAKE,),
    "reports draft": (Right.WAREHOUSE_REPORT_READ,),
    "reports list": _PUBLIC,
    "reports lock": (Right.WAREHOUSE_REPORT_SIGN,),
    "reports recount": (Right.WAREHOUSE_REPORT_READ,),
    "reports return": (Right.WAREHOUSE_REPORT_SIGN,),
    "reports sign": (Right.WAREHOUSE_REPORT_READ,),  # making and approving ask for a right of their own
    "reports standing": (Right.WAREHOUSE_REPORT_READ,),
    "reports write": (Right.WAREHOUSE_REPORT_READ,),
    "serve": _RUN,
    "settings": (Right.OPERATIONS_SETTING_READ,),
    "simulate card": _RUN,
    "simulate population": _RUN,
    "synth": _RUN,
    "terminology expand": _PUBLIC,
    "terminology lists": _PUBLIC,
    "terminology load": (Right.TERMINOLOGY_RELEASE_LOAD,),
    "terminology lookup": _PUBLIC,
    "views list": _PUBLIC,
    "views run": _GIVEN,
    "views sql": _PUBLIC,
    "views test": _GIVEN,
    "warehouse acknowledge": (Right.WAREHOUSE_ALERT_ACKNOWLEDGE,),
    "warehouse alerts": (Right.WAREHOUSE_ALERT_READ,),
    "warehouse as-of": (Right.WAREHOUSE_LAKE_READ,),
    "warehouse close": (Right.WAREHOUSE_ALERT_ACKNOWLEDGE,),
    "warehouse compact": (Right.WAREHOUSE_LAKE_REFRESH,),
    "warehouse mirror": (Right.WAREHOUSE_LAKE_REFRESH,),
    "warehouse query": (Right.WAREHOUSE_LAKE_READ,),
    "warehouse refresh": (Right.WAREHOUSE_LAKE_REFRESH,),
    "warehouse forecast": (Right.WAREHOUSE_MEASURE_READ,),
    "warehouse judge": (Right.WAREHOUSE_ALERT_JUDGE,),
    "warehouse digest": (Right.WAREHOUSE_DIGEST_READ, Right.WAREHOUSE_DIGEST_MAKE),
    "warehouse keep": (Right.WAREHOUSE_LAKE_REFRESH,),
    "warehouse tables": _PUBLIC,
    "warehouse status": (Right.WAREHOUSE_LAKE_REFRESH,),
    "work": _RUN,
}


def leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Walk the commands that do something: ("record show", command)."""
    if not isinstance(command, click.Group):
        yield " ".join(words), command
        return
    for name, below in command.commands.items():
        yield from leaves(below, (*words, name))


def guard(command: click.Command, name: str) -> click.Command:
    """Put each command below this one behind the right it needs; a refusal is audited in a transaction of its own."""
    for words, leaf in leaves(command, (name,)):
        if leaf.callback is not None and access.declared(leaf.callback) is None:
            leaf.callback = _guarded(leaf.callback, words)
    return command


def _guarded(run: Callable[..., Any], words: str) -> Callable[..., Any]:
    needed = NEEDS.get(words)

    @wraps(run)
    def guarded(*args: Any, **given: Any) -> Any:  # noqa: ANN401  # whatever click hands over
        by = actor()
        try:
            if needed is None:
                message = f"{words}: no right is declared for this command."
                raise click.ClickException(message)
            declaration = access.declared(guarded)
            if declaration is not None:
                declaration.check(by)
            return run(*args, **given)
        except Denied as refused:
            _note(by, words, refused)
            raise

    if needed is None:
        return guarded
    return access.open_to_all(needed)(guarded) if isinstance(needed, str) else access.needs(*needed)(guarded)


def _note(by: Actor, words: str, refused: Denied) -> None:
    app.setup(quiet=True)
    with unit_of_work(by=by) as conn:
        audit.note(conn, by=by, tag=audit.Tag.RIGHT_REFUSED, about_type="Right", about_id=refused.right.value, detail={"command": words})
