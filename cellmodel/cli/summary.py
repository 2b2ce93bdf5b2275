"""The table at the end of a study: one line per run, or per sample of runs, with what it gave and how it ended."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cellmodel.cli.console import plain_table
from cellmodel.labels import unit_text, value_text

if TYPE_CHECKING:
    import xarray as xr

COMPLETED = "completed"
_DRAW = "draw"
_HEADS = {"c_rate": "C-rate", "ambient_temperature": "temperature"}
_MOST_ROWS = 24  # of steps or cycles
_PASSED = {"step": ("step_capacity",), "cycle": ("cycle_discharge_capacity", "cycle_charge_capacity")}


def summary_table(dataset: xr.Dataset) -> Any:
    """Return a table with one line per run; the draws of a sample share a line with their median and 90 %.

    Where it was drawn which set of a material holds, the draws of each set have a line more.
    """
    sampled = dataset.sizes.get(_DRAW, 1) > 1
    swept = [str(name) for name in dataset["status"].dims if not (sampled and name == _DRAW)]
    units = {name: unit_text(str(dataset[name].attrs["units"])) for name in ("areal_capacity", "energy")}
    told = not sampled and bool((dataset["status"] != flag_value(dataset["status"], COMPLETED)).any())
    heads = ["of the cell's capacity", f"capacity ({units['areal_capacity']})", f"energy ({units['energy']})"]
    efficient = not sampled and _has_one_efficiency(dataset)
    heads += [*(["efficiency"] if efficient else []), "ended by", "status", *(["message"] if told else [])]
    sets = [
        name for name in map(str, dataset.coords) if sampled and name.endswith("_set") and "path" in dataset[name].attrs
    ]
    firsts = [*map(_head, swept), *map(_head, sets)]
    table = plain_table([*firsts, *heads], justify="l" * len(firsts) + ("rrrrl" if efficient else "rrrl"))
    for where in itertools.product(*(range(dataset.sizes[name]) for name in swept)):
        run = dataset.isel(dict(zip(swept, where, strict=True)))
        if sampled:
            table.add_row(*(_value(run, name) for name in swept), *("all" for _ in sets), *_sample_cells(run))
            for held, rows in _by_set(run, sets):
                table.add_row(*("" for _ in swept), *held, *_sample_cells(rows), style="dim")
            continue
        status = flag_meaning(run["status"])
        table.add_row(
            *(_value(run, name) for name in swept),
            _number(run, "utilization", ".1%"),
            _number(run, "areal_capacity", ".4g"),
            _number(run, "energy", ".4g"),
            *([_number(run, "coulombic_efficiency", ".3%")] if efficient else []),
            flag_meaning(run["end_cause"]).replace("_", " "),
            status.replace("_", " "),
            *([] if not told else [""] if status == COMPLETED else [str(run["message"].item())]),
            style=None if status == COMPLETED else "yellow",
        )
    return table


def _by_set(run: xr.Dataset, sets: list[str]) -> Iterator[tuple[list[str], xr.Dataset]]:
    """Yield each combination of sets that holds in some draws, with their number, and these draws; none of one set."""
    names = [[str(one) for one in run[name].values] for name in sets]
    held = list(zip(*names, strict=True))
    for one in sorted(set(held)) if any(map(any, names)) else ():
        rows = [number for number, other in enumerate(held) if other == one]
        yield [f"{name} ({len(rows)} of {len(held)})" for name in one], run.isel({_DRAW: rows})


def _has_one_efficiency(dataset: xr.Dataset) -> bool:
    """Return whether each run is one cycle of charge and discharge, with a coulombic efficiency."""
    name = "coulombic_efficiency"
    return name in dataset and dataset[name].dims == dataset["status"].dims and _any(dataset, name)


def steps_table(dataset: xr.Dataset) -> Any:
    """Return a table of the steps of each run, or of its cycles if steps are many; None for one step or for samples."""
    swept = [str(name) for name in dataset["status"].dims]
    within = [name for name in ("cycle", "step") if dataset.sizes.get(name, 1) > 1]
    while within and int(np.prod([dataset.sizes[name] for name in [*swept, *within]])) > _MOST_ROWS:
        within.pop()
    if not within or _DRAW in swept or not set(_PASSED[within[-1]]) <= set(dataset.data_vars):
        return None
    heads = [*within, *(_STEP_HEADS if within[-1] == "step" else _CYCLE_HEADS)]
    table = plain_table([*map(_head, swept), *heads], justify="l" * len(swept) + "r")
    for where in itertools.product(*(range(dataset.sizes[name]) for name in [*swept, *within])):
        run = dataset.isel(dict(zip([*swept, *within], where, strict=True)))
        cells = _step_cells(run) if within[-1] == "step" else _cycle_cells(run)
        if cells:
            numbers = [str(place + 1) for place in where[len(swept) :]]
            table.add_row(*(_value(run, name) for name in swept), *numbers, *cells)
    return table


_STEP_HEADS = ("", "charge passed (mA h)", "energy (mW h)", "mean voltage (V)")
_CYCLE_HEADS = ("discharge (mA h)", "charge (mA h)", "discharge (mW h)", "charge (mW h)", "coulombic efficiency")


def _head(name: str) -> str:
    return _HEADS.get(name, name.replace("_", " "))


def _step_cells(step: xr.Dataset) -> list[str]:
    """Return what a step did; nothing where it did not run."""
    charge, energy, voltage = (float(step[f"step_{name}"]) for name in ("capacity", "energy", "mean_voltage"))
    if not np.isfinite(charge):
        return []
    way = "rest" if not np.isfinite(voltage) else "discharge" if charge > 0.0 else "charge"
    passed = [f"{abs(number) * 1e3:.4g}" for number in (charge, energy)] if way != "rest" else ["–", "–"]
    return [way, *passed, f"{voltage:.4g}" if way != "rest" else "–"]


def _cycle_cells(cycle: xr.Dataset) -> list[str]:
    """Return what a cycle delivered and took up; nothing where it did not run."""
    order = [f"cycle_{way}_{what}" for what in ("capacity", "energy") for way in ("discharge", "charge")]
    if not np.isfinite(float(cycle[order[0]])):
        return []
    return [*(f"{float(cycle[name]) * 1e3:.4g}" for name in order), _number(cycle, "coulombic_efficiency", ".3%")]


def _sample_cells(runs: xr.Dataset) -> list[str]:
    """Return median and middle 90 % of each number, and how often runs ended in which way."""
    numbers = [("utilization", ".1%"), ("areal_capacity", ".4g"), ("energy", ".4g")]
    cells = []
    for name, form in numbers:
        low, middle, high = np.nanquantile(runs[name].values, [0.05, 0.5, 0.95]) if _any(runs, name) else [np.nan] * 3
        cells.append(f"{middle:{form}} ({low:{form}} to {high:{form}})" if np.isfinite(middle) else "–")
    for name in ("end_cause", "status"):
        words = dict(_flags(runs[name].attrs))
        counts = zip(*np.unique(runs[name].values, return_counts=True), strict=True)
        ordered = sorted(counts, key=lambda pair: -pair[1])
        cells.append(", ".join(f"{count} {words[int(value)].replace('_', ' ')}" for value, count in ordered))
    return cells


def _any(runs: xr.Dataset, name: str) -> bool:
    return bool(np.isfinite(runs[name].values).any())


def flag_meaning(variable: xr.DataArray) -> str:
    """Return the word for one flag, from the CF attributes of its variable."""
    words = dict(_flags(variable.attrs))
    return words.get(int(variable), str(int(variable)))


def flag_value(variable: xr.DataArray, meaning: str) -> int:
    """Return the flag for one word, from the CF attributes of its variable."""
    return next(value for value, word in _flags(variable.attrs) if word == meaning)


def _flags(attributes: Mapping[Any, Any]) -> list[tuple[int, str]]:
    values = np.atleast_1d(attributes["flag_values"]).astype(int).tolist()
    return list(zip(values, str(attributes["flag_meanings"]).split(), strict=True))


def _value(run: xr.Dataset, name: str) -> str:
    return value_text(name, run[name].item(), str(run[name].attrs.get("units", "1")))


def _number(run: xr.Dataset, name: str, form: str) -> str:
    value = float(run[name])
    return format(value, form) if np.isfinite(value) else "–"
