"""The verdicts as a picture: how the quantity of each claim spreads about what is wanted, and what spreads it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.labels import axis_label, rate_text, unit_text
from cellmodel.plotting.requirements import require
from cellmodel.plotting.style import CATEGORIES, new_figure, styled

KNOWN, ASSUMED, WANTED = CATEGORIES[0], CATEGORIES[5], CATEGORIES[1]
_WIDTH, _LINE, _FRAME, _FOOT = 10.5, 0.36, 0.95, 0.3  # inch: figure, a line, what is around the lines, the legend
_TOLD = 6  # numbers named beside a claim
_LABEL = 38  # letters of a number's name


def plot_claims(claims: Mapping[str, xr.Dataset]) -> Figure:
    """Draw each claim: left, the draws of every cell and design; right, which numbers spread them.

    Left, a circle is the median, the thick line the middle half of the draws and the thin one nine tenths; the
    diamond is the nominal value. Right, first-order indices of the line whose chance is nearest to even, those of
    assumed numbers in another colour.

    Parameters
    ----------
    claims : mapping of str to xarray.Dataset
        From `cellmodel.claims.run_claims`; claims that are not yet computed are left out.

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
    for found in claims.values():
        require(found, "a claim")
        if found.sizes:
            require(found, "a claim", ("value", "nominal", "probability"), ("subject", "design", "draw"))
    shown = {name: found for name, found in claims.items() if found.sizes}
    if not shown:
        raise ResultsError("none of these claims is computed yet: there is nothing to draw")
    lines = [_lines(found) for found in shown.values()]
    heights = [_FRAME + _LINE * count for count in lines]
    with styled():
        figure = new_figure(_WIDTH, sum(heights) + _FOOT)
        axes = figure.subplots(len(shown), 2, squeeze=False, width_ratios=(5, 3), height_ratios=heights)
        for row, found in zip(axes, shown.values(), strict=True):
            if "usable_share" in found:
                _window(row[0], row[1], found)
                continue
            _spread(row[0], found)
            _causes(row[1], found)
        figure.legend(handles=_legend(), loc="outside lower center", ncols=7)
    return figure


def _lines(found: xr.Dataset) -> float:
    """Return how many lines a panel needs room for."""
    if "usable_share" in found:
        return float(_TOLD)
    return max(float(found.sizes["subject"] * found.sizes["design"]), _TOLD / 2)


def _legend() -> list[Any]:
    """Return what the signs and colours mean."""
    return [
        Line2D([], [], color=KNOWN, lw=5.0, solid_capstyle="butt", label="middle half of the draws"),
        Line2D([], [], color=KNOWN, lw=1.2, label="nine tenths"),
        Line2D([], [], marker="o", ls="", mfc="white", mec=KNOWN, label="median"),
        Line2D([], [], marker="d", ls="", mfc="none", mec="0.25", label="nominal"),
        Line2D([], [], color=WANTED, ls="--", label="claimed"),
        Patch(color=KNOWN, label="sourced number"),
        Patch(color=ASSUMED, label="assumed number"),
    ]


def _spread(axes: Any, found: xr.Dataset) -> None:
    """Draw the draws of each cell and design against what is wanted."""
    labels = []
    pairs = [(subject, design) for subject in found["subject"].values for design in found["design"].values]
    for height, (subject, design) in enumerate(reversed(pairs)):
        one = found.sel(subject=subject, design=design).isel(condition=0)
        values = one["value"].dropna("draw").values
        low, first, middle, third, high = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))
        axes.plot([low, high], [height] * 2, color=KNOWN, lw=1.2)
        axes.plot([first, third], [height] * 2, color=KNOWN, lw=5.0, solid_capstyle="butt")
        axes.plot(middle, height, "o", ms=5.0, mfc="white", mec=KNOWN, zorder=3)
        axes.plot(float(one["nominal"]), height, "d", ms=5.5, mfc="none", mec="0.25", zorder=4)
        where = f"{rate_text(float(one['c_rate']))}, {float(one['temperature']) - 273.15:.3g} °C"
        labels.append(f"{subject}, {design}\n{where}; P = {float(one['probability']):.2f}")
    threshold = float(found.attrs["threshold"])
    axes.axvline(threshold, color=WANTED, lw=1.4, ls="--")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.grid(visible=False, axis="y")
    if found.attrs["quantity"] == "smallest_share_of_energy":
        axes.set_xlim(-0.03, 1.03)
    axes.set_xlabel(axis_label(str(found.attrs["long_name"]), unit_text(str(found.attrs["units"]))))
    axes.set_title(f"{found.attrs['claim']}: {found.attrs['verdict']}\n{_wrapped(str(found.attrs['text']))}")


def _window(axes: Any, beside: Any, found: xr.Dataset) -> None:
    """Draw the usable energy over temperature, and the names of the lines beside it."""
    celsius = found["window_temperature"].values - 273.15
    for subject, colour in zip(found["subject"].values, (*CATEGORIES[:1], *CATEGORIES[2:]), strict=False):
        for design, style in zip(found["design"].values, ("-", ":"), strict=True):
            shares = found["usable_share"].sel(subject=subject, design=design)
            low, middle, high = shares.quantile((0.05, 0.5, 0.95), "draw").values
            axes.plot(celsius, middle, style, color=colour, label=f"{subject}, {design}")
            if design == "shipped":
                axes.fill_between(celsius, low, high, color=colour, alpha=0.15, lw=0.0)
    axes.axhline(float(found.attrs["threshold"]), color=WANTED, lw=1.4, ls="--")
    axes.set_ylim(-0.03, 1.05)
    axes.set_xlabel("temperature (°C)")
    axes.set_ylabel("share of largest energy")
    axes.set_title(f"{found.attrs['claim']}: {found.attrs['verdict']}\n{_wrapped(str(found.attrs['text']))}")
    handles, labels = axes.get_legend_handles_labels()
    beside.set_axis_off()
    beside.legend(handles, labels, loc="center right", title="median, and nine tenths of the draws")


def _causes(axes: Any, found: xr.Dataset) -> None:
    """Draw the first-order indices of the line whose chance is nearest to even."""
    chance = (found["probability"].isel(condition=0) - 0.5).where(found["first_order"].notnull().any("number"))
    if not bool(chance.notnull().any()):
        axes.set_axis_off()
        return
    flat = np.nan_to_num(np.abs(chance.transpose("subject", "design").values), nan=1.0)
    subject, design = np.unravel_index(int(np.argmin(flat)), flat.shape)
    one = found.isel(subject=int(subject), design=int(design))
    shares = one["first_order"].fillna(0.0).to_series().sort_values(ascending=False)[:_TOLD][::-1]
    status = one["number_status"].to_series()
    colours = [ASSUMED if status[name] == "assumed" else KNOWN for name in shares.index]
    errors = one["first_order_confidence"].to_series()[shares.index]
    ends = np.clip(shares.values, 0.0, None)
    axes.barh(range(len(shares)), ends, color=colours, height=0.6)
    axes.errorbar(ends, range(len(shares)), xerr=errors.values, fmt="none", ecolor="0.3", lw=0.8)
    axes.set_yticks(range(len(shares)), [_readable(str(name)) for name in shares.index])
    axes.tick_params(axis="y", labelsize=7.5)
    axes.set_xlim(0.0, 1.0)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("share of the variance, alone")
    shares = (min(float(one[name]), 1.0) for name in ("assumed_alone", "assumed_total"))
    together = " to ".join(f"{share:.0%}" for share in shares)
    axes.set_title(f"{one['subject'].item()}, {one['design'].item()}\nall assumed numbers: {together}", loc="right")


def _readable(path: str) -> str:
    words = path.removesuffix(".value").replace("cell.positive_electrode", "cathode").replace("_", " ").split(".")
    text = ", ".join(words)
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 58))
