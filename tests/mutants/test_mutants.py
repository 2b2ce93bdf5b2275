"""Deliberate breaks of the source: each is put into a copy, and the test named for it must fail there.

Not part of a plain `pytest`: `pytest tests/mutants --mutants` runs them, in a few seconds each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
LONGEST, LONGEST_CONTROL, PATIENCE = 20, 300, 20
"""Seconds of a processor that one test may take to fail, and all of them together to pass without a break; and how
many times as long they may take where others keep the machine busy."""
KEPT_AS_IS = ("parameters", "experiments", "pyproject.toml", "README.md")
LIMITED = """
import sys
try:
    from resource import RLIMIT_CPU, setrlimit
    setrlimit(RLIMIT_CPU, (int(sys.argv[1]),) * 2)
except ImportError:
    pass
import pytest
sys.exit(pytest.main(sys.argv[2:]))
"""
"""pytest in a process that ends, and not with its code for a failed test, once it has used up its time."""
pytestmark = pytest.mark.mutants


def copied(folder: Path) -> Path:
    """Return a copy of the package and its tests; what no break touches is linked."""
    ours = shutil.ignore_patterns("mutants", "benchmarks", "fuzz", "golden")
    shutil.copytree(ROOT / "cellmodel", folder / "cellmodel")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=ours)
    for name in KEPT_AS_IS:
        (folder / name).symlink_to(ROOT / name)
    return folder


def run(folder: Path, tests: list[str], longest: int) -> subprocess.CompletedProcess[str]:
    """Run tests of a copy, which alone is on the path, and return exit code and output."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTEST_ADDOPTS": ""}
    words = ["-q", "-x", "--tb=line", "-p", "no:cacheprovider", "-n", "0", *tests]
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(longest), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE * longest,
        check=False,
    )


def test_the_list_is_long_and_says_no_break_twice() -> None:
    assert len(MUTANTS) >= 37
    assert len({(one.file, one.line, one.changed) for one in MUTANTS}) == len(MUTANTS)
    assert all(one.line != one.changed and one.harm for one in MUTANTS)


def test_the_tests_pass_without_a_break(tmp_path: Path) -> None:
    """Else that one fails would say nothing; and a name that is no test ends with another exit code."""
    done = run(copied(tmp_path), sorted({one.test for one in MUTANTS}), LONGEST_CONTROL)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.file}-{one.test.rpartition('::')[2]}")
def test_a_break_is_noticed(mutant: Mutant, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "cellmodel" / mutant.file
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines.count(mutant.line) == 1, f"{mutant.file} has moved on: {mutant.line!r}"
    lines[lines.index(mutant.line)] = mutant.changed
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    compile(path.read_text(encoding="utf-8"), str(path), "exec")
    done = run(folder, [mutant.test], LONGEST)
    assert done.returncode == 1, f"{mutant.harm}: unnoticed\n{done.stdout}{done.stderr}"
    assert re.search(r"^1 failed", done.stdout, re.MULTILINE), done.stdout
    assert not re.search(r"\d error", done.stdout), done.stdout  # neither collected nor set up is not failed
