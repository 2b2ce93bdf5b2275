"""The frame of an electrolyte's transference number and thermodynamic factor: asked for, compared, put into equations.

It adds to a file's functions the pair that the equations take (`cellmodel.correlations.frames`). It knows one file.
"""

from __future__ import annotations

from dataclasses import replace

from cellmodel.correlations import frames
from cellmodel.errors import choices
from cellmodel.parameters.conversion import FileContents
from cellmodel.parameters.records import FunctionRecord, build_correlations

_DERIVED = {
    frames.TRANSFERENCE: (frames.VOLUME_TRANSFERENCE, frames.VolumeTransference),
    frames.FACTOR: (frames.VOLUME_FACTOR, frames.VolumeThermodynamicFactor),
}
DERIVED = tuple(path for path, _ in _DERIVED.values())
"""Paths of what no file states."""


def add_volume_frame(contents: FileContents) -> None:
    """Add what the equations take to the functions of a file, and tell frames that are missing or do not agree."""
    for path, record in contents.functions.items():
        if record.frame and path not in _DERIVED:
            contents.tell(f"{path}.frame", f"'{record.frame}'", "no frame: only transference numbers have one")
    given = {path: contents.functions[path] for path in _DERIVED if path in contents.functions}
    for path, record in given.items():
        if not record.frame:
            contents.tell(f"{path}.frame", "nothing", _readings(contents) if path == frames.TRANSFERENCE else _wanted())
    stated = {record.frame for record in given.values()}
    if len(given) < len(_DERIVED) or "" in stated:
        return
    transference = given[frames.TRANSFERENCE].frame
    if len(stated) > 1:
        found = f"'{given[frames.FACTOR].frame}' beside a transference number in the frame '{transference}'"
        contents.tell(f"{frames.FACTOR}.frame", found, f"'{transference}', and a factor of that frame")
        return
    if transference == "solvent" and frames.SALT_VOLUME not in contents.records:
        wanted = "the partial molar volume of the salt [m3.mol-1]: a transference number against the solvent needs it"
        contents.tell(frames.SALT_VOLUME, "nothing", wanted)
    for path, (derived, form) in _DERIVED.items():
        if transference == "solvent":
            contents.functions[derived] = FunctionRecord(derived, form, dict(form.shared), {})
        else:
            contents.functions[derived] = replace(given[path], path=derived, valid={}, note="", frame="")


def _wanted() -> str:
    return "that of cation_transference_number: " + choices("", frames.FRAMES)


def _readings(contents: FileContents) -> str:
    """Return what a transference number without its frame would mean, read in each."""
    wanted = "'solvent' (Newman's t0, against the polymer{}) or 'volume' (against the volume average, as in PyBaMM"
    start, volume = (contents.records.get(path) for path in ("electrolyte.initial_concentration", frames.SALT_VOLUME))
    temperature = contents.records.get("electrolyte.reference_temperature")
    record = contents.functions[frames.TRANSFERENCE]
    numbers = {path: one.value for path, one in contents.records.items()}
    there = not record.form.links and all(path in numbers for path in record.coefficients.values())
    if start is None or temperature is None or not there:
        return wanted.format("") + " and DUALFOIL)"
    t = float(build_correlations({record.path: record}, numbers)[record.path].evaluate(start.value, temperature.value))
    if volume is None:
        first = f", t0 = {t:.3g}, which also needs salt_molar_volume"
    else:
        share = (1.0 - t) * float(frames.solvent_fraction(start.value, volume.value))
        first = f": salt moves with {share:.3g} of the current at {start.value:g} mol.m-3"
    return wanted.format(first) + f" and DUALFOIL: with {1.0 - t:.3g} of it)"
