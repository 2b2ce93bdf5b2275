"""Deliberate breaks of the source, each with the test that must fail of it and what it would do to a user.

A break is one line of one file, which must stand there exactly once: the list fails loudly when the source moves on.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One break: the file below `cellmodel/`, the line as it stands, the line as changed, the test, the harm."""

    file: str
    line: str
    changed: str
    test: str
    harm: str


_HAND = "tests/unit/dataset/test_hand_calculations.py::"
_MECHANISMS = "tests/unit/mechanisms/test_mechanisms.py::"
_RATES = "tests/unit/mechanisms/test_equations_by_hand.py::"

MUTANTS = (
    # --- limits ---
    Mutant(
        "limits/currents.py",
        "    return FARADAY * float(phi[-1] - _back_of_highest_face(concentration, phi, share, path.amount, salt)) "
        "/ path.total",
        "    return FARADAY * float(phi[-1]) / path.total",
        _HAND + "test_where_no_face_holds_the_salt_back_its_highest_concentration_limits_the_current",
        "the limiting current of a cold polymer is given several times too large",
    ),
    Mutant(
        "limits/currents.py",
        "    return math.pi * fraction * efficiency * diffusivity * drive**2",
        "    return math.pi * efficiency * diffusivity * drive**2",
        _HAND + "test_sand_s_time_grows_with_the_volume_of_the_electrolyte",
        "a filled separator seems to last twice as long at high current",
    ),
    Mutant(
        "limits/transport.py",
        "    inside = (0.5 * away**2 if uniform else away) * thickness / efficiency",
        "    inside = (0.5 * away if uniform else away) * thickness / efficiency",
        _HAND + "test_a_uniform_reaction_leaves_a_third_and_a_half_of_the_way",
        "designs are held against a limiting current of a cell that does not exist",
    ),
    Mutant(
        "limits/single_particle_models.py",
        "    resistance = lengths[0] / separator[2] + lengths[1] / (3.0 * cathode[2])",
        "    resistance = lengths[0] / separator[2] + lengths[1] / (2.0 * cathode[2])",
        _HAND + "test_spme_has_a_third_of_the_cathode_s_ohmic_loss",
        "the warning that a single-particle model is out of its depth comes at the wrong rate",
    ),
    # --- masses, heat, road ---
    Mutant(
        "energy/layers.py",
        '        _Part("filler", "separator", "stack", separator * (1.0 - pores), "cell.separator.filler_density"),',
        '        _Part("filler", "separator", "stack", pores * (1.0 - pores), "cell.separator.filler_density"),',
        _HAND + "test_the_filler_of_a_separator_fills_the_separator",
        "composite separators weigh and fill what the cathode's thickness says",
    ),
    Mutant(
        "energy/report.py",
        "    cooled = float(road.reheating_energy(mass * heat, coefficient, temperature, ambient))",
        "    cooled = float(road.reheating_energy(mass * fraction * heat, coefficient, temperature, ambient))",
        _HAND + "test_what_cools_down_is_the_whole_pack_and_driving_slowly_costs_more_heat",
        "warming up a cold pack seems a fifth cheaper than it is",
    ),
    Mutant(
        "energy/vehicle.py",
        "    return energy / (consumption + heating / speed)",
        "    return energy / (consumption + heating * speed)",
        _HAND + "test_what_cools_down_is_the_whole_pack_and_driving_slowly_costs_more_heat",
        "the range of a heated pack falls with speed where it should rise",
    ),
    Mutant(
        "mechanisms/heat.py",
        '        active * volumetric("electrode")',
        '        active * volumetric("electrolyte")',
        _HAND + "test_the_layers_of_a_cell_store_heat_each_with_its_own_density_and_specific_heat",
        "cells warm up too fast or too slowly",
    ),
    # --- distributions and samples ---
    Mutant(
        "parameters/distributions.py",
        "        share = low + p * (high - low)",
        "        share = p * high",
        _HAND + "test_a_distribution_that_is_cut_off_below_is_scaled_up",
        "draws pile up at the lower bound of a number, and probabilities of claims move",
    ),
    Mutant(
        "study/sampling.py",
        "                blocks[:, np.where(grouped, 2, 1), each] = last",
        "                blocks[:, np.where(grouped, 1, 2), each] = last",
        "tests/unit/study/test_grouped_samples.py::test_a_block_exchanges_the_group_and_nothing_else",
        "what assumed numbers explain and what measured ones explain change places",
    ),
    # --- end causes ---
    Mutant(
        "dataset/end_cause.py",
        "DEPLETED = 0.1",
        "DEPLETED = 0.3",
        _HAND + "test_salt_counts_as_depleted_below_a_tenth_of_what_was_put_in",
        "runs that end for their resistance are told to have run out of salt",
    ),
    Mutant(
        "dataset/end_cause.py",
        '        "salt": polarisation + (1.0 - even) * crowded if depleted else 0.0,',
        '        "salt": polarisation if depleted else 0.0,',
        _HAND + "test_a_crowded_reaction_gives_the_salt_its_share_of_kinetics_and_solid_diffusion",
        "runs without salt at the collector are told to be limited by kinetics",
    ),
    # --- limits of the salt ---
    Mutant(
        "models/cells/symmetric.py",
        '    salt_faces: ClassVar[Mapping[str, tuple[str, ...]]] = {LITHIUM_SATURATED: ("left", "right")}',
        '    salt_faces: ClassVar[Mapping[str, tuple[str, ...]]] = {LITHIUM_SATURATED: ("left",)}',
        "tests/physics/test_salt_limits.py::test_either_face_of_a_symmetric_cell_ends_it_at_the_time_of_the_series",
        "a polarisation the other way runs on with more salt than dissolves",
    ),
    Mutant(
        "parameters/checks.py",
        "    if initial is None or solubility is None or initial.value < solubility.value:",
        "    if initial is None or solubility is None or initial.value <= solubility.value:",
        "tests/unit/parameters/test_solubility.py::test_a_cell_whose_salt_does_not_dissolve_is_refused_with_both_numbers",
        "a run ends before it begins instead of being refused",
    ),
    # --- balances, integrals, voltages of a run ---
    Mutant(
        "dataset/extrapolation.py",
        "            outside[name] += float(np.trapezoid(((least < low) | (most > high)).astype(float), t))",
        "            outside[name] += float(np.trapezoid((most > high).astype(float), t))",
        _HAND + "test_salt_outside_the_range_of_a_correlation_is_counted_by_time",
        "a depleted cathode counts as inside the range where the electrolyte was measured",
    ),
    Mutant(
        "dataset/step_result.py",
        "        parts = np.diff(knots) * (ends[:-1] + 4.0 * middles + ends[1:]) / 6.0",
        "        parts = np.diff(knots) * (ends[:-1] + ends[1:]) / 2.0",
        _HAND + "test_charge_and_energy_between_two_steps_of_the_solver_follow_the_curve",
        "energies are off by 1e-3 where the solver takes long steps",
    ),
    Mutant(
        "dataset/voltage_losses.py",
        '    first = 0.5 * widths[0] * float(read["face_diffusion_potential"])',
        '    first = widths[0] * float(read["face_diffusion_potential"])',
        _HAND + "test_the_diffusion_potential_of_a_straight_profile_is_its_slope_times_the_distance",
        "ohmic loss and diffusion potential are told apart wrongly, their sum is right",
    ),
    Mutant(
        "dataset/cycles.py",
        "                energy_into / into if into > least else math.nan,",
        "                energy_into / out if into > least else math.nan,",
        _HAND + "test_a_cycle_s_mean_voltages_and_efficiencies_are_those_of_its_own_charge_and_discharge",
        "the mean charge voltage of each cycle is wrong where charge is lost",
    ),
    # --- fluxes and states of the model ---
    Mutant(
        "models/electrolyte.py",
        "        anions = self._inside() * (diffusion - migration)",
        "        anions = diffusion - migration",
        "tests/physics/test_salt_conservation.py::test_reduced_models_conserve_salt_too",
        "salt is created or destroyed at the lithium face whenever current flows",
    ),
    Mutant(
        "models/electrolyte.py",
        "        conduction *= positive**2 / (positive**2 + DEPLETED**2)",
        "        conduction *= 1",
        _RATES + "test_an_electrolyte_without_salt_conducts_nothing",
        "polymer without ions carries current, and the salt goes far below zero",
    ),
    Mutant(
        "models/electrolyte.py",
        "    share = 1 - parameters.t_plus(concentration, temperature)",
        "    share = parameters.t_plus(concentration, temperature)",
        _RATES + "test_the_anions_stand_still_at_lithium",
        "the diffusion potential at the lithium face has the gradient of the wrong ion",
    ),
    Mutant(
        "mechanisms/foil.py",
        "        dead = _lost(p) * np.maximum(-density, 0.0) / FARADAY",
        "        dead = (1.0 - _lost(p)) * np.maximum(-density, 0.0) / FARADAY",
        _MECHANISMS + "test_plating_leaves_a_share_dead_and_the_interphase_takes_its_own",
        "a small loss kills a cell in one cycle",
    ),
    Mutant(
        "mechanisms/foil.py",
        '        lost = dead + cell["lithium_consumption"]',
        "        lost = dead",
        _MECHANISMS + "test_plating_leaves_a_share_dead_and_the_interphase_takes_its_own",
        "the interphase grows out of nothing, and the foil lasts too long",
    ),
    Mutant(
        "mechanisms/heat.py",
        '        lost = p[_TRANSFER] * (temperature - cell["ambient_temperature"])',
        '        lost = p[_TRANSFER] * (cell["ambient_temperature"] - temperature)',
        _MECHANISMS + "test_a_cell_warmer_than_its_surroundings_loses_heat",
        "a warm cell heats itself from its surroundings",
    ),
    # --- experiments ---
    Mutant(
        "characterisation/potentiostatic.py",
        "    return steady * (voltage - initial * at_rest) / (initial * (voltage - steady * at_end))",
        "    return steady * (voltage - initial * at_rest) / (initial * (voltage - steady * at_rest))",
        _HAND + "test_bruce_and_vincent_take_each_resistance_at_its_own_time",
        "the current ratio of an electrolyte is off where its interface changes",
    ),
    Mutant(
        "models/impedance.py",
        '    admittance = 2j * np.pi * frequencies * parameters["interface.capacitance"]',
        '    admittance = 1j * frequencies * parameters["interface.capacitance"]',
        _HAND + "test_the_lithium_face_has_one_arc_whose_top_lies_at_its_time_constant",
        "capacitances fitted to a cell's impedance are wrong by 2 pi",
    ),
    # --- units, protocols ---
    Mutant(
        "units.py",
        "    return float(round((many - zero) / 1e3, 15)), float(zero)",
        "    return float(round(many / 1e3, 15)), float(zero)",
        "tests/unit/test_units.py::test_conversion_by_hand",
        "a temperature in degrees becomes an astronomical one",
    ),
    Mutant(
        "protocols/resolving.py",
        '            step_kind, value = kind, rate if step.direction == "discharge" else -rate',
        "            step_kind, value = kind, rate",
        _HAND + "test_a_swept_rate_is_positive_on_discharge_and_negative_on_charge",
        "a study of charge rates discharges",
    ),
    # --- store, resuming, execution ---
    Mutant(
        "store/study_arrays.py",
        "        for name in [*(name for name in self._arrays if name not in done), *LAST]:",
        "        for name in [*LAST, *(name for name in self._arrays if name not in done)]:",
        "tests/unit/store/test_store.py::test_a_run_is_whole_before_its_status_says_so",
        "a run that was killed while it was written counts as completed, with numbers missing",
    ),
    Mutant(
        "study/solving.py",
        "        if known and known == prepared[number].digest:",
        "        if known:",
        "tests/unit/study/test_study_results.py::test_a_finished_run_of_another_digest_is_not_taken_for_this_one",
        "results of an older model stand among new ones, called completed",
    ),
    Mutant(
        "study/results.py",
        '    return str(opened.digests[index]) if opened.status[index] in _FINISHED else ""',
        "    return str(opened.digests[index])",
        "tests/unit/study/test_study_running.py::test_a_run_that_fails_does_not_take_its_neighbours",
        "runs that failed are never tried again",
    ),
    Mutant(
        "execution/dispatching.py",
        "            elif position in self.retried_once:",
        "            elif position not in self.retried_once:",
        "tests/unit/execution/test_execution.py::test_a_worker_that_dies_once_costs_a_retry_and_one_that_dies_twice_its_run",
        "a worker that is killed once costs its run, which is not tried again",
    ),
    # --- a measured current, a moving polymer ---
    Mutant(
        "models/built_model.py",
        "        inputs = self.model_inputs({**controls, **ramp})",
        "        inputs = self.model_inputs(controls)",
        "tests/physics/test_driven_current.py::test_the_charge_of_ramps_is_exact_and_kinks_are_not_stepped_over",
        "every ramp of a measured current begins at the start of the run, with another charge",
    ),
    Mutant(
        "models/reading.py",
        "            inputs = self._with_current(inputs, np.interp(times, *solution.currents))",
        "            inputs = self._with_current(inputs, np.full(times.size, solution.currents[1][0]))",
        "tests/physics/test_driven_current.py::test_states_on_both_sides_of_a_kink_are_read_with_their_own_current",
        "the voltage of a drive is that of another current",
    ),
    Mutant(
        "models/cells/polymer_velocity.py",
        "    against_interface = -volume * at_nodes / (fraction * solvent_fraction(concentration, volume))",
        "    against_interface = -volume * at_nodes / fraction",
        "tests/physics/test_polymer_motion.py::"
        "test_the_polymer_starts_at_v_times_one_minus_t0_i_over_f_against_the_interface",
        "the polymer seems to move a quarter slower than t0 makes it, and a wrong t0 passes",
    ),
    # --- verdicts on published cells ---
    Mutant(
        "assessment/published/judging.py",
        "        return self.width <= MOST_OF_RANGE",
        "        return self.width <= 1.0",
        "tests/unit/assessment/test_published.py::test_a_line_holds_fails_or_cannot_tell",
        "a published capacity that fits any cell passes as evidence",
    ),
    Mutant(
        "assessment/published/judging.py",
        "    off = np.abs(drawn / published - 1.0).max(axis=1)",
        "    off = np.abs(drawn / published - 1.0).min(axis=1)",
        "tests/unit/assessment/test_published.py::test_a_series_asks_one_draw_for_all_its_rates",
        "a series of rates passes though no one cell meets it",
    ),
)
