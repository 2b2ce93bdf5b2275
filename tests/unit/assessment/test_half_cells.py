"""Half-cell curves are found by their names, read whichever way their capacity counts, and met by their model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellmodel.assessment.checks.check import DataFolder, DataMissingError, Finding
from cellmodel.assessment.checks.half_cells import HIGH, open_circuit_lfp, open_circuit_nca, simulated
from cellmodel.parameters import load_cell


def written(folder: Path, name: str, capacity: np.ndarray, potential: np.ndarray) -> None:
    np.savetxt(
        folder / name, np.column_stack([capacity, potential]), delimiter=",", header="capacity,voltage", comments=""
    )


def findings(check, folder: Path) -> dict[str, Finding]:
    return {one.name: one for one in check.measure(DataFolder(folder)) if isinstance(one, Finding)}


def test_a_curve_is_compared_at_the_rate_of_its_name_and_on_its_own_capacity(tmp_path: Path) -> None:
    """5 mV above what the model gives at C/20; once as charge left, once as charge passed."""
    capacity, voltage = simulated("lithiation", 0.05)
    written(tmp_path, "ocp_lfp_lithiation_C20.csv", capacity, voltage + 5e-3)
    written(tmp_path, "ocp_lfp_lithiation_C50.csv", 1.0 - capacity, voltage)
    found = findings(open_circuit_lfp, tmp_path)
    assert found["lithiation_C20"].deviation == pytest.approx(5e-3, abs=2e-5)
    assert "a prediction" in found["lithiation_C20"].remark
    # at C/50 the model polarises less: 80 ohm.cm2 at 1.3 mA.h.cm-2, 0.03 less of the capacity an hour
    assert found["lithiation_C50"].deviation == pytest.approx(
        80e-4 * load_cell("li_peo_lfp").areal_capacity * 0.03, rel=0.15
    )


def test_an_axis_without_zero_or_length_is_mapped(tmp_path: Path) -> None:
    """A curve of NCA on another axis: what is left is the 12 mV that were put in above 4.1 V."""
    y = np.linspace(0.33, 0.99, 400)
    potential = load_cell("li_peo_nmc", electrode="nca").function("electrode.open_circuit_potential")(y)
    higher = potential + 12e-3 * (potential > HIGH[0])
    written(tmp_path, "ocp_nca_delithiation_C50.csv", (0.99 - y) / 0.66, higher)
    assert findings(open_circuit_nca, tmp_path)["delithiation_C50"].deviation == pytest.approx(12e-3, rel=0.1)


def test_without_a_curve_the_points_of_the_source_remain(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="ocp_lfp"):
        findings(open_circuit_lfp, tmp_path)
    (only,) = findings(open_circuit_nca, tmp_path).values()
    assert only.deviation < 5e-3
