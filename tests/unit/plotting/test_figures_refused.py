"""Every figure draws what it is given or refuses it in one sentence; cycles and warming cells have figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import synthetic
import xarray as xr
from test_plotting import outside_figure, overlapping_texts

from cellmodel import plotting
from cellmodel.errors import CellModelError, ResultsError

FIGURES = [name for name in plotting.__all__ if name.startswith("plot_")]


def cycled(cycles: int = 4, **swept: list[Any]) -> xr.Dataset:
    """Return discharges and charges whose capacity falls by a tenth with each cycle."""
    once = synthetic.results(**swept)
    order = [str(name) for name in once["status"].dims]
    left = 0.9 ** np.arange(cycles)
    signs = xr.DataArray([1.0, -1.0], dims="step")
    share = xr.DataArray(left, dims="cycle")
    passed = once["discharge_capacity"] * share
    changed = once.copy()
    whole = passed.isel(sample=-1, drop=True)
    both = xr.concat([passed, whole - passed], "step")
    energies = xr.concat([passed * 3.3, (whole - passed) * 3.3], "step")
    parts = {
        "discharge_capacity": both,
        "discharge_energy": energies,
        "voltage": (once["voltage"] + 0.0 * both),
        "current": once["current"] * signs + 0.0 * both,
        "time": once["time"] + 0.0 * both,
        "temperature": once["temperature"] + 0.0 * both,
        "interphase_resistance": 1e-3 * (2.0 - share) + 0.0 * both,
    }
    units = {"interphase_resistance": {"units": "ohm.m2", "long_name": "areal resistance of the interphase"}}
    for name, values in parts.items():
        whole_order = values.transpose(*order, "cycle", "step", "sample")
        changed[name] = whole_order.assign_attrs(units.get(name) or synthetic.described(name))
    for way in ("discharge", "charge"):
        changed[f"cycle_{way}_capacity"] = whole.transpose(*order, "cycle")
        changed[f"cycle_{way}_energy"] = 3.3 * whole.transpose(*order, "cycle")
    return changed


def warmed(**swept: list[Any]) -> xr.Dataset:
    """Return discharges in which the cells warm up by five kelvin."""
    found = synthetic.results(**swept)
    warmer = found["temperature"] + xr.DataArray(np.linspace(0.0, 5.0, synthetic.SAMPLES), dims="sample")
    return found.assign(temperature=warmer.assign_attrs(found["temperature"].attrs))


def failed(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset as if every run had failed, without the variables of curves."""
    bare = dataset.drop_vars([name for name in dataset.data_vars if "sample" in dataset[name].dims])
    changed = bare.assign(status=(bare["status"] * 0 + 3).astype("int8").assign_attrs(bare["status"].attrs))
    return changed.assign(message=changed["message"].copy(data=np.full(changed["message"].shape, "it gave up")))


KINDS = {
    "one run": synthetic.results(),
    "rates": synthetic.results(ambient_temperature=[333.15, 353.15], c_rate=[0.1, 0.5, 1.0]),
    "cases": synthetic.results(case=["a", "b"]),
    "steps": synthetic.with_steps(synthetic.results(c_rate=[0.1, 1.0]), 2, 3),
    "cycles": cycled(c_rate=[0.1, 1.0]),
    "draws": synthetic.results(draw=list(range(12))),
    "profiles": synthetic.with_profiles(synthetic.results()),
    "warm": warmed(case=["a", "b"], c_rate=[0.1, 1.0]),
}
KINDS |= {f"{name}, all failed": failed(dataset) for name, dataset in KINDS.items()}
KINDS |= {f"{name}, no voltage": dataset.drop_vars("voltage", errors="ignore") for name, dataset in KINDS.items()}
NOT_RESULTS: list[Any] = [None, 3, "x", b"x", [], [3], {}, xr.Dataset(), xr.DataArray(3.0), np.zeros(2)]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("kind", KINDS)
def test_results_are_drawn_or_refused_in_a_sentence(name: str, kind: str) -> None:
    said = None
    try:
        figure = getattr(plotting, name)(KINDS[kind])
    except CellModelError as error:
        said = str(error)
    if said is None:
        assert figure.axes
    else:
        assert 20 < len(said) < 400
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("wrong", NOT_RESULTS, ids=repr)
def test_what_is_no_dataset_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(CellModelError):
        getattr(plotting, name)(wrong)


def test_why_nothing_can_be_drawn_is_said() -> None:
    with pytest.raises(ResultsError, match=r"no run of these results has been completed \(it gave up\)"):
        plotting.plot_results(KINDS["rates, all failed"])
    with pytest.raises(ResultsError, match="`limiting_current_ratio`"):
        plotting.plot_collapse(KINDS["rates"])


@pytest.mark.parametrize("wrong", ["share", None, 3, ["areal_capacity"]])
def test_an_unknown_axis_is_refused(wrong: Any) -> None:
    with pytest.raises(ResultsError, match="against"):
        plotting.plot_discharge(KINDS["one run"], wrong)
    with pytest.raises(ResultsError, match="measured"):
        plotting.plot_results(KINDS["one run"], [1.0])  # type: ignore[arg-type]


def test_cycled_cells_show_first_middle_and_last_discharge_and_what_they_lose() -> None:
    figure = plotting.plot_results(cycled(5, c_rate=[0.1, 1.0]))
    curves = [len(axes.get_lines()) for axes in figure.axes[:2]]
    assert curves == [3, 3]
    lost = figure.axes[2].get_lines()[0].get_xydata()
    assert np.asarray(lost) == pytest.approx(np.array([[n + 1, 100 * (0.9**n - 1)] for n in range(5)]), abs=1e-9)
    worn = figure.axes[4]
    assert worn.get_ylabel() == "Interphase resistance (Ω cm²)"
    assert worn.get_lines()[0].get_ydata() == pytest.approx(10.0 * (2.0 - 0.9 ** np.arange(5)))
    assert overlapping_texts(figure) == []
    assert outside_figure(figure) == []


def test_cells_that_warm_up_show_their_temperature() -> None:
    figure = plotting.plot_results(warmed(case=["a", "b"], c_rate=[0.1, 1.0]))
    below = next(axes for axes in figure.axes if axes.get_ylabel() == "Cell temperature (°C)")
    assert np.ptp(below.get_lines()[0].get_ydata()) == pytest.approx(5.0)
    assert overlapping_texts(figure) == []


def test_single_curves_and_cycles_have_a_title_and_a_legend_no_description() -> None:
    description = "share of plated lithium that can be stripped again, of the lithium that was plated"
    titled = {"one run": synthetic.results(), "cycles": cycled(interface_plating_efficiency=[0.9, 0.95])}
    for dataset in titled.values():
        described = dataset.assign_attrs(title="A cell at 80 degC")
        for name in described["status"].dims:
            described[name].attrs["long_name"] = description
        figure = plotting.plot_results(described)
        assert figure.get_suptitle().replace("\u00a0", " ") == "A cell at 80 °C"
        legends = [text.get_text() for part in [figure, *figure.subfigs] for text in [*legend_titles(part)]]
        assert description not in " ".join(legends).replace("\n", " ")
        assert overlapping_texts(figure) == []


def legend_titles(figure: Any) -> list[Any]:
    """Return the titles of the legends of a figure or a part of one."""
    return [legend.get_title() for legend in figure.legends]


def test_attributes_that_a_figure_needs_are_asked_for() -> None:
    bare = xr.Dataset({name: ("frequency", [1.0, 2.0]) for name in ("resistance", "reactance", "magnitude", "phase")})
    with pytest.raises(ResultsError, match="they have no `cell`, `temperature`"):
        plotting.plot_results(bare.assign_coords(frequency=[1.0, 2.0]))
