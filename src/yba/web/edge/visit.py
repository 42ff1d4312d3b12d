"""One request of somebody signed in, as a page sees it: who, for which purpose, in which unit of work, what was asked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yba import access
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid
from yba.kit.text import nfc
from yba.web.words import catalogue
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse
    from psycopg import Connection

    from yba.access import Right
    from yba.kit.actor import Actor


@dataclass(frozen=True, slots=True)
class Outside:
    """What a page gives in place of an answer when the rest of its work waits for somebody else: run after its unit of work is committed.

    A register outside is asked like this, so that no transaction stays open for as long as the network takes.
    """

    run: Callable[[], HttpResponse]


@dataclass(slots=True)
class Visit:
    """``conn`` is the unit of work of ``by``; ``posted`` says that an act is asked for; ``wrong`` is why the act before was refused.

    After a refused act the page runs once more with ``posted`` False, so that it shows its form with what was typed and the reason.
    """

    request: HttpRequest
    conn: Connection[Any]
    by: Actor
    lang: str
    posted: bool
    wrong: str = ""

    def may(self, right: Right) -> bool:
        """Whether a right is held at all, under whichever purpose of his roles: menus and links."""
        return access.holds(access.purpose_for(self.by, right), right)

    @contextmanager
    def under(self, right: Right) -> Iterator[tuple[Connection[Any], Actor]]:
        """Give a unit of work for another right than the page's own, under the purpose that right is held for."""
        by = access.purpose_for(self.by, right)
        with unit_of_work(by=by) as conn:
            yield conn, by

    def say(self, text: str) -> str:
        """Return a text of ours in the reader's language."""
        return catalogue(self.lang).gettext(text)

    def text(self, field: str, longest: int = 200) -> str:
        """Return one named field of the form, composed and trimmed; nothing but named fields is ever read. Raises Invalid when it is too long."""
        given = nfc(str(self.request.POST.get(field, ""))).strip()
        if len(given) > longest or "\0" in given:
            raise Invalid(self.say(TOO_LONG) % {"n": longest})
        return given

    def asked(self, field: str, longest: int = 200) -> str:
        """Return one named parameter of the address, trimmed and cut."""
        return str(self.request.GET.get(field, "")).strip().replace("\0", "")[:longest]

    @property
    def persons(self) -> tuple[UUID, ...]:
        """The own person and the wards, the own one first."""
        own = self.own
        living = {access.person_now(self.conn, by=self.by, person_id=each) for each in self.by.persons}
        return tuple(sorted(living, key=lambda each: (each != own, str(each))))

    @property
    def own(self) -> UUID | None:
        """The own person of a citizen."""
        found = next((grant.persons for grant in self.by.grants if grant.role == "citizen" and grant.persons), None)
        if found and len(found) > 1:  # known under several ids since a merge: the one of today
            return access.person_now(self.conn, by=self.by, person_id=next(iter(found)))
        return next(iter(found)) if found else None


TOO_LONG = _n("Nội dung quá dài: tối đa %(n)s ký tự.")
