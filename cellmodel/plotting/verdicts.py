"""Verdicts as pictures: claims with what spreads them, and curves of a check beside their reference.

Dataset in, figure out; it does not know how a verdict is formed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.labels import axis_label, rate_text, unit_text
from cellmodel.plotting.panels import require
from cellmodel.plotting.style import CATEGORIES, MARKERS, new_figure, styled

KNOWN, ASSUMED, CLAIMED = CATEGORIES[0], CATEGORIES[5], CATEGORIES[1]
_WIDTH, _LINE, _FRAME, _FOOT = 10.5, 0.36, 0.95, 0.3  # inch: figure, a line, what is around the lines, the legend
_MOST_INPUTS = 6  # named beside a claim
_LABEL = 38  # letters of a number's name
_MEDIAN: dict[str, Any] = {"marker": "o", "ls": "", "mfc": "white", "mec": KNOWN}
_NOMINAL: dict[str, Any] = {"marker": "d", "ls": "", "mfc": "none", "mec": "0.25"}
_MIDDLE: dict[str, Any] = {"color": KNOWN, "lw": 5.0, "solid_capstyle": "butt"}
_MANY_POINTS = 60  # points from which a reference is drawn as small dots
_ROLE_STYLES = {"model": "-", "stock": "--", "other": ":"}


def plot_claims(claims: Mapping[str, xr.Dataset]) -> Figure:
    """Draw each claim: left, the draws of every cell and design; right, which numbers spread them.

    Left, a circle is the median, the thick line the middle half of the draws and the thin one nine tenths; the
    diamond is the nominal value. Right, first-order indices of the line whose chance is nearest to even, those of
    assumed numbers in another colour.

    Parameters
    ----------
    claims : mapping of str to xarray.Dataset
        From `cellmodel.run_claims`; claims that are not yet computed are left out.

    Returns
    -------
    matplotlib.figure.Figure
        One row per claim.

    Raises
    ------
    ResultsError
        None of them is computed.

    Examples
    --------
    >>> import cellmodel
    >>> figure = cellmodel.plot_claims(cellmodel.run_claims("lfp_250", workers=4))  # doctest: +SKIP
    """
    if not isinstance(claims, Mapping):
        raise ResultsError(Problem("figure", "claims", found_text(claims), "claims by name, of `run_claims`"))
    for claim in claims.values():
        require(claim, "a claim")
        if claim.sizes:
            require(claim, "a claim", ("value", "nominal", "probability"), ("subject", "design", "draw"))
    shown = [claim for claim in claims.values() if claim.sizes]
    if not shown:
        raise ResultsError("none of these claims is computed yet: there is nothing to draw")
    heights = [_FRAME + _LINE * _height_in_lines(claim) for claim in shown]
    with styled():
        figure = new_figure(_WIDTH, sum(heights) + _FOOT)
        axes = figure.subplots(len(shown), 2, squeeze=False, width_ratios=(5, 3), height_ratios=heights)
        for row, claim in zip(axes, shown, strict=True):
            if "usable_share" in claim:
                _draw_over_temperature(row[0], row[1], claim)
            else:
                _draw_spread(row[0], claim)
                _draw_indices(row[1], claim)
            row[0].set_title("{claim}: {verdict}\n{}".format(textwrap.fill(claim.attrs["text"], 58), **claim.attrs))
        figure.legend(handles=_legend_handles(), loc="outside lower center", ncols=7)
    return figure


def _height_in_lines(claim: xr.Dataset) -> float:
    """Return how many lines a panel needs room for."""
    if "usable_share" in claim:
        return float(_MOST_INPUTS)
    return max(float(claim.sizes["subject"] * claim.sizes["design"]), _MOST_INPUTS / 2)


def _legend_handles() -> list[Any]:
    """Return what the signs and colours mean."""
    lines: dict[str, dict[str, Any]] = {
        "middle half of the draws": _MIDDLE,
        "nine tenths": {"color": KNOWN, "lw": 1.2},
        "median": _MEDIAN,
        "nominal": _NOMINAL,
        "claimed": {"color": CLAIMED, "ls": "--"},
    }
    patches = [
        Patch(color=colour, label=f"{kind} number") for kind, colour in (("sourced", KNOWN), ("assumed", ASSUMED))
    ]
    return [*(Line2D([], [], label=label, **style) for label, style in lines.items()), *patches]


def _draw_spread(axes: Any, claim: xr.Dataset) -> None:
    """Draw the draws of each cell and design against what is claimed."""
    labels = []
    pairs = [(subject, design) for subject in claim["subject"].values for design in claim["design"].values]
    for height, (subject, design) in enumerate(reversed(pairs)):
        one = claim.sel(subject=subject, design=design).isel(condition=0)
        quantiles = np.quantile(one["value"].dropna("draw").values, (0.05, 0.25, 0.5, 0.75, 0.95))
        axes.plot(quantiles[[0, 4]], [height] * 2, color=KNOWN, lw=1.2)
        axes.plot(quantiles[[1, 3]], [height] * 2, **_MIDDLE)
        axes.plot(quantiles[2], height, ms=5.0, zorder=3, **_MEDIAN)
        axes.plot(float(one["nominal"]), height, ms=5.5, zorder=4, **_NOMINAL)
        where = f"{rate_text(float(one['c_rate']))}, {float(one['temperature']) - 273.15:.3g} °C"
        labels.append(f"{subject}, {design}\n{where}; P = {float(one['probability']):.2f}")
    axes.axvline(float(claim.attrs["threshold"]), color=CLAIMED, lw=1.4, ls="--")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(axis_label(str(claim.attrs["long_name"]), unit_text(str(claim.attrs["units"]))))


def _draw_over_temperature(axes: Any, legend: Any, claim: xr.Dataset) -> None:
    """Draw the usable energy over temperature, and the names of the lines beside it."""
    celsius = claim["window_temperature"].values - 273.15
    for subject, colour in zip(claim["subject"].values, (*CATEGORIES[:1], *CATEGORIES[2:]), strict=False):
        for design, style in zip(claim["design"].values, ("-", ":"), strict=True):
            shares = claim["usable_share"].sel(subject=subject, design=design)
            low, middle, high = shares.quantile((0.05, 0.5, 0.95), "draw").values
            axes.plot(celsius, middle, style, color=colour, label=f"{subject}, {design}")
            if design == "shipped":
                axes.fill_between(celsius, low, high, color=colour, alpha=0.15, lw=0.0)
    axes.axhline(float(claim.attrs["threshold"]), color=CLAIMED, lw=1.4, ls="--")
    axes.set(ylim=(-0.03, 1.05), xlabel="temperature (°C)", ylabel="share of largest energy")
    legend.set_axis_off()
    title = "median, and nine tenths of the draws"
    legend.legend(*axes.get_legend_handles_labels(), loc="center right", title=title)


def _draw_indices(axes: Any, claim: xr.Dataset) -> None:
    """Draw the first-order indices of the line whose chance is nearest to even."""
    has_indices = claim["first_order"].notnull().any("number")
    distance = abs(claim["probability"].isel(condition=0, drop=True) - 0.5).where(has_indices)
    if not bool(has_indices.any()):
        axes.set_axis_off()
        return
    one = claim.isel(distance.transpose("subject", "design").argmin(["subject", "design"]))
    shares = one["first_order"].fillna(0.0).to_series().sort_values(ascending=False)[:_MOST_INPUTS][::-1]
    status = one["number_status"].to_series()[shares.index]
    errors, rows = one["first_order_confidence"].to_series()[shares.index], range(len(shares))
    ends = np.clip(shares.values, 0.0, None)
    axes.barh(rows, ends, color=[ASSUMED if word == "assumed" else KNOWN for word in status], height=0.6)
    axes.errorbar(ends, rows, xerr=errors.values, fmt="none", ecolor="0.3", lw=0.8)
    axes.set_yticks(rows, [_short_name(str(name)) for name in shares.index])
    axes.tick_params(axis="y", labelsize=7.5)
    axes.grid(visible=False, axis="y")
    axes.set(xlim=(0.0, 1.0), xlabel="share of the variance, alone")
    together = " to ".join(f"{min(float(one[name]), 1.0):.0%}" for name in ("assumed_alone", "assumed_total"))
    axes.set_title(f"{one['subject'].item()}, {one['design'].item()}\nall assumed numbers: {together}", loc="right")


def _short_name(path: str) -> str:
    name = path.removesuffix(".value").replace("cell.positive_electrode", "cathode").replace("_", " ")
    text = name.replace(".", ", ")
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


def plot_comparison(comparison: xr.Dataset) -> Figure:
    """Draw curves beside their reference.

    Parameters
    ----------
    comparison : xarray.Dataset
        `x` and `y` on (curve, point), `role` on (curve,): "model", "reference", "stock" or "other"; the long names of
        `x` and `y` label the axes; attributes `title` and `log` ("", "x", "y" or "xy").

    Returns
    -------
    matplotlib.figure.Figure
        References as points, everything else as lines; curves that share the first part of their label, up to a comma,
        share a colour.

    Raises
    ------
    ResultsError
        The dataset is no comparison.
    """
    require(comparison, "a comparison", ("x", "y", "role"), ("curve", "point"))
    with styled():
        figure = new_figure(8.2, 4.2)
        axes = figure.add_subplot()
        families = list(dict.fromkeys(_colour_group(label) for label in comparison["curve"].values))
        for index in range(comparison.sizes["curve"]):
            _draw_curve(axes, comparison.isel(curve=index), families)
        for axis in comparison.attrs["log"]:
            axes.set(**{f"{axis}scale": "log"})
        axes.set(
            xlabel=comparison["x"].attrs["long_name"],
            ylabel=comparison["y"].attrs["long_name"],
            title=comparison.attrs["title"],
        )
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", fontsize=7)
    return figure


def _colour_group(label: str) -> str:
    return str(label).partition(",")[0]


def _draw_curve(axes: Axes, curve: xr.Dataset, families: list[str]) -> None:
    """Draw one curve in the colour of its family."""
    label, role = str(curve["curve"].item()), str(curve["role"].item())
    position = families.index(_colour_group(label))
    colour = CATEGORIES[position % len(CATEGORIES)]
    known = np.isfinite(curve["x"].values) & np.isfinite(curve["y"].values)
    x, y = curve["x"].values[known], curve["y"].values[known]
    if role == "reference":
        marker = "." if x.size > _MANY_POINTS else MARKERS[position % len(MARKERS)]
        axes.plot(x, y, marker, color=colour, markersize=3 if x.size > _MANY_POINTS else 4.5, alpha=0.7, label=label)
    else:
        axes.plot(x, y, _ROLE_STYLES.get(role, "-"), color=colour, label=label)
