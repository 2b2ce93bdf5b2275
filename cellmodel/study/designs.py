"""Designs of one cell: the numbers in which they may differ while one built model serves them all."""

from __future__ import annotations

from collections.abc import Sequence

from cellmodel.parameters import ParameterSet
from cellmodel.parameters.parameter_set import CATHODE_THICKNESS

DESIGN = (
    "cell.lithium.thickness",
    "cell.separator.thickness",
    CATHODE_THICKNESS,
    "cell.positive_electrode.active_material_volume_fraction",
    "cell.positive_electrode.electrolyte_volume_fraction",
)
"""Numbers that a design chooses."""


def differing_numbers(cells: Sequence[ParameterSet]) -> list[str]:
    """Return the design numbers in which cells of the same materials differ.

    Parameters
    ----------
    cells : sequence of ParameterSet
        At least one.

    Returns
    -------
    list of str
        Full paths; none where the materials differ.
    """
    first = cells[0]
    if any(cell.materials != first.materials for cell in cells):
        return []
    return [path for path in DESIGN if path in first.entries and any(cell[path] != first[path] for cell in cells)]
