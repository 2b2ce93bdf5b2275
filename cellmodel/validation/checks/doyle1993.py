"""The original lithium | polymer cell: Figure 2 of Doyle, Fuller and Newman 1993, nothing fitted.

The printed figure is the authors' simulation. Points at round utilisations are part of the project; the whole digitised
curves are read where they are present.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel import resources
from cellmodel.correlations import FARADAY
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.simulation import simulate
from cellmodel.study import load_study
from cellmodel.validation.discharging import STOCK
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]
Figure = dict[str, tuple[Array, Array]]

CELL = "li_peo_tis2_doyle1993"
DISCHARGES = {"discharge_5": 5.0, "discharge_10": 10.0, "discharge_20": 20.0}
CHARGE = "charge_10"
DIGITISED = {"I=5": "discharge_5", "I=10": "discharge_10", "I=20": "discharge_20", "charge (I=-10)": CHARGE}
FILE = "doyle1993_figure2.csv"
POOLED = 25e-3
POOLED_REASON = (
    "25 mV is what was asked: 3 mV of reading, and the paper prints neither its conductivity nor a consistent "
    "coefficient of the diffusion potential, which together move the curves by 20 mV"
)
CONDUCTIVITY = tuple(f"electrolyte.ionic_conductivity.{name}" for name in ("constant", "linear", "quadratic", "cubic"))
FACTOR = "electrolyte.thermodynamic_factor"
EXPONENT = "cell.positive_electrode.bruggeman_exponent"


@cache
def _figure(changes: tuple[tuple[str, float], ...], model: str) -> Figure:
    """Return the four curves; both checks of this module draw the same ones."""
    drawn = {}
    for study in ("doyle1993_figure2", "doyle1993_figure2_charge"):
        loaded = load_study(study)
        for run in loaded.expand():
            cell = run.parameters.replace(dict(changes))
            result = simulate(cell, loaded.protocol, current_density=run.current_density, model=model)
            name = CHARGE if study.endswith("charge") else f"discharge_{run.current_density:g}"
            start = loaded.protocol.initial.stoichiometry or cell.stoichiometry_window[0]
            u = start + result["discharge_capacity"].values / cell["cell.area"] / site_capacity(cell)
            order = np.argsort(u)
            drawn[name] = (u[order], result["voltage"].values[order])
    return drawn


def figure(changes: Mapping[str, float], model: str = "DFN") -> Figure:
    """Return the four curves of the figure as the model draws them.

    Parameters
    ----------
    changes : mapping of str to float
        Path -> value that differs from the cell file.
    model : str, optional
        As `simulate` takes it.

    Returns
    -------
    dict of str to tuple of ndarray
        Curve -> utilisation, ascending, and voltage [V].
    """
    return _figure(tuple(changes.items()), model)


def site_capacity(cell: ParameterSet) -> float:
    """Return the charge of a full electrode [A.h.m-2], from stoichiometry 0 to 1."""
    geometry = (
        cell["cell.positive_electrode.thickness"] * cell["cell.positive_electrode.active_material_volume_fraction"]
    )
    return float(FARADAY * cell["electrode.maximum_concentration"] * geometry / 3600.0)


def deviations(drawn: Figure, printed: Figure) -> dict[str, Array]:
    """Return model minus figure [V] at every printed point; past its end the model stays at its last voltage."""
    return {name: np.interp(u, *drawn[name]) - v for name, (u, v) in printed.items() if name in drawn}


def pooled(differences: Mapping[str, Array], names: tuple[str, ...] | None = None) -> float:
    """Return the mean absolute deviation [V] over all points of some curves (None: all)."""
    return float(np.mean(np.abs(np.concatenate([d for k, d in differences.items() if names is None or k in names]))))


def tabulated() -> Figure:
    """Return the points of the figure that are part of the project."""
    path = resources.folder("experiments") / "measured" / FILE
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    values = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows[1:]])
    names = [head.partition(" ")[0] for head in rows[0]]
    points = {}
    for column, name in enumerate(names[1:], start=1):
        given = ~np.isnan(values[:, column])
        points[name] = (values[given, 0], values[given, column])
    return points


def digitised(surroundings: Surroundings) -> Figure:
    """Return the digitised curves; raises DataMissingError where they are absent."""
    with surroundings.file(FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row["curve"] in DIGITISED:
            point = (float(row["utilisation"]), float(row["cell_potential_V"]))
            found.setdefault(DIGITISED[row["curve"]], []).append(point)
    arrays = {name: np.array(points) for name, points in found.items()}
    return {name: (points[:, 0], points[:, 1]) for name, points in arrays.items()}


def readings(printed: Figure) -> dict[str, tuple[float, float]]:
    """Return, for each other reading of the paper, the pooled deviation [V] of the discharges and of the charge."""
    cell = load_cell(CELL)
    changed: dict[str, dict[str, float]] = {
        "half the diffusion potential, as the paper's equation 5 has it": {FACTOR: 0.5},
        "conductivity x 1.39, which gives the paper's delta = 1.95": {path: 1.39 * cell[path] for path in CONDUCTIVITY},
        "cathode exponent 1.5": {EXPONENT: 1.5},
    }
    found = {}
    for text, changes in changed.items():
        differences = deviations(figure(changes), printed)
        found[text] = (pooled(differences, tuple(DISCHARGES)), pooled(differences, (CHARGE,)))
    return found


def _pooled_findings(printed: Figure, source: str, drawn: Figure, stock: Figure) -> list[Finding]:
    """Return the deviations of the discharges, of the charge and of both from one set of printed points."""
    own, theirs = deviations(drawn, printed), deviations(stock, printed)
    each = ", ".join(f"{name.replace('_', ' ')} A/m2: {1e3 * np.mean(d):+.1f} mV" for name, d in own.items())
    others = "; ".join(f"{text}: {1e3 * a:.1f} and {1e3 * c:.1f} mV" for text, (a, c) in readings(printed).items())
    parts: dict[str, tuple[str, tuple[str, ...] | None, str]] = {
        "discharge": ("discharges at 5, 10, 20 A/m2", tuple(DISCHARGES), f"Mean deviation curve by curve: {each}."),
        "charge": ("charge at 10 A/m2", (CHARGE,), ""),
        "pooled": (
            "all four curves",
            None,
            f"Nothing fitted. Other readings, discharges and charge: {others}.",
        ),
    }
    return [
        Finding(
            name,
            f"voltage against utilisation, {text}, mean absolute deviation ({source})",
            pooled(own, names),
            POOLED,
            "V",
            POOLED_REASON,
            stock=pooled(theirs, names),
            remark=remark,
        )
        for name, (text, names, remark) in parts.items()
    ]


def scalars(drawn: Figure) -> list[Finding]:
    """Return the numbers printed in the text: utilisation at 1.7 V and two dimensionless groups."""
    cell = load_cell(CELL)
    u, v = drawn["discharge_10"]
    end = float(np.interp(-1.7, -v, u))
    separator, cathode = cell["cell.separator.thickness"], cell["cell.positive_electrode.thickness"]
    solid = FARADAY * 0.7 * cell["electrode.maximum_concentration"] * cathode
    salt = (separator + cathode) ** 2 * 10.0 / (cell["electrolyte.salt_diffusivity"] * solid)
    sites = cell["electrode.particle_radius"] ** 2 * 10.0 / (cell["electrode.particle_diffusivity"] * solid)
    asked = "0.02 is what was asked: the text and the figure of the paper differ by 0.019"
    rounded = "printed with one or two digits"
    what = "utilisation at 1.7 V and 10 A/m2 against"
    return [
        Finding(
            "utilisation_text",
            f"{what} the text, 0.84",
            abs(end - 0.84),
            0.02,
            "1",
            asked,
        ),
        Finding(
            "utilisation_figure",
            f"{what} the figure, 0.821",
            abs(end - 0.821),
            0.02,
            "1",
            asked,
        ),
        Finding("salt_group", "S_s against 0.15, relative", abs(salt / 0.15 - 1), 0.05, "1", rounded),
        Finding("solid_group", "S_c against 1e-4, relative", abs(sites / 1e-4 - 1), 0.05, "1", rounded),
    ]


def picture(drawn: Figure, printed: Figure) -> xr.Dataset:
    """Return the figure of the paper with our curves over its points."""
    other = figure({FACTOR: 0.5})
    lines = []
    for name in (*DISCHARGES, CHARGE):
        label = name.replace("_", " ") + " A/m²"
        lines += [
            Curve(f"{label}, model", "model", *drawn[name]),
            Curve(f"{label}, paper", "reference", *printed[name]),
        ]
        lines.append(Curve(f"{label}, half the diffusion potential", "other", *other[name]))
    return curves("Doyle, Fuller and Newman 1993, Figure 2", "utilisation", "voltage (V)", lines)


def measure_table(_surroundings: Surroundings) -> Observation:
    """Hold the model against the points that are part of the project and the numbers of the text."""
    printed = tabulated()
    drawn, stock = figure({}), figure({}, STOCK)
    findings = [*_pooled_findings(printed, "37 tabulated points", drawn, stock), *scalars(drawn)]
    return Observation(findings, picture(drawn, printed))


def measure_digitised(surroundings: Surroundings) -> Observation:
    """Hold the model against the whole digitised curves."""
    printed = digitised(surroundings)
    drawn, stock = figure({}), figure({}, STOCK)
    number = sum(u.size for u, _ in printed.values())
    return Observation(_pooled_findings(printed, f"{number} digitised points", drawn, stock), picture(drawn, printed))


REFERENCE, DOI = "Doyle, Fuller and Newman 1993, Figure 2", "10.1149/1.2221597"
CHECKS = (
    Check("doyle1993_figure2", "published cells", REFERENCE, DOI, measure_table),
    Check("doyle1993_figure2_digitised", "published cells", REFERENCE, DOI, measure_digitised, (FILE,)),
)
