"""Open-circuit potentials against lithium in the forms that PyBaMM's set Prada2013 gives them.

They serve the balance of a full cell without PyBaMM: window, capacity, initial state. Nothing is added to the
published fits; both are finite and strictly decreasing over 0 <= y <= 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cellmodel.correlations.base import Correlation


@dataclass(frozen=True)
class LineWithExponentialEnds(Correlation):
    """U = a + l y + s exp(-k_s y) - e exp(-k_e (1 - y)): LFP after Afshar, Morris and Khajepour 2017."""

    constant: Any
    linear: Any
    start_amplitude: Any
    start_rate: Any
    end_amplitude: Any
    end_rate: Any
    arguments: ClassVar[tuple[str, ...]] = ("stoichiometry",)
    units: ClassVar[dict[str, str]] = {
        "constant": "V",
        "linear": "V",
        "start_amplitude": "V",
        "start_rate": "1",
        "end_amplitude": "V",
        "end_rate": "1",
    }

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        start = self.start_amplitude * np.exp(-self.start_rate * y)
        return self.constant + self.linear * y + start - self.end_amplitude * np.exp(-self.end_rate * (1.0 - y))


@dataclass(frozen=True)
class ExponentialWithHyperbolicTangents(Correlation):
    """U = a + s exp(-k y) - sum_i h_i tanh(m_i (y - c_i)): graphite after Chen et al. 2020."""

    constant: Any
    start_amplitude: Any
    start_rate: Any
    amplitude_1: Any
    steepness_1: Any
    centre_1: Any
    amplitude_2: Any
    steepness_2: Any
    centre_2: Any
    amplitude_3: Any
    steepness_3: Any
    centre_3: Any
    arguments: ClassVar[tuple[str, ...]] = ("stoichiometry",)
    units: ClassVar[dict[str, str]] = {
        "constant": "V",
        "start_amplitude": "V",
        "start_rate": "1",
        **{f"amplitude_{k}": "V" for k in (1, 2, 3)},
        **{f"steepness_{k}": "1" for k in (1, 2, 3)},
        **{f"centre_{k}": "1" for k in (1, 2, 3)},
    }

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        steps = (
            self.amplitude_1 * np.tanh(self.steepness_1 * (y - self.centre_1))
            + self.amplitude_2 * np.tanh(self.steepness_2 * (y - self.centre_2))
            + self.amplitude_3 * np.tanh(self.steepness_3 * (y - self.centre_3))
        )
        return self.constant + self.start_amplitude * np.exp(-self.start_rate * y) - steps
