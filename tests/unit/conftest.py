from __future__ import annotations

import pytest

from cellmodel.parameters import ParameterSet, list_cells, load_cell


@pytest.fixture(scope="session")
def cells() -> list[ParameterSet]:
    """Return every shipped cell."""
    return [load_cell(name) for name in list_cells("lithium_metal")]


@pytest.fixture(scope="session")
def lfp_cell() -> ParameterSet:
    """Return the flagship warm cell."""
    return load_cell("li_peo_lfp")
