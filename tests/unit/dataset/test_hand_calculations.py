"""Numbers worked out by hand for equations that a whole run would hide: losses, budgets, heat, limits, integrals."""

from __future__ import annotations

import dataclasses
import math
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy.special import ndtri

from cellmodel.characterisation.potentiostatic import bruce_vincent
from cellmodel.correlations import FARADAY
from cellmodel.dataset import balances, step_result
from cellmodel.dataset.cycles import cycle_numbers
from cellmodel.dataset.end_cause import end_cause, group_losses
from cellmodel.dataset.extrapolation import extrapolation_numbers
from cellmodel.dataset.voltage_losses import _summed_from_face
from cellmodel.energy import budget
from cellmodel.energy.report import _on_the_road
from cellmodel.limits import SaltTransport, limiting_current, sand_time
from cellmodel.limits.single_particle_models import uniform_reaction
from cellmodel.limits.transport import NODES, SteadyProfile, cell_path, separator_path
from cellmodel.mechanisms.heat import areal_heat_capacity
from cellmodel.models.impedance import _lithium_face_correction
from cellmodel.parameters import load_cell, load_vehicle
from cellmodel.parameters.distributions import Distribution
from cellmodel.protocols import load_protocol, resolve_protocol

# --- limits -----------------------------------------------------------------------------------------------------------


class Falling:
    """A separator of 1 m without pores whose salt diffusivity is D0 exp(-c / s), with t+ = 0.2."""

    name = "falling"
    base, spread, initial = 6e-12, 500.0, 1000.0
    entries: ClassVar[dict[str, Any]] = {}  # no solubility is stated

    def __getitem__(self, path: str) -> float:
        return {
            "electrolyte.initial_concentration": self.initial,
            "cell.separator.thickness": 1.0,
            "cell.separator.electrolyte_volume_fraction": 1.0,
            "cell.separator.bruggeman_exponent": 1.5,
        }[path]

    def function(self, path: str) -> Any:
        falls = path == "electrolyte.salt_diffusivity"
        return lambda c, _: self.base * np.exp(-np.asarray(c) / self.spread) if falls else 0.2 + 0.0 * np.asarray(c)


def test_where_no_face_holds_the_salt_back_its_highest_concentration_limits_the_current() -> None:
    """With u = exp(-c / s) the profile is a straight line in u, from 0 at the face to u_back.

    The mean of c is s times the mean of -ln u, s (1 - ln u_back), and must be c0: u_back = exp(1 - c0 / s). The current
    is F D0 s u_back / ((1 - t+) L). Without u_back (an empty back) it would be 2.7 times as large.
    """
    cell: Any = Falling()
    wanted = FARADAY * 6e-12 * 500.0 * math.exp(1.0 - 1000.0 / 500.0) / 0.8
    found = limiting_current(SaltTransport(cell, 300.0), separator_path(cell))
    assert found == pytest.approx(wanted, rel=0.02)  # a table of 2001 concentrations up to 64 c0


def test_sand_s_time_grows_with_the_volume_of_the_electrolyte() -> None:
    """A membrane that is half polymer, without detours: half the salt in the same volume lasts half as long."""
    cell = load_cell("li_peo_lfp").replace({"electrolyte.salt_diffusivity.scale": 1.0})
    half = cell.replace({"cell.separator.electrolyte_volume_fraction": 0.5})  # its Bruggeman exponent is 0
    assert sand_time(half, 100.0) == pytest.approx(0.5 * sand_time(cell, 100.0), rel=1e-12)


def test_a_uniform_reaction_leaves_a_third_and_a_half_of_the_way() -> None:
    """Ionic current that falls linearly through a cathode: half its resistance as a whole."""
    cell = load_cell("li_peo_lfp")
    path = cell_path(cell, "uniform")
    efficiency = 0.517**1.5
    inside = path.resistance[NODES.size :]
    assert inside == pytest.approx(0.5 * (1.0 - NODES) ** 2 * 50e-6 / efficiency, rel=1e-12)
    assert path.total == pytest.approx(20e-6 + 0.5 * 50e-6 / efficiency, rel=1e-12)


def test_spme_has_a_third_of_the_cathode_s_ohmic_loss() -> None:
    """Uniform salt: no diffusion potential is left, and i (L_s / tor_s + L_p / (3 tor_p)) / kappa by hand."""
    cell = load_cell("li_peo_lfp")
    c0 = cell["electrolyte.initial_concentration"]
    profile = SteadyProfile(np.full(2 * NODES.size, c0), c0, c0)
    kappa = float(cell.function("electrolyte.ionic_conductivity")(c0, 353.15))
    wanted = 3.0 * (20e-6 + 50e-6 / (3.0 * 0.517**1.5)) / kappa
    found = uniform_reaction(SaltTransport(cell, 353.15), profile, 3.0).electrolyte_of_spme
    assert found == pytest.approx(wanted, rel=1e-9)


# --- masses and heat --------------------------------------------------------------------------------------------------


def test_the_filler_of_a_separator_fills_the_separator() -> None:
    """40 % of 20 um with 3 g.cm-3: 24 g.m-2; the cathode has 50 um."""
    cell = load_cell("li_peo_lfp")
    record = dataclasses.replace(
        cell.entries["electrolyte.density"], path="cell.separator.filler_density", value=3000.0
    )
    filled = dataclasses.replace(cell, entries={**cell.entries, record.path: record})
    parts = budget(filled, values={"cell.separator.electrolyte_volume_fraction": 0.6}).components
    (filler,) = [part for part in parts if part.name == "filler"]
    assert filler.thickness == pytest.approx(8e-6)
    assert filler.mass == pytest.approx(0.024)


def test_the_layers_of_a_cell_store_heat_each_with_its_own_density_and_specific_heat() -> None:
    """Lithium 30 um, polymer 20 um, cathode 50 um of 0.436, 0.517 and 0.047, aluminium 6 um; in J.K-1.m-2."""
    cell = load_cell("li_peo_lfp")
    active = cell["electrode.density"] * cell["electrode.specific_heat_capacity"]
    polymer, carbon = 1245.4 * 1800.0, 1900.0 * 710.0
    cathode = 50e-6 * (0.436 * active + 0.517 * polymer + 0.047 * carbon)
    wanted = 30e-6 * 534.0 * 3580.0 + 20e-6 * polymer + cathode + 6e-6 * 2700.0 * 897.0
    assert areal_heat_capacity(cell.scalars) == pytest.approx(wanted, rel=1e-9)


def test_what_cools_down_is_the_whole_pack_and_driving_slowly_costs_more_heat() -> None:
    """480 kg of 1 kJ.kg-1.K-1 cool from 80 towards 10 degC through 7.5 W.K-1 for a day: 74 % of 9.33 kW.h.

    525 W at 46.5 km.h-1 are 41 J.m-1 beside the 756 J.m-1 of the car itself.
    """
    found = _on_the_road(200.0, load_vehicle("electric_car"), 353.15)
    usable = 0.925 * 200.0 * 0.75 * 480.0
    cooled = 480.0 * 1000.0 * 70.0 * (1.0 - math.exp(-7.5 * 86400.0 / 480e3)) / 3600.0
    assert found["reheating_share"] == pytest.approx(cooled / usable, rel=1e-9)
    assert found["vehicle_range"] == pytest.approx(usable * 3600.0 / (756.0 + 525.0 / (46.5 / 3.6)), rel=1e-9)


# --- distributions ----------------------------------------------------------------------------------------------------


def test_a_distribution_that_is_cut_off_below_is_scaled_up() -> None:
    """Of the upper half of a normal distribution the median is the upper quartile, 0.6745 sigma."""
    half = Distribution("normal", 0.0, (1.0,), "1", (0.0, math.inf))
    assert half.quantile([0.0, 0.5]) == pytest.approx([0.0, ndtri(0.75)], abs=1e-9)
    uniform = Distribution("uniform", 0.5, (0.0, 1.0), "1", (0.2, 0.6))
    assert uniform.quantile([0.25, 0.5, 0.75]) == pytest.approx([0.3, 0.4, 0.5])
    middle = Distribution("lognormal", 2.0, (3.0,), "1", (2.0, math.inf))
    assert middle.quantile([0.5])[0] == pytest.approx(2.0 * 3.0 ** ndtri(0.75))


# --- end causes -------------------------------------------------------------------------------------------------------

PARTS = {
    "open_circuit": 3.43,
    "nonuniform_utilization": -0.10,
    "solid_diffusion": -0.20,
    "positive_reaction": -0.25,
    "electronic": -0.01,
    "electrolyte_ohmic": -0.30,
    "electrolyte_diffusion": -0.15,
    "negative_reaction": -0.02,
    "interphase": -0.03,
}


def test_a_crowded_reaction_gives_the_salt_its_share_of_kinetics_and_solid_diffusion() -> None:
    """A quarter of the cathode reacts: three quarters of 0.20 V and 0.25 V are the salt's, with 0.25 V of its own."""
    losses = group_losses(PARTS, 1.0, True, 0.25)
    assert losses["salt"] == pytest.approx(0.15 + 0.10 + 0.75 * 0.45)
    assert losses["solid_diffusion"] == pytest.approx(0.25 * 0.20)
    assert losses["reaction"] == pytest.approx(0.25 * 0.25 + 0.02)
    assert losses["ohmic"] == pytest.approx(0.30 + 0.01 + 0.03)
    assert sum(losses.values()) == pytest.approx(-sum(value for name, value in PARTS.items() if name != "open_circuit"))


@pytest.mark.parametrize(
    ("left", "cause"),
    [
        (0.05, "salt_depleted_in_the_cathode"),
        (0.099, "salt_depleted_in_the_cathode"),
        (0.101, "ohmic"),
        (0.29, "ohmic"),
    ],
)
def test_salt_counts_as_depleted_below_a_tenth_of_what_was_put_in(left: float, cause: str) -> None:
    """Mid-window, at the lower cut-off: diffusion potential and uneven use are the salt's, or ohmic."""
    cell = load_cell("li_peo_lfp")
    middle = float(np.mean(cell.stoichiometry_window))
    parts = {**PARTS, "open_circuit": cell.open_circuit_voltage(middle), "solid_diffusion": -0.05}
    found = end_cause("lower_voltage", cell, 2.6, parts, middle, 0.25, (left, False))
    assert found == cause


# --- integrals, balances and voltages of a run ------------------------------------------------------------------------


def test_charge_and_energy_between_two_steps_of_the_solver_follow_the_curve() -> None:
    """I = 1 A, V = 3 + t (1 h - t): over 1 h the parabola adds a sixth, which the two ends alone do not see."""
    hours = 3600.0
    knots = np.array([0.0, hours])
    built: Any = SimpleNamespace(
        read=lambda _, times, __: {
            "voltage": 3.0 + 4.0 * times / hours * (1.0 - times / hours),
            "current": 1.0 + 0.0 * times,
        }
    )
    solution: Any = SimpleNamespace(times=knots)
    ends = built.read(None, knots, ())
    found, delivered, taken_up = step_result._integrate(built, solution, ends, knots)
    assert found["discharge_capacity"] == pytest.approx([0.0, 1.0])
    assert found["discharge_energy"] == pytest.approx([0.0, 3.0 + 4.0 / 6.0])
    assert delivered == pytest.approx((1.0, 3.0 + 4.0 / 6.0))
    assert taken_up == (0.0, 0.0)


def test_salt_outside_the_range_of_a_correlation_is_counted_by_time() -> None:
    """10 s with a profile inside 500 to 2000, 20 s with one below, 10 s with a face above at the collector: 3 / 4.

    The face of the second lies at 400 - 600 / 2, that of the third at 1900 + 600 / 2, which alone is above.
    """
    profiles = ([1000.0] * 4, [400.0, 1000.0, 1000.0, 1000.0], [1000.0, 1000.0, 1300.0, 1900.0])
    steps: Any = [
        SimpleNamespace(concentration=np.array([profile, profile]), solver_times=np.array(times))
        for profile, times in zip(profiles, ([0.0, 10.0], [10.0, 30.0], [30.0, 40.0]), strict=True)
    ]
    cell = SimpleNamespace(validity={"concentration": (500.0, 2000.0)})
    outcome: Any = SimpleNamespace(
        built=SimpleNamespace(x_weights=np.full(4, 0.25)), steps=steps, run=SimpleNamespace(parameters=cell)
    )
    found = extrapolation_numbers(outcome)
    assert found["extrapolated_fraction"] == pytest.approx(0.75)
    assert found["extrapolated_above_fraction"] == pytest.approx(0.25)


def test_the_drift_of_the_salt_is_the_largest_change_of_its_inventory() -> None:
    """Four equal volumes with 4000 together, then 4600: 600 / 4000."""
    solution = SimpleNamespace(times=np.array([0.0, 10.0]))
    profiles = ([1000.0, 1000.0, 1000.0, 1000.0], [100.0, 1000.0, 1000.0, 2500.0])
    steps: Any = [SimpleNamespace(concentration=np.array([profile]), solution=solution) for profile in profiles]
    whole = {"electrolyte_volume_fraction": np.ones((1, 4))}
    built = SimpleNamespace(x_weights=np.full(4, 0.25), read=lambda *_: whole)
    outcome: Any = SimpleNamespace(built=built, steps=steps)
    assert balances._salt(outcome) == pytest.approx(600.0 / 4000.0)


def test_the_diffusion_potential_of_a_straight_profile_is_its_slope_times_the_distance() -> None:
    """k_d / k = 1e-4 V.m3.mol-1 everywhere, -1e7 mol.m-4: -1000 V.m-1 from the face on."""
    widths = np.array([1e-6, 1e-6, 2e-6])
    nodes = np.array([0.5e-6, 1.5e-6, 3e-6])
    read = {
        "effective_conductivity": np.full(3, 2.0),
        "diffusion_conductivity": np.full(3, 2e-4),
        "electrolyte_concentration": 1000.0 - 1e7 * nodes,
        "face_diffusion_potential": np.array(-1000.0),
    }
    assert _summed_from_face(widths, read) == pytest.approx(-1000.0 * nodes)


def test_a_cycle_s_mean_voltages_and_efficiencies_are_those_of_its_own_charge_and_discharge() -> None:
    """Out 2 A.h and 6.4 W.h, in 2.5 A.h and 9 W.h: 3.2 V, 3.6 V, 80 % and 71 %."""
    steps = [
        SimpleNamespace(position=(0, 0), delivered=(2.0, 6.4), taken_up=(0.0, 0.0)),
        SimpleNamespace(position=(0, 1), delivered=(0.0, 0.0), taken_up=(2.5, 9.0)),
    ]
    cell = type("Cell", (dict,), {"areal_capacity": 1e4})({"cell.area": 1e-4})
    run = SimpleNamespace(protocol=SimpleNamespace(cycles=1), parameters=cell)
    outcome: Any = SimpleNamespace(run=run, complete_cycles=1, steps=steps)
    found = {name: float(values[0]) for name, values in cycle_numbers(outcome).items()}
    assert sorted(found.values()) == pytest.approx(sorted([2.0, 2.5, 6.4, 9.0, 3.2, 3.6, 0.8, 6.4 / 9.0]))
    assert found["coulombic_efficiency"] == pytest.approx(0.8)


# --- experiments ------------------------------------------------------------------------------------------------------


def test_bruce_and_vincent_take_each_resistance_at_its_own_time() -> None:
    """10 mV; 2 A.m-2 through 1 mohm.m2 at first, 1 A.m-2 through 4 mohm.m2 at the end: 1 (10 - 2) / (2 (10 - 4))."""
    assert bruce_vincent(0.010, 2.0, 1.0, 0.001, 0.004) == pytest.approx(8.0 / 12.0)


def test_the_lithium_face_has_one_arc_whose_top_lies_at_its_time_constant() -> None:
    """At 2 pi f C R = 1 an arc of R is R (1 - j) / 2; PyBaMM's has the charge transfer's share only."""
    cell = load_cell("li_peo_lfp")
    c0, T = cell["electrolyte.initial_concentration"], 353.15
    transfer = 8.314462618 * T / (96485.33212 * float(cell.function("interface.exchange_current_density")(c0, T)))
    interphase = float(cell.function("interface.interphase_resistance")(T))
    whole, capacitance = transfer + interphase, cell["interface.capacitance"]
    frequency = 1.0 / (2.0 * math.pi * whole * capacitance)
    stock = transfer / (1.0 + 1j * transfer / whole) + interphase
    found = _lithium_face_correction(cell, T, np.array([frequency]))[0]
    assert found == pytest.approx(whole * (1.0 - 1j) / 2.0 - stock, rel=1e-6)


# --- protocols --------------------------------------------------------------------------------------------------------


def test_a_swept_rate_is_positive_on_discharge_and_negative_on_charge() -> None:
    cell = load_cell("li_peo_lfp")
    steps = resolve_protocol(load_protocol("cccv_cycle"), cell, c_rate=0.5).steps
    assert [(step.kind, step.value) for step in steps if step.direction] == [("c_rate", 0.5), ("c_rate", -0.5)]
    assert steps[0].duration == pytest.approx(1.1 * 7200.0)
