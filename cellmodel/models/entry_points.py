"""The shipped cells as parameter sets of PyBaMM: `pybamm.ParameterValues("li_peo_lfp")`.

One function per cell, registered as entry points, so that a script need not import cellmodel. Nothing is loaded
before one of them is called. `pybamm.print_citations` lists the sources of the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_CARRIES = """

It carries what an isothermal half-cell takes: geometry, transport, kinetics, equilibrium with its entropic
change, the interphase as a contact resistance, and double layers where the cell's files state them. It carries
nothing for the options ``thermal`` (other than "isothermal"), ``SEI``, ``lithium plating``,
``particle mechanics``, ``loss of active material``, ``particle size`` (other than "single") and
``current collector``: PyBaMM takes such an option and then raises a KeyError for the first parameter that it
misses. For heat, a growing interphase, lost contact and hysteresis use
``cellmodel.simulate(..., mechanisms=[...])``. The sources of its numbers are in ``pybamm.print_citations()``.
"""


def _described(load: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Say in the description of a set what every set carries and what none does."""
    load.__doc__ = (load.__doc__ or "").rstrip() + _CARRIES.replace("\n", "\n    ").rstrip() + "\n    "
    return load


def _values(cell: str) -> dict[str, Any]:
    from cellmodel.models.citations import bibtex
    from cellmodel.models.parameter_values import pybamm_values
    from cellmodel.parameters import load_cell

    parameters = load_cell(cell)
    return pybamm_values(parameters) | {"citations": bibtex(parameters)}


@_described
def li_peo_lfp() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | LFP at 80 degC.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_peo_lfp")


@_described
def li_polycarbonate_nmc811() -> dict[str, Any]:
    """Lithium | block polycarbonate-ether | NMC811 at 30 degC.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_polycarbonate_nmc811")


@_described
def li_peo_nmc() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | ternary layered oxide, warm.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_peo_nmc")


@_described
def li_peo_tis2_doyle1993() -> dict[str, Any]:
    """Lithium | PEO-LiCF3SO3 | TiS2 at 100 degC, the cell of Doyle, Fuller and Newman 1993.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_peo_tis2_doyle1993")


@_described
def li_single_ion_lfp() -> dict[str, Any]:
    """Lithium | single-ion conductor | LFP: the transference number is one.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_single_ion_lfp")


@_described
def dualfoil_d2_peo_lfp() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | LFP at 85 degC: DUALFOIL 5.1 reference case D2.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; here it is zero. cellmodel's own models
    (``pybamm.Model("CellModelDFN")``) have both options on.
    """
    return _values("dualfoil_d2_peo_lfp")


@_described
def dualfoil_d3_peo_nca() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | NCA at 85 degC: DUALFOIL 5.1 reference case D3.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; here it is zero. cellmodel's own models
    (``pybamm.Model("CellModelDFN")``) have both options on.
    """
    return _values("dualfoil_d3_peo_nca")


@_described
def dualfoil_d4_pemo_nickel_cobalt() -> dict[str, Any]:
    """Lithium | PEMO-LiTFSI | LiNi0.8Co0.2O2 at 40 degC: DUALFOIL 5.1 reference case D4.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; here it is zero. cellmodel's own models
    (``pybamm.Model("CellModelDFN")``) have both options on.
    """
    return _values("dualfoil_d4_pemo_nickel_cobalt")
