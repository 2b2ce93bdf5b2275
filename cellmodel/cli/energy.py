"""`energy`: what a design weighs, what it delivers, and what that is per kilogram and per litre."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellmodel.cli.console import console, plain_table
from cellmodel.cli.options import Changes, Extrapolate, NoPlot, Overwrite, ResultsFolder, Temperature, overrides
from cellmodel.labels import rate_text, unit_text

if TYPE_CHECKING:
    import xarray as xr

_MILLIGRAMS = 100.0  # per square centimetre, in 1 kg/m2
_MICROMETRES = 1e6
_METRES = 1e3  # in 1 km
_GRAMS, _MILLILITRES, _WATT_HOURS = 1e3, 1e3, 1e3  # in 1 kg, 1 L, 1 kW.h


def energy(
    cell: Annotated[str | None, typer.Argument(metavar="CELL|FILE", help="name of a cell, or its TOML file")] = None,
    c_rate: Annotated[str, typer.Option("--c-rate", metavar="RATE", help="such as C/3 or 0.5")] = "C/10",
    temperature: Temperature = None,
    cell_format: Annotated[
        str, typer.Option("--format", metavar="NAME|FILE", help="size, number of layers, tabs and pouch")
    ] = "pouch",
    vehicle: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="adds pack, range and heating, such as electric_car")
    ] = None,
    changes: Changes = None,
    mesh: Annotated[str, typer.Option(help="default or fast")] = "default",
    extrapolate: Extrapolate = False,
    published: Annotated[
        bool, typer.Option("--published", help="instead: published energy densities beside what this budget gives")
    ] = False,
    results: ResultsFolder = Path("results"),
    overwrite: Overwrite = False,
    no_plot: NoPlot = False,
) -> None:
    """Masses and volumes of a cell, and its simulated discharge energy over them.

    The cell is discharged at the rate and temperature asked for; that energy, not a capacity times a voltage, is
    divided by the mass and volume of

    * **material**: active material and the lithium foil brought along;
    * **stack**: every layer: lithium, polymer, cathode, collectors;
    * **cell**: with tabs, pouch and the room at its edges (`--format`);
    * **pack**: with `--vehicle`, which adds the range and the heat that keeps the polymer warm.

    Masses are those of the cell as assembled, volumes those of the charged cell. The numbers stand in `parameters/`:
    densities with the materials, thicknesses with the cells, the rest in `formats` and `vehicles`.

    **Examples**

    * `cellmodel energy li_peo_lfp --c-rate C/3`
    * `cellmodel energy li_polycarbonate_nmc811 --temperature "45 degC" --vehicle electric_car`
    * `cellmodel energy li_peo_lfp --set "cell.positive_electrode.areal_capacity=2 mA.h.cm-2"`
    * `cellmodel energy li_peo_lfp --set "cell.negative_collector.thickness=3 um"`: half of a copper foil
    * `cellmodel energy li_peo_lfp --set format.stack.repeat_units=20`
    * `cellmodel energy --published`
    """
    if published:
        _print_published()
        return
    if cell is None:
        raise typer.BadParameter("a cell, such as li_peo_lfp, or --published")
    options: dict[str, Any] = {"c_rate": c_rate, "temperature": temperature, "overrides": overrides(changes)}
    options |= {"vehicle": vehicle, "mesh": mesh, "extrapolate": extrapolate}
    dataset, stored = _budget(cell, cell_format, results, overwrite, options)
    for part in (_parts_table(dataset), "", _levels_table(dataset), "", _facts_table(dataset)):
        console().print(part)
    typer.echo(f"results: {stored}")
    if not no_plot:
        from cellmodel.plotting import plot_budget, save_figure

        typer.echo(f"figure: {save_figure(plot_budget(dataset), stored.with_suffix('.png'))}")


def _budget(
    cell: str, cell_format: str, results: Path, overwrite: bool, options: Mapping[str, Any]
) -> tuple[xr.Dataset, Path]:
    """Return the budget and the file that holds it, after a look at what is there and whether it can be written."""
    from cellmodel.energy import energy_budget, energy_identity
    from cellmodel.store.measurements import check_measurement, write_measurement
    from cellmodel.store.targets import check_target

    identity = energy_identity(cell, cell_format, **options)
    target = results / f"energy_{identity['cell'].replace(':', '_')}.nc"
    check_target(target.with_suffix(".png"))
    check_measurement(target, identity, overwrite)
    dataset = energy_budget(cell, cell_format, **options)
    return dataset, write_measurement(dataset, target, overwrite)


def _parts_table(dataset: xr.Dataset) -> Any:
    """Return one row for each part of the cell."""
    heads = ["part", unit_text("mg.cm-2"), "µm", "mass", "volume", "counts from", "density", "source"]
    table = plain_table(heads, justify="lrrrrl")
    mass, thickness = dataset["mass"], dataset["thickness"]
    for index, name in enumerate(dataset["component"].values):
        row = dataset.isel(component=index)
        status = str(row["density_status"].item())
        table.add_row(
            str(name),
            f"{float(row['mass']) * _MILLIGRAMS:.3f}",
            f"{float(row['thickness']) * _MICROMETRES:.2f}",
            f"{float(row['mass'] / mass.sum()):.1%}",
            f"{float(row['thickness'] / thickness.sum()):.1%}",
            str(row["counts_from"].item()),
            status,
            str(row["density_source"].item()),
            style="yellow" if status == "assumed" else None,
        )
    return table


def _levels_table(dataset: xr.Dataset) -> Any:
    """Return one row for each level."""
    table = plain_table(["level", unit_text("W.h.kg-1"), unit_text("W.h.L-1"), "mass with an assumed density"])
    for level in dataset["level"].values:
        row = dataset.sel(level=level)
        energies = (f"{float(row[name]):.1f}" for name in ("gravimetric_energy", "volumetric_energy"))
        table.add_row(str(level), *energies, f"{float(row['assumed_mass_share']):.0%}")
    return table


def _facts_table(dataset: xr.Dataset) -> Any:
    """Return what else there is to say: discharge, whole cell, pack, range and heating."""
    from cellmodel.cli.summary import flag_meaning

    value = {str(name): float(dataset[name]) for name in dataset.data_vars if dataset[name].ndim == 0}
    celsius = float(dataset.attrs["temperature"]) - 273.15
    capacity = f"{value['areal_capacity']:.3g} {unit_text('mA.h.cm-2')}"
    facts = {
        "discharge": f"{rate_text(value['c_rate'])} at {celsius:.4g} °C",
        "delivered": f"{capacity} at {value['mean_voltage']:.3f} V, {value['utilization']:.1%} of the capacity",
        "ended by": flag_meaning(dataset["end_cause"]).replace("_", " "),
        "whole cell": f"{value['cell_capacity']:.3g} A h, {value['cell_energy']:.3g} W h",
        "": f"{value['cell_mass'] * _GRAMS:.0f} g, {value['cell_volume'] * _MILLILITRES:.0f} mL",
    }
    if not math.isnan(value["lithium_excess"]):  # a liquid cell has none
        facts["lithium excess"] = f"{value['lithium_excess']:.3g} (0 is anode-free)"
    if dataset.attrs["vehicle"]:
        heated = f"{value['vehicle_range'] / _METRES:.0f} km"
        facts |= {
            "pack": f"{value['pack_energy'] / _WATT_HOURS:.3g} kW h",
            "range": f"{heated}; {value['unheated_range'] / _METRES:.0f} km if the cells stay warm by themselves",
            "heating": f"{value['heating_power']:.0f} W, {value['heating_share']:.1%} of all consumption while driving",
            "a day parked, kept warm": f"{value['parked_share']:.1%} of the usable energy",
            "a day parked, warmed up again": f"{value['reheating_share']:.1%} of the usable energy",
        }
    table = plain_table(["", ""], justify="l")
    for words, text in facts.items():
        table.add_row(words, text)
    return table


def _print_published() -> None:
    """Print published energy densities beside computed ones, and the inputs of each."""
    from cellmodel.energy.published import published_cells

    columns = [f"{unit_text(unit)} published" for unit in ("W.h.kg-1", "W.h.L-1")]
    heads = ["cell", columns[0], "here", "difference", columns[1], "here", "difference", "source"]
    numbers, inputs = plain_table(heads, justify="lrrrrrrl"), plain_table(["cell", "inputs", "guessed"], justify="l")
    for row in published_cells():
        texts = []
        for wanted, found in zip(row.published, row.computed, strict=True):
            texts += [f"{wanted:.0f}", f"{found:.1f}", f"{found / wanted - 1.0:+.1%}"]
        numbers.add_row(row.name, *texts, row.source)
        inputs.add_row(row.name, row.stated, row.guessed or "none")
    for part in (numbers, "", inputs):
        console().print(part)
