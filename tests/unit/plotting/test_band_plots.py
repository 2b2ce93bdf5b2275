"""Figures of samples: the band holds the runs it says, every label is readable, and nothing overlaps."""

from __future__ import annotations

import numpy as np
import pytest
import synthetic
import xarray as xr
from test_analysis import SALTELLI, drawn, linear, shortened
from test_plotting import RATES, TEMPERATURES, outside_figure, overlapping_texts

from cellmodel.analysis import voltage_bands
from cellmodel.errors import ResultsError
from cellmodel.labels import rate_text
from cellmodel.plotting import plot_band, plot_results, plot_sensitivity
from cellmodel.study.sampling import Sample


def spread(**swept: list[float]) -> xr.Dataset:
    """Return 41 draws that end between 70 and 100 % of the capacity."""
    return shortened(drawn(41, **swept), np.linspace(0.7, 1.0, 41))


def test_the_band_is_closed_where_runs_end() -> None:
    dataset = spread()
    (axes,) = plot_band(dataset).axes
    wide, dense = (shade.get_path().vertices for shade in axes.patches)
    bands = voltage_bands(dataset)
    lowest = float(bands["end_voltage"])
    for shade, edges in ((wide, (0.05, 0.95)), (dense, (0.25, 0.75))):
        floor = shade[np.isclose(shade[:, 1], lowest)][:, 0]
        wanted = np.quantile(dataset["areal_capacity"], edges)
        assert (floor.min(), floor.max()) == pytest.approx(tuple(wanted))
    (median,) = axes.lines
    assert median.get_xdata()[-1] == pytest.approx(float(dataset["areal_capacity"].median()))


@pytest.mark.parametrize("swept", [{}, {"c_rate": RATES}, {"ambient_temperature": TEMPERATURES, "c_rate": RATES[:3]}])
def test_bands_of_any_grid_are_readable(swept: dict[str, list[float]]) -> None:
    figure = plot_results(spread(**swept))
    assert overlapping_texts(figure) == []
    assert outside_figure(figure) == []
    assert len(figure.axes) == len(swept.get("ambient_temperature", [0]))
    for axes in figure.axes:
        assert len(axes.lines) == len(swept.get("c_rate", [0]))
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names[:2] == ["median", "nine tenths of the draws"]
    assert names[2:] == (["C-rate", *map(rate_text, swept["c_rate"])] if swept else ["half of the draws"])
    assert [axes.get_title(loc="left") for axes in figure.axes] in ([""], ["60 °C", "70 °C", "80 °C", "90 °C"])


def test_runs_that_did_not_finish_are_told_and_left_out() -> None:
    dataset = synthetic.results(failed=((1, 0), (1, 1), (1, 2), (0, 2)), c_rate=[0.1, 1.0], draw=[0, 1, 2])
    figure = plot_band(dataset)
    assert len(figure.axes[0].lines) == 1
    assert "4 of 6 runs did not finish" in figure.get_supxlabel()
    with pytest.raises(ResultsError):
        plot_band(dataset.isel(c_rate=[1]))


@pytest.mark.parametrize("method", ["sobol", "saltelli"])
def test_bars_are_the_indices_largest_on_top(method: str) -> None:
    dataset = linear(Sample(320, method, 7, ("a", "b", "c")), inputs=SALTELLI if method == "saltelli" else "")
    for name in ("areal_capacity", "mean_voltage"):
        dataset[name] = dataset["capacity"].assign_attrs(long_name=name)
    figure = plot_sensitivity(dataset)
    assert overlapping_texts(figure) == []
    assert outside_figure(figure) == []
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["c", "b", "a"]
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths[-3:] == sorted(widths[-3:])
    assert len(widths) == (6 if method == "saltelli" else 3)
