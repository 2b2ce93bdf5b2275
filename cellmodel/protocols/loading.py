"""What a protocol is; how one is read from names, files, tables and PyBaMM's strings and objects, and written.

What a file may say stands in `schema`; what every protocol must fulfil in `checks`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli_w

from cellmodel import resources
from cellmodel.errors import Problem, ProtocolError, found_text, shortened
from cellmodel.inputs import name_or_path, real
from cellmodel.protocols.checks import check_shape, size_problems, text_problems
from cellmodel.protocols.pybamm_steps import is_pybamm, steps_of_experiment
from cellmodel.protocols.schema import ProtocolFile
from cellmodel.protocols.steps import UNITS, InitialState, Step
from cellmodel.schemas import find_file, validate
from cellmodel.toml_files import parse_toml, read_bytes


@dataclass(frozen=True)
class Protocol:
    """Steps, repeated in cycles from an initial state.

    Attributes
    ----------
    name, description : str
        Name of the file and what it does, for people.
    steps : tuple of Step
        In order.
    cycles : int
        How often the steps are run through, at most.
    initial : InitialState
        Default: fully charged.
    samples : int
        Samples per step, both ends included.
    complete_at : str or None
        "lower" or "upper": reaching this cut-off of the cell in any step completes the protocol as intended.
        Otherwise a step that ends on a cut-off it does not list ends the protocol early.
    """

    name: str
    description: str
    steps: tuple[Step, ...]
    cycles: int = 1
    initial: InitialState = field(default_factory=lambda: InitialState(state_of_charge=1.0))
    samples: int = 200
    complete_at: str | None = None

    @staticmethod
    def load(name: Any) -> Protocol:
        """Return the protocol of that name, in a file or in PyBaMM's words; see `cellmodel.load_protocol`.

        Examples
        --------
        >>> import cellmodel
        >>> protocol = cellmodel.Protocol.load(["Discharge at C/3 until 2.8 V", "Rest for 1 hour"])
        >>> [step.kind for step in protocol.steps]
        ['c_rate', 'rest']
        """
        return load_protocol(name)

    @property
    def swept(self) -> bool:
        """True if a step takes its rate from the study or the call."""
        return any(step.swept for step in self.steps)


def list_protocols() -> list[str]:
    """Return the names of the shipped protocols.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.list_protocols()
    ['cccv_cycle', 'charge', 'charge_from_0862', 'discharge', 'gitt', 'plating_efficiency']
    """
    return list(resources.files("experiments", "protocols"))


def load_protocol(name: Any) -> Protocol:
    """Return the protocol of that name, the one in a file, or the one that is given as it is.

    Parameters
    ----------
    name : str, path-like, Protocol, list, mapping or pybamm.Experiment
        Name of a shipped protocol or path of a TOML file; a Protocol, which is handed back; a list of steps, each one
        of PyBaMM's strings, a table as in a file, or a step of PyBaMM; a mapping as a file has it; or an experiment of
        PyBaMM, where it means the same here.

    Returns
    -------
    Protocol
        In SI; what depends on the cell is still open.

    Raises
    ------
    ProtocolError
        Unknown name (nearest names offered), malformed TOML (line number), every problem of the steps, an experiment
        that asks for what is not done here, or something else than the above.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.load_protocol("discharge").steps[0].kind
    'c_rate'
    >>> cellmodel.load_protocol(["Discharge at C/3 until 2.8 V", "Rest for 1 hour"]).steps[1].duration
    3600.0
    """
    if isinstance(name, Protocol):
        check_shape(name)
        return _with_plain_numbers(name)
    if isinstance(name, Mapping):
        return parse_protocol(name, "protocol")
    if isinstance(name, list | tuple):
        return _from_steps(name)
    if is_pybamm(name, "Experiment"):
        return _from_steps(*steps_of_experiment(name))
    wanted = "the name of a protocol, the path of a TOML file, a list of steps, a Protocol or a pybamm.Experiment"
    path = find_file(name_or_path(name, "run", "protocol", wanted, ProtocolError), "protocol", ProtocolError)
    content = read_bytes(path, ProtocolError)
    read = _read.__wrapped__ if b"drive" in content else _read  # the file of a drive may have another content now
    return read(content, str(path))


@lru_cache(maxsize=32)
def _read(content: bytes, path: str) -> Protocol:
    """Return the protocol that a file holds now: parsed once for every content."""
    return parse_protocol(parse_toml(content, path, ProtocolError), path)


def _from_steps(steps: list[Any] | tuple[Any, ...], cycles: int = 1) -> Protocol:
    """Return the protocol of some steps; what they say is its description."""
    words = ", ".join(step if isinstance(step, str) else "a step" for step in steps[:10])
    values = {"description": shortened(words, 200) or "no step", "steps": list(steps), "cycles": cycles}
    return parse_protocol(values, "protocol")


def parse_protocol(values: Mapping[str, Any], file: str | os.PathLike[str] = "protocol") -> Protocol:
    """Return the protocol that a TOML document describes.

    Parameters
    ----------
    values : mapping
        As `protocols.schema.ProtocolFile` has it; `cellmodel schema protocol` prints what that is.
    file : str or path-like, optional
        Where it stands, for messages; its stem is the protocol's name.

    Returns
    -------
    Protocol
        In SI.

    Raises
    ------
    ProtocolError
        Every problem found.
    """
    file = name_or_path(file, "protocol", "file", "the name of a file", ProtocolError)
    if not isinstance(values, Mapping):
        raise ProtocolError(Problem(file, "protocol", found_text(values), "a table with `description` and `steps`"))
    problems: list[Problem] = []
    name = Path(file).stem
    values = _located(values, Path(file).parent)
    table = validate(ProtocolFile, values, file, "", problems, partly=True)
    given = [values[key] for key in ("step", "steps") if key in values]
    if len(given) == 2:
        problems.append(Problem(file, "steps", "both `steps` and [[step]]", "one of the two"))
    elif not given or given[0] == []:
        wanted = "[[step]] tables, or `steps` with PyBaMM's strings"
        problems.append(Problem(file, "steps", "no step", wanted))
    if table is not None:
        count = len(given[0]) if given and isinstance(given[0], list) else 0
        problems += [Problem(file, *one) for one in size_problems(table.cycles, table.samples, count)]
        texts = text_problems(name, "" if table.description is None else table.description)
        problems += [Problem(file, *one) for one in texts]
    if problems or table is None:
        raise ProtocolError(problems)
    steps = tuple(table.step or table.steps or ())
    return _with_plain_numbers(
        Protocol(name, table.description, steps, table.cycles, table.initial.state, table.samples, table.complete_at)
    )


def _located(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a document in which the file of every drive is found from the folder of the document."""

    def located(step: Any) -> Any:
        drive = step.get("drive") if isinstance(step, Mapping) else None
        name = drive.get("file") if isinstance(drive, Mapping) else None
        if not isinstance(name, str | os.PathLike) or not os.fspath(name):
            return step
        return {**step, "drive": {**drive, "file": os.fspath(folder / name)}}  # type: ignore[dict-item]

    lists = {key: values[key] for key in ("step", "steps") if isinstance(values.get(key), list | tuple)}
    return {**values, **{key: [located(step) for step in steps] for key, steps in lists.items()}}


def _with_plain_numbers(protocol: Protocol) -> Protocol:
    """Return a checked protocol with Python's own numbers, which can be hashed and written, for NumPy's and others."""
    initial = InitialState(**{key: _plain(value) for key, value in vars(protocol.initial).items()})
    steps = tuple(
        replace(
            step,
            value=_plain(step.value),
            duration=_plain(step.duration),
            until=tuple(replace(limit, value=_plain(limit.value)) for limit in step.until),
            temperature=_plain(step.temperature),
        )
        for step in protocol.steps
    )
    cycles, samples = int(protocol.cycles), int(protocol.samples)
    return replace(protocol, steps=steps, cycles=cycles, samples=samples, initial=initial)


def _plain(value: object) -> float | None:
    return None if value is None else real(value)


@lru_cache(maxsize=256)  # the runs of a study differ in other things
def protocol_toml(protocol: Protocol) -> str:
    """Return the protocol as TOML that `parse_protocol` reads back; of a resolved one cut-offs keep their names."""
    initial = {key: value for key, value in vars(protocol.initial).items() if value is not None}
    if "voltage" in initial:
        initial["voltage"] = f"{initial['voltage']!r} V"
    document: dict[str, Any] = {
        "description": protocol.description,
        "cycles": protocol.cycles,
        "samples": protocol.samples,
        "steps": [_step_table(step) for step in protocol.steps],
    }
    if protocol.complete_at is not None:
        document["complete_at"] = f"{protocol.complete_at} cut-off"
    return tomli_w.dumps({**document, "initial": initial})


def _step_table(step: Step) -> dict[str, Any]:
    asked = f"{step.duration!r} s" if step.duration is not None and step.duration_asked else None
    if step.kind == "rest":
        table: dict[str, Any] = {"rest": asked}
    elif step.current_table is not None:
        unit = UNITS[step.current_table.quantity]
        times, currents = (list(values) for values in (step.current_table.times, step.current_table.currents))
        table = {"drive": {"time": times, "time_unit": "s", "current": currents, "current_unit": unit}}
    else:
        verb = "hold" if step.kind == "voltage" else str(step.direction)
        if step.cut_off is not None:
            table = {verb: f"{step.cut_off} cut-off"}
        else:
            table = {verb: "swept" if step.value is None else f"{abs(step.value)!r} {UNITS[step.kind]}"}
        if asked is not None:
            table["duration"] = asked
    if step.until:
        table["until"] = [str(limit) for limit in step.until]
    if step.temperature is not None:
        table["temperature"] = f"{step.temperature!r} K"
    return table
