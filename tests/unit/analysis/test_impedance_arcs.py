"""What is read from a spectrum whose circuit is known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellmodel.analysis import read_arcs
from cellmodel.errors import ResultsError

OHMIC, ARC, CAPACITANCE = 1e-3, 4e-3, 3e-3
FREQUENCY = np.geomspace(1e-3, 1e7, 101)


def spectrum(arc: float = ARC, tail: float = 1e-4) -> xr.Dataset:
    """Return a resistance, an arc and a diffusive tail in series, from low to high frequency."""
    omega = 2 * np.pi * FREQUENCY
    impedance = OHMIC + arc / (1 + 1j * omega * arc * CAPACITANCE) + tail / np.sqrt(1j * omega)
    return xr.Dataset(
        {"resistance": ("frequency", impedance.real), "reactance": ("frequency", impedance.imag)},
        {"frequency": FREQUENCY},
    )


def test_intercept_arc_and_its_frequency() -> None:
    found = read_arcs(spectrum())
    assert float(found["high_frequency_intercept"]) == pytest.approx(OHMIC, rel=1e-3)
    assert float(found["arc_width"]) == pytest.approx(ARC, rel=0.02)  # the tail lifts its end
    assert float(found["arc_frequency"]) == pytest.approx(1 / (2 * np.pi * ARC * CAPACITANCE), rel=5e-3)
    assert float(found["low_frequency_resistance"]) == pytest.approx(spectrum()["resistance"][0].item())
    assert {values.attrs["units"] for values in found.values()} == {"ohm.m2", "Hz"}


def test_each_state_has_its_numbers_and_the_order_of_frequencies_is_free() -> None:
    several = xr.concat([spectrum(), spectrum(2 * ARC)], xr.IndexVariable("state_of_charge", [0.2, 0.8]))
    found = read_arcs(several.isel(frequency=slice(None, None, -1)))
    assert found["arc_width"].dims == ("state_of_charge",)
    assert float(found["arc_width"][1] / found["arc_width"][0]) == pytest.approx(2.0, rel=0.02)


def test_a_spectrum_without_an_arc_has_none() -> None:
    found = read_arcs(spectrum(arc=0.0))
    assert np.isnan(found["arc_width"])
    assert np.isnan(found["arc_frequency"])


@pytest.mark.parametrize("wrong", [None, 3, [], xr.Dataset()])
def test_what_is_no_impedance_is_refused(wrong: object) -> None:
    with pytest.raises(ResultsError, match="no impedance"):
        read_arcs(wrong)  # type: ignore[arg-type]
