"""The shipped cells as parameter sets of PyBaMM: `pybamm.ParameterValues("li_peo_lfp")`.

One function per cell, registered as entry points, so that a script need not import cellmodel. Nothing is loaded
before one of them is called. `pybamm.print_citations` lists the sources of the numbers, which go there as BibTeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

_CARRIES = """

Use it with the half-cell option ``{"working electrode": "positive"}``. The interphase on the lithium counts only with
``{"contact resistance": "true"}``SPARE. cellmodel's own models (``pybamm.Model("CellModelDFN")``) have both
options on.

It carries what an isothermal half-cell takes: geometry, transport, kinetics, equilibrium with its entropic
change, the interphase as a contact resistance, and double layers where the cell's files state them. It carries
nothing for the options ``thermal`` (other than "isothermal"), ``SEI``, ``lithium plating``,
``particle mechanics``, ``loss of active material``, ``particle size`` (other than "single") and
``current collector``: PyBaMM takes such an option and then raises a KeyError for the first parameter that it
misses. For heat, a growing interphase, lost contact and hysteresis use
``cellmodel.simulate(..., mechanisms=[...])``. The sources of its numbers are in ``pybamm.print_citations()``.
"""
_SPECIAL = re.compile(r"([&%$#_{}])")

_DESCRIPTIONS = {
    "li_peo_lfp": "Lithium | PEO-LiTFSI | LFP at 80 degC.",
    "li_polycarbonate_nmc811": "Lithium | block polycarbonate-ether | NMC811 at 30 degC.",
    "li_peo_nmc": "Lithium | PEO-LiTFSI | ternary layered oxide, warm.",
    "li_peo_tis2_doyle1993": "Lithium | PEO-LiCF3SO3 | TiS2 at 100 degC, the cell of Doyle, Fuller and Newman 1993.",
    "li_single_ion_lfp": "Lithium | single-ion conductor | LFP: the transference number is one.",
    "dualfoil_d2_peo_lfp": "Lithium | PEO-LiTFSI | LFP at 85 degC: DUALFOIL 5.1 reference case D2.",
    "dualfoil_d3_peo_nca": "Lithium | PEO-LiTFSI | NCA at 85 degC: DUALFOIL 5.1 reference case D3.",
    "dualfoil_d4_pemo_nickel_cobalt": "Lithium | PEMO-LiTFSI | LiNi0.8Co0.2O2 at 40 degC: DUALFOIL 5.1 case D4.",
}


def __getattr__(cell: str) -> Callable[[], dict[str, Any]]:
    """Return the function that loads a cell; its docstring says what every set carries and what none does."""
    if cell not in _DESCRIPTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {cell!r}")

    def load() -> dict[str, Any]:
        from cellmodel.models.parameter_values import pybamm_values
        from cellmodel.parameters import load_cell

        parameters = load_cell(cell)
        return pybamm_values(parameters) | {"citations": bibtex(parameters)}

    load.__name__ = load.__qualname__ = cell
    zero = "; here it is zero" if cell.startswith("dualfoil") else ""
    load.__doc__ = _DESCRIPTIONS[cell] + _CARRIES.replace("SPARE", zero)
    return load


def bibtex(parameters: ParameterSet) -> list[str]:
    """Return one BibTeX entry for each source of a cell, in alphabetical order of their keys."""
    from cellmodel.parameters import load_references

    known = load_references()
    cited = sorted({record.source for record in parameters.entries.values() if record.source in known})
    entries = []
    for key in cited:
        one = known[key]
        fields = {
            "author": " and ".join(map(_name, one.authors.split("; "))),
            "title": _escaped(one.title),
            "journal": _escaped(one.journal or ""),
            "year": str(one.year),
            "doi": one.doi or "",
        }
        kind = "article" if one.journal else "misc"
        lines = [f"{name} = {{{text}}}" for name, text in fields.items() if text]
        entries.append(f"@{kind}{{{key},\n  " + ",\n  ".join(lines) + "\n}")
    return entries


def _name(author: str) -> str:
    """Return an author; what is no "last name, first name" stays in one piece."""
    return _escaped(author) if author.count(",") == 1 else f"{{{_escaped(author)}}}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
