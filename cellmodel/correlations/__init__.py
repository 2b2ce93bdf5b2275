"""Functional forms of properties, by the name that a parameter file gives in `form`.

A form is a frozen dataclass (`cellmodel.correlations.correlation.Correlation`); the same `evaluate` works
for a float, a NumPy array, an xarray object and a PyBaMM symbol.  Nothing here knows a material.
"""

from __future__ import annotations

from cellmodel.correlations.conductivity import (
    BellShapedVogelTammannFulcher,
    ConcentrationPolynomial,
    ConductivityPolynomial,
    ExponentialPolynomial,
    MolalVogelTammannFulcher,
    SemicrystallineVogelTammannFulcher,
    VogelTammannFulcher,
)
from cellmodel.correlations.correlation import FARADAY, GAS_CONSTANT, Constant, Correlation
from cellmodel.correlations.kinetics import (
    ActivatedResistance,
    Arrhenius,
    ChargeTransferShare,
    GaussianSumDiffusivity,
    InterphaseShare,
    LinearGrowth,
    MassActionExchangeCurrent,
    NormalisedExchangeCurrent,
    ParabolicGrowth,
    SaltPowerExchangeCurrent,
    SaltWindowExchangeCurrent,
    SaltWindowMassActionExchangeCurrent,
)
from cellmodel.correlations.open_circuit import (
    ArctangentPotential,
    ExponentialWithHyperbolicTangents,
    HyperbolicTangentPotential,
    InteractingLatticeGas,
    LineWithExponentialEnds,
    LithiumIronPhosphatePotential,
    ParabolaWithExponentialEnds,
    TwoPhasePotential,
)
from cellmodel.correlations.salt import (
    CurrentFractionDiffusivity,
    DiffusivityFollowingConductivity,
    DiluteLimitDiffusivity,
    LogarithmicPolynomialDiffusivity,
    TransferencePolynomial,
)

FORMS: dict[str, type[Correlation]] = {
    "constant": Constant,
    "arrhenius": Arrhenius,
    "activated_resistance": ActivatedResistance,
    "concentration_polynomial": ConcentrationPolynomial,
    "conductivity_polynomial": ConductivityPolynomial,
    "exponential_polynomial": ExponentialPolynomial,
    "vogel_tammann_fulcher": VogelTammannFulcher,
    "semicrystalline_vogel_tammann_fulcher": SemicrystallineVogelTammannFulcher,
    "molal_vogel_tammann_fulcher": MolalVogelTammannFulcher,
    "bell_shaped_vogel_tammann_fulcher": BellShapedVogelTammannFulcher,
    "diffusivity_following_conductivity": DiffusivityFollowingConductivity,
    "dilute_limit_diffusivity": DiluteLimitDiffusivity,
    "current_fraction_diffusivity": CurrentFractionDiffusivity,
    "logarithmic_polynomial_diffusivity": LogarithmicPolynomialDiffusivity,
    "transference_polynomial": TransferencePolynomial,
    "lithium_iron_phosphate_potential": LithiumIronPhosphatePotential,
    "two_phase_potential": TwoPhasePotential,
    "hyperbolic_tangent_potential": HyperbolicTangentPotential,
    "parabola_with_exponential_ends": ParabolaWithExponentialEnds,
    "arctangent_potential": ArctangentPotential,
    "interacting_lattice_gas": InteractingLatticeGas,
    "line_with_exponential_ends": LineWithExponentialEnds,
    "exponential_with_hyperbolic_tangents": ExponentialWithHyperbolicTangents,
    "gaussian_sum_diffusivity": GaussianSumDiffusivity,
    "mass_action_exchange_current": MassActionExchangeCurrent,
    "salt_window_mass_action_exchange_current": SaltWindowMassActionExchangeCurrent,
    "normalised_exchange_current": NormalisedExchangeCurrent,
    "salt_power_exchange_current": SaltPowerExchangeCurrent,
    "salt_window_exchange_current": SaltWindowExchangeCurrent,
    "charge_transfer_share": ChargeTransferShare,
    "interphase_share": InterphaseShare,
    "parabolic_growth": ParabolicGrowth,
    "linear_growth": LinearGrowth,
}

__all__ = ["FARADAY", "FORMS", "GAS_CONSTANT", "Constant", "Correlation"]
