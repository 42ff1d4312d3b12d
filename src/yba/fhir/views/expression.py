"""FHIRPath trees to SQL expressions, by the types that R4 gives to every step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from yba.fhir.definitions import is_primitive, is_resource, is_type, known, supertypes
from yba.fhir.fhirpath import FHIRPathError
from yba.fhir.fhirpath.parser import Tree, parse
from yba.fhir.fhirpath.temporal import literal

from .collections import ANY, EMPTY, Alt, Coll, Unsupported, scalar, truthful
from .dialect import DECIMAL as EXACT
from .functions import FUNCTIONS
from .operators import Operators, Scope
from .shapes import INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .dialect import Dialect
    from .model import Constant

_BESIDE: Final = frozenset({"extension", "id"})  # what a primitive has beside its value
LONGEST: Final = 100_000  # characters of one expression's SQL; the longest of our own views has some 900
_SYSTEM: Final = frozenset("Boolean String Integer Decimal Date DateTime Time Quantity".split())
_FIXED: Final = {"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}


class Translator(Operators):
    """Translates the expressions of one view into one dialect."""

    def __init__(self, dialect: Dialect, constants: Mapping[str, Constant], *, own_id: str = "") -> None:
        """Keep the constants, and SQL of the resource's id where it does not stand in the document; note what only a strict check minds."""
        super().__init__(dialect, own_id=own_id)
        self.constants = constants
        self.doubts: list[str] = []

    def path(self, text: str, scope: Scope) -> Coll:
        """Translate an expression. Raises Unsupported, FHIRPathError."""
        return self.tree(parse(text), scope)

    def tree(self, tree: Tree, scope: Scope) -> Coll:
        """Translate a part of an expression. Raises Unsupported, FHIRPathError."""
        found: Coll = getattr(self, f"_{tree.kind}")(tree, scope)
        if any(len(alt.sql) > LONGEST for alt in found.alts):
            raise Unsupported("becomes too long a statement", tree.place)
        return found

    def after(self, focus: Coll, tree: Tree, scope: Scope) -> Coll:
        """Translate what follows a dot."""
        if tree.kind == "member":
            return self._step(focus, tree)
        if tree.kind == "call":
            return self._called(focus, tree, scope)
        return self.tree(tree, scope)

    # --- values

    def _literal(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002  one form for all kinds
        if isinstance(tree.value, bool):
            return truthful("true" if tree.value else "false")
        return scalar("System.String", self.dialect.text(str(tree.value)))

    def _number(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002
        if "." in tree.text:
            return scalar("System.Decimal", f"CAST({tree.text} AS {EXACT})")
        return scalar("System.Integer", f"CAST({tree.text} AS BIGINT)")

    def _date(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002
        value = literal(tree.text)
        if value is None:
            raise Unsupported(f"{tree.text} is no date or time", tree.place)
        if value.kind == "DateTime" and len(value.parts) > 3 and value.zone is None:  # noqa: PLR2004  year, month, day
            raise Unsupported("a moment needs its time zone", tree.place)
        return scalar(f"System.{value.kind}", self.dialect.text(str(value)))

    def _quantity(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002
        raise Unsupported("quantities are not reckoned in views: compare value and code", tree.place)

    def _empty(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002
        return EMPTY

    def _this(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002
        return scope.this

    def _index(self, tree: Tree, scope: Scope) -> Coll:
        if scope.index is None:
            raise Unsupported("$index has no meaning here", tree.place)
        return scalar("System.Integer", scope.index)

    def _total(self, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG002
        raise Unsupported("$total is not for views", tree.place)

    def _constant(self, tree: Tree, scope: Scope) -> Coll:
        name = tree.text
        if name == "rowIndex":
            return scalar("integer", scope.row_index)
        if name in {"resource", "rootResource"}:
            return scope.resource
        if name == "context":
            return scope.context
        if name in self.constants:
            return self._given(self.constants[name])
        if name in _FIXED:
            return scalar("System.String", self.dialect.text(_FIXED[name]))
        raise Unsupported(f"unknown constant %{name}", tree.place)

    def _given(self, constant: Constant) -> Coll:
        value = constant.value
        if isinstance(value, bool):
            return Coll((Alt(constant.type, "true" if value else "false"),))
        if isinstance(value, str):
            return Coll((Alt(constant.type, self.dialect.text(value)),))
        return Coll((Alt(constant.type, f"CAST({value} AS {'BIGINT' if isinstance(value, int) else EXACT})"),))

    # --- paths

    def _step(self, focus: Coll, tree: Tree, only: str = "") -> Coll:
        """Step to an element; `only`: of one of its types, so that no other is read."""
        if not only:
            found = self.member(focus, tree.text)
        else:
            kept = self.member(focus, tree.text, lambda type_: _is(type_, only, _own(only), exact=True) or type_ in ANY)
            found = Coll(tuple(one for alt in kept.alts for one in self._narrowed(alt, only, exact=True)))
        if focus.alts and not found.alts:
            self.doubts.append(f"{', '.join(sorted({alt.type for alt in focus.alts}))} has no {tree.text}{f' of type {only}' if only else ''}")
        return found

    def _member(self, tree: Tree, scope: Scope) -> Coll:
        name = tree.text
        if name[0].isupper() and any(name in {alt.type, *supertypes(alt.type)} for alt in scope.this.alts):
            return scope.this
        return self._step(scope.this, tree)

    def _call(self, tree: Tree, scope: Scope) -> Coll:
        return self._called(scope.this, tree, scope)

    def _invoke(self, tree: Tree, scope: Scope) -> Coll:
        before, after = tree.parts
        if after.kind == "call" and after.text == "ofType" and len(after.parts) == 1:
            only = dotted(after.parts[0])
            self._require_type(only, after.place)
            if before.kind == "member" and not before.text[0].isupper():
                return self._step(scope.this, before, only)
            if before.kind == "invoke" and before.parts[1].kind == "member":
                return self._step(self.tree(before.parts[0], scope), before.parts[1], only)
        found = self.tree(before, scope)
        if after.text in _BESIDE and any(alt.many and is_primitive(alt.type) for alt in found.alts):
            found = self._extended(before, scope) or found
        return self.after(found, after, scope)

    def _extended(self, tree: Tree, scope: Scope) -> Coll | None:
        """Return what extends the repeated primitives that a path ends with; None for what is no plain path."""
        if tree.kind == "member":
            return self.shadows(scope.this, tree.text)
        if tree.kind == "invoke" and tree.parts[1].kind == "member":
            return self.shadows(self.tree(tree.parts[0], scope), tree.parts[1].text)
        return None

    def _item(self, tree: Tree, scope: Scope) -> Coll:
        before, at = self.tree(tree.parts[0], scope), self.single(self.tree(tree.parts[1], scope), "[ ]")
        if at is None or at.family != INTEGER:
            raise Unsupported("[ ] needs a whole number", tree.place)
        number = tree.parts[1].text if tree.parts[1].kind == "number" else at.sql
        if not before.alts:
            return EMPTY
        alt = before.alts[0] if len(before.alts) == 1 else self.merged(before, "[ ]")
        if alt.many:
            taken = self.dialect.at(alt.sql, number)
            return Coll((replace(alt, sql=taken if number.isdecimal() else f"CASE WHEN {number} >= 0 THEN {taken} END", many=False),))
        return Coll((alt,)) if number == "0" else Coll((replace(alt, sql=f"CASE WHEN {number} = 0 THEN {alt.sql} END", beside=None),))

    def _called(self, focus: Coll, tree: Tree, scope: Scope) -> Coll:
        if tree.text in {"ofType", "as", "is"}:
            if len(tree.parts) != 1:
                raise Unsupported(f"{tree.text}() takes one type", tree.place)
            return self._typed(tree.text, focus, dotted(tree.parts[0]), tree.place)
        function = FUNCTIONS.get(tree.text)
        if function is None:
            raise Unsupported(f"{tree.text}() is not spoken by views", tree.place)
        if not function.least <= len(tree.parts) <= function.most:
            raise Unsupported(f"{tree.text}() takes {function.least} to {function.most} arguments", tree.place)
        return function.run(self, focus, tree, scope)

    def _type(self, tree: Tree, scope: Scope) -> Coll:
        return self._typed(tree.text, self.tree(tree.parts[0], scope), tree.value, tree.place)

    @staticmethod
    def _require_type(name: str, place: int) -> None:
        if not (is_type(_own(name)) or known(_own(name)) or _own(name) in _SYSTEM):
            raise Unsupported(f"unknown type {name}", place)

    def _typed(self, operation: str, focus: Coll, name: str, place: int) -> Coll:
        self._require_type(name, place)
        kept = tuple(one for alt in focus.alts for one in self._narrowed(alt, name, exact=operation != "is"))
        if operation == "ofType":
            return Coll(kept)
        one = tuple(self.one(alt, f"{operation} needs one value") for alt in kept)
        if operation == "as":
            return Coll(one)
        there = self.exists(Coll(tuple(self.one(alt) for alt in focus.alts)))
        return truthful(f"CASE WHEN {there} THEN {self.exists(Coll(one))} END") if focus.alts else EMPTY

    def _narrowed(self, alt: Alt, name: str, *, exact: bool) -> list[Alt]:
        """Return what of an alternative is of a type: all, nothing, or the resources of a type where any may stand."""
        if alt.type in ANY and is_resource(_own(name)):
            return [self.of_resource(alt, _own(name))]
        if alt.type in ANY and _own(name) != alt.type:
            raise Unsupported(f"a resource of any type is asked for its own type, not for {name}")
        return [alt] if _is(alt.type, name, _own(name), exact=exact) else []


def dotted(tree: Tree) -> str:
    """Return the name of a type given as an argument."""
    if tree.kind == "member":
        return tree.text
    if tree.kind == "invoke" and tree.parts[1].kind == "member":
        return f"{dotted(tree.parts[0])}.{tree.parts[1].text}"
    raise FHIRPathError("expected the name of a type", place=tree.place)


def _own(name: str) -> str:
    """Return the name of a type without its namespace."""
    return name.rpartition(".")[2] if name.startswith(("FHIR.", "System.")) else name


def _is(type_: str, name: str, own: str, *, exact: bool) -> bool:
    if type_.startswith("System."):
        return not name.startswith("FHIR.") and type_.removeprefix("System.") == own
    if name.startswith("System.") or (exact and is_primitive(type_)):
        return type_ == own and not name.startswith("System.")
    return own == type_ or own in supertypes(type_) or ("." in type_ and own == "BackboneElement")
