"""Units and meanings of everything that the studies of a symmetric cell return."""

from __future__ import annotations

POLARISATION: dict[str, tuple[str, str]] = {
    "time": ("s", "time since the current or voltage was switched on"),
    "rest_time": ("s", "time since the current was interrupted"),
    "rest_voltage": ("V", "voltage after the interruption"),
    "applied_voltage": ("V", "voltage held, positive where it dissolves lithium at x = 0"),
    "current_density": ("A.m-2", "current density, dissolving lithium at x = 0"),
    "applied_current_density": ("A.m-2", "current density held"),
    "voltage": ("V", "applied voltage, positive where it dissolves lithium at x = 0"),
    "initial_current_density": ("A.m-2", "voltage over ohmic and initial interface resistance"),
    "steady_current_density": ("A.m-2", "current density at the end of the hold"),
    "initial_interface_resistance": ("ohm.m2", "charge transfer and interphase of both faces, at rest"),
    "steady_interface_resistance": ("ohm.m2", "small-signal resistance of both faces at the end of the hold"),
    "current_ratio": ("1", "Bruce-Vincent ratio i_ss (V - i_0 R_0) / (i_0 (V - i_ss R_ss))"),
    "exact_current_ratio": ("1", "the same ratio from the steady state by quadrature"),
    "quadrature_voltage": ("V", "applied voltage of the curve by quadrature"),
    "quadrature_current_ratio": ("1", "Bruce-Vincent ratio of the steady state by quadrature, against voltage"),
    "expected_current_ratio": ("1", "1 / (1 + Ne) of the parameters put in, the limit of small voltage"),
    "newman_number": ("1", "Ne = 2 kappa R T (1 - t)^2 TDF / (F^2 D c) of the parameters put in"),
    "deviation": ("1", "what was found over what was put in, minus one"),
    "transition_time": ("s", "time at which the salt runs out at the plated face; not-a-number if it does not"),
    "sand_time": ("s", "Sand's time with the properties at rest"),
    "share_of_limiting_current": ("1", "current density over the limiting current density by quadrature"),
    "found_salt_diffusivity": ("m2.s-1", "from the slope of the logarithm of the voltage: -pi^2 D / L^2"),
    "expected_salt_diffusivity": ("m2.s-1", "effective salt diffusivity put in, at rest"),
    "swing": ("1", "difference of the concentrations at the faces at the interruption, over the initial one"),
    "limiting_current_density": ("A.m-2", "middle of the last sustained and the first depleting current density"),
    "expected_limiting_current_density": ("A.m-2", "by quadrature"),
    "sustained": ("1", "1 if the salt lasted the hold, 0 if it ran out"),
    "hold_time": ("s", "how long the current was held"),
    "step": ("1", "number of the hold"),
    "salt_closure_error": ("1", "largest change of the salt inventory over the inventory"),
}
"""Name -> (UDUNITS unit, long name)."""
