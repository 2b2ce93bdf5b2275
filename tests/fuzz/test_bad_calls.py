"""Wrong types and values in the public functions: refused by name before anything is solved or written."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pybamm
import pytest
from time_limits import no_hang

import cellmodel
from cellmodel.errors import MOST_CHARACTERS, MOST_LINES, CellModelError

CELL = "li_peo_lfp"
SERIES = pd.Series([0.1, 0.2])
RUN = {"cell": CELL, "c_rate": 0.1}
BUDGET = {"cell": CELL, "c_rate": 0.1}
STUDY = {"study": "first_discharge"}
# function, what is right, then for each argument what is wrong
CALLS: list[tuple[str, dict[str, Any], dict[str, list[Any]]]] = [
    (
        "simulate",
        RUN,
        {
            "cell": [
                None,
                3,
                [CELL],
                b"li_peo_lfp",
                SERIES,
                True,
                "",
                "li_peo_lf",
                Path("nowhere.toml"),
                "a\0b.toml",
                math.nan,
            ],
            "protocol": [None, 3, b"discharge", True, "dischrge", {"step": []}, SERIES, ""],
            "c_rate": [
                "",
                "  ",
                True,
                math.nan,
                [0.1],
                SERIES,
                -0.1,
                0,
                1e-300,
                math.inf,
                b"C/10",
                "fast",
                np.array([0.1]),
            ],
            "temperature": [True, "hot", [353.0], math.nan, "80 kg", "", 5000.0, b"80 degC"],
            "overrides": [
                "other.txt",
                ["a"],
                {3: 1.0},
                {"cell.separator.thickness": True},
                {"cell.separator.thickness": math.nan},
                {"cell.separator.thickness": ""},
                {"cell.separator.thickness": None},
                {"cell.separator.thicknes": "20 um"},
                {"cell.positive_electrode.areal_capacity": "-1 mA.h.cm-2"},
                {"cell.positive_electrode.areal_capacity": "0 mA.h.cm-2"},
                Path("x"),
            ],
            "model": [3, "P2D", None, ["DFN"], b"DFN"],
            "mesh": [3, "coarse", None, SERIES, True],
            "solver": [None, "newton", 3],
            "rtol": ["1e-4", 0, -1, math.nan, 10, True, None],
            "atol": [math.inf, "", -1.0, True],
            "mechanisms": [{"foil": False}, 3, "foyle", [None], True],
            "compiled": ["no", 1, None],
            "profiles": ["no", 0, None],
            "extrapolate": ["false", 1, [True]],
        },
    ),
    (
        "simulate",
        {"cell": CELL},
        {"current_density": ["1 kg", True, math.nan, "", [1.0], b"1 A.m-2"]},
    ),
    (
        "simulate",
        {"cell": "graphite_lfp", "c_rate": 0.1},
        {"model": ["SPM", "StockDFN"], "profiles": [True], "mechanisms": ["heat", ("foil", "heat")]},
    ),
    (
        "load_cell",
        {},
        {"name": [None, 3, b"li_peo_lfp", [], True, "li_peo_lf", "x" * 100_000, "a\0b.toml", SERIES, ""]},
    ),
    (
        "load_cell",
        {"name": CELL},
        {"electrolyte": [3, "", "peo_litfs", True, ["peo_litfsi"]], "interface": [b"x", "\0"]},
    ),
    ("load_format", {}, {"name": [None, 3, "pouchh", ["pouch"], b"pouch", ""]}),
    ("load_vehicle", {}, {"name": [None, "electric_ca", True, {"a": 1}]}),
    ("load_cell", {}, {"name": ["graphite_lf", 3.0, "graphite_lfp:colour", "li_peo_lfp:colour", "graphite_lfp:"]}),
    ("load_protocol", {}, {"name": [None, 3, {"a": 1}, b"discharge", "dischrge", "", "x" * 100_000, "a\0b.toml"]}),
    ("load_study", {}, {"name": [None, 3, b"x", "first_dischage", ["first_discharge"], {}, "", "a\0b.toml"]}),
    (
        "run_study",
        STUDY,
        {
            "study": [None, 3, "first_dischage", SERIES],
            "results": [3, True, b"results", ["results"], ""],
            "overwrite": ["no", 1, None],
            "extrapolate": ["false", 0],
            "confirmed": ["no", 1],
            "workers": ["four", True, 0, -1, 1.5, [2], math.nan, ""],
            "time_limit": [0, -1, math.nan, math.inf, True, "60 m", "", [60.0]],
        },
    ),
    ("open_results", {}, {"path": [None, 3, "nowhere", True, b"nowhere", "", "a\0b"]}),
    (
        "build_model",
        {"parameters": cellmodel.load_cell(CELL), "mesh": "fast"},
        {
            "parameters": [None, 3, SERIES, "li_peo_lf", [CELL]],
            "model": ["P2D", None, 3],
            "mesh": ["coarse", 3, None],
            "control": ["force", None, 3],
            "rtol": ["1e-4", 0, math.nan, True],
            "atol": [-1, math.inf, None],
            "solver": ["newton", None],
            "mechanisms": [{"foil": False}, "foyle", 3],
            "compiled": ["no", 1],
        },
    ),
    ("DFN", {}, {"options": [3, ["a"], "foil", {3: 1}]}),
    ("SPMe", {}, {"options": [True, {"colour": "red"}]}),
    ("SymmetricCell", {}, {"options": ["x", 3, {"colour": "red"}]}),
    (
        "potentiostatic_polarisation",
        {"cell": CELL},
        {
            "cell": [None, 3, "li_peo_lf", [CELL]],
            "voltages": [None, "0.01", [], [True], [math.nan], [0.01, "x"], [0.0], [[0.01]], {"a": 1}, [1e9]],
            "temperature": ["hot", True, 5000.0],
            "overrides": ["x", {"cell.area": True}],
            "extrapolate": ["no", 1],
            "duration": ["1 kg", -1, 0, True, math.nan, math.inf],
            "volumes": ["60", 0, 1.5, True, 10**7, None],
        },
    ),
    (
        "galvanostatic_polarisation",
        {"cell": CELL},
        {
            "cell": [3, SERIES],
            "current_densities": ["1 A", [], [True], [math.nan], [0.0], b"1 A.m-2", {"a": 1}, [None]],
            "volumes": [0, "many", True],
            "extrapolate": [None, "yes"],
        },
    ),
    (
        "restricted_diffusion",
        {"cell": CELL},
        {"cell": [None, True], "swing": ["x", True, 0.0, -1.0, math.nan, 2.0, None], "volumes": [-1, 1e3]},
    ),
    (
        "limiting_current",
        {"cell": CELL},
        {"cell": [None, b"x"], "holds": ["x", True, 0.0, -1.0, math.nan, math.inf, None], "volumes": [0, SERIES]},
    ),
    (
        "symmetric_impedance",
        {"cell": CELL},
        {
            "cell": [None, 3],
            "frequencies": ["1 m", [], [True], [0.0], [-1.0], [math.nan], {"a": 1}, [math.inf]],
            "volumes": [0, "many"],
            "temperature": ["", [353.0]],
        },
    ),
    (
        "cell_impedance",
        {"cell": CELL},
        {
            "cell": [None, 3],
            "frequencies": ["1 m", [], [True], [0.0]],
            "states_of_charge": ["half", [], [True], [1.5], [-0.1], [math.nan], None],
            "model": ["P2D", None, 3],
            "extrapolate": ["no"],
        },
    ),
    (
        "energy_budget",
        BUDGET,
        {
            "cell": [None, 3, "li_peo_lf", [CELL]],
            "format": [None, 3, "pouchh", ["pouch"]],
            "c_rate": ["", True, math.nan, [0.1], -1],
            "temperature": ["hot", True],
            "overrides": ["x", {"cell.area": ""}],
            "vehicle": [3, "electric_ca", True, ["electric_car"]],
            "mesh": ["coarse", None],
            "profiles": ["no"],
        },
    ),
    (
        "optimise_design",
        BUDGET,
        {
            "cell": [None, 3, b"x"],
            "c_rate": ["", True, math.nan, None, [0.1]],
            "objective": ["beauty", None, 3],
            "temperature": ["hot", True],
            "bounds": [
                "x",
                3,
                {"cell.separator.thickness": 3},
                {"cell.colour": (1, 2)},
                {"cell.separator.thickness": (2e-5, 1e-5)},
            ],
            "format": [None, "pouchh"],
            "maximum_limiting_current_ratio": ["x", True, 0.0, -1.0, math.nan, None],
            "overrides": ["x"],
            "mesh": ["coarse", None, 3],
            "extrapolate": ["no", 1],
            "progress": [3, "loud"],
        },
    ),
    (
        "ragone_front",
        {"cell": CELL},
        {
            "cell": [None, 3],
            "c_rates": ["", [], [True], [math.nan], [""], None, {"a": 1}],
            "objective": ["beauty"],
            "maximum_limiting_current_ratio": [True],
        },
    ),
    (
        "run_claims",
        {"names": "safety"},
        {
            "names": [3, True, ["safty"], b"safety", {"safety": False}, [None], None, [""]],
            "draws": ["many", True, 7, 0, -4, 1.5, math.nan],
            "results": [3, True, b"x", ""],
            "workers": [0, True, "two", 1.5, -1, None],
        },
    ),
    (
        "limits.sand_time",
        {"parameters": CELL, "current_density": 1.0},
        {
            "parameters": [None, 3, "graphite_lfp"],
            "current_density": ["x", True, -1.0, math.nan, None],
            "temperature": ["hot", 5.0],
        },
    ),
    ("limits.limiting_currents", {"parameters": CELL}, {"parameters": [None, SERIES], "temperature": [True, math.nan]}),
    (
        "limits.validity_index",
        {"parameters": CELL, "current_density": 1.0},
        {"parameters": [None], "current_density": ["", [1.0]], "model": ["DFN", None, 3]},
    ),
    ("limits.cell_path", {"parameters": cellmodel.load_cell(CELL)}, {"reaction": ["everywhere", None]}),
    (
        "energy.budget",
        {"parameters": cellmodel.load_cell(CELL)},
        {"format": [None, 3, cellmodel.load_vehicle("electric_car")]},
    ),
    ("energy.with_lithium_excess", {"parameters": cellmodel.load_cell(CELL)}, {"excess": ["x", True, -1.0, math.nan]}),
    (
        "mechanisms.select_mechanisms",
        {"parameters": cellmodel.load_cell(CELL)},
        {"names": [{"foil": False}, 3, None, "foyle", [3]]},
    ),
    ("validate", {}, {"only": [3, {"a": 1}, None, "equilibrum", [None]]}),
    ("assessment.load_claim", {}, {"name": [None, 3, b"safety", "safty", "", "a\0b.toml"]}),
    ("claims_table", {}, {"claims": [None, {}, 3, {"safety": 3}, ["safety"], "safety"]}),
]
CASES = [
    pytest.param(name, {**right, argument: wrong}, argument, id=f"{name}-{argument}-{number}")
    for name, right, wrongs in CALLS
    for argument, values in wrongs.items()
    for number, wrong in enumerate(values)
]


NAMED = {
    "parameters": "cell",
    "excess": "lithium excess",
    "only": "--only",
    "name": "",
    "names": "",
    "path": "",
    "options": "",
}
"""Arguments that a message calls by another word than the call does; what is loaded bears the name of its kind."""


def words(argument: str, wrong: Any) -> set[str]:
    """Return what a message may call a wrong argument by: its name, or a key or name within it."""
    inside = wrong if isinstance(wrong, dict) else [wrong] if isinstance(wrong, str | Path) else []
    return {NAMED.get(argument, argument), *(str(one) for one in inside if str(one).strip())}


@pytest.fixture(autouse=True)
def nothing_is_solved(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """Fail a call that solves or writes anything before it has looked at all that it was given."""

    def solve(*_: Any, **__: Any) -> None:
        pytest.fail("solved before all was checked")

    for solver in (pybamm.BaseSolver, pybamm.IDAKLUSolver, pybamm.CasadiSolver, pybamm.ScipySolver):
        for method in ("solve", "step"):
            monkeypatch.setattr(solver, method, solve)
    yield
    assert not list(folder.iterdir())


def test_that_the_calls_are_many() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("name", "arguments", "wrong"), CASES)
def test_a_wrong_argument_is_refused_by_name(name: str, arguments: dict[str, Any], wrong: str) -> None:
    room, _, own = name.rpartition(".")
    home = importlib.import_module(f"cellmodel.{room}") if room else cellmodel
    function: Callable[..., Any] = getattr(home, own)
    with no_hang(), pytest.raises((CellModelError, pybamm.OptionError)) as refused:  # the latter: unknown options
        function(**arguments)
    text = str(refused.value)
    assert any(word in text for word in words(wrong, arguments[wrong]))
    assert len(text) <= MOST_CHARACTERS
    assert text.count("\n") < MOST_LINES
    assert all(one.isprintable() for one in text.replace("\n", ""))
