"""Open-circuit potentials of insertion electrodes against lithium, as functions of stoichiometry y.

Every form is finite, smooth and strictly decreasing over 0 <= y <= 1 and slightly beyond: no real
power and no logarithm of a negative number.  What was added to a published fit to get there (an end
tail, a small slope) stands in the docstring and has its own coefficient in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cellmodel.correlations.correlation import Correlation, coefficient, positive_part, smooth_minimum

SITE_WIDTH = 1e-4
"""Width of the smooth positive part of 1 - y in powers [1]."""


@dataclass(frozen=True)
class LithiumIronPhosphatePotential(Correlation, arguments=("stoichiometry",)):
    """Flat two-phase potential with stretched-exponential ends (Safari and Delacourt 2011, eq. 10).

        z = 1 - y
        U = U0 - a1 exp(-b1 z^n1) - a2 exp(b2 z^n2) + a3 exp(b3 z^n3) + offset - slope (y - 1/2) - tail

    Inside the powers z is held between 0 and 1 (width 1e-4): the two large exponentials nearly cancel
    and their difference would turn over below y = 0.  The published fit is flat to 1e-10 V in the
    middle and ends with zero slope at y = 1; a slope (a millivolt over the plateau) and the tail
    t exp((y - 1)/w) make it strictly decreasing everywhere.  `offset` moves it to a branch.
    """

    plateau: Any = coefficient("V")
    amplitude_1: Any = coefficient("V")
    rate_1: Any = coefficient("1")
    exponent_1: Any = coefficient("1")
    amplitude_2: Any = coefficient("V")
    rate_2: Any = coefficient("1")
    exponent_2: Any = coefficient("1")
    amplitude_3: Any = coefficient("V")
    rate_3: Any = coefficient("1")
    exponent_3: Any = coefficient("1")
    offset: Any = coefficient("V", 0.0)
    slope: Any = coefficient("V")
    tail_amplitude: Any = coefficient("V")
    tail_width: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        z = positive_part(smooth_minimum(1.0 - y, 1.0, SITE_WIDTH), SITE_WIDTH)
        logarithm = np.log(z)  # shared by three powers, each of which would cost as much
        fit = (
            self.plateau
            - self.amplitude_1 * np.exp(-self.rate_1 * np.exp(self.exponent_1 * logarithm))
            - self.amplitude_2 * np.exp(self.rate_2 * np.exp(self.exponent_2 * logarithm))
            + self.amplitude_3 * np.exp(self.rate_3 * np.exp(self.exponent_3 * logarithm))
        )
        tail = self.tail_amplitude * np.exp((y - 1.0) / self.tail_width)
        return fit + self.offset - self.slope * (y - 0.5) - tail


@dataclass(frozen=True)
class TwoPhasePotential(Correlation, arguments=("stoichiometry",)):
    """One branch of a two-phase electrode: a tilted plateau, a rise where it is empty, a fall where it is full.

        U = U0 - s (y - 1/2) + h/2 (1 - tanh((y - y_h)/(2 w_h))) + a exp(-y/w_a)
            - e exp((y - 1)/w_e) - b exp((y - 1)/w_b)

    Every term falls with y, so that any positive coefficients make a potential. The rise levels off at h, as a
    delithiation curve does at its end; shoulders bend the plateau before the rise (a, w_a) and before the end (b, w_b).
    """

    plateau: Any = coefficient("V")
    slope: Any = coefficient("V")
    rise: Any = coefficient("V")
    rise_stoichiometry: Any = coefficient("1")
    rise_width: Any = coefficient("1")
    end_amplitude: Any = coefficient("V")
    end_width: Any = coefficient("1")
    rise_shoulder: Any = coefficient("V", 0.0)
    rise_shoulder_width: Any = coefficient("1", 1.0)
    end_shoulder: Any = coefficient("V", 0.0)
    end_shoulder_width: Any = coefficient("1", 1.0)

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        return (
            self.plateau
            - self.slope * (y - 0.5)
            + 0.5 * self.rise * (1.0 - np.tanh(0.5 * (y - self.rise_stoichiometry) / self.rise_width))
            + self.rise_shoulder * np.exp(-y / self.rise_shoulder_width)
            - self.end_amplitude * np.exp((y - 1.0) / self.end_width)
            - self.end_shoulder * np.exp((y - 1.0) / self.end_shoulder_width)
        )


@dataclass(frozen=True)
class HyperbolicTangentPotential(Correlation, arguments=("stoichiometry",)):
    """Line plus three hyperbolic tangents (Chen et al. 2020, O'Regan et al. 2022), with a knee.

        U = a + b y + sum_k h_k tanh(s_k (y - c_k)) - exp((y - y_knee)/w_knee) V

    The knee, absent from the published fits, carries the potential down to the lower cut-off; it is
    1 V at `knee_stoichiometry` and falls off over `knee_width`.
    """

    constant: Any = coefficient("V")
    linear: Any = coefficient("V")
    amplitude_1: Any = coefficient("V")
    steepness_1: Any = coefficient("1")
    centre_1: Any = coefficient("1")
    amplitude_2: Any = coefficient("V")
    steepness_2: Any = coefficient("1")
    centre_2: Any = coefficient("1")
    amplitude_3: Any = coefficient("V")
    steepness_3: Any = coefficient("1")
    centre_3: Any = coefficient("1")
    knee_stoichiometry: Any = coefficient("1")
    knee_width: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        return (
            self.constant
            + self.linear * y
            + self.amplitude_1 * np.tanh(self.steepness_1 * (y - self.centre_1))
            + self.amplitude_2 * np.tanh(self.steepness_2 * (y - self.centre_2))
            + self.amplitude_3 * np.tanh(self.steepness_3 * (y - self.centre_3))
            - np.exp((y - self.knee_stoichiometry) / self.knee_width)
        )


@dataclass(frozen=True)
class ParabolaWithExponentialEnds(Correlation, arguments=("stoichiometry",)):
    """U = q y^2 + l y + a - exp(s1 (y - y1)) - exp(s2 (y - y2)) + exp((y3 - y)/w3)  (dualfoil's NCA)."""

    quadratic: Any = coefficient("V")
    linear: Any = coefficient("V")
    constant: Any = coefficient("V")
    end_steepness_1: Any = coefficient("1")
    end_stoichiometry_1: Any = coefficient("1")
    end_steepness_2: Any = coefficient("1")
    end_stoichiometry_2: Any = coefficient("1")
    start_stoichiometry: Any = coefficient("1")
    start_width: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        return (
            self.quadratic * y**2
            + self.linear * y
            + self.constant
            - np.exp(self.end_steepness_1 * (y - self.end_stoichiometry_1))
            - np.exp(self.end_steepness_2 * (y - self.end_stoichiometry_2))
            + np.exp((self.start_stoichiometry - y) / self.start_width)
        )


@dataclass(frozen=True)
class ArctangentPotential(Correlation, arguments=("stoichiometry",)):
    """U = a + h1 atan(b1 - s1 y) + h2 atan(b2 - s2 y) - exp(s3 (y - y3)) V  (dualfoil's LFP)."""

    constant: Any = coefficient("V")
    amplitude_1: Any = coefficient("V")
    shift_1: Any = coefficient("1")
    steepness_1: Any = coefficient("1")
    amplitude_2: Any = coefficient("V")
    shift_2: Any = coefficient("1")
    steepness_2: Any = coefficient("1")
    end_stoichiometry: Any = coefficient("1")
    end_steepness: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        return (
            self.constant
            + self.amplitude_1 * np.arctan(self.shift_1 - self.steepness_1 * y)
            + self.amplitude_2 * np.arctan(self.shift_2 - self.steepness_2 * y)
            - np.exp(self.end_steepness * (y - self.end_stoichiometry))
        )


@dataclass(frozen=True)
class InteractingLatticeGas(Correlation, arguments=("stoichiometry",)):
    """U = U0 + V_T [ln((1 - y)/y) - a y + b]: a lattice gas with interaction (Doyle et al. 1993, eq. 29).

    y and 1 - y are kept positive inside the logarithms (smooth positive part of width `end_width`):
    U stays finite at y = 0 and 1 and goes on decreasing beyond.
    """

    constant: Any = coefficient("V")
    thermal_voltage: Any = coefficient("V")
    interaction: Any = coefficient("1")
    shift: Any = coefficient("1")
    end_width: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        vacant = positive_part(1.0 - y, self.end_width)
        occupied = positive_part(y, self.end_width)
        logarithm = np.log(vacant) - np.log(occupied)
        return self.constant + self.thermal_voltage * (logarithm - self.interaction * y + self.shift)


@dataclass(frozen=True)
class LineWithExponentialEnds(Correlation, arguments=("stoichiometry",)):
    """U = a + l y + s exp(-k_s y) - e exp(-k_e (1 - y)): LFP after Afshar, Morris and Khajepour 2017."""

    constant: Any = coefficient("V")
    linear: Any = coefficient("V")
    start_amplitude: Any = coefficient("V")
    start_rate: Any = coefficient("1")
    end_amplitude: Any = coefficient("V")
    end_rate: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        start = self.start_amplitude * np.exp(-self.start_rate * y)
        return self.constant + self.linear * y + start - self.end_amplitude * np.exp(-self.end_rate * (1.0 - y))


@dataclass(frozen=True)
class ExponentialWithHyperbolicTangents(Correlation, arguments=("stoichiometry",)):
    """U = a + s exp(-k y) - sum_i h_i tanh(m_i (y - c_i)): graphite after Chen et al. 2020."""

    constant: Any = coefficient("V")
    start_amplitude: Any = coefficient("V")
    start_rate: Any = coefficient("1")
    amplitude_1: Any = coefficient("V")
    steepness_1: Any = coefficient("1")
    centre_1: Any = coefficient("1")
    amplitude_2: Any = coefficient("V")
    steepness_2: Any = coefficient("1")
    centre_2: Any = coefficient("1")
    amplitude_3: Any = coefficient("V")
    steepness_3: Any = coefficient("1")
    centre_3: Any = coefficient("1")

    def evaluate(self, y: Any) -> Any:
        """Return U [V], shape of `y`."""
        steps = (
            self.amplitude_1 * np.tanh(self.steepness_1 * (y - self.centre_1))
            + self.amplitude_2 * np.tanh(self.steepness_2 * (y - self.centre_2))
            + self.amplitude_3 * np.tanh(self.steepness_3 * (y - self.centre_3))
        )
        return self.constant + self.start_amplitude * np.exp(-self.start_rate * y) - steps
