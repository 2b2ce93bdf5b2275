"""`design`: the best cell within bounds at a rate, or at all rates from C/20 to 2C, against a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellmodel.cli.console import console, plain_table, progress_bar
from cellmodel.cli.options import (
    Bounds,
    Cell,
    Changes,
    Extrapolate,
    MaxLimitingRatio,
    Overwrite,
    ResultsFolder,
    Temperature,
    bounds_of,
    overrides,
)
from cellmodel.inputs import number
from cellmodel.labels import rate_text, unit_text, value_text

if TYPE_CHECKING:
    import xarray as xr


class Objective(StrEnum):
    """What is maximised, as keys of `cellmodel.design.OBJECTIVES`."""

    GRAVIMETRIC = "gravimetric"
    VOLUMETRIC = "volumetric"


_ENERGIES = {"gravimetric": "specific_energy", "volumetric": "energy_density"}
_RESULTS = (
    "specific_energy",
    "energy_density",
    "stack_specific_energy",
    "specific_power",
    "areal_capacity",
    "utilization",
)
_SIDES = {-1: "at its lower bound", 0: "", 1: "at its upper bound"}
_SHOWN_AFTER = 2.0  # s; a bar for less only flickers


def design(
    cell: Cell,
    c_rate: Annotated[str, typer.Option("--c-rate", help="such as C/3, relative to each design's capacity")] = "C/3",
    temperature: Temperature = None,
    objective: Annotated[Objective, typer.Option(help="Wh/kg or Wh/L of the whole cell")] = Objective.GRAVIMETRIC,
    bounds: Bounds = None,
    max_limiting_ratio: MaxLimitingRatio = 1.0,
    format_name: Annotated[str, typer.Option("--format", help="what surrounds the layers")] = "pouch",
    front: Annotated[bool, typer.Option("--front", help="the best design at each rate from C/20 to 2C")] = False,
    claim: Annotated[float | None, typer.Option(help="a claim to hold the result against, Wh/kg or Wh/L")] = None,
    plot: Annotated[bool, typer.Option("--plot", help="draw the front (means --front)")] = False,
    results: ResultsFolder = Path("results"),
    changes: Changes = None,
    extrapolate: Extrapolate = False,
    overwrite: Overwrite = False,
) -> None:
    """Find the cathode, separator and lithium that deliver most energy per mass or volume.

    Every design is discharged at the rate down to the cut-off and weighed with tabs and pouch. Four numbers are
    chosen, within these bounds unless `--bounds` says otherwise:

    * `cell.positive_electrode.thickness`: 20 to 200 um
    * `cell.positive_electrode.active_material_volume_fraction`: 0.30 to 0.65 (electrolyte takes the rest)
    * `cell.separator.thickness`: 10 to 50 um
    * `lithium_excess`: 1 to 4; foil as assembled over what the capacity moves, 0 is anode-free

    A bound that decides the answer is a choice of yours: the table says which ones do. Equal bounds fix a number.

    **Examples**

    * `cellmodel design li_peo_lfp --c-rate C/3`
    * `cellmodel design li_peo_lfp --bounds "cell.separator.thickness=20 um..20 um" --bounds "lithium_excess=0..4"`
    * `cellmodel design li_polycarbonate_nmc811 --temperature "60 degC" --plot --claim 350`
    """
    from cellmodel.design import optimise_design, ragone_front
    from cellmodel.store.measurements import write_measurement

    if claim is not None:
        number(claim, "command line", "--claim", "a number above zero, in Wh/kg or Wh/L", (math.ulp(0.0), math.inf))
    options: dict[str, Any] = {
        "objective": str(objective),
        "temperature": temperature,
        "bounds": bounds_of(bounds),
        "format": format_name,
        "maximum_limiting_current_ratio": max_limiting_ratio,
        "overrides": overrides(changes),
        "extrapolate": extrapolate,
    }
    front = front or plot
    target = _check_target(cell, None if front else c_rate, results, overwrite, plot, options)
    with progress_bar("discharges", after=_SHOWN_AFTER) as advance:
        search = ragone_front if front else partial(optimise_design, c_rate=c_rate)
        found = search(cell, progress=advance, **options).dataset
    for line in (_front_lines if front else _optimum_lines)(found, claim):
        console().print(line)
    typer.echo(f"results: {write_measurement(found, target, overwrite)}")
    if plot:
        from cellmodel.plotting import plot_design, save_figure

        typer.echo(f"figure: {save_figure(plot_design(found, claim), target.with_suffix('.png'))}")


def _check_target(
    cell: str, c_rate: str | None, results: Path, overwrite: bool, plot: bool, options: Mapping[str, Any]
) -> Path:
    """Return the file for the results, after a look at what is there; without a rate, that of a front."""
    from cellmodel.design.front import FRONT_RATES
    from cellmodel.design.problem import read_problem
    from cellmodel.inputs import c_rate as read_rate
    from cellmodel.store.measurements import check_measurement
    from cellmodel.store.targets import check_target

    problem = read_problem(cell, **options)
    rates = FRONT_RATES if c_rate is None else (read_rate(c_rate, "design"),)
    study, stem = ("ragone_front", "ragone_front") if c_rate is None else ("optimal_design", "design")
    target = results / f"{stem}_{problem.space.cell.name}.nc"
    check_measurement(target, {"study": study, "digest": problem.digest(*rates)}, overwrite)
    if plot:
        check_target(target.with_suffix(".png"))
    return target


def _optimum_lines(dataset: xr.Dataset, claim: float | None) -> list[Any]:
    """Return the best design, what it delivers and what keeps it from being better."""
    rate, temperature = rate_text(float(dataset["c_rate"])), value_text("t", dataset.attrs["temperature"], "K")
    title = f"best {dataset.attrs['objective']} design of {dataset.attrs['cell']} at {rate}, {temperature}"
    table = plain_table(["", "optimum", "bounds", ""], title, "l")
    for path in dataset["variable"].values.tolist():
        one = dataset.sel(variable=path)
        units = str(one["variable_units"].item())
        value, low, high = (value_text(path, float(one[name]), units) for name in _CHOICE)
        table.add_row(path, value, f"{low} to {high}", _SIDES[int(one["at_bound"])])
    lines: list[Any] = [table]
    for name in _RESULTS:
        lines.append(
            f"{name.replace('_', ' ')}: {value_text(name, float(dataset[name]), dataset[name].attrs['units'])}"
        )
    for name in dataset["constraint"].values.tolist():
        one = dataset.sel(constraint=name)
        binds = ", binds" if int(one["constraint_binds"]) else ""
        limit = "at most" if name == "limiting_current_ratio" else "at least"
        met = float(one["constraint_value"])
        lines.append(f"{name.replace('_', ' ')}: {met:.3g}, {limit} {float(one['constraint_limit']):.3g}{binds}")
    lines.append(f"{int(dataset['discharges'])} discharges")
    if claim is not None:
        reached = float(dataset[_ENERGIES[dataset.attrs["objective"]]])
        word = "reached" if reached >= claim else "not reached"
        lines.append(f"claim of {_claimed(dataset, claim)}: {word} at {rate}")
    return lines


_CHOICE = ("optimum", "lower_bound", "upper_bound")


def _front_lines(dataset: xr.Dataset, claim: float | None) -> list[Any]:
    """Return one row for each rate, and up to which rate the claim is reached."""
    from cellmodel.design import rate_reaching

    name, unit = _ENERGIES[dataset.attrs["objective"]], unit_text(dataset.attrs["objective_units"])
    title = f"best {dataset.attrs['objective']} designs of {dataset.attrs['cell']}"
    title += f" at {value_text('t', dataset.attrs['temperature'], 'K')}"
    heads = ["C-rate", f"best ({unit})", f"as it is ({unit})", "W kg⁻¹", "cathode", "active", "separator"]
    table = plain_table([*heads, "excess", "i / i_lim", ""], title, "r" * 9 + "l")
    for place in range(dataset.sizes["c_rate"]):
        table.add_row(*_front_cells(dataset.isel(c_rate=place), name))
    lines: list[Any] = [table]
    if claim is not None:
        rate = rate_reaching(dataset, claim)
        fastest = float(dataset["c_rate"].max())
        words = "at no rate" if math.isnan(rate) else f"up to {rate:.2g}C" if rate < fastest else "at every rate"
        lines.append(f"claim of {_claimed(dataset, claim)}: reached {words} by the best design of each rate")
    return lines


def _front_cells(one: xr.Dataset, name: str) -> list[str]:
    """Return the cells of one rate."""
    rate, own = rate_text(float(one["c_rate"])), f"{float(one[f'own_{name}']):.4g}"
    if one["message"].item():
        return [rate, "-", own, *["-"] * 6, str(one["message"].item())]
    order = ("cell.positive_electrode.thickness", "cell.positive_electrode.active_material_volume_fraction")
    chosen = [
        value_text(path, float(one["optimum"].sel(variable=path)), str(one["variable_units"].sel(variable=path).item()))
        for path in (*order, "cell.separator.thickness", "lithium_excess")
    ]
    ratio = float(one["constraint_value"].sel(constraint="limiting_current_ratio"))
    return [rate, f"{float(one[name]):.4g}", own, f"{float(one['specific_power']):.4g}", *chosen, f"{ratio:.2f}", ""]


def _claimed(dataset: xr.Dataset, claim: float) -> str:
    return f"{claim:g} {unit_text(dataset.attrs['objective_units'])}"
