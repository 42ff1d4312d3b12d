"""Write the generated pages and lists anew, or say (--check) which of them are out of date."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[1]
PROOFS = ROOT / "src" / "yba" / "specs" / "law" / "proofs.json"
SETTINGS_MARK = "<!-- generated: yba settings --markdown -->"


def law_ids(call: ast.expr) -> list[str]:
    """Return the ids of a `pytest.mark.law("A", "B")`, none of anything else."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "law"):
        return []
    return [argument.value for argument in call.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]


def proofs_of(path: Path) -> list[tuple[str, str]]:
    """Return (duty, test) for every mark in a test file: on functions, on classes, on the module or on parameters."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = str(path.relative_to(ROOT))
    found: list[tuple[str, str]] = []
    for node in tree.body:
        name = where
        inner: list[ast.stmt] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{where}::{node.name}"
            inner = node.body if isinstance(node, ast.ClassDef) else []
        methods = [method for method in inner if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)]
        skip = {id(part) for method in methods for part in ast.walk(method)}
        found += [(duty, name) for part in ast.walk(node) if id(part) not in skip and isinstance(part, ast.expr) for duty in law_ids(part)]
        for method in methods:
            found += [(duty, f"{name}::{method.name}") for part in ast.walk(method) if isinstance(part, ast.expr) for duty in law_ids(part)]
    return found


def proofs() -> bytes:
    """Return the content of specs/law/proofs.json."""
    table: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for duty, test in proofs_of(path):
            table.setdefault(duty, set()).add(test)
    ordered = {duty: sorted(tests) for duty, tests in sorted(table.items())}
    return orjson.dumps(ordered, option=orjson.OPT_INDENT_2) + b"\n"


def settings_page() -> bytes:
    """Return docs/settings.md: what people wrote above the mark, the table below it."""
    from yba.app import rooms  # noqa: PLC0415  # proofs must be on disk before anything of ours is imported
    from yba.cli.settings import table  # noqa: PLC0415
    from yba.kit.settings import REGISTRY  # noqa: PLC0415

    rooms.load_settings()
    above = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").split(SETTINGS_MARK)[0]
    return f"{above}{SETTINGS_MARK}\n\n{table(sorted(REGISTRY.values(), key=lambda s: s.name))}\n".encode()


def law_page() -> bytes:
    """Return docs/law.md."""
    from yba.operations import law_markdown  # noqa: PLC0415

    return law_markdown().encode()


def other_pages(*, check: bool) -> bool:
    """Run the rooms' own page writers, each by its script."""
    options = ["--check"] if check else []
    scripts = ("tools/document_claims.py", "tools/document_rights.py")  # each in a process of its own: settings are read once
    others = [subprocess.run([sys.executable, script, *options], cwd=ROOT, check=False).returncode == 0 for script in scripts]
    sys.path.insert(0, str(ROOT))
    from tools import document_mapping, document_measures, document_views  # noqa: PLC0415

    own = [settle(page.PAGE, page.page().encode(), check=check) for page in (document_mapping, document_measures, document_views)]
    return all(own) and all(others)


def settle(path: Path, content: bytes, *, check: bool) -> bool:
    """Write a file when it differs, or only say so; returns whether it was right already."""
    right = path.exists() and path.read_bytes() == content
    if not right and not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if not right:
        print(f"{'out of date, run make docs:' if check else 'written:'} {path.relative_to(ROOT)}")
    return right


def main() -> int:
    """Go through everything generated; --check writes nothing and fails when something is out of date."""
    check = "--check" in sys.argv[1:]
    right = [settle(PROOFS, proofs(), check=check)]
    right.append(settle(ROOT / "docs" / "law.md", law_page(), check=check))
    right.append(settle(ROOT / "docs" / "settings.md", settings_page(), check=check))
    right.append(other_pages(check=check))
    return 1 if check and not all(right) else 0


if __name__ == "__main__":
    sys.exit(main())
