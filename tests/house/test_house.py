"""The house rules that a reader would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.house.source import ROOT, SRC, Module, imported, modules
from yba.app import rooms
from yba.kit.settings import REGISTRY

MOST_LINES = 500
MOST_FUNCTION_LINES = 60
# Files whose length is a table or that are still to be split; each with its reason. Shrinking only.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


def report(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(sorted(faults))


def functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_imports_go_down_the_staircase() -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_says_what_it_is() -> None:
    tests_and_tools = [path for folder in ("tests", "tools") for path in (ROOT / folder).rglob("*.py")]
    faults = [m.where for m in modules() if not ast.get_docstring(m.tree) and m.text.strip()]
    texts = {path: path.read_text(encoding="utf-8") for path in tests_and_tools}
    faults += [str(path.relative_to(ROOT)) for path, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))]
    report(faults)


def test_every_room_has_a_readme() -> None:
    rooms = [path for path in SRC.iterdir() if (path / "__init__.py").exists()]
    report([str(room.relative_to(ROOT)) for room in rooms if not (room / "README.md").exists()])


def test_files_and_functions_are_short() -> None:
    faults = []
    for module in modules():
        lines = module.text.count("\n")
        if lines > MOST_LINES and module.where not in LONG_FILES:
            faults.append(f"{module.where}: {lines} lines")
        for node in functions(module):
            length = (node.end_lineno or 0) - node.lineno + 1
            name = f"{module.where}:{node.name}"
            if length > MOST_FUNCTION_LINES and name not in LONG_FUNCTIONS:
                faults.append(f"{name}: {length} lines")
    report(faults)


def test_a_store_is_used_only_in_its_own_room() -> None:
    faults = []
    for module in modules():
        for name in imported(module):
            parts = name.split(".")
            if parts[0] == "yba" and len(parts) > 2 and parts[1] != module.room and "store" in parts[2:]:
                faults.append(f"{module.where} imports {name}")
    report(faults)


def test_other_rooms_come_in_by_the_door() -> None:
    """Only kit and specs (which are libraries) are imported by module; of every other room only what its __init__ offers."""
    faults = []
    open_rooms = {"kit", "specs", "app", "cli"}
    for module in modules():
        if module.room in {"cli", "app"} and module.path.name in {"urls.py", "wsgi.py"}:
            continue
        for name in imported(module):
            parts = name.split(".")
            if parts[0] != "yba" or len(parts) < 3 or parts[1] in open_rooms | {module.room}:
                continue
            behind = SRC.joinpath(*parts[1:3])
            if len(parts) > 3 and (behind.is_dir() or behind.with_suffix(".py").exists()):
                faults.append(f"{module.where} imports {name}")
    report(faults)


def test_public_queries_and_actions_take_by() -> None:
    """terminology and fhir hold public knowledge in packaged data: nobody's right is asked there."""
    faults = []
    for module in modules():
        if module.room in {"terminology", "fhir"}:
            continue
        if module.path.stem not in {"queries", "actions"} and not {"queries", "actions"} & set(module.package):
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                keyword_only = {argument.arg: default for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)}
                if keyword_only.get("by", "missing") is not None:
                    faults.append(f"{module.where}:{node.name} has no keyword by=, or a default for it")
    report(faults)


def test_commit_stands_only_in_kit_db() -> None:
    calls = {"commit", "rollback", "atomic", "set_autocommit"}
    faults = []
    for module in modules():
        if module.where == "src/yba/kit/db.py":
            continue
        methods = [node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
        faults += [f"{module.where}:{method.lineno} .{method.attr}(" for method in methods if method.attr in calls]
    report(faults)


def test_nothing_reads_the_shared_folder_at_run_time() -> None:
    """What is needed from it is compiled into the package by tools/; a path to it may stand in a comment on where data came from, never in code."""
    faults = []
    for module in modules():
        docstrings = {id(node.body[0].value) for node in ast.walk(module.tree) if has_docstring(node)}
        for node in ast.walk(module.tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if id(node) not in docstrings and ("/work/shared" in text or text.startswith(("../shared", "shared/"))):
                faults.append(f"{module.where}:{node.lineno}")
    report(faults)


def has_docstring(node: ast.AST) -> bool:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return isinstance(node, kinds) and bool(node.body) and isinstance(node.body[0], ast.Expr)


def test_imports_stand_at_the_top_except_at_the_roof() -> None:
    faults = []
    for module in modules():
        if module.room in {"app", "cli"}:
            continue
        for function in functions(module):
            faults += [f"{module.where}:{node.lineno}" for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
    report(faults)


def test_broad_except_only_at_the_edges() -> None:
    """Request, job and command may catch everything, because nobody above them does."""
    edges = {
        "src/yba/kit/jobs.py",
        "src/yba/cli/main.py",
        "src/yba/cli/work.py",
        "src/yba/gateway/edge.py",
        "src/yba/web/edge.py",
        "src/yba/api/app.py",
        "src/yba/api/jobs.py",  # who was put off waits for an answer, whatever it is
    }
    faults = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler) or module.where in edges:
                continue
            broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
            reraises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            if broad and not reraises:
                faults.append(f"{module.where}:{node.lineno}")
    report(faults)


def test_every_setting_is_documented() -> None:
    rooms.load_settings()
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    report([f"{name}: run make docs" for name in REGISTRY if f"`{name}`" not in page])


def test_every_environment_variable_is_a_declared_setting() -> None:
    rooms.load_settings()
    faults = []
    for module in modules():
        for node in ast.walk(module.tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.fullmatch(r"YBA_[A-Z_]+", text) and text not in REGISTRY:
                faults.append(f"{module.where}:{node.lineno} {text} (is the module in rooms.WITH_SETTINGS?)")
    report(faults)
