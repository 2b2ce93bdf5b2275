"""What many runs say together, on made-up results whose curves, scatter and sensitivities are known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import synthetic
import xarray as xr
from SALib.analyze import rbd_fast
from scipy import stats

from cellmodel.analysis import (
    capacity_against_temperature,
    collapse,
    differential_capacity,
    on_capacity,
    quantile_bands,
    ragone,
    rate_capability,
    sobol_indices,
    voltage_bands,
    voltage_losses,
)
from cellmodel.dataset import schema
from cellmodel.errors import ResultsError
from cellmodel.plotting import plot_collapse
from cellmodel.study.sampling import Sample

RATES = [0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 4.0]
SALTELLI = '[study]\nsample = { method = "saltelli" }\n'
THICKNESSES = [10e-6, 20e-6, 40e-6]


def scattered(size: float = 0.0) -> xr.Dataset:
    """Return runs whose share falls with the logarithm of i / i_lim, i_lim = 1 / thickness, plus or minus `size`."""
    dataset = synthetic.results(separator_thickness=THICKNESSES, c_rate=RATES)
    dataset["separator_thickness"].attrs.update(units="m", long_name="Separator thickness")
    ratio = dataset["c_rate"] * dataset["separator_thickness"] / 20e-6
    sign = xr.DataArray([1.0, -1.0] * 4, dims="c_rate")
    names = ("separator_thickness", "c_rate")
    dataset["limiting_current_ratio"] = ratio.transpose(*names).assign_attrs(units="1")
    dataset["utilization"] = (0.5 - 0.1 * np.log(ratio) + size * sign).transpose(*names)
    return dataset


def test_runs_on_one_curve_have_no_spread() -> None:
    """A line in the logarithm is a piecewise-linear curve: nothing but round-off is left."""
    found = collapse(scattered())
    assert float(found["largest_deviation"]) < 1e-12
    assert int(found["runs"]) == 24
    np.testing.assert_allclose(found["curve"], 0.5 - 0.1 * np.log(found["curve_position"]), atol=1e-12)


def test_the_spread_is_the_scatter() -> None:
    """Every run is 3 % off, up and down in turn; a curve of two points can follow none of it but its mean tilt."""
    found = collapse(scattered(0.03), points=2)
    assert float(found["spread"]) == pytest.approx(0.03, rel=0.05)
    assert found["deviation"].dims == ("separator_thickness", "c_rate")


def test_against_the_rate_the_same_runs_do_not_collapse() -> None:
    """At one rate the shares of the three cells differ by 0.1 ln 2 from their neighbours: rms 0.1 ln 2 sqrt(2/3)."""
    found = collapse(scattered(), "c_rate")
    assert float(found["spread"]) == pytest.approx(0.1 * np.log(2) * np.sqrt(2 / 3), rel=1e-6)


def test_runs_without_a_limit_or_a_capacity_do_not_count() -> None:
    dataset = scattered()
    dataset["limiting_current_ratio"][0, :] = 0.0  # a single-ion conductor
    dataset["utilization"][1, 0] = np.nan  # failed
    assert int(collapse(dataset)["runs"]) == 15
    with pytest.raises(ResultsError, match="0 runs"):
        collapse(dataset.assign(limiting_current_ratio=0.0 * dataset["limiting_current_ratio"]))


def test_the_figure_shows_every_run_in_both_panels() -> None:
    figure = plot_collapse(scattered(0.01))
    for axes in figure.axes:
        dots = [line for line in axes.lines if line.get_linestyle() == "None"]
        assert sum(len(line.get_xdata()) for line in dots) == 24
        assert "rms deviation" in axes.get_title(loc="left")
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["common curve", "Separator thickness", "10 µm", "20 µm", "40 µm"]


def drawn(size: int, **swept: list[float]) -> xr.Dataset:
    """Return made-up runs along `draw`, each with a voltage lifted by a normal number of 20 mV, and that number."""
    dataset = synthetic.results(**swept, draw=list(range(size)))
    lift = xr.DataArray(np.random.default_rng(3).normal(0.0, 0.02, size), dims="draw")
    voltage = (dataset["voltage"] + lift).transpose(*dataset["voltage"].dims)
    dataset["voltage"] = voltage.assign_attrs(synthetic.described("voltage"))
    return dataset.assign_coords(cell_lift=lift.assign_attrs(units="V", long_name="lift", path="cell.lift"))


def shortened(dataset: xr.Dataset, shares: np.ndarray) -> xr.Dataset:
    """Return the same runs ended early, each at a share of its capacity."""
    factor = xr.DataArray(shares, dims="draw")
    names = ("discharge_capacity", "capacity", "areal_capacity", "utilization")
    return dataset.assign({name: (dataset[name] * factor).assign_attrs(dataset[name].attrs) for name in names})


def test_quantiles_of_a_number_are_those_of_the_runs_that_finished() -> None:
    dataset = synthetic.results(failed=((0, 2), (1, 0)), c_rate=[0.1, 1.0], draw=list(range(7)))
    dataset["energy"] = dataset["energy"].where(dataset["status"] != 1, dataset["energy"] * (1 + dataset["draw"]))
    dataset["energy"].attrs.update(units="W.h", long_name="energy")
    found = quantile_bands(dataset, "energy", [0.0, 0.5, 1.0])
    assert found["energy"].dims == ("c_rate", "quantile")
    assert found["energy"].attrs == {"units": "W.h", "long_name": "energy"}
    wanted = np.quantile(dataset["energy"].values[0, [0, 1, 3, 4, 5, 6]], [0.0, 0.5, 1.0])
    np.testing.assert_allclose(found["energy"].values[0], wanted)
    assert found["runs"].values.tolist() == [6, 6]


def test_the_band_of_the_voltage_is_the_distribution_of_the_lifts() -> None:
    """All curves have one shape, so that the quantiles of the voltage are those of the lifts, at every capacity."""
    dataset = drawn(101, c_rate=[0.1, 1.0])
    found = voltage_bands(dataset, points=21)
    assert found["voltage"].dims == ("c_rate", "quantile", "areal_capacity")
    assert found["voltage"].attrs["units"] == "V"
    assert found["areal_capacity"].attrs["units"] == "mA.h.cm-2"
    spread = (found["voltage"] - found["voltage"].sel(quantile=0.5)).isel(c_rate=0)
    lifts = np.quantile(dataset["cell_lift"], found["quantile"]) - np.median(dataset["cell_lift"])
    np.testing.assert_allclose(spread.values, np.broadcast_to(lifts[:, None], spread.shape), atol=1e-12)
    assert found["running"].isel(c_rate=0).values.tolist() == [1.0] * 21


def test_the_band_ends_at_the_quantile_of_the_capacities() -> None:
    """Runs end between 60 and 100 % of the capacity, evenly: nine tenths still run at 64 %, one tenth at 96 %."""
    dataset = shortened(synthetic.results(draw=list(range(101))), np.linspace(0.6, 1.0, 101))
    found = voltage_bands(dataset, points=1001, quantiles=[0.1, 0.5, 0.9])
    ends = [float(found["areal_capacity"].where(curve.notnull()).max()) for curve in found["voltage"]]
    largest = float(found["areal_capacity"].max())
    np.testing.assert_allclose(np.array(ends) / largest, [0.64, 0.80, 0.96], atol=2e-3)  # the axis has steps of 1e-3
    assert (found["running"].diff("areal_capacity") <= 0).all()
    np.testing.assert_allclose(found["running"].values[-1], 1 / 101)


def test_a_charge_that_has_ended_counts_as_the_highest() -> None:
    charge = shortened(synthetic.results(draw=list(range(11))), np.linspace(0.6, 1.0, 11))
    charge = charge.assign(current=-charge["current"], discharge_capacity=-charge["discharge_capacity"])
    found = voltage_bands(charge, points=101, quantiles=[0.1, 0.9])
    reach = found["voltage"].notnull().sum("areal_capacity").values
    assert reach[0] > reach[1]


def test_a_curve_on_a_common_axis_is_the_curve_and_ends_where_it_ended() -> None:
    dataset = synthetic.results(failed=((1,),), c_rate=[0.1, 0.5, 1.0])
    found = on_capacity(dataset, points=11)["voltage"]
    assert found.dims == ("c_rate", "areal_capacity")
    first, last = dataset.isel(c_rate=0), dataset.isel(c_rate=2)
    np.testing.assert_allclose(found[0, [0, -1]], first["voltage"].values[[0, -1]])
    beyond = found["areal_capacity"] > float(last["areal_capacity"])
    np.testing.assert_array_equal(found[2].isnull(), beyond)
    assert found[1].isnull().all()
    single = on_capacity(synthetic.results(), points=11)["voltage"]
    assert single.dims == ("areal_capacity",)


@pytest.mark.parametrize("against", ["areal_capacity", "utilization"])
def test_the_integral_of_the_differential_capacity_is_the_capacity(against: str) -> None:
    dataset = drawn(5, c_rate=[0.1, 1.0])
    dataset["voltage"][0, 0, 3:9] = dataset["voltage"][0, 0, 3:9].values[::-1].copy()  # the voltage recovers
    dataset["voltage"][0, 1, 5:15] = 3.4  # and is flat
    found = differential_capacity(dataset, points=50, against=against)["differential_capacity"]
    assert found.dims == ("c_rate", "draw", "voltage")
    assert found.attrs["units"] == ("mA.h.cm-2.V-1" if against == "areal_capacity" else "V-1")
    width = float(found["voltage"].diff("voltage")[0])
    np.testing.assert_allclose(found.sum("voltage") * width, dataset[against], rtol=1e-12)
    assert (found >= -1e-9).all()  # round-off of differences of 100 mA.h.cm-2


def test_the_differential_capacity_of_a_straight_line_is_its_slope() -> None:
    dataset = synthetic.results(draw=[0])
    line = 3.6 - 0.2 * dataset["discharge_capacity"] / dataset["capacity"]
    dataset["voltage"] = line.assign_attrs(units="V", long_name="cell voltage")
    found = differential_capacity(dataset, points=20)["differential_capacity"]
    np.testing.assert_allclose(found, float(dataset["areal_capacity"][0]) / 0.2, rtol=1e-9)


def test_losses_and_open_circuit_voltage_add_up_to_the_voltage_at_the_end() -> None:
    dataset = synthetic.results(failed=((1,),), c_rate=[0.1, 1.0])
    size = np.array([3.40, -0.01, -0.02, -0.03, -0.04, -0.05, -0.06, -0.07, 0.0])
    for name, value in zip(schema.VOLTAGE_LOSSES, size, strict=True):
        dataset[f"end_{name}_voltage"] = ("c_rate", [value, np.nan], {"units": "V", "long_name": name})
    found = voltage_losses(dataset)
    assert found["loss"].dims == ("c_rate", "part")
    assert float(found["end_voltage"][0]) == pytest.approx(size.sum())
    assert float(found["share"][0].sum()) == pytest.approx(1.0)
    assert float(found["loss"][0].sel(part="positive_reaction")) == pytest.approx(0.03)
    assert found["end_voltage"].isnull().values.tolist() == [False, True]
    assert {name: v.attrs["units"] for name, v in found.data_vars.items()} == {
        "loss": "V",
        "share": "1",
        "open_circuit_voltage": "V",
        "end_voltage": "V",
    }


def test_rate_capability_is_in_order_and_relative_to_the_slowest() -> None:
    dataset = synthetic.results(failed=((0, 1),), ambient_temperature=[333.15, 353.15], c_rate=[1.0, 0.5, 0.1])
    found = rate_capability(dataset)
    assert found["c_rate"].values.tolist() == [0.1, 0.5, 1.0]
    np.testing.assert_allclose(found["capacity_retention"][1], [1.0, 1.05 / 1.25, 1.05 / 1.5])
    assert found["areal_capacity"].attrs["units"] == "mA.h.cm-2"
    assert bool(found["areal_capacity"][0, 1].isnull())
    warm = capacity_against_temperature(dataset)["capacity_retention"]
    np.testing.assert_allclose(warm.sel(c_rate=1.0), 1.0)


def test_energy_over_duration_is_the_power() -> None:
    found = ragone(synthetic.results(c_rate=[0.1, 2.0]))
    energy = 100.0 * 3.3 * synthetic.FULL * synthetic.AREA / (1.0 + 0.5 * np.array([0.1, 2.0]))
    np.testing.assert_allclose(found["areal_energy"], energy)
    np.testing.assert_allclose(found["areal_power"], energy * [0.1, 2.0] * (1.0 + 0.5 * np.array([0.1, 2.0])))
    assert found["areal_power"].attrs["units"] == "mW.cm-2"
    assert found["specific_energy"].attrs["units"] == "mW.h.g-1"


def linear(sample: Sample, **attributes: str) -> xr.Dataset:
    """Return runs whose capacity is 3 a + 2 b + 1 c of three normal numbers: indices 9/14, 4/14 and 1/14."""
    points = stats.norm.ppf(sample.points(sample.size))
    dataset = synthetic.results(failed=((5,),), draw=list(range(sample.size)))
    total = dataset["status"].astype(float) * 0.0 + points @ [3.0, 2.0, 1.0]
    dataset["capacity"] = total.where(dataset["status"] == 1).assign_attrs(units="A.h", long_name="capacity")
    numbers = {
        f"cell_{name}": ("draw", points[:, i], {"units": "1", "long_name": name, "path": f"cell.{name}"})
        for i, name in enumerate("abc")
    }
    return dataset.assign_coords(numbers).assign_attrs(attributes)


@pytest.mark.parametrize("method", ["sobol", "latin", "random"])
def test_first_order_indices_of_a_linear_function_are_found_from_any_sample(method: str) -> None:
    """The interval must tell neighbours apart, which differ by 3/14, and two of it must hold the truth."""
    found = sobol_indices(linear(Sample(512, method, 7, ("a", "b", "c"))), "capacity")
    assert found["path"].values.tolist() == ["cell.a", "cell.b", "cell.c"]
    assert (found["first_order_confidence"] < 1.5 / 14).all()
    assert (abs(found["first_order"] - np.array([9, 4, 1]) / 14) < 2 * found["first_order_confidence"]).all()
    assert int(found["runs"]) == 511
    assert "total" not in found


def test_numbers_without_influence_get_none_from_a_sobol_sequence() -> None:
    """Its points are regular, which misleads estimators that take them for random: with 13 numbers by up to 0.4."""
    sample = Sample(256, "sobol", 7, tuple("abcdefghijklm"))
    points = stats.norm.ppf(sample.points(256))
    dataset = synthetic.results(draw=list(range(256)))
    one = np.maximum(points[:, 10], -0.3) + 0.5 * points[:, 3]
    dataset["capacity"] = ("draw", one, {"units": "A.h", "long_name": "capacity"})
    numbers = {f"cell_{i}": ("draw", points[:, i], {"units": "1", "path": f"cell.{i}"}) for i in range(13)}
    found = sobol_indices(dataset.assign_coords(numbers), "capacity")["first_order"].values
    # a quartic with 256 runs explains 4/256 of nothing, give or take sqrt(8)/256: five of that
    assert abs(np.delete(found, [3, 10])).max() < 5 * np.sqrt(8) / 256
    assert found[10] == pytest.approx(1 - 0.25 / np.var(one), abs=0.05)


def test_the_polynomial_finds_what_random_balance_designs_find_in_a_random_sample() -> None:
    dataset = linear(Sample(2048, "random", 7, ("a", "b", "c")))
    dataset["capacity"] = dataset["capacity"] + 2.0 * dataset["cell_c"] ** 2  # 8/22 of the variance
    drawn = np.stack([dataset[f"cell_{name}"].values for name in "abc"], axis=1)
    kept = dataset["capacity"].notnull().values
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
    theirs = rbd_fast.analyze(problem, drawn[kept], dataset["capacity"].values[kept], seed=1)
    ours = sobol_indices(dataset, "capacity")["first_order"]
    np.testing.assert_allclose(ours, theirs["S1"], atol=2 * max(theirs["S1_conf"]))
    np.testing.assert_allclose(ours, np.array([9, 4, 9]) / 22, atol=2 * max(theirs["S1_conf"]))


def test_a_saltelli_sample_gives_totals_too_and_loses_whole_blocks() -> None:
    sample = Sample(5 * 512, "saltelli", 7, ("a", "b", "c"))
    found = sobol_indices(linear(sample, inputs=SALTELLI), "capacity")
    for order in ("first_order", "total"):  # equal, as nothing interacts
        np.testing.assert_allclose(found[order], np.array([9, 4, 1]) / 14, atol=0.05)
        assert (found[f"{order}_confidence"] < 0.2).all()
    assert int(found["runs"]) == 5 * 511


def test_impossible_questions_are_answered_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, stepped = drawn(70), synthetic.with_steps(drawn(3), 2, 2)
    for asked, said in (
        (lambda: quantile_bands(dataset.isel(draw=0), "energy"), "do not differ in 'draw'"),
        (lambda: quantile_bands(dataset, "enrgy"), "did you mean energy"),
        (lambda: quantile_bands(dataset, "energy", [5]), "between 0 and 1"),
        (lambda: voltage_bands(stepped), r"several cycle and steps: choose one with \.isel\(cycle=0, step=0\)"),
        (lambda: voltage_bands(dataset, "arial_capacity"), "did you mean areal_capacity"),
        (lambda: voltage_bands(dataset, points=1), "points: found 1, wanted a whole number from 2"),
        (lambda: rate_capability(dataset), "no rate was swept"),
        (lambda: capacity_against_temperature(dataset), "do not differ in 'ambient_temperature'; .*: draw"),
        (lambda: sobol_indices(dataset, "voltage"), "not one value per run"),
        (lambda: sobol_indices(dataset.isel(draw=slice(9)), "energy"), "9 runs .* need 64"),
        (lambda: sobol_indices(dataset.drop_vars("cell_lift"), "energy"), "nothing was drawn"),
        (lambda: on_capacity(dataset.assign(status=0 * dataset["status"])), "no run .* has finished"),
    ):
        with pytest.raises(ResultsError, match=said):
            asked()
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(ResultsError, match=r"need SALib: pip install 'cellmodel\[analysis\]'"):
        sobol_indices(linear(Sample(100, "saltelli", 7, ("a", "b", "c")), inputs=SALTELLI), "capacity")


def test_bands_of_stored_results_are_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest array that is read holds the draws of one rate, a third of the voltages."""
    drawn(8, c_rate=[0.1, 0.5, 1.0]).drop_vars("message").to_zarr(tmp_path / "s.zarr", zarr_format=2, consolidated=True)
    read: list[int] = []
    original = xr.backends.zarr.ZarrArrayWrapper._getitem

    def counting(wrapper: xr.backends.zarr.ZarrArrayWrapper, key: object) -> np.ndarray:
        values = original(wrapper, key)
        read.append(np.size(values))
        return values

    monkeypatch.setattr(xr.backends.zarr.ZarrArrayWrapper, "_getitem", counting)
    with xr.open_zarr(tmp_path / "s.zarr", chunks=None, zarr_format=2) as stored:
        bands = voltage_bands(stored, points=11)
        differential_capacity(stored, points=11)
        on_capacity(stored, points=11)
        ragone(stored)
    assert np.isfinite(bands["voltage"].isel(c_rate=0)).all()
    assert max(read) == 8 * synthetic.SAMPLES
