"""The door's two verbs: check a view strictly, run it over documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import duck, oracle
from .compiling import compile_view
from .model import View, ViewError, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cells import Output

ENGINES: Final = ("python", "duckdb")


def check(view: View | dict[str, Any]) -> tuple[Output, ...]:
    """Check a view as the house wants its own: form, language, every step and type as R4 has them. Returns its columns.

    Raises ViewError for the first fault; `run` is milder: what no type has gives nothing, as FHIRPath says.
    """
    view = view if isinstance(view, View) else read(view)
    compiled = compile_view(view)
    if compiled.doubts:
        raise ViewError(view.name, *compiled.doubts[0])
    return compiled.columns


def run(view: View | dict[str, Any], resources: Iterable[dict[str, Any]], *, engine: str = "python") -> list[dict[str, Any]]:
    """Run a view over documents; rows in the order of the resources with `python`, in no order with `duckdb`.

    Values: text, bool, int, float; with the tag ansi/type also date, aware datetime and Decimal; lists for collections; objects for whole elements.
    Raises ViewError, also where several values meet a column for one.
    """
    view = view if isinstance(view, View) else read(view)
    compile_view(view)  # one language for both: what cannot be SQL is refused here, too
    return list(oracle.rows(view, resources)) if engine == "python" else duck.rows(view, resources)
