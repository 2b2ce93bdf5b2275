"""The collapse of many runs on one curve, on made-up results whose curve and scatter are known."""

from __future__ import annotations

import numpy as np
import pytest
import synthetic
import xarray as xr

from cellmodel.analysis import collapse
from cellmodel.errors import ResultsError
from cellmodel.plotting import plot_collapse

RATES = [0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 4.0]
THICKNESSES = [10e-6, 20e-6, 40e-6]


def scattered(size: float = 0.0) -> xr.Dataset:
    """Return runs whose share falls with the logarithm of i / i_lim, i_lim = 1 / thickness, plus or minus `size`."""
    dataset = synthetic.results(separator_thickness=THICKNESSES, c_rate=RATES)
    dataset["separator_thickness"].attrs.update(units="m", long_name="Separator thickness")
    ratio = dataset["c_rate"] * dataset["separator_thickness"] / 20e-6
    sign = xr.DataArray([1.0, -1.0] * 4, dims="c_rate")
    names = ("separator_thickness", "c_rate")
    dataset["limiting_current_ratio"] = ratio.transpose(*names).assign_attrs(units="1")
    dataset["capacity_share"] = (0.5 - 0.1 * np.log(ratio) + size * sign).transpose(*names)
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
    dataset["capacity_share"][1, 0] = np.nan  # failed
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
