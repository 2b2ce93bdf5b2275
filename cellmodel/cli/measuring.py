"""`polarise` and `impedance`: what a laboratory measures on a polymer, from a cell's name to results and a figure."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellmodel.cli.screen import Overrides, console, overrides

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Cell = Annotated[str, typer.Argument(metavar="CELL|FILE", help="name of a cell, or its TOML file")]
Folder = Annotated[Path, typer.Option("--results", metavar="DIR", help="folder for results and figure")]
Temperature = Annotated[str | None, typer.Option(help="such as '60 degC'; default the cell's own")]
Extrapolate = Annotated[bool, typer.Option("--extrapolate", help="allow temperatures outside validity")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace results of other inputs")]
NoPlot = Annotated[bool, typer.Option("--no-plot", help="leave the figure out")]


class Method(StrEnum):
    """The studies of a symmetric cell, as functions of `cellmodel.polarisation`."""

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
    results: Folder = Path("results"),
    changes: Overrides = None,
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
    from cellmodel import polarisation
    from cellmodel.plotting import plot_polarisation

    function = getattr(polarisation, _FUNCTIONS[method])
    dataset = function(cell, temperature=temperature, overrides=overrides(changes or []), extrapolate=extrapolate)
    _finish(dataset, results, overwrite, None if no_plot else plot_polarisation(dataset))


def impedance(
    cell: Cell,
    symmetric: Annotated[bool, typer.Option("--symmetric", help="lithium | polymer | lithium, no cathode")] = False,
    results: Folder = Path("results"),
    changes: Overrides = None,
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
    from cellmodel.impedance import cell_impedance, symmetric_impedance
    from cellmodel.plotting import plot_impedance

    function = symmetric_impedance if symmetric else cell_impedance
    dataset = function(cell, temperature=temperature, overrides=overrides(changes or []), extrapolate=extrapolate)
    _finish(dataset, results, overwrite, None if no_plot else plot_impedance(dataset))


def _finish(dataset: xr.Dataset, results: Path, overwrite: bool, figure: Figure | None) -> None:
    """Write results and figure, and say what was found beside what was put in."""
    from cellmodel.store.measurements import write_measurement

    stem = f"{dataset.attrs['study']}_{dataset.attrs['cell']}"
    stored = write_measurement(dataset, results / f"{stem}.nc", overwrite)
    for line in findings(dataset):
        console().print(line)
    typer.echo(f"results: {stored}")
    if figure is not None:
        from cellmodel.plotting import save_figure

        typer.echo(f"figure: {save_figure(figure, results / f'{stem}.png')}")


def findings(dataset: xr.Dataset) -> list[str]:
    """Return one line for each number found, beside the one put in.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a polarisation study or an impedance.

    Returns
    -------
    list of str
        Empty if the dataset has nothing to compare with.
    """
    pairs = {name: f"expected_{name.removeprefix('found_')}" for name in map(str, dataset.data_vars)}
    pairs["transition_time"] = "sand_time"
    lines = []
    for name, expected in pairs.items():
        if name not in dataset or expected not in dataset:
            continue
        values = dataset[name]
        for index in range(values.size):
            found = float(values.values.ravel()[index])
            wanted = float(dataset[expected].broadcast_like(values).values.ravel()[index])
            where = "".join(f" at {dim} {float(dataset[dim][index]):.4g}" for dim in map(str, values.dims))
            unit = values.attrs["units"]
            lines.append(f"{name}{where}: {found:.4g} {unit}, put in {wanted:.4g}, deviation {found / wanted - 1:+.3%}")
    return lines
