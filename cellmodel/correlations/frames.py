"""The frame of a transference number: what a file states against the solvent, and what the equations take.

Newman's flux of the anions, with D the salt diffusivity of restricted diffusion, t0 the cation transference number
against the solvent (the polymer), v0 the velocity of the solvent and c0 its concentration, is

    N- = -D (1 - d ln c0/d ln c) dc/dx - (1 - t0) i/F + c v0.

With constant partial molar volumes V0 and V of solvent and salt, V0 c0 + V c = 1 and

    f = 1 - d ln c0/d ln c = d ln m/d ln c = 1/(V0 c0) = 1/(1 - c V).

The volume of the salt is taken to be that of its anion, V(Li+) = 0, so that the volume-average velocity
v = V0 c0 v0 + V N- is that of the interface: zero beside lithium that stands still. Putting v0 in leaves

    N- = -D dc/dx - (1 - t_v) i/F + c v,      1 - t_v = (1 - t0)/f,
    i  = -kappa dphi/dx + 2 kappa R T/F (1 - t0) (1 + d ln gamma/d ln m) d ln m/dx.

The second is 2 kappa R T/F (1 - t_v) X d ln c/dx with X = f^2 (1 + d ln gamma/d ln m). So one pair, t_v and X, says
everything: it goes into the two slots of PyBaMM's electrolyte, whose equations (v = 0) are then exact for constant
partial volumes. A file in the frame "volume" states the pair itself. The solvent moves at
v0 = -V f N- against the interface, at first at V (1 - t0) i/F. Derived here; Newman and Thomas-Alyea,
Electrochemical Systems, chapter 12, for the first equation.

Left out in a cathode: particles that take up lithium change their volume, and the polymer must move to where room is
left; and a volume of Li+ other than zero would let the interface's velocity into v.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cellmodel.correlations.correlation import Correlation, link, shared, smooth_maximum

TRANSFERENCE, FACTOR = "electrolyte.cation_transference_number", "electrolyte.thermodynamic_factor"
VOLUME_TRANSFERENCE = "electrolyte.volume_transference_number"
VOLUME_FACTOR = "electrolyte.volume_thermodynamic_factor"
SALT_VOLUME = "electrolyte.salt_molar_volume"

FRAMES = ("solvent", "volume")
"""What a transference number may be stated against."""

_LEAST_SOLVENT, _WIDTH = 0.05, 1e-4
"""Volume fraction of polymer below which f grows no more: far above any solubility, where only iterates come."""


def solvent_fraction(c: Any, salt_molar_volume: Any) -> Any:
    """Return the volume fraction of the solvent [1], 1/f, at a salt concentration [mol.m-3]; volumes [m3.mol-1]."""
    return smooth_maximum(1.0 - c * salt_molar_volume, _LEAST_SOLVENT, _WIDTH)


@dataclass(frozen=True)
class VolumeTransference(Correlation, arguments=("concentration", "temperature")):
    """Transference number against the volume average, from that against the solvent."""

    salt_molar_volume: Any = shared(SALT_VOLUME)
    transference: Any = link(TRANSFERENCE)

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return t_v [1]."""
        return 1.0 - (1.0 - self.transference.evaluate(c, T)) * solvent_fraction(c, self.salt_molar_volume)


@dataclass(frozen=True)
class VolumeThermodynamicFactor(Correlation, arguments=("concentration", "temperature")):
    """Factor beside the transference number against the volume average, from 1 + d ln gamma/d ln m."""

    salt_molar_volume: Any = shared(SALT_VOLUME)
    factor: Any = link(FACTOR)

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return X [1]."""
        return self.factor.evaluate(c, T) / solvent_fraction(c, self.salt_molar_volume) ** 2
