"""Names, units and meanings of everything a dataset of runs holds; the flags of `status` and `end_cause`.

THE table for results, as `cellmodel.quantities` is for parameters.  It knows no run and no file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from cellmodel.errors import ParameterError, Problem, found_text
from cellmodel.mechanisms.registry import MECHANISMS, stored_variables
from cellmodel.models.variables import VARIABLES


class ResultVariable(NamedTuple):
    """Unit (UDUNITS), long name and the dimensions it adds to those of the run."""

    units: str
    long_name: str
    dimensions: tuple[str, ...] = ()


SAMPLED: dict[str, ResultVariable] = {
    "time": ResultVariable("s", "time since the start of the run", ("sample",)),
    "voltage": ResultVariable("V", "cell voltage", ("sample",)),
    "current": ResultVariable("A", "current, discharge positive", ("sample",)),
    "discharge_capacity": ResultVariable("A.h", "charge delivered since the start of the run", ("sample",)),
    "discharge_energy": ResultVariable("W.h", "energy delivered since the start of the run", ("sample",)),
    "temperature": ResultVariable("K", "cell temperature", ("sample",)),
}
"""On (..., [cycle], [step], sample)."""

PER_STEP: dict[str, ResultVariable] = {
    "step_index": ResultVariable("1", "number of the step in the protocol, from 1; 0 where the step did not run"),
    "cycle_index": ResultVariable("1", "number of the cycle, from 1; 0 where the step did not run"),
}
"""On (..., [cycle], [step]); the attribute `valid_max` is the number of steps and of cycles that the protocol has."""

STEP_NUMBERS: dict[str, ResultVariable] = {
    "step_capacity": ResultVariable("A.h", "charge delivered in the step, discharge positive"),
    "step_energy": ResultVariable("W.h", "energy delivered in the step, discharge positive"),
    "step_mean_voltage": ResultVariable("V", "energy over charge of the step; none where no charge passed"),
    "step_ambient_temperature": ResultVariable("K", "temperature around the cell in the step"),
}
"""On (..., [cycle], [step]); NaN where the step did not run."""

CYCLE_NUMBERS: dict[str, ResultVariable] = {
    "cycle_discharge_capacity": ResultVariable("A.h", "charge delivered while discharging in the cycle"),
    "cycle_charge_capacity": ResultVariable("A.h", "charge taken up while charging in the cycle"),
    "cycle_discharge_energy": ResultVariable("W.h", "energy delivered while discharging in the cycle"),
    "cycle_charge_energy": ResultVariable("W.h", "energy taken up while charging in the cycle"),
    "cycle_mean_discharge_voltage": ResultVariable("V", "energy over charge while discharging in the cycle"),
    "cycle_mean_charge_voltage": ResultVariable("V", "energy over charge while charging in the cycle"),
    "coulombic_efficiency": ResultVariable("1", "charge delivered over charge taken up in the same, complete cycle"),
    "energy_efficiency": ResultVariable("1", "energy delivered over energy taken up in the same, complete cycle"),
}
"""On (..., [cycle]); what they mean stands in `cellmodel.dataset.cycles`."""

VOLTAGE_LOSSES: dict[str, ResultVariable] = {
    "open_circuit": ResultVariable("V", "open-circuit voltage at the mean stoichiometries of the electrodes"),
    "nonuniform_utilization": ResultVariable("V", "nonuniform utilization of the electrodes in depth"),
    "solid_diffusion": ResultVariable("V", "diffusion in the particles"),
    "positive_reaction": ResultVariable("V", "reaction at the positive electrode"),
    "electronic": ResultVariable("V", "electronic resistance of the electrodes"),
    "electrolyte_ohmic": ResultVariable("V", "resistance of the electrolyte"),
    "electrolyte_diffusion": ResultVariable("V", "diffusion potential of the electrolyte"),
    "negative_reaction": ResultVariable("V", "reaction at the negative electrode"),
    "interphase": ResultVariable("V", "interphase and contact"),
}
"""Losses at the end of a step, which add up to the voltage; stored as `end_<name>_voltage` like `PER_STEP`."""

PER_RUN: dict[str, ResultVariable] = {
    "capacity": ResultVariable(
        "A.h",
        "charge of the discharge; of the last complete one where the run cycles, of the charge where it only charges",
    ),
    "areal_capacity": ResultVariable("mA.h.cm-2", "capacity per electrode area"),
    "specific_capacity": ResultVariable("mA.h.g-1", "capacity per mass of active material"),
    "utilization": ResultVariable("1", "capacity over the capacity between the cut-offs"),
    "energy": ResultVariable(
        "W.h",
        "energy of the discharge; of the last complete one where the run cycles, of the charge where it only charges",
    ),
    "mean_voltage": ResultVariable("V", "energy over capacity, of the last complete discharge where the run cycles"),
    "minimum_salt_concentration": ResultVariable("mol.m-3", "smallest salt concentration anywhere during the run"),
    "minimum_salt_position": ResultVariable("m", "distance of that place from the lithium surface"),
    "maximum_salt_concentration": ResultVariable("mol.m-3", "largest salt concentration anywhere during the run"),
    "extrapolated_fraction": ResultVariable(
        "1", "share of the time in which salt somewhere is outside the concentrations that a correlation states"
    ),
    "extrapolated_above_fraction": ResultVariable(
        "1", "share of the time in which salt somewhere is above the concentrations that a correlation states"
    ),
    "salt_closure_error": ResultVariable("1", "largest change of the salt inventory over the inventory"),
    "lithium_closure_error": ResultVariable(
        "1", "lithium gained by the cathode minus charge passed, over the charge between the cut-offs"
    ),
    "energy_closure_error": ResultVariable(
        "1", "open-circuit energy minus delivered energy minus local dissipation, over the energy turned over"
    ),
    "limiting_current_ratio": ResultVariable(
        "1", "largest discharge current density over the limiting one of a uniform reaction"
    ),
    "validity_index": ResultVariable(
        "1", "validity index of SPM and SPMe: below 1 within 5 mV rms of the DFN; none for the DFN"
    ),
    "voltage_closure_error": ResultVariable(
        "V", "largest difference between the voltage and the sum of its parts at the end of a step"
    ),
    "solve_time": ResultVariable("s", "wall time inside the solver"),
    "retries": ResultVariable("1", "steps solved again at tighter tolerances"),
}
"""On (...): one number per run."""

PROFILES: dict[str, ResultVariable] = {
    "profile_time": ResultVariable("s", "time of the profile since the start of the run", ("profile_sample",)),
    "electrolyte_concentration": ResultVariable("mol.m-3", "salt concentration", ("profile_sample", "x_node")),
    "electrolyte_potential": ResultVariable("V", "potential of the electrolyte", ("profile_sample", "x_node")),
    "polymer_velocity": ResultVariable(
        "m.s-1", "velocity of the polymer in the frame of the laboratory", ("profile_sample", "x_node")
    ),
    "electrode_potential": ResultVariable("V", "potential of the cathode", ("profile_sample", "x_electrode_node")),
    "reaction_current_density": ResultVariable(
        "A.m-2",
        "current density through the particle surface, lithiation negative",
        ("profile_sample", "x_electrode_node"),
    ),
    "particle_concentration": ResultVariable(
        "mol.m-3", "lithium concentration in the particles", ("profile_sample", "x_electrode_node", "r_node")
    ),
}
"""On (..., [cycle], [step], ...), only where profiles were asked for, those that the kind of cell has; time is along
profile_sample."""

COORDINATES: dict[str, ResultVariable] = {
    "x": ResultVariable("m", "distance from the lithium surface, electrolyte nodes", ("x_node",)),
    "x_electrode": ResultVariable("m", "distance from the lithium surface, cathode nodes", ("x_electrode_node",)),
    "r": ResultVariable("m", "distance from the centre of the particle", ("r_node",)),
}

STATUS = {"not_run": 0, "completed": 1, "ended_early": 2, "failed": 3, "timeout": 4}
"""What became of a run: completed as asked; not all steps ran, because it stopped or a step had nothing to do, which
the message says; the solver, the input or the worker failed; it took more wall time than it may."""

END_CAUSE = {
    "not_run": 0,
    "time": 1,
    "current_cut_off": 2,
    "open_circuit_end": 3,
    "salt_depleted_in_the_cathode": 4,
    "salt_depleted_at_lithium": 5,
    "solid_diffusion": 6,
    "ohmic": 7,
    "reaction": 8,
    "lithium_exhausted": 9,
    "below_the_cut_off_at_the_first_instant": 10,
    "above_the_cut_off_at_the_first_instant": 11,
    "solver_failure": 12,
    "wall_clock_limit": 13,
    "mechanism_limit": 14,
    "salt_above_solubility_at_lithium": 15,
    "salt_above_solubility_in_the_cathode": 16,
    "salt_above_solubility_in_the_negative_electrode": 17,
}
"""Why the last step that ran ended; `cellmodel.dataset.end_cause` has the rules."""

SATURATED = tuple(name for name in END_CAUSE if name.startswith("salt_above_solubility"))
"""Causes that are the solubility of the salt."""

UNRESOLVED = {"no": 0, "yes": 1}
"""Whether a layer of salt is thinner than two volumes of the mesh; 0 also where nothing ran."""

ABOVE_SOLUBILITY = {"no": 0, "yes": 1, "solubility_not_stated": 2}
"""Whether the salt reached the solubility that the electrolyte's file states, which ends a run."""

FLAGS = {
    "status": STATUS,
    "end_cause": END_CAUSE,
    "unresolved": UNRESOLVED,
    "above_solubility": ABOVE_SOLUBILITY,
}
FLAG_NAMES = {
    "status": "what became of the run",
    "end_cause": "why the last step that ran ended",
    "unresolved": "whether a salt layer sqrt(D t) was thinner than two volumes of the mesh",
    "above_solubility": "whether the salt reached the stated solubility, which ends a run",
}
"""Long names of the flags."""


def run_names() -> frozenset[str]:
    """Return the names of variables and dimensions that every run may have, whatever its mechanisms."""
    tables = (SAMPLED, PER_STEP, STEP_NUMBERS, CYCLE_NUMBERS, PER_RUN, PROFILES, COORDINATES)
    dimensions = {name for table in tables for variable in table.values() for name in variable.dimensions}
    parts = {f"end_{part}_voltage" for part in VOLTAGE_LOSSES}
    names = {name for table in tables for name in table}
    return frozenset(names | dimensions | parts | FLAGS.keys() | {"cycle", "step", "run_digest", "message", "draw"})


def taken_names() -> frozenset[str]:
    """Return the names of a run's own variables and dimensions, which no swept dimension may have."""
    return run_names() | mechanism_samples(MECHANISMS).keys() | mechanism_numbers(MECHANISMS).keys()


def check_mechanism_names(mechanisms: Iterable[str]) -> None:
    """Raise if a mechanism would store something in place of what a run has anyway."""
    own = run_names() | VARIABLES.keys()
    problems = [
        Problem(f"mechanism '{name}'", key, found_text(stored), "a name that no run has anyway")
        for name in mechanisms
        for key in ("states", "outputs", "numbers")
        for stored in getattr(MECHANISMS[name], key)
        if stored in own
    ]
    if problems:
        raise ParameterError(problems)


def mechanism_samples(mechanisms: Iterable[str]) -> dict[str, ResultVariable]:
    """Return what the mechanisms of a run add to `SAMPLED`."""
    found = stored_variables(mechanisms)
    return {name: ResultVariable(one.units, one.long_name, ("sample",)) for name, one in found.items()}


def mechanism_numbers(mechanisms: Iterable[str]) -> dict[str, ResultVariable]:
    """Return what the mechanisms of a run add to `PER_RUN`."""
    found = {name: one for key in mechanisms for name, one in MECHANISMS[key].numbers.items()}
    return {name: ResultVariable(one.units, one.long_name) for name, one in found.items()}


def flag_attributes(name: str, long_name: str) -> dict[str, object]:
    """Return the CF attributes of a flag variable."""
    flags = FLAGS[name]
    return {
        "units": "1",
        "long_name": long_name,
        "flag_values": np.array(list(flags.values()), dtype=np.int8),
        "flag_meanings": " ".join(flags),
    }


def meaning(name: str, value: int) -> str:
    """Return the word behind the number of a flag variable."""
    return {number: word for word, number in FLAGS[name].items()}[int(value)]
