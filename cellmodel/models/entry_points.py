"""The shipped cells as parameter sets of PyBaMM: `pybamm.ParameterValues("li_peo_lfp")`.

One function per cell, registered as entry points, so that a script need not import cellmodel. Nothing is loaded
before one of them is called.
"""

from __future__ import annotations

from typing import Any


def _values(cell: str) -> dict[str, Any]:
    from cellmodel.models.parameter_values import pybamm_values
    from cellmodel.parameters import load_cell

    return pybamm_values(load_cell(cell))


def li_peo_lfp() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | LFP at 80 degC.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_peo_lfp")


def li_polycarbonate_nmc811() -> dict[str, Any]:
    """Lithium | block polycarbonate-ether | NMC811 at 30 degC.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_polycarbonate_nmc811")


def li_peo_nmc() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | ternary layered oxide, warm.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_peo_nmc")


def li_peo_tis2_doyle1993() -> dict[str, Any]:
    """Lithium | PEO-LiCF3SO3 | TiS2 at 100 degC, the cell of Doyle, Fuller and Newman 1993.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_peo_tis2_doyle1993")


def li_single_ion_lfp() -> dict[str, Any]:
    """Lithium | single-ion conductor | LFP: the transference number is one.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; cellmodel's own models (``pybamm.Model("CellModelDFN")``) have
    both options on.
    """
    return _values("li_single_ion_lfp")


def dualfoil_d2_peo_lfp() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | LFP at 85 degC: DUALFOIL 5.1 reference case D2.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; here it is zero. cellmodel's own models
    (``pybamm.Model("CellModelDFN")``) have both options on.
    """
    return _values("dualfoil_d2_peo_lfp")


def dualfoil_d3_peo_nca() -> dict[str, Any]:
    """Lithium | PEO-LiTFSI | NCA at 85 degC: DUALFOIL 5.1 reference case D3.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; here it is zero. cellmodel's own models
    (``pybamm.Model("CellModelDFN")``) have both options on.
    """
    return _values("dualfoil_d3_peo_nca")


def dualfoil_d4_pemo_nickel_cobalt() -> dict[str, Any]:
    """Lithium | PEMO-LiTFSI | LiNi0.8Co0.2O2 at 40 degC: DUALFOIL 5.1 reference case D4.

    Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts
    only with ``{"contact resistance": "true"}``; here it is zero. cellmodel's own models
    (``pybamm.Model("CellModelDFN")``) have both options on.
    """
    return _values("dualfoil_d4_pemo_nickel_cobalt")
