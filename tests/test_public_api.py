"""The public names: listed once, typed, imported on first use, documented in full, their examples true."""

from __future__ import annotations

import ast
import doctest
import inspect
import pickle
import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest

import cellmodel
from cellmodel.parameters import ParameterSet

ROOT = Path(__file__).parents[1]
FUNCTIONS = [name for name in cellmodel.__all__ if inspect.isfunction(getattr(cellmodel, name))]
ORDER = ["Parameters", "Returns", "Raises", "Warns", "References", "Examples"]
NOT_RUN = {
    "run_claims": "one claim is hundreds of discharges and more",
    "claims_table": "needs the draws of a claim",
    "plot_claims": "needs the draws of a claim",
    "plot_collapse": "needs a study of at least 28 discharges, some seconds",
}
"""Public function -> why its example is shown and not run."""

TYPING = """
[mypy]
strict = True
[mypy-cellmodel.*]
follow_imports = silent
[mypy-casadi.*,h5netcdf.*,h5py.*,numcodecs.*,pandas.*,pint.*,pybamm.*,pybammsolvers.*,pydantic.*,\
rich.*,SALib.*,scipy.*,typer.*]
follow_imports = skip
ignore_missing_imports = True
"""
"""A caller's strict settings; libraries that say nothing of the public names are not read, to save time."""

WELL_TYPED = {
    "cellmodel.simulate": r"def \(cell: .*Cell, protocol: .*, c_rate: float \| str \| None =, .*\) -> .*Dataset",
    "cellmodel.run_study": r"def \(study: .*, workers: int \| str \| .*Executor \| .*Client \| .*Workers \| None =, "
    r"time_limit: float \| str \| None =, .*\) -> .*Dataset",
    "Study.load('x').run": r"def \(results: .*, workers: int \| str \| .*Executor \| .*Client \| None =, "
    r"time_limit: float \| str \| None =, .*\) -> .*Dataset",
    "Cell.load(Path('x.toml'))": r"cellmodel\..*\.Cell",
    "Protocol.load('x')": r"cellmodel\..*\.Protocol",
    "open_results('x')": r"xarray\..*\.Dataset",
    "cellmodel.plot_results": r"def \(dataset: .*Dataset, .*\) -> matplotlib\..*Figure",
    "cellmodel.optimise_design": r"def \(cell: .*, c_rate: float \| str, .*\) -> .*OptimalDesign",
    "cellmodel.analysis.sobol_indices": r"def \(dataset: .*Dataset, .*\) -> .*Dataset",
    "cellmodel.DFN": r"def \(.*\) -> cellmodel\..*\.DFN",
    "cellmodel.ParameterSet.load('x')": r"cellmodel\..*\.Cell",
}
ILL_TYPED = {
    "simulate('x', c_rat=3)": '"c_rat" for "simulate"; did you mean "c_rate"',
    "simulate('x', temperature=b'80 degC')": '"temperature" to "simulate" has incompatible type "bytes"',
    "cellmodel.run_study('x', workers=[4])": '"workers" to "run_study" has incompatible type "list[int]"',
    "Study.load('x').run(time_limit=('2 min',))": '"time_limit" to "run" of "Study" has incompatible type',
    "Cell.load('x', cathode='nmc811')": '"cathode" for "load" of "Cell"',
    "open_results(3)": '1 to "open_results" has incompatible type "int"',
    "cellmodel.optimise_design('x')": 'Missing named argument "c_rate" for "optimise_design"',
    "cellmodel.simulat": 'Module has no attribute "simulat"; maybe "simulate',
}


def definition(name: str) -> ast.FunctionDef:
    """Return the syntax tree of a public function."""
    function = getattr(cellmodel, name)
    tree = ast.parse(Path(inspect.getsourcefile(function) or "").read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function.__name__)


def test_types_are_what_callers_see(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text(TYPING, encoding="utf-8")
    head = ["from pathlib import Path", "import cellmodel.simulation"]
    head += ["from cellmodel import Cell, Protocol, Study, open_results, simulate"]
    lines = head + [f"reveal_type({expression})" for expression in WELL_TYPED] + list(ILL_TYPED)
    (tmp_path / "script.py").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file=mypy.ini", "--cache-dir=/dev/null", "script.py"]
    environment = {"MYPYPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    told = dict(re.findall(r"^script\.py:(\d+): (?:note: Revealed type is|error:) (.*)$", done.stdout, re.MULTILINE))
    wanted = [*WELL_TYPED.values(), *map(re.escape, ILL_TYPED.values())]
    numbers = range(len(head) + 1, len(lines) + 1)
    wrong = [
        f"{lines[number - 1]}: {told.get(str(number))}"
        for number, pattern in zip(numbers, wanted, strict=True)
        if not re.search(pattern, told.get(str(number), ""))
    ]
    assert wrong == [], done.stdout + done.stderr
    assert set(told) == set(map(str, numbers))


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in cellmodel.__all__ if not hasattr(cellmodel, name)] == []
    assert dir(cellmodel) == sorted(cellmodel.__all__)
    assert {"Cell", "Protocol", "Study", "open_results", "simulate", "__version__"} <= set(dir(cellmodel))
    assert "ParameterSet" not in dir(cellmodel)
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        _ = cellmodel.simulat


def test_importing_the_package_loads_nothing_heavy_and_switches_telemetry_off() -> None:
    code = (
        "import os, sys\n"
        "os.environ.pop('PYBAMM_DISABLE_TELEMETRY', None)\n"
        "before = set(sys.modules)\n"
        "import cellmodel\n"
        "dir(cellmodel)\n"
        "own = {name for name in sys.modules if name.startswith('cellmodel.')}\n"
        "heavy = {'numpy', 'pybamm', 'xarray', 'matplotlib', 'pint', 'typer'} & (set(sys.modules) - before)\n"
        "sys.exit(bool(own | heavy) or os.environ['PYBAMM_DISABLE_TELEMETRY'] != 'true')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT)
    assert done.returncode == 0


def test_no_module_hides_a_public_name() -> None:
    rooms = {path.stem for path in (ROOT / "cellmodel").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert rooms & set(cellmodel.__all__) == {"analysis"}  # which is public itself
    code = "import cellmodel.simulation, cellmodel.cli.studies\nfrom cellmodel import simulate\n"
    checked = "import sys\nsys.exit(not simulate is cellmodel.simulate is cellmodel.simulation.simulate)"
    assert subprocess.run([sys.executable, "-c", code + checked], check=False, cwd=ROOT).returncode == 0


def test_a_former_name_warns_and_is_the_same_class() -> None:
    with pytest.warns(DeprecationWarning, match=r"cellmodel\.ParameterSet is now called cellmodel\.Cell") as told:
        former = cellmodel.ParameterSet
    assert told[0].filename == __file__
    assert former is cellmodel.Cell is ParameterSet
    cell = cellmodel.Cell.load("li_peo_lfp")
    assert isinstance(cell, former)
    assert type(cell).__name__ == "Cell"
    assert pickle.loads(pickle.dumps(cell)) == cell


def test_a_pickle_under_the_former_name_is_read() -> None:
    written = pickle.dumps(cellmodel.Cell.load("li_peo_lfp"), protocol=0)
    earlier = written.replace(b"parameter_set\nCell\n", b"parameter_set\nParameterSet\n")
    assert earlier != written
    assert pickle.loads(earlier).digest == cellmodel.Cell.load("li_peo_lfp").digest


def test_load_is_what_the_functions_return(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(cellmodel.Cell.load("li_peo_lfp").to_toml(), encoding="utf-8")
    assert cellmodel.Cell.load(path).digest == cellmodel.load_cell("li_peo_lfp").digest
    assert cellmodel.Cell.load("li_peo_lfp") is cellmodel.load_cell("li_peo_lfp")
    assert cellmodel.Cell.load("li_peo_lfp", electrolyte=":edman") is cellmodel.load_cell("li_peo_lfp", ":edman")
    assert cellmodel.Protocol.load("discharge") == cellmodel.load_protocol("discharge")
    assert cellmodel.Study.load("first_discharge") == cellmodel.load_study("first_discharge")
    with pytest.raises(cellmodel.ParameterError, match="li_peo_lfp"):
        cellmodel.Cell.load("li_peo_lpf")


def test_a_study_runs_with_the_arguments_of_run_study(tmp_path: Path) -> None:
    study = cellmodel.Study.load("first_discharge").replace(mesh="fast")
    told: list[tuple[int, int]] = []
    runs = study.run(tmp_path, progress=lambda done, todo: told.append((done, todo)), workers=1, time_limit="1 h")
    assert told[-1] == (1, 1)
    kept = cellmodel.open_results(tmp_path / "first_discharge")
    assert kept["voltage"].identical(runs["voltage"])
    with pytest.raises(cellmodel.StudyError, match="time_limit"):
        study.run(None, time_limit="2 metres")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_documents_what_it_takes_returns_and_raises(name: str) -> None:
    node = definition(name)
    text = ast.get_docstring(node) or ""
    sections = dict(re.findall(r"^(\w+)\n-{3,}\n(.*?)(?=^\w+\n-{3,}\n|\Z)", text, re.MULTILINE | re.DOTALL))
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    taken = [one.arg for one in every if one is not None]
    listed = re.findall(r"^\*{0,2}(\w[\w, ]*?)(?= :|$)", sections.get("Parameters", ""), re.MULTILINE)
    assert [one for names in listed for one in names.split(", ")] == taken
    assert node.returns is not None
    wanted = {"Returns", "Examples"} | ({"Parameters", "Raises"} if taken else set())
    assert {section for section in wanted if not sections.get(section, "").strip()} == set()
    assert list(sections) == [section for section in ORDER if section in sections]
    assert ">>> " in sections["Examples"]


@pytest.mark.parametrize("name", [*FUNCTIONS, "Cell.load", "Protocol.load", "Study.load", "Study.run"])
def test_the_examples_of_a_public_function_are_true(name: str, folder: Path) -> None:
    found = doctest.DocTestFinder(recurse=False).find(attrgetter(name)(cellmodel), name, globs={})
    assert len(found) == 1
    told: list[str] = []
    outcome = doctest.DocTestRunner().run(found[0], out=told.append)
    assert outcome.failed == 0, "".join(told)
    skipped = any(doctest.SKIP in example.options for example in found[0].examples)
    assert skipped == (name in NOT_RUN)
    assert skipped or outcome.attempted == len(found[0].examples) > 1


def test_few_examples_are_not_run_and_each_has_a_reason() -> None:
    assert len(NOT_RUN) <= 5
    assert set(NOT_RUN) <= set(FUNCTIONS)
    assert all(NOT_RUN.values())
