"""Figures: what is drawn is what the dataset holds, every label is readable, and nothing overlaps."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import synthetic
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.text import Text

from cellmodel.errors import ResultsError
from cellmodel.labels import rate_text, unit_text, value_text
from cellmodel.plotting import (
    plot_cycle,
    plot_discharge,
    plot_profiles,
    plot_rate_capability,
    plot_rate_study,
    plot_results,
    read_measured,
    save_figure,
)
from cellmodel.plotting.panels import wrapped

TEMPERATURES = [333.15, 343.15, 353.15, 363.15]
CASES = [f"poly(caprolactone-co-carbonate) number {number}, 60 °C" for number in range(9)]
RATES = [0.05, 0.1, 0.2, 1 / 3, 0.5, 1.0, 2.0]


def visible_texts(figure: Figure) -> list[Text]:
    """Return the drawn texts of a figure with its legends; tick labels beyond the limits are left out."""
    figure.draw_without_rendering()
    unseen = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        unseen |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    found = {id(text): text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()}
    return [text for key, text in found.items() if key not in unseen]


def overlapping_texts(figure: Figure) -> list[tuple[str, str]]:
    """Return every pair of texts whose boxes share more than a hair."""
    shown = [(text.get_text(), text.get_window_extent().padded(-1)) for text in visible_texts(figure)]
    return [(a, b) for (a, box), (b, other) in itertools.combinations(shown, 2) if box.overlaps(other)]


def outside_figure(figure: Figure) -> list[str]:
    """Return the texts that leave the page."""
    page = figure.bbox.padded(1)
    return [
        text.get_text()
        for text in visible_texts(figure)
        if not (page.contains(*text.get_window_extent().min) and page.contains(*text.get_window_extent().max))
    ]


@pytest.mark.parametrize(
    ("rate", "text"), [(0.05, "C/20"), (0.1, "C/10"), (1 / 3, "C/3"), (0.3, "0.3C"), (1.0, "1C"), (2.0, "2C")]
)
def test_a_rate_is_written_as_the_field_writes_it(rate: float, text: str) -> None:
    assert rate_text(rate) == text


@pytest.mark.parametrize(
    ("dimension", "value", "units", "text"),
    [
        ("ambient_temperature", 353.15, "K", "80 °C"),
        ("separator_thickness", 3e-5, "m", "30 µm"),
        ("current_density", 5.0, "A.m-2", "0.5 mA cm⁻²"),
        ("cation_transference_number", 0.2, "1", "0.2"),
        ("case", "PEO-LiTFSI", "1", "PEO-LiTFSI"),
    ],
)
def test_a_value_is_written_in_the_unit_a_reader_expects(dimension: str, value, units: str, text: str) -> None:
    assert value_text(dimension, value, units) == text


def test_units_are_written_with_raised_powers() -> None:
    assert unit_text("mA.h.cm-2") == "mA h cm⁻²"
    assert unit_text("1") == ""
    assert unit_text("m4.5.mol-1.5") == "m⁴·⁵ mol⁻¹·⁵"


@pytest.mark.parametrize(
    "figure",
    [
        pytest.param(
            lambda: plot_results(synthetic.results(ambient_temperature=TEMPERATURES, c_rate=RATES)),
            id="rates",
        ),
        pytest.param(lambda: plot_results(synthetic.results(c_rate=RATES)), id="one temperature"),
        pytest.param(lambda: plot_discharge(synthetic.results(c_rate=RATES), "utilization"), id="share"),
        pytest.param(lambda: plot_rate_capability(synthetic.results(c_rate=[0.1, 0.11, 1.0, 1.05])), id="near rates"),
        pytest.param(
            lambda: plot_results(synthetic.results(case=["PEO-LiTFSI", "PCL-co-PTMC", "a block polycarbonate"])),
            id="cases",
        ),
        pytest.param(lambda: plot_results(synthetic.results(case=CASES, c_rate=RATES)), id="cases and rates"),
        pytest.param(lambda: plot_results(synthetic.results()), id="one run"),
        pytest.param(
            lambda: plot_cycle(synthetic.with_steps(synthetic.results(ambient_temperature=TEMPERATURES), 3, 4)),
            id="cycles",
        ),
        pytest.param(lambda: plot_profiles(synthetic.with_profiles(synthetic.results(c_rate=RATES))), id="profiles"),
        pytest.param(lambda: plot_profiles(synthetic.with_profiles(synthetic.results())), id="profiles of one run"),
    ],
)
def test_texts_neither_overlap_nor_leave_the_page(figure) -> None:
    drawn = figure()
    assert overlapping_texts(drawn) == []
    assert outside_figure(drawn) == []


def test_a_rate_study_has_one_panel_per_temperature_and_the_rate_capability() -> None:
    dataset = synthetic.results(ambient_temperature=TEMPERATURES, c_rate=RATES)
    figure = plot_results(dataset)
    assert [axes.get_title("left") for axes in figure.axes] == ["60 °C", "70 °C", "80 °C", "90 °C", ""]
    first, *_, capability = figure.axes
    assert [line.get_label() for line in first.lines] == ["C/20", "C/10", "C/5", "C/3", "C/2", "1C", "2C"]
    share = dataset["utilization"].isel(ambient_temperature=0).values
    np.testing.assert_array_equal(capability.lines[0].get_ydata(), share)


def test_curves_are_drawn_against_the_areal_capacity() -> None:
    dataset = synthetic.results(c_rate=[0.1, 1.0])
    line = plot_discharge(dataset).axes[0].lines[1]
    capacity = np.linspace(0.0, float(dataset["areal_capacity"][1]), synthetic.SAMPLES)
    np.testing.assert_allclose(line.get_xdata(), capacity, rtol=1e-12)
    np.testing.assert_array_equal(line.get_ydata(), dataset["voltage"][1])


def test_failed_runs_are_left_out_and_the_figure_says_so() -> None:
    dataset = synthetic.results(failed=((0, 1),), ambient_temperature=[333.15, 353.15], c_rate=[0.1, 0.5, 1.0])
    figure = plot_results(dataset)
    assert [line.get_label() for line in figure.axes[0].lines] == ["C/10", "1C"]
    assert any("1 of 6 runs did not finish" in text.get_text() for text in visible_texts(figure))
    assert np.isnan(figure.axes[-1].lines[0].get_ydata()[1])


def test_results_without_any_finished_run_are_refused() -> None:
    with pytest.raises(ResultsError, match="no run of these results has been completed"):
        plot_results(synthetic.results(failed=((0,),), c_rate=[0.1]))


def test_colours_are_in_the_order_of_the_rates() -> None:
    lines = plot_discharge(synthetic.results(c_rate=RATES)).axes[0].lines
    brightness = [np.dot(line.get_color()[:3], [0.2126, 0.7152, 0.0722]) for line in lines]
    assert brightness == sorted(brightness)


def test_names_get_colours_of_their_own() -> None:
    lines = plot_discharge(synthetic.results(case=[f"cell {number}" for number in range(8)])).axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 8


def test_several_steps_are_drawn_against_time_without_gaps() -> None:
    dataset = synthetic.with_steps(synthetic.results(c_rate=[0.1]), cycles=2, steps=3)
    voltage, current = plot_results(dataset).axes
    time = voltage.lines[0].get_xdata()
    assert time.size == 6 * synthetic.SAMPLES
    assert (np.diff(time) >= 0).all()
    hours = 10 * float(dataset["utilization"][0])
    assert time[-1] == pytest.approx(6 * hours)
    np.testing.assert_allclose(current.lines[0].get_ydata(), 0.1 * synthetic.FULL * 0.1, rtol=1e-12)


def test_profiles_show_five_times_and_where_the_cathode_begins() -> None:
    figure = plot_profiles(synthetic.with_profiles(synthetic.results(c_rate=[0.1]), separator=20e-6, electrode=60e-6))
    concentration, _, reaction = figure.axes
    curves = [line for line in concentration.lines if len(line.get_xdata()) > 2]
    assert len(curves) == 5
    boundary = next(line for line in concentration.lines if line.get_linestyle() == "--")
    assert boundary.get_xdata()[0] == pytest.approx(20.0)
    assert concentration.get_xlim() == pytest.approx((0.0, 80.0))
    assert reaction.lines[0].get_xdata().min() > 20.0


def test_profiles_of_several_steps_are_taken_from_the_whole_time() -> None:
    dataset = synthetic.with_profiles(synthetic.results(c_rate=[0.1]))
    later = dataset[["profile_time", "electrolyte_concentration", "electrolyte_potential", "reaction_current_density"]]
    stacked = later.expand_dims(step=2)
    last = float(dataset["profile_time"].max())
    for name in later.data_vars:
        dataset[name] = stacked[name].transpose("c_rate", "step", ...).assign_attrs(synthetic.described(name))
    dataset["profile_time"] = dataset["profile_time"].copy(data=dataset["profile_time"] + [[[0.0], [last]]])
    labels = [line.get_label() for line in plot_profiles(dataset).axes[0].lines][:5]
    assert labels == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_results_without_profiles_say_how_to_get_them() -> None:
    with pytest.raises(ResultsError, match="profiles = true"):
        plot_profiles(synthetic.results(c_rate=[0.1]))


def points(axes) -> np.ndarray:
    """Return the measured points of one panel."""
    lines = [line for line in axes.lines if line.get_label() == "measured"]
    return lines[0].get_xydata() if lines else np.empty((0, 2))


def test_measured_points_are_converted_and_go_where_they_belong(folder: Path) -> None:
    dataset = synthetic.results(ambient_temperature=[333.15, 353.15], c_rate=[0.1, 0.5, 1.0])
    Path("points.csv").write_text("temperature [degC],Capacity (A.h.m-2),voltage [mV]\n80,5,3400\n80,10,3300\n")
    cold, warm, *_ = plot_results(dataset, read_measured("points.csv", dataset)).axes
    np.testing.assert_allclose(points(warm), [[0.5, 3.4], [1.0, 3.3]])
    assert points(cold).size == 0


def test_measured_capacity_per_mass_is_laid_over_areal_capacity(folder: Path) -> None:
    dataset = synthetic.results(c_rate=[0.1])
    Path("points.csv").write_text("capacity [mA.h.g-1],voltage [V]\n160,3.0\n")
    axes = plot_discharge(dataset, measured=read_measured("points.csv", dataset)).axes[0]
    np.testing.assert_allclose(points(axes), [[synthetic.FULL * 0.1, 3.0]])


def test_points_against_time_choose_the_figure_against_time(folder: Path) -> None:
    dataset = synthetic.results(c_rate=[0.1])
    Path("points.csv").write_text("time [min],voltage [V]\n90,3.2\n")
    axes = plot_results(dataset, read_measured("points.csv", dataset)).axes[0]
    np.testing.assert_allclose(points(axes), [[1.5, 3.2]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("capacity,voltage [V]\n1,3\n", ["header", "'capacity'", "unit"]),
        ("capacity [V],voltage [A]\n1,3\n", ["capacity: found unit 'V'", "voltage: found unit 'A'"]),
        ("capacty [A.h],voltage [V]\n1,3\n", ["did you mean capacity"]),
        ("capacity [A.h],voltage [V]\n1,three\n", ["line 2, voltage", "'three'", "a number"]),
        ("capacity [A.h]\n1\n", ["a column 'voltage [V]'"]),
        ("voltage [V]\n1\n", ["a column 'capacity"]),
        ("voltage [V]\n", ["1 line, "]),
    ],
)
def test_a_wrong_file_of_points_is_refused_with_every_problem(folder: Path, text: str, words: list[str]) -> None:
    Path("points.csv").write_text(text)
    with pytest.raises(ResultsError) as caught:
        read_measured("points.csv", synthetic.results(c_rate=[0.1]))
    assert all(word in str(caught.value) for word in ["points.csv", *words])


def test_a_missing_file_of_points_is_named(folder: Path) -> None:
    with pytest.raises(ResultsError, match=r"nowhere\.csv"):
        read_measured("nowhere.csv", synthetic.results(c_rate=[0.1]))


def test_figures_are_written_in_the_format_of_their_ending(folder: Path) -> None:
    figure = plot_results(synthetic.results(c_rate=[0.1]))
    assert save_figure(figure, "deep/figure.png").read_bytes().startswith(b"\x89PNG")
    assert save_figure(figure, "figure.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(ResultsError, match="figure"):
        save_figure(figure, "figure.unknown")
    Path("file").touch()
    with pytest.raises(ResultsError, match="no folder"):
        save_figure(figure, "file/figure.png")


def titled(dataset: xr.Dataset) -> xr.Dataset:
    """Return the same results with a long title."""
    return dataset.assign_attrs(title="Cycles of a cell whose foil loses lithium, over plating efficiency " * 3)


@pytest.mark.parametrize("draw", [plot_discharge, plot_cycle], ids=["capacity", "time"])
def test_a_headline_ends_before_the_legend(draw) -> None:
    figure = draw(titled(synthetic.results(plating_efficiency=[0.95, 0.97, 0.99])))
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert figure._suptitle.get_window_extent().x1 <= legend.get_window_extent().x0


def test_labels_of_rates_do_not_run_into_each_other() -> None:
    rates = [0.05, 0.1, 1 / 6, 0.25, 1 / 3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0]
    figure = plot_rate_study(synthetic.results(c_rate=rates))
    figure.draw_without_rendering()
    labels = [label for label in figure.axes[-1].get_xticklabels() if label.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    assert len(boxes) >= 6
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))


def test_two_thicknesses_above_panels_are_named_at_the_foot() -> None:
    thicknesses = {"separator_thickness": [1e-5, 2e-5], "cathode_thickness": [3e-5, 5e-5]}
    dataset = synthetic.results(**thicknesses, c_rate=[0.1, 1.0])
    for name in thicknesses:
        dataset[name].attrs.update(units="m", long_name=name.replace("_", " "))
    assert plot_discharge(dataset).get_supxlabel() == "panels: Separator thickness, Cathode thickness"


def test_a_number_is_not_parted_from_its_unit() -> None:
    assert wrapped("li_polycarbonate_nmc811, 0 W m⁻² K⁻¹", 26) == "li_polycarbonate_nmc811,\n0 W m⁻² K⁻¹"
    assert wrapped("a cell at 80 °C, C/3", 14) == "a cell at\n80 °C, C/3"


def test_results_that_lost_their_attributes_are_drawn_with_units() -> None:
    bare = synthetic.results(c_rate=[0.1, 1.0])
    for variable in bare.variables.values():
        variable.attrs = {}
    assert plot_discharge(bare).axes[0].get_xlabel() == "Areal capacity (mA h cm⁻²)"
