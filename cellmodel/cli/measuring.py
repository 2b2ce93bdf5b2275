"""`polarise` and `impedance`: what a laboratory measures on a polymer, from a cell's name to results and a figure."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellmodel.cli.console import console, plain_table
from cellmodel.cli.options import (
    Cell,
    Changes,
    Extrapolate,
    NoPlot,
    Overwrite,
    ResultsFolder,
    Temperature,
    overrides,
)
from cellmodel.labels import quantity_text, readable, unit_text, value_text

if TYPE_CHECKING:
    import xarray as xr


class Method(StrEnum):
    """The studies of a symmetric cell, as functions of `cellmodel.characterisation`."""

    POTENTIOSTATIC = "potentiostatic"
    GALVANOSTATIC = "galvanostatic"
    RESTRICTED_DIFFUSION = "restricted-diffusion"
    LIMITING_CURRENT = "limiting-current"


_FUNCTIONS = {
    Method.POTENTIOSTATIC: "potentiostatic_polarisation",
    Method.GALVANOSTATIC: "galvanostatic_polarisation",
    Method.RESTRICTED_DIFFUSION: "restricted_diffusion",
    Method.LIMITING_CURRENT: "limiting_current",
}


def polarise(
    method: Annotated[Method, typer.Argument(help="which experiment")],
    cell: Cell,
    results: ResultsFolder = Path("results"),
    changes: Changes = None,
    temperature: Temperature = None,
    extrapolate: Extrapolate = False,
    overwrite: Overwrite = False,
    no_plot: NoPlot = False,
) -> None:
    """Polarise lithium | polymer | lithium: the polymer and the lithium interface of a cell, without its cathode.

    **Examples**

    * `cellmodel polarise potentiostatic li_peo_lfp`: the transference number after Bruce and Vincent
    * `cellmodel polarise limiting-current li_peo_lfp --set "cell.separator.thickness=50 um"`
    """
    from cellmodel import characterisation

    target = _check_target(_FUNCTIONS[method], cell, results, overwrite, changes, temperature)
    function = getattr(characterisation, _FUNCTIONS[method])
    dataset = function(cell, temperature=temperature, overrides=overrides(changes), extrapolate=extrapolate)
    _finish(dataset, target, overwrite, no_plot)


def impedance(
    cell: Cell,
    symmetric: Annotated[bool, typer.Option("--symmetric", help="lithium | polymer | lithium, no cathode")] = False,
    results: ResultsFolder = Path("results"),
    changes: Changes = None,
    temperature: Temperature = None,
    extrapolate: Extrapolate = False,
    overwrite: Overwrite = False,
    no_plot: NoPlot = False,
) -> None:
    """Impedance at rest, of a cell or of lithium | polymer | lithium.

    **Examples**

    * `cellmodel impedance li_peo_lfp`
    * `cellmodel impedance li_peo_lfp --symmetric --temperature "60 degC"`
    """
    from cellmodel.characterisation import cell_impedance, symmetric_impedance

    study = "symmetric_impedance" if symmetric else "cell_impedance"
    target = _check_target(study, cell, results, overwrite, changes, temperature)
    function = symmetric_impedance if symmetric else cell_impedance
    dataset = function(cell, temperature=temperature, overrides=overrides(changes), extrapolate=extrapolate)
    _finish(dataset, target, overwrite, no_plot)


def _check_target(
    study: str, cell: str, results: Path, overwrite: bool, changes: list[str] | None, temperature: str | None
) -> Path:
    """Return the file for the results, after a look at what is there and whether the figure can be written too."""
    from cellmodel.characterisation.measurement import prepare
    from cellmodel.store.measurements import check_measurement
    from cellmodel.store.targets import check_target

    asked = prepare(study, cell, temperature, overrides(changes), True)
    target = results / f"{study}_{asked.parameters.name.replace(':', '_')}.nc"
    check_target(target.with_suffix(".png"))
    identity = {"study": study, "digest": asked.parameters.digest, "temperature": asked.temperature}
    return check_measurement(target, identity, overwrite)


def _finish(dataset: xr.Dataset, target: Path, overwrite: bool, no_plot: bool) -> None:
    """Write results and figure, and say what was found beside what was put in."""
    from cellmodel.store.measurements import write_measurement

    stored = write_measurement(dataset, target, overwrite)
    for part in findings(dataset):
        console().print(part)
    typer.echo(f"results: {stored}")
    if not no_plot:
        from cellmodel.plotting import plot_results, save_figure

        typer.echo(f"figure: {save_figure(plot_results(dataset), target.with_suffix('.png'))}")


def findings(dataset: xr.Dataset) -> list[Any]:
    """Return tables of what was measured, beside what was put in where the parameters say it."""
    tables = [_arc_table(dataset)] if "frequency" in dataset.dims else []
    return [*tables, *_found_tables(dataset)]


def _arc_table(dataset: xr.Dataset) -> Any:
    """Return the numbers that are read from each spectrum."""
    import numpy as np

    from cellmodel.analysis import read_arcs

    found = read_arcs(dataset)
    swept = [str(name) for name in found["arc_width"].dims]
    unit = unit_text("ohm.cm2")
    lowest = value_text("f", float(found["lowest_frequency"].values.ravel()[0]), "Hz")
    heads = ["high frequency", "interface arc", "top of the arc", f"at {lowest}"]
    table = plain_table([*(name.replace("_", " ") for name in swept), *heads], padding=1)
    table.add_row(*("" for _ in swept), unit, unit, "Hz", unit)
    for place in np.ndindex(*(found.sizes[name] for name in swept)):
        one = found.isel(dict(zip(swept, place, strict=True)))
        ohms = [float(readable(one[name].item(), "ohm.m2")[0]) for name in _RESISTANCES]
        top = float(f"{one['arc_frequency'].item():.4g}")  # 32290, not 3.229e+04
        words = [
            "none" if np.isnan(number) else form(number) for number, form in zip((*ohms[:2], top), _FORMS, strict=True)
        ]
        table.add_row(*(f"{float(one[name]):g}" for name in swept), *words, f"{ohms[2]:.4g}")
    return table


_FORMS = ("{:.4g}".format, "{:.4g}".format, "{:.10g}".format)
_RESISTANCES = ("high_frequency_intercept", "arc_width", "low_frequency_resistance")


def _found_tables(dataset: xr.Dataset) -> list[Any]:
    """Return each number found beside the one put in."""
    import numpy as np

    pairs = {name: f"expected_{name.removeprefix('found_')}" for name in map(str, dataset.data_vars)}
    pairs["transition_time"] = "sand_time"
    pairs = {name: expected for name, expected in pairs.items() if name in dataset and expected in dataset}
    if not pairs:
        return []
    table = plain_table(["", "at", "found", "put in", "deviation"], padding=1)
    for name, expected in pairs.items():
        values, wanted = dataset[name], dataset[expected].broadcast_like(dataset[name])
        units = str(values.attrs["units"])
        for place in np.ndindex(values.shape):
            where = dict(zip(map(str, values.dims), place, strict=True))
            at = ", ".join(value_text(dim, float(dataset[dim][k]), _units(dataset, dim)) for dim, k in where.items())
            found, put_in = float(values.isel(where)), float(wanted.isel(where))
            share = f"{found / put_in - 1:+.2%}" if np.isfinite(found) else ""
            words = name.removeprefix("found_").replace("_", " ")
            table.add_row(words, at, quantity_text(found, units), quantity_text(put_in, units), share)
    return [table]


def _units(dataset: xr.Dataset, name: str) -> str:
    return str(dataset[name].attrs.get("units", "1"))
