"""Numbers that sum up an electrolyte: how much of a current its salt gradients cost.

Pure functions of a parameter set; no solver.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.parameters.parameter_set import ParameterSet


def newman_number(parameters: ParameterSet, concentration: Any, temperature: Any) -> Any:
    """Return Ne = 2 kappa R T (1 - t+)^2 TDF / (F^2 D c), the ratio of diffusion to ohmic resistance.

    A symmetric cell with kinetics removed has the steady resistance (L/kappa)(1 + Ne).

    Parameters
    ----------
    parameters : ParameterSet
        Any cell with the electrolyte.
    concentration : float or array
        [mol.m-3].
    temperature : float or array
        [K].

    Returns
    -------
    float or array
        Dimensionless, shape broadcast.  Balsara and Newman, J. Electrochem. Soc. 162 (2015) A2720,
        doi 10.1149/2.0651514jes, written with the salt diffusivity and the molarity scale.
    """
    names = ("ionic_conductivity", "salt_diffusivity", "cation_transference_number", "thermodynamic_factor")
    values = (parameters.function(f"electrolyte.{name}")(concentration, temperature) for name in names)
    kappa, diffusivity, transference, factor = values
    drive = 2.0 * kappa * GAS_CONSTANT * temperature * (1.0 - transference) ** 2 * factor
    return drive / (FARADAY**2 * diffusivity * concentration)


def electrolyte_numbers(parameters: ParameterSet, concentrations: Any, temperatures: Any) -> list[dict[str, float]]:
    """Return conductivity, diffusivity, t+, Ne, 1/(1 + Ne) and kappa/(1 + Ne) on a grid.

    Parameters
    ----------
    parameters : ParameterSet
        Any cell with the electrolyte.
    concentrations : sequence of float
        [mol.m-3].
    temperatures : sequence of float
        [K].

    Returns
    -------
    list of dict
        One row per pair, temperature outermost, SI units.
    """
    rows = []
    names = ("ionic_conductivity", "salt_diffusivity", "cation_transference_number")
    for T in np.atleast_1d(temperatures):
        for c in np.atleast_1d(concentrations):
            row = {"temperature": float(T), "concentration": float(c)}
            row |= {name: float(parameters.function(f"electrolyte.{name}")(c, T)) for name in names}
            row["newman_number"] = float(newman_number(parameters, c, T))
            row["current_fraction"] = 1.0 / (1.0 + row["newman_number"])
            row["effective_conductivity"] = row["ionic_conductivity"] / (1.0 + row["newman_number"])
            rows.append(row)
    return rows
