"""The source tree as data, for the house tests."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "yba"


@dataclass(frozen=True)
class Module:
    """One module: where it is, which room it belongs to, its text and tree."""

    path: Path
    room: str
    text: str
    tree: ast.Module

    @property
    def where(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def package(self) -> list[str]:
        """The package the module lies in, as parts: ["yba", "kit", "postgres"]."""
        return list(self.path.relative_to(SRC.parent).parent.parts)


@cache
def modules() -> tuple[Module, ...]:
    """Every module under src/yba, migrations apart."""
    found = []
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).parts
        if "migrations" in parts:
            continue
        text = path.read_text(encoding="utf-8")
        found.append(Module(path, parts[0].removesuffix(".py"), text, ast.parse(text)))
    return tuple(found)


def imported(module: Module) -> set[str]:
    """Full dotted names a module imports, relative ones resolved: "yba.record.store.insert" for `from .store import insert`."""
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = module.package[: len(module.package) - node.level + 1] if node.level else []
            start = ".".join([*base, *(node.module.split(".") if node.module else [])])
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names
