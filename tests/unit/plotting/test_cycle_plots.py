"""The figure of cycled cells: its numbers are the dataset's own of each cycle, its titles say what a number is."""

from __future__ import annotations

import numpy as np
import synthetic
import xarray as xr

from cellmodel.cli.summary import steps_table, summary_table
from cellmodel.dataset import schema
from cellmodel.plotting import plot_cycle, plot_cycles, plot_results
from cellmodel.plotting.cycling import is_cycled

CAPACITIES = np.array([[1e-3, 9e-4, 8e-4], [2e-3, 1.9e-3, 1.9e-3]])


def cycled() -> xr.Dataset:
    """Return two runs of three cycles of a discharge and a charge, their numbers apart from what samples add up to."""
    dataset = synthetic.with_steps(synthetic.results(plating_efficiency=[0.95, 0.99]), 3, 2)
    sign = xr.DataArray([1.0, -1.0], dims="step")
    dataset["current"] = (dataset["current"] * sign).transpose(*dataset["current"].dims)
    numbers = {"discharge_capacity": 1.0, "charge_capacity": 1.1, "discharge_energy": 3.0, "charge_energy": 3.5}
    for name, factor in numbers.items():
        described = schema.CYCLE_NUMBERS[f"cycle_{name}"]
        attributes = {"units": described.units, "long_name": described.long_name}
        dataset[f"cycle_{name}"] = (("plating_efficiency", "cycle"), factor * CAPACITIES, attributes)
    return dataset


def with_step_numbers(dataset: xr.Dataset) -> xr.Dataset:
    """Return the same runs with the charge, energy and mean voltage of a discharge and a charge in each cycle."""
    dims = ("plating_efficiency", "cycle", "step")
    charge = np.stack([CAPACITIES, -1.1 * CAPACITIES], axis=-1)
    for name, values in {
        "capacity": charge,
        "energy": 3.0 * charge,
        "mean_voltage": np.full(charge.shape, 3.0),
    }.items():
        dataset[f"step_{name}"] = (dims, values)
    dataset["coulombic_efficiency"] = (dims[:2], CAPACITIES / (1.1 * CAPACITIES))
    return dataset


def columns(dataset: xr.Dataset) -> list[list[str]]:
    """Return the table of steps or cycles, column by column with its heading."""
    return [[str(column.header), *column.cells] for column in steps_table(dataset).columns]


def test_each_step_has_a_row_with_what_passed() -> None:
    one = columns(with_step_numbers(cycled()).isel(plating_efficiency=[1]))
    assert one[0][:2] == ["plating efficiency", "0.99"]
    assert one[1:5] == [
        ["cycle", "1", "1", "2", "2", "3", "3"],
        ["step", "1", "2", "1", "2", "1", "2"],
        ["", "discharge", "charge", "discharge", "charge", "discharge", "charge"],
        ["charge passed (mA h)", "2", "2.2", "1.9", "2.09", "1.9", "2.09"],
    ]


def test_many_steps_are_summed_up_by_cycle_and_too_many_cycles_not_at_all() -> None:
    dataset = with_step_numbers(cycled())
    many = xr.concat([dataset.assign_coords(c_rate=rate) for rate in (0.1, 0.2, 1.0)], "c_rate", data_vars="all")
    many["status"] = many["status"].transpose("c_rate", "plating_efficiency")
    rows = columns(many)
    assert [row[0] for row in rows[:4]] == ["C-rate", "plating efficiency", "cycle", "discharge (mA h)"]
    assert rows[3][1:7] == ["1", "0.9", "0.8", "2", "1.9", "1.9"]
    assert rows[-1][1] == "90.909%"
    assert steps_table(xr.concat([many] * 3, "case", data_vars="all")) is None
    assert steps_table(synthetic.results(c_rate=[0.1, 1.0])) is None


def test_a_step_that_did_not_run_has_no_row_and_a_rest_no_charge() -> None:
    dataset = with_step_numbers(cycled()).isel(plating_efficiency=[0])
    dataset["step_capacity"][0, 2, 1] = np.nan
    dataset["step_capacity"][0, 0, 1], dataset["step_mean_voltage"][0, 0, 1] = 0.0, np.nan
    rows = columns(dataset)
    assert rows[3][1:] == ["discharge", "rest", "discharge", "charge", "discharge"]
    assert rows[4][2] == "–"


def test_the_numbers_of_cycles_are_those_of_the_dataset() -> None:
    panels = [axes for axes in plot_cycles(cycled()).axes if axes.get_xlabel() == "Cycle"]
    for axes, form in zip(panels[:2], ("capacity", "energy"), strict=True):
        assert axes.get_ylabel().startswith(f"Discharge {form}")
        for line, values in zip(axes.get_lines(), CAPACITIES, strict=True):
            np.testing.assert_allclose(line.get_xdata(), [1, 2, 3])
            np.testing.assert_allclose(line.get_ydata(), 100 * (values / values[0] - 1), atol=1e-12)


def test_a_number_above_a_panel_has_a_name() -> None:
    titles = [
        " ".join(axes.get_title(loc="left").split() or axes.get_title().split()) for axes in plot_cycles(cycled()).axes
    ]
    assert titles[:2] == ["Plating efficiency 0.95", "Plating efficiency 0.99"]
    by_case = synthetic.results(plating_efficiency=[0.95, 0.99], c_rate=[0.1, 1.0])
    titles = [" ".join((axes.get_title(loc="left") or axes.get_title()).split()) for axes in plot_results(by_case).axes]
    assert titles[:2] == ["Plating efficiency 0.95", "Plating efficiency 0.99"]


def test_a_cycle_that_delivers_nothing_has_no_point() -> None:
    dataset = cycled()
    for name in ("capacity", "energy"):
        dataset[f"cycle_discharge_{name}"][0, 2] = np.nan
    capacity = next(axes for axes in plot_cycles(dataset).axes if axes.get_xlabel() == "Cycle")
    assert [line.get_xdata().tolist() for line in capacity.get_lines()] == [[1, 2], [1, 2, 3]]


def test_results_without_numbers_of_cycles_are_drawn_against_time() -> None:
    older = cycled().drop_vars("cycle_charge_capacity")
    assert is_cycled(cycled())
    assert not is_cycled(older)
    assert [axes.get_xlabel() for axes in plot_results(older).axes] == [
        axes.get_xlabel() for axes in plot_cycle(older).axes
    ]


def test_many_panels_against_time_stand_in_rows_of_four_with_one_scale_each() -> None:
    swept = synthetic.results(ambient_temperature=[300.0, 310.0, 320.0, 330.0, 340.0], c_rate=[0.1, 1.0])
    figure = plot_cycle(synthetic.with_steps(swept, 1, 2))
    voltages = [axes for axes in figure.axes if axes.get_title("left")]
    rows = {round(axes.get_subplotspec().rowspan.start) for axes in voltages}
    assert (len(voltages), len(figure.axes), rows) == (5, 10, {0, 2})
    assert len({axes.get_ylim() for axes in voltages}) == 1
    assert [bool(axes.get_ylabel()) for axes in voltages] == [True, False, False, False, True]


def test_one_cycle_of_each_run_has_its_efficiency_in_the_summary() -> None:
    dataset = synthetic.results(plating_efficiency=[0.95, 0.99])
    assert "efficiency" not in [column.header for column in summary_table(dataset).columns]
    dataset["coulombic_efficiency"] = ("plating_efficiency", [0.95, 0.98991])
    (efficiency,) = [column for column in summary_table(dataset).columns if column.header == "efficiency"]
    assert list(efficiency.cells) == ["95.000%", "98.991%"]
