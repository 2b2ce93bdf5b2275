"""One class for each kind of cell, found by the name of its kind.

A new kind of cell is a `cellmodel.parameters.kinds.CellKind` and a `CellModel` here; nothing else asks for the kind.
"""

from __future__ import annotations

from cellmodel.models.cells.contract import CellModel
from cellmodel.models.cells.full_cell import FullCell
from cellmodel.models.cells.half_cell import AnodeFreeCell, HalfCell
from cellmodel.models.cells.plating import Plating
from cellmodel.models.cells.symmetric import Symmetric

__all__ = ["CELL_MODELS", "AnodeFreeCell", "CellModel", "FullCell", "HalfCell", "Plating", "Symmetric"]

CELL_MODELS: dict[str, CellModel] = {
    model.kind: model for model in (HalfCell(), AnodeFreeCell(), FullCell(), Symmetric(), Plating())
}
"""By kind of cell."""
