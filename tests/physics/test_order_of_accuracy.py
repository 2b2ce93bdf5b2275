"""The voltage converges at second order in the number of volumes across the cell; PyBaMM's own at first.

The computation is that of `cellmodel validate`: orders come from the differences of successive meshes, which needs no
reference and favours neither model. Particles have the same mesh throughout, so only the error in x is seen.
"""

from __future__ import annotations

from cellmodel.assessment.checks.accuracy import mesh_differences, meshes_in_r, meshes_in_x, orders
from cellmodel.assessment.checks.check import STOCK


def test_voltage_is_second_order_in_x() -> None:
    """At least 1.8 is asked; 2 is what the scheme gives, and the margin is for the front where salt runs out."""
    found = orders(mesh_differences(meshes_in_x()))
    print("orders in x:", found)
    assert min(found) > 1.8


def test_pybamm_itself_is_first_order_in_x() -> None:
    found = orders(mesh_differences(meshes_in_x(), STOCK))
    print("orders in x, PyBaMM's own model:", found)
    assert max(found) < 1.2


def test_voltage_is_second_order_in_r() -> None:
    assert min(orders(mesh_differences(meshes_in_r()[:3]))) > 1.8
