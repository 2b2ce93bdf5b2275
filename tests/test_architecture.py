"""The house rules that a machine can hold: who imports whom, what lies where, how long and how documented."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from cellmodel.quantities import QUANTITIES

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "cellmodel",
    "experiments",
    "parameters",
    "pyproject.toml",
    "results",
    "tests",
}
LONGEST_FILE, LONGEST_FUNCTION = 350, 60
NAMELESS = {"utils", "helpers", "common", "core", "base", "manager"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|farm|root|home|Users|tmp)/\w")
MODULES = sorted((ROOT / "cellmodel").rglob("*.py"))


@cache
def project_files() -> list[Path]:
    """Return every file that belongs to the project: what git tracks or would track, else what the sdist carries."""
    if (ROOT / ".git").exists():
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    found = [
        path for name in TOP_LEVEL for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*"))
    ]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """Return a path as a reader of the project knows it."""
    return path.relative_to(ROOT).as_posix()


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the length of a function without its docstring."""
    documentation = ast.get_docstring(function, clean=False) or ""
    return (function.end_lineno or 0) - function.lineno - documentation.count("\n")


def broken_contracts(folder: Path) -> str:
    """Return what import-linter says of the tree in a folder; a process of its own, for it silences other loggers."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_rooms_import_only_what_lies_below_them() -> None:
    assert broken_contracts(ROOT) == ""


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("quantities", "import cellmodel.study"),
        ("store/opening", "import matplotlib"),
        ("labels", "import pybamm"),
        ("models/solving", "import pybamm"),
        ("protocols/steps", "def later() -> None:\n    import cellmodel.protocols.loading"),
    ],
)
def test_the_import_contracts_catch_a_wrong_import(tmp_path: Path, room: str, line: str) -> None:
    copied = tmp_path / "copy"
    for path in [*MODULES, ROOT / "pyproject.toml"]:
        target = copied / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with (copied / "cellmodel" / f"{room}.py").open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    assert "BROKEN" in broken_contracts(copied)


def test_the_top_level_holds_exactly_what_was_agreed() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in project_files()}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = []
    for path in project_files():
        if path.suffix in (".py", ".md", ".toml", ".csv", ".ipynb", ".cff", "") and path.name != "LICENSE":
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [f"{shown(path)}:{number}" for number, line in enumerate(lines, 1) if MACHINE_PATH.search(line)]
    assert found == []


def test_parameters_are_data_only() -> None:
    endings = {path.suffix for path in project_files() if path.relative_to(ROOT).parts[0] == "parameters"}
    assert endings <= {".toml", ".csv", ".md", ".json"}


def test_no_file_or_function_of_the_package_is_too_long() -> None:
    files = [shown(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE]
    functions = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > LONGEST_FUNCTION
    ]
    assert files + functions == []


def test_no_room_has_a_name_that_says_nothing() -> None:
    rooms = {path.stem if path.stem != "__init__" else path.parent.name for path in MODULES}
    assert rooms & NAMELESS == set()


def test_modules_and_public_functions_and_classes_have_docstrings() -> None:
    missing = [shown(path) for path in MODULES if not ast.get_docstring(tree(path))]
    missing += [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert missing == []


def test_the_package_neither_asserts_nor_prints() -> None:
    found = []
    for path in MODULES:
        for node in ast.walk(tree(path)):
            prints = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            if prints or isinstance(node, ast.Assert):
                found.append(f"{shown(path)}:{node.lineno}")
    assert found == []


def test_modules_postpone_the_evaluation_of_annotations() -> None:
    wanted = "from __future__ import annotations"
    assert [shown(path) for path in MODULES if wanted not in path.read_text(encoding="utf-8")] == []


def test_the_sentences_of_pybamm_stand_in_the_table_of_quantities_only() -> None:
    keys = {quantity.key for quantity in QUANTITIES.values() if quantity.key}
    found = [
        f"{shown(path)}:{node.lineno} {node.value!r}"
        for path in MODULES
        if path.name != "quantities.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in keys
    ]
    assert found == []


def test_every_test_can_fail() -> None:
    checks = ("assert", "raises", "warns", "check_", "benchmark")
    idle = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                body = ast.unparse(node)
                idle += [] if any(word in body for word in checks) else [f"{shown(path)}:{node.lineno} {node.name}"]
    assert idle == []
