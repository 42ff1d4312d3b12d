"""What a FHIRPath expression becomes in SQL: alternatives by type, each a scalar or a list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from yba.fhir.definitions import Element, Field, elements, is_primitive, known, supertypes

from .shapes import BOOLEAN, OBJECT, Shape, family

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dialect import Dialect

ROOT: Final = "r"  # the struct that a document is read into
SEVERAL: Final = "FHIRPath: expected one value, found several"
ANY: Final = frozenset({"Resource", "DomainResource"})  # what may be a resource of any type


class Unsupported(Exception):
    """An expression that this platform's views do not speak; says what and at which character."""

    def __init__(self, what: str, place: int | None = None) -> None:
        """Take the words."""
        super().__init__(what if place is None else f"character {place + 1}: {what}")


@dataclass(frozen=True, slots=True)
class Alt:
    """Values of one type: SQL of a scalar (null = none) or of a list without nulls (null = none); `beside` gives what extends a primitive."""

    type: str
    sql: str
    many: bool = False
    shape: Shape | None = None
    beside: tuple[str, Shape, str] | None = None  # SQL and shape of the parent, property

    @property
    def family(self) -> str:
        """How its values are kept."""
        return family(self.type)


@dataclass(frozen=True, slots=True)
class Coll:
    """A collection: the types it may hold. No alternative = always empty."""

    alts: tuple[Alt, ...] = ()

    @property
    def many(self) -> bool:
        """Whether there may be several values."""
        return len(self.alts) > 1 or any(alt.many for alt in self.alts)


EMPTY: Final = Coll()


def scalar(type_: str, sql: str) -> Coll:
    """Make a collection of at most one value."""
    return Coll((Alt(type_, sql),))


def truthful(sql: str) -> Coll:
    """Make a boolean; null = unknown."""
    return scalar("System.Boolean", sql)


class Lists:
    """Steps on collections that both kinds of alternatives take, in one dialect."""

    def __init__(self, dialect: Dialect, *, own_id: str = "") -> None:
        """Count the names of lambdas from here."""
        self.dialect, self._own_id = dialect, own_id
        self._count = 0
        self.here = ""  # view and place of what is translated, as errors say it

    def fresh(self, letter: str = "x") -> str:
        """Return a name that was not used."""
        self._count += 1
        return f"{letter}{self._count}"

    def without_nulls(self, items: str) -> str:
        """Leave nulls out of a list."""
        each = self.fresh()
        return self.dialect.filter(items, each, f"{each} IS NOT NULL")

    def each(self, alt: Alt, step: Callable[[Alt], Alt], *, may_miss: bool = True) -> Alt:
        """Apply a step to each value: list or scalar before, list or scalar after. `may_miss`: it may give null."""
        if not alt.many:
            return step(alt)
        name = self.fresh()
        found = step(replace(alt, sql=name, many=False))
        if found.many:
            return replace(found, sql=self.dialect.flatten(self.dialect.transform(alt.sql, name, found.sql)), beside=None)
        items = self.dialect.transform(alt.sql, name, found.sql)
        return replace(found, sql=self.without_nulls(items) if may_miss else items, many=True, beside=None)

    def opened(self, alt: Alt) -> Alt:
        """Make a struct of an object that stands in its parent as JSON, because all of it is wanted somewhere, or it may be of any type."""
        if alt.shape is None or not alt.shape.closed:
            return alt
        shape = alt.shape
        return self.each(alt, lambda one: replace(one, sql=self.dialect.parse(one.sql, shape)), may_miss=False)

    def member(self, coll: Coll, name: str, only: Callable[[str], bool] | None = None) -> Coll:
        """Step to the elements of a name, of one type only (and those that specialise it); a type that has none of it gives nothing."""
        found: list[Alt] = []
        for alt in coll.alts:
            if name in {"extension", "id"} and is_primitive(alt.type):
                found += self._of_primitive(alt, name)
                continue
            if name == "id" and alt.sql == ROOT and self._own_id:
                found.append(Alt("id", self._own_id))
                continue
            element = elements(alt.type).get(name) if known(alt.type) else None
            if alt.type in ANY and element is None:
                raise Unsupported(f"{name} of a resource of any type: say which with ofType()")
            kept = [field for field in element.fields if only is None or only(field.type)] if element is not None else []
            general = min(kept, key=lambda field: len(supertypes(field.type)), default=None)
            if element is None or general is None:
                continue
            others = [field for field in kept if field is not general]
            if only is not None and all(general.type in supertypes(field.type) for field in others):
                found.append(self._field(alt, element, general, *others))
            else:
                found += [self._field(alt, element, field) for field in kept]
        return Coll(tuple(found))

    def _field(self, alt: Alt, element: Element, field: Field, *special: Field) -> Alt:
        """Step to an element; `special`: and those of a choice whose types specialise its type, of which only one is there: a Quantity or an Age."""
        if alt.shape is None:
            raise Unsupported("the elements of a made value cannot be read")
        shape = alt.shape.child(field.key, field.type, many=element.many)
        for other in special:
            alt.shape.share(other.key, shape)
        primitive = is_primitive(field.type)

        def step(one: Alt) -> Alt:
            parent = self.opened(one).sql
            sql, *others = [f"{parent}.{self.dialect.name_of(each.key)}" for each in (field, *special)]
            if others:
                return Alt(field.type, f"coalesce({', '.join([sql, *others])})", shape=shape)
            if element.many:
                return Alt(field.type, self.without_nulls(sql) if primitive else sql, many=True, shape=shape)
            beside = (parent, alt.shape, field.key) if primitive and alt.shape is not None else None
            return Alt(field.type, sql, shape=shape, beside=beside)

        return self.each(alt, step)

    def of_resource(self, alt: Alt, type_: str) -> Alt:
        """Take the resources of a type among those that stand inside of another resource."""
        if alt.shape is None:
            raise Unsupported("the elements of a made value cannot be read")
        kind = Shape(type_)
        kind.child("resourceType", "code", many=False)

        def test(one: str) -> str:
            return f"{self.dialect.parse(one, kind)}.{self.dialect.name_of('resourceType')} = {self.dialect.text(type_)}"

        if not alt.many:
            return Alt(type_, f"CASE WHEN {test(alt.sql)} THEN {alt.sql} END", shape=alt.shape.inner(type_))
        each = self.fresh()
        return Alt(type_, self.dialect.filter(alt.sql, each, test(each)), many=True, shape=alt.shape.inner(type_))

    def shadows(self, coll: Coll, name: str) -> Coll:
        """Return what extends the primitives of a name, repeated or not, beside the elements of other types."""
        found: list[Alt] = []
        for alt in coll.alts:
            element = elements(alt.type).get(name) if known(alt.type) else None
            if element is not None:
                found += [
                    self._shadow(alt, one, many=element.many) if is_primitive(one.type) else self._field(alt, element, one) for one in element.fields
                ]
        return Coll(tuple(found))

    def _shadow(self, alt: Alt, field: Field, *, many: bool) -> Alt:
        if alt.shape is None:
            raise Unsupported("the elements of a made value cannot be read")
        shape = alt.shape.child(f"_{field.key}", "Element", many=many)

        def step(one: Alt) -> Alt:
            sql = f"{self.opened(one).sql}.{self.dialect.name_of(f'_{field.key}')}"
            return Alt("Element", self.without_nulls(sql) if many else sql, many=many, shape=shape)

        return self.each(alt, step)

    def _of_primitive(self, alt: Alt, name: str) -> list[Alt]:
        if alt.beside is None:
            raise Unsupported(f"{name} of a primitive that is repeated")
        sql, parent, key = alt.beside
        shadow = parent.child(f"_{key}", "Element", many=False)
        return list(self.member(Coll((Alt("Element", f"{sql}.{self.dialect.name_of(f'_{key}')}", shape=shadow),)), name).alts)

    def there(self, alt: Alt) -> str:
        """Whether there is at least one: also a primitive that is only extended."""
        if alt.many:
            return f"({self.dialect.size(alt.sql)} > 0)"
        if alt.beside is None:
            return f"({alt.sql} IS NOT NULL)"
        sql, parent, key = alt.beside
        parent.child(f"_{key}", "Element", many=False)
        return f"({alt.sql} IS NOT NULL OR {sql}.{self.dialect.name_of(f'_{key}')} IS NOT NULL)"

    def exists(self, coll: Coll) -> str:
        """Whether the collection holds anything: true or false, never null."""
        return f"({' OR '.join(self.there(alt) for alt in coll.alts)})" if coll.alts else "false"

    def one(self, alt: Alt, what: str = SEVERAL) -> Alt:
        """Take the one value; several are an error when the row comes by."""
        if not alt.many:
            return alt
        sql = f"CASE WHEN {self.dialect.size(alt.sql)} > 1 THEN {self.fail(what)} ELSE {self.dialect.at(alt.sql, '0')} END"
        return replace(alt, sql=sql, many=False)

    def fail(self, what: str) -> str:
        """Raise an error when a row comes by here; says where in the view."""
        return self.dialect.fail(f"{self.here}{what}")

    def first(self, alt: Alt) -> Alt:
        """Take the first value."""
        return replace(alt, sql=self.dialect.at(alt.sql, "0"), many=False) if alt.many else alt

    def listed(self, alt: Alt) -> str:
        """Return the values as a list, whatever they are."""
        if alt.many:
            return alt.sql
        return f"CASE WHEN {alt.sql} IS NOT NULL THEN {self.dialect.list_of(alt.sql)} END"

    def single(self, coll: Coll, what: str) -> Alt | None:
        """Return the one value of a collection of one type; None for a collection that is always empty."""
        if not coll.alts:
            return None
        if len(coll.alts) == 1:
            return self.one(coll.alts[0])
        return self.merged(coll, what)

    def merged(self, coll: Coll, what: str) -> Alt:
        """Make one alternative of several of one family; of others, who writes the view must say which type is meant."""
        kinds = {alt.family for alt in coll.alts}
        if len(kinds) > 1 or OBJECT in kinds or any(alt.many for alt in coll.alts):
            raise Unsupported(f"{what} needs values of one type: say which with ofType()")
        return Alt(coll.alts[0].type, f"coalesce({', '.join(alt.sql for alt in coll.alts)})")

    def truth(self, coll: Coll) -> str:
        """Return a collection as a boolean: null where empty, true for one value of another type."""
        if not coll.alts:
            return "CAST(NULL AS BOOLEAN)"
        if len(coll.alts) == 1 and coll.alts[0].family == BOOLEAN:
            return self.one(coll.alts[0]).sql
        if any(alt.family == BOOLEAN for alt in coll.alts):
            raise Unsupported("a condition of several types: say which with ofType()")
        found = [f"{self.one(alt).sql} IS NOT NULL" for alt in coll.alts]
        return f"CASE WHEN {' OR '.join(found)} THEN true END"
