"""Sets of D and t that the experiment on a moving polymer must accept or refuse, put into a cell in place of its own.

Numbers stand here because they are what the check is about; none is used elsewhere. It knows no data folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cellmodel.correlations import FORMS
from cellmodel.correlations.correlation import Correlation, coefficient, hold, link, shared
from cellmodel.correlations.frames import (
    FACTOR,
    SALT_VOLUME,
    TRANSFERENCE,
    VOLUME_FACTOR,
    VOLUME_TRANSFERENCE,
    VolumeThermodynamicFactor,
    VolumeTransference,
    solvent_fraction,
)
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.records import FunctionRecord, Record

DIFFUSIVITY = "electrolyte.salt_diffusivity"
START = 1870.0
"""Mean concentration of the experiment [mol.m-3]."""
DEGREE = 7
"""Of the polynomial through the relation: it follows the 90 points within 0.5 %."""
DENSITY, SALT_MASS = (1123.276, 0.106822, 7.606e-6), 0.28709
"""Density at 90 degC [kg.m-3] in powers of c [mol.m-3], as carried with the measured relation; LiTFSI [kg.mol-1]."""
WIDTH = 0.1
"""Of the transition to a constant outside the relation [mol.m-3]."""


@dataclass(frozen=True)
class ShareOfRelation(Correlation, arguments=("concentration", "temperature")):
    """D = R (1 - t) (1 - u c V) of a relation R = D f/(1 - t0), a polynomial in c/c_start - 1; with u = 0 it is D f."""

    p0: Any = coefficient("m2.s-1")
    p1: Any = coefficient("m2.s-1")
    p2: Any = coefficient("m2.s-1")
    p3: Any = coefficient("m2.s-1")
    p4: Any = coefficient("m2.s-1")
    p5: Any = coefficient("m2.s-1")
    p6: Any = coefficient("m2.s-1")
    p7: Any = coefficient("m2.s-1")
    u: Any = coefficient("1")
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")
    salt_molar_volume: Any = shared(SALT_VOLUME)
    transference: Any = link(TRANSFERENCE)

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return D [m2.s-1]."""
        held = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        x, value = held / START - 1.0, 0.0
        for power in reversed(range(DEGREE + 1)):
            value = value * x + getattr(self, f"p{power}")
        solvent = 1.0 - self.u * (1.0 - solvent_fraction(held, self.salt_molar_volume))
        return value * (1.0 - self.transference.evaluate(held, T)) * solvent


def salt_molar_volume(low: float = 1240.0, high: float = 2420.0) -> float:
    """Return the constant molar volume [m3.mol-1] that fits the measured density between two concentrations [mol.m-3].

    Constant volumes make the solvent's mass rho - M c a straight line in c, proportional to 1 - c V. Between 1.24 and
    2.42 mol/L the line through the measured density, 0.139 L/mol, is off by 0.24 % at most; the volume itself falls
    from 0.145 to 0.133 L/mol there.
    """
    c = np.linspace(low, high, 200)
    slope, start = np.polyfit(c, np.polyval(DENSITY[::-1], c) - SALT_MASS * c, 1)
    return float(-slope / start)


@dataclass(frozen=True)
class Line:
    """One set.

    Attributes
    ----------
    words : str
        What it is.
    passes : bool
        Whether the experiment must accept it.
    transference : tuple of float
        t at 1.87 mol/L, and its slope times that concentration [1].
    frame : str
        "solvent" or "volume".
    diffusivity : float, mapping or None
        One constant [m2.s-1]; coefficients of `diffusivity_following_conductivity`; None follows the relation.
    by_solvent : bool
        Whether D or D f is what follows the relation.
    moving : bool
        Whether the room that the polymer leaves counts in its velocity.
    """

    words: str
    passes: bool
    transference: tuple[float, float]
    frame: str = "solvent"
    diffusivity: float | Mapping[str, float] | None = None
    by_solvent: bool = True
    moving: bool = True

    def applied(self, cell: ParameterSet, relation: np.ndarray) -> ParameterSet:
        """Return a cell with this set and the measured density; the relation is in mol/L and cm2/s."""
        low, high = 1e3 * relation[0].min(), 1e3 * relation[0].max()
        limits = {"lower_concentration": low, "upper_concentration": high}
        constant, slope = self.transference
        volume = Record(SALT_VOLUME, salt_molar_volume(), "m3.mol-1", "", "derived")
        entries = {path: one for path, one in cell.entries.items() if path != "electrolyte.solubility"}  # no end by it
        cell = replace(cell, entries={**entries, SALT_VOLUME: volume})
        line = {"constant": constant - slope, "linear": slope / START, **limits}
        cell = _with_function(cell, TRANSFERENCE, "concentration_polynomial", line)
        cell = self._with_diffusivity(cell, relation, limits)
        derived: dict[str, tuple[str, type[Correlation]]] = {TRANSFERENCE: (VOLUME_TRANSFERENCE, VolumeTransference)}
        derived[FACTOR] = (VOLUME_FACTOR, VolumeThermodynamicFactor)
        functions = dict(cell.functions)
        for own, (path, form) in derived.items():
            functions[path] = replace(functions[own], path=path)
            if self.frame == "solvent":
                functions[path] = FunctionRecord(path, form, dict(form.shared), {})
        return replace(cell, functions=functions)

    def _with_diffusivity(self, cell: ParameterSet, relation: np.ndarray, limits: Mapping[str, float]) -> ParameterSet:
        if isinstance(self.diffusivity, Mapping):
            return _with_function(cell, DIFFUSIVITY, "diffusivity_following_conductivity", self.diffusivity)
        if self.diffusivity is not None:
            return _with_function(cell, DIFFUSIVITY, "constant", {"value": self.diffusivity})
        fitted = np.polynomial.Polynomial.fit(1e3 * relation[0] / START - 1.0, 1e-4 * relation[1], DEGREE)
        numbers = {f"p{power}": float(value) for power, value in enumerate(fitted.convert().coef)}
        return _with_function(cell, DIFFUSIVITY, ShareOfRelation, numbers | {"u": float(self.by_solvent), **limits})


def _with_function(
    cell: ParameterSet, path: str, form: str | type[Correlation], numbers: Mapping[str, float]
) -> ParameterSet:
    """Return a cell with another function in place of its own, and with that function's coefficients only."""
    form = FORMS[form] if isinstance(form, str) else form
    values = {**form.optional, **numbers}
    paths = {name: f"{path}.{name}" for name in form.units}
    entries = {key: one for key, one in cell.entries.items() if not key.startswith(f"{path}.")}
    entries |= {
        paths[name]: Record(paths[name], float(values[name]), "", "", "assumed") for name in paths if name in values
    }
    record = FunctionRecord(path, form, paths | form.shared, {})
    return replace(cell, entries=entries, functions={**cell.functions, path: record})


EDMAN = {
    "constant": 5.5e-12,
    "linear": 4.92e-16,
    "quadratic": -6.73e-19,
    "floor": 5e-13,
    "reference_temperature": 358.15,
    "lower_concentration": 0.0,
    "upper_concentration": 3000.0,
}
"""Edman's D at 85 degC [m2.s-1], as the library had it with t = 0.2 in the frame of the volume average."""

LINES = {
    "reference": Line("t0 falling with salt, D by the relation", True, (-0.04, -0.47)),
    "two_constants": Line("two constants, D = 1.42e-11 m2/s, t0 = -0.05", True, (-0.05, 0.0), diffusivity=1.42e-11),
    "former_library": Line("Edman's D, t = 0.2 in the volume's frame", False, (0.2, 0.0), "volume", EDMAN),
    "positive_transference": Line("t0 = 0.2, D by the relation", False, (0.2, 0.0)),
    "no_solvent_motion": Line(
        "t0 as in the reference, D f by the relation, no motion of the solvent",
        False,
        (-0.04, -0.47),
        "volume",
        by_solvent=False,
        moving=False,
    ),
    "dilute": Line(
        "one constant D = 1.6e-11 m2/s, t+ = 0.2, no motion of the solvent",
        False,
        (0.2, 0.0),
        "volume",
        1.6e-11,
        moving=False,
    ),
}
"""By name; a set that follows the relation takes D = R (1 - t0)/f."""
