"""Limiting currents and Sand's time: closed forms, an independent integration, and what the DFN does at them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from stock_pybamm import discharge

from cellmodel.correlations import FARADAY
from cellmodel.errors import ParameterError
from cellmodel.limits import SaltTransport, cell_path, limiting_currents, sand_time, separator_path, steady_profile
from cellmodel.models import build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import ParameterSet, load_cell

DIFFUSIVITY, TRANSFERENCE = 6e-12, 0.2
POROUS = {
    "cell.separator.electrolyte_volume_fraction": 0.7,
    "cell.separator.bruggeman_exponent": 1.2,
    "cell.positive_electrode.electrolyte_volume_fraction": 0.4,
    "cell.positive_electrode.bruggeman_exponent": 1.8,
}
DEPLETED = 0.01  # of the initial concentration: the salt counts as used up


@dataclass(frozen=True)
class MadeUp(ParameterSet):
    """A cell whose electrolyte is replaced by functions of the concentration."""

    diffusivity: Callable[[Any], Any] = lambda c: DIFFUSIVITY + 0.0 * c
    transference: Callable[[Any], Any] = lambda c: TRANSFERENCE + 0.0 * c

    def function(self, path: str) -> Callable[..., Any]:
        """Return one of the replaced functions; nothing else is asked for."""
        functions = {
            "electrolyte.salt_diffusivity": self.diffusivity,
            "electrolyte.volume_transference_number": self.transference,
        }
        return lambda c, _temperature: functions[path](c)


def Cell(base: ParameterSet, **functions: Any) -> MadeUp:
    """Return a cell with functions of one's own."""
    return MadeUp("made up", base.description, base.materials, base.entries, base.functions, base.kind, **functions)


@pytest.fixture(scope="module")
def lfp_cell() -> ParameterSet:
    """Return a cell in which all salt dissolves: the limit is where none is left."""
    return load_cell("li_peo_lfp").replace({"electrolyte.solubility": 7e3})


@pytest.mark.parametrize("changes", [{}, POROUS])
def test_constant_properties_give_the_closed_forms(lfp_cell: ParameterSet, changes: dict[str, float]) -> None:
    """Linear profile in the separator; in the cathode a parabola (uniform reaction) or a line (at the collector).

    With K = i (1 - t+) / (F D), c(0 at the back), and salt conserved:
    separator        K eps L^2 / (2 tor) = c0 eps L, that is i = 2 F D tor c0 / ((1 - t+) L);
    uniform          K [eps_s L_s (L_p / (2 tor_p) + L_s / (2 tor_s)) + eps_p L_p^2 / (6 tor_p)] = c0 (eps_s L_s + eps_p L_p);
    at the collector K [eps_s L_s (L_p / tor_p + L_s / (2 tor_s)) + eps_p L_p^2 / (2 tor_p)] = the same.
    Quadrature and table are exact for them: 1e-9 is left for round-off and the root.
    """  # noqa: E501
    cell: Any = Cell(lfp_cell.replace(changes))
    c0 = cell["electrolyte.initial_concentration"]
    lengths, fractions, efficiencies = [], [], []
    for layer in ("separator", "positive_electrode"):
        lengths.append(cell[f"cell.{layer}.thickness"])
        fractions.append(cell[f"cell.{layer}.electrolyte_volume_fraction"])
        efficiencies.append(fractions[-1] ** cell[f"cell.{layer}.bruggeman_exponent"])
    (ls, lp), (es, ep), (ts, tp) = lengths, fractions, efficiencies
    unit = FARADAY * DIFFUSIVITY / (1 - TRANSFERENCE)
    salt = c0 * (es * ls + ep * lp)
    limits = limiting_currents(cell)
    assert limits.separator == pytest.approx(2 * unit * ts * c0 / ls, rel=1e-9)
    uniform = es * ls * (lp / (2 * tp) + ls / (2 * ts)) + ep * lp**2 / (6 * tp)
    assert limits.uniform_reaction == pytest.approx(unit * salt / uniform, rel=1e-9)
    collector = es * ls * (lp / tp + ls / (2 * ts)) + ep * lp**2 / (2 * tp)
    assert limits.reaction_at_collector == pytest.approx(unit * salt / collector, rel=1e-9)


ELECTROLYTES = {
    "D falls, t+ rises": (lambda c: 1e-11 * np.exp(-c / 900), lambda c: -0.1 + 3e-4 * c - 4e-8 * c**2),
    "t+ goes far below zero": (lambda c: 6e-12 + 0.0 * c, lambda c: 0.4 - 1.2 * np.exp(-(((c - 2200) / 700) ** 2))),
    "D rises": (lambda c: 2e-12 * (1 + c / 500) ** 2, lambda c: 0.3 + 0.0 * c),
}


@pytest.mark.parametrize("reaction", ["uniform", "collector"])
@pytest.mark.parametrize("kind", ELECTROLYTES)
def test_at_the_limit_the_transport_equation_ends_at_zero_with_all_salt_there(
    lfp_cell: ParameterSet, kind: str, reaction: str
) -> None:
    """Integrate tor D dc/dx = -(1 - t+) i_e / F from c = 0 at the collector: the salt must be what was put in.

    1e-6 relative: linear interpolation in the table of Phi.
    """
    diffusivity, transference = ELECTROLYTES[kind]
    cell: Any = Cell(lfp_cell, diffusivity=diffusivity, transference=transference)
    limits = limiting_currents(cell)
    current = limits.uniform_reaction if reaction == "uniform" else limits.reaction_at_collector
    ls, lp = cell["cell.separator.thickness"], cell["cell.positive_electrode.thickness"]
    ep = cell["cell.positive_electrode.electrolyte_volume_fraction"]
    tp = ep ** cell["cell.positive_electrode.bruggeman_exponent"]
    salt, c = 0.0, 0.0
    for depth, fraction, efficiency in ((lp, ep, tp), (ls, 1.0, 1.0)):
        inside = fraction != 1.0

        def slope(s: float, state: Any, depth=depth, fraction=fraction, efficiency=efficiency, inside=inside):
            share = s / depth if inside and reaction == "uniform" else 1.0
            rise = (1 - transference(state[0])) * current * share / (FARADAY * efficiency * diffusivity(state[0]))
            return [rise, fraction * state[0]]

        done = solve_ivp(slope, (0.0, depth), [c, salt], rtol=1e-10, atol=1e-14, method="DOP853")
        c, salt = done.y[:, -1]
    assert salt == pytest.approx(cell["electrolyte.initial_concentration"] * (ls + ep * lp), rel=1e-6)


def test_below_the_limit_the_profile_obeys_the_first_integral(lfp_cell: ParameterSet) -> None:
    """Phi(c(0)) - Phi(c_back) = i R / F by adaptive quadrature, and the salt is conserved; 1e-6 as above."""
    diffusivity, transference = ELECTROLYTES["D falls, t+ rises"]
    cell: Any = Cell(lfp_cell, diffusivity=diffusivity, transference=transference)
    transport, path = SaltTransport(cell, 350.0), cell_path(cell, "uniform")
    current = 0.7 * limiting_currents(cell).uniform_reaction
    profile = steady_profile(transport, path, current)
    assert profile is not None
    phi = quad(lambda c: diffusivity(c) / (1 - transference(c)), profile.back, profile.face, epsrel=1e-10)[0]
    assert phi == pytest.approx(current * path.total / FARADAY, rel=1e-6)
    assert profile.concentration @ path.amount == pytest.approx(transport.initial * path.amount.sum(), rel=1e-9)
    assert steady_profile(transport, path, current / 0.7 * 1.001) is None


def test_a_transference_number_of_one_has_no_limit(lfp_cell: ParameterSet) -> None:
    """All three infinite, Sand's time too; where t+ = 1 lies above c0 only, the limit is finite again."""
    single: Any = Cell(lfp_cell, transference=lambda c: 1.0 + 0.0 * c, diffusivity=lambda c: 0.0 * c)
    limits = limiting_currents(single)
    assert (limits.separator, limits.uniform_reaction, limits.reaction_at_collector) == (math.inf,) * 3
    assert sand_time(single, 10.0) == math.inf
    shipped = limiting_currents(load_cell("li_single_ion_lfp"))
    assert shipped.uniform_reaction == math.inf
    above: Any = Cell(lfp_cell, transference=lambda c: np.minimum(1.0, c / 3000.0))
    assert 0 < limiting_currents(above).separator < math.inf
    below: Any = Cell(lfp_cell, transference=lambda c: np.minimum(1.0, c / 900.0))
    assert limiting_currents(below).separator == math.inf


def test_more_transference_or_thinner_layers_carry_more(lfp_cell: ParameterSet) -> None:
    values = [
        limiting_currents(
            lfp_cell.replace(
                {"electrolyte.cation_transference_number": t, "electrolyte.cation_transference_number.slope": 0}
            )
        )
        for t in (-0.5, 0, 0.5)
    ]
    uniform = [value.uniform_reaction for value in values]
    assert uniform == sorted(uniform)
    assert uniform[2] / uniform[0] == pytest.approx(3.0, rel=1e-9)  # 1 / (1 - t0), because t0 is constant


@pytest.mark.parametrize("wrong", [0.0, -1e-12, math.nan])
def test_a_diffusivity_that_is_not_positive_is_named(lfp_cell: ParameterSet, wrong: float) -> None:
    cell: Any = Cell(lfp_cell, diffusivity=lambda c: np.where(c > 500.0, wrong, 1e-12))
    with pytest.raises(ParameterError, match=r"salt_diffusivity: found .* at 50\d"):
        limiting_currents(cell)
    with pytest.raises(ParameterError, match="zero or more"):
        sand_time(lfp_cell, -1.0)


def test_the_limits_that_were_computed_elsewhere_for_the_numbers_this_project_began_with(
    lfp_cell: ParameterSet,
) -> None:
    """58.5, 12.5 and 5.9 A/m2 in notes, printed to 2-3 digits: the D of Edman et al., t+ = 0.2, 1055 mol/m3, 80 degC.

    D was carried from 85 degC by the conductivity's Vogel-Tammann-Fulcher factor and had a floor of 5e-13 m2/s.
    """

    def glassy(c: Any, T: float) -> Any:
        return np.exp(-589.61 / (T - 200.0 - 0.0165154 * c))

    def diffusivity(c: Any) -> Any:
        held = np.minimum(c, 3000.0)
        polynomial = np.maximum(5.5e-12 + held * (4.92e-16 - 6.73e-19 * held), 5e-13)
        return polynomial * glassy(held, 353.15) / glassy(held, 358.15)

    former = Cell(lfp_cell.replace({"electrolyte.initial_concentration": 1055.0}), diffusivity=diffusivity)
    limits = limiting_currents(former, 353.15)
    ours = [limits.separator, limits.uniform_reaction, limits.reaction_at_collector]
    np.testing.assert_allclose(ours, [58.5, 12.5, 5.9], rtol=0.01)


@pytest.mark.parametrize("multiple", [2.0, 5.0])
def test_sand_time_is_when_a_slab_runs_out(lfp_cell: ParameterSet, multiple: float) -> None:
    """Crank-Nicolson in a slab with flux in at one side and out at the other, until c = 0.

    400 volumes and 4000 steps to tau leave 0.3 %; at twice the limit the other side adds less than 0.1 %.
    """
    cell: Any = Cell(lfp_cell.replace(POROUS))
    path = separator_path(cell)
    current = multiple * limiting_currents(cell).separator
    tau = sand_time(cell, current)
    thickness, c0 = cell["cell.separator.thickness"], cell["electrolyte.initial_concentration"]
    fraction = cell["cell.separator.electrolyte_volume_fraction"]
    spread = DIFFUSIVITY * thickness / path.total / fraction  # tor D / eps
    count, steps = 400, 4000
    h, dt = thickness / count, tau / steps
    laplace = (np.diag(np.ones(count - 1), 1) + np.diag(np.ones(count - 1), -1) - 2 * np.eye(count)) * spread / h**2
    laplace[0, 0] = laplace[-1, -1] = -spread / h**2
    source = np.zeros(count)
    source[0], source[-1] = -1, 1
    source *= (1 - TRANSFERENCE) * current / FARADAY / fraction / h
    eye = np.eye(count)
    advance = np.linalg.solve(eye - 0.5 * dt * laplace, np.column_stack([eye + 0.5 * dt * laplace, dt * source]))
    c, time, face = np.full(count, c0), 0.0, c0
    gradient = (1 - TRANSFERENCE) * current / FARADAY / (spread * fraction)
    while face > 0:
        c = advance[:, :-1] @ c + advance[:, -1]
        time, last, face = time + dt, face, c[0] - 0.5 * h * gradient
    time -= dt * face / (face - last) if face < last else 0.0
    assert time == pytest.approx(tau, rel=5e-3)


def lowest_concentration(built: BuiltModel, current_density: float, share: float) -> float:
    """Return the smallest c / c0 before `share` of the capacity is delivered, in a discharge from full."""
    parameters = built.parameters
    solution = discharge(built, current_density / parameters.areal_capacity)
    times = solution.times
    end = share * parameters.areal_capacity * 3600.0 / current_density
    times = times[times <= end]
    c = built.read(solution, times, ("electrolyte_concentration",))["electrolyte_concentration"]
    return float(c.min()) / parameters["electrolyte.initial_concentration"]


def onset(built: BuiltModel, share: float = 2.0) -> float:
    """Return the lowest current density [A.m-2] at which the DFN's salt is used up, to 1 %."""
    limits = limiting_currents(built.parameters)
    low, high = 0.5 * limits.reaction_at_collector, 1.5 * limits.uniform_reaction
    assert lowest_concentration(built, low, share) > DEPLETED > lowest_concentration(built, high, share)
    while high / low > 1.01:
        middle = math.sqrt(low * high)
        if lowest_concentration(built, middle, share) < DEPLETED:
            high = middle
        else:
            low = middle
    return high


def test_lfp_runs_out_of_salt_between_the_two_limits_of_the_cell() -> None:
    """Its flat potential lets the reaction walk to the collector."""
    built = build_model(load_cell("li_peo_lfp"), mesh="fast")
    limits = limiting_currents(built.parameters)
    assert limits.reaction_at_collector < onset(built) < 0.7 * limits.uniform_reaction


def test_nmc811_runs_out_of_salt_near_the_uniform_limit_until_its_potential_falls_off() -> None:
    """Within 15 % of it over the first nine tenths of the charge; over the whole discharge 21 % below.

    The slope of NMC811 keeps the reaction uniform, but in the last tenth the potential drops off, the sites next to
    the separator are full and the reaction moves to the collector, as in LFP. The salt then runs out at 0.79 of the
    uniform limit, after 97 % of the charge: the 15 % expected do not hold for the whole discharge.
    """
    built = build_model(load_cell("li_polycarbonate_nmc811"), mesh="fast")
    limits = limiting_currents(built.parameters)
    assert onset(built, share=0.9) == pytest.approx(limits.uniform_reaction, rel=0.15)
    whole = onset(built)
    assert limits.reaction_at_collector < whole < limits.uniform_reaction
    assert whole / limits.uniform_reaction == pytest.approx(0.787, abs=0.02)


def test_the_limit_of_a_cold_polymer_goes_on_falling():
    """Frozen PEO, extrapolated: D falls so steeply with salt that no lithium face could hold all of it back."""
    parameters = load_cell("li_peo_lfp")
    limits = [limiting_currents(parameters, T) for T in (253.15, 263.15, 273.15, 283.15, 298.15)]
    for name in ("separator", "uniform_reaction", "reaction_at_collector"):
        values = np.array([getattr(limit, name) for limit in limits])
        assert np.all(values > 0.0)
        assert np.all(values[1:] / values[:-1] > 2.0)
        assert values[-1] < 1.0
