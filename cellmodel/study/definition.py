"""What a study is: cells or cases, a protocol, and a grid of swept quantities.

Frozen data. It expands to runs, each with its labels and its own parameter set; it solves nothing.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from functools import cached_property
from typing import Any

from cellmodel.errors import ParameterError, Problem, StudyError, choices
from cellmodel.mechanisms import DEFAULT_MECHANISMS
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.parameter_set import AREAL_CAPACITY, CATHODE_THICKNESS
from cellmodel.protocols import Protocol, protocol_toml

OPTIONS = {"model": ("DFN", "SPMe", "SPM"), "mesh": ("default", "fast"), "solver": ("idaklu", "casadi")}
"""Choices of a study that are words; the first is the default."""

CONDITIONS = {
    "c_rate": ("c_rate", "1", "C-rate"),
    "current_density": ("current_density", "A.m-2", "Current density"),
    "temperature": ("ambient_temperature", "K", "Ambient temperature"),
}
"""Axes that are no parameters: key -> dimension, unit, long name. The dimension of temperature is not called
`temperature` because the dataset has a variable of that name on every sample."""


@dataclass(frozen=True)
class Axis:
    """One swept quantity.

    Attributes
    ----------
    key : str
        "c_rate", "current_density", "temperature" or the path of a scalar parameter.
    dimension, unit, long_name : str
        Of the dataset's coordinate.
    values : tuple of float
        [unit], without duplicates.
    """

    key: str
    dimension: str
    unit: str
    long_name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Case:
    """One cell of a study.

    Attributes
    ----------
    label : str
        Its name along the dimension `cell` or `case`.
    parameters : ParameterSet
        The cell with everything that is fixed in the study.
    temperature : float or None
        [K]; None: the study's, else the cell's own.
    """

    label: str
    parameters: ParameterSet
    temperature: float | None = None


@dataclass(frozen=True)
class Run:
    """One point of the grid.

    Attributes
    ----------
    labels : mapping of str to str or float
        Dimension -> value.
    case : Case
        The cell.
    swept : mapping of str to float
        Swept parameter paths and their values in SI.
    c_rate, current_density, temperature : float or None
        Conditions [1, A.m-2, K].
    """

    labels: Mapping[str, str | float]
    case: Case
    swept: Mapping[str, float]
    c_rate: float | None = None
    current_density: float | None = None
    temperature: float | None = None

    @cached_property
    def parameters(self) -> ParameterSet:
        """The cell with the swept parameters of this run filled in.

        Raises
        ------
        ParameterError
            A value is not possible for this cell.
        """
        return self.case.parameters.replace(dict(self.swept))

    def __str__(self) -> str:
        return ", ".join(
            f"{name} {value:.6g}" if isinstance(value, float) else value for name, value in self.labels.items()
        )


@dataclass(frozen=True)
class Study:
    """Many runs of one protocol.

    Attributes
    ----------
    name, description : str
        Name of the file and what it is for.
    file : str
        Where it was read, for messages.
    cases : tuple of Case
        One or more cells.
    case_dimension : str or None
        "cell" or "case"; None for a single cell.
    protocol : Protocol
        What is done to each.
    axes : tuple of Axis
        The grid; their order is the order of the dimensions.
    c_rate, current_density, temperature : float or None
        Conditions that are not swept [1, A.m-2, K].
    model, mesh, solver : str
        "DFN", "SPMe" or "SPM"; "default" or "fast"; "idaklu" or "casadi".
    profiles, extrapolate : bool
        Store spatial profiles; allow correlations outside their validity.
    compiled : bool
        Compile the model's functions to machine code; the results are equal within the integrator's tolerance.
    mechanisms : tuple of str
        What every run has beyond charge and salt transport; keys of `cellmodel.mechanisms.MECHANISMS`.
    time_limit : float or None
        Wall time that each run may take [s].
    """

    name: str
    description: str
    file: str
    cases: tuple[Case, ...]
    case_dimension: str | None
    protocol: Protocol
    axes: tuple[Axis, ...] = ()
    c_rate: float | None = None
    current_density: float | None = None
    temperature: float | None = None
    model: str = "DFN"
    mesh: str = "default"
    solver: str = "idaklu"
    profiles: bool = False
    extrapolate: bool = False
    compiled: bool = False
    mechanisms: tuple[str, ...] = DEFAULT_MECHANISMS
    time_limit: float | None = None

    @property
    def swept_paths(self) -> tuple[str, ...]:
        """Paths of the scalar parameters on the axes."""
        return tuple(axis.key for axis in self.axes if axis.key not in CONDITIONS)

    @property
    def input_paths(self) -> tuple[str, ...]:
        """What a built model takes as inputs for them: a capacity per area is set through the cathode's thickness."""
        paths = (CATHODE_THICKNESS if path == AREAL_CAPACITY else path for path in self.swept_paths)
        return tuple(dict.fromkeys(paths))

    def replace(
        self,
        *,
        set: Mapping[str, float | str] | None = None,  # noqa: A002
        model: str | None = None,
        mesh: str | None = None,
        solver: str | None = None,
    ) -> Study:
        """Return the study with other fixed inputs; None leaves one as it is.

        Parameters
        ----------
        set : mapping of str to float or str, optional
            Path -> SI number or text with unit, for every cell.
        model, mesh, solver : str, optional
            As in the study file.

        Returns
        -------
        Study
            A new study.

        Raises
        ------
        StudyError
            Every problem: an unknown path, model, mesh or solver, a wrong unit, a path that is swept.
        """
        given: dict[str, Any] = {
            key: value for key, value in (("model", model), ("mesh", mesh), ("solver", solver)) if value is not None
        }
        problems = [
            Problem(self.file, key, repr(value), choices(value, OPTIONS[key]))
            for key, value in given.items()
            if value not in OPTIONS[key]
        ]
        swept = [
            Problem(self.file, path, "a value for a swept quantity", "a fixed one")
            for path in self.swept_paths
            if path in (set or {})
        ]
        cases = []
        for case in self.cases:
            try:
                cases.append(dataclass_replace(case, parameters=case.parameters.replace(set or {})))
            except ParameterError as error:
                problems += error.problems
        if problems or swept:
            raise StudyError([*dict.fromkeys(problems), *swept])
        return dataclass_replace(self, cases=tuple(cases), **given)

    def expand(self) -> list[Run]:
        """Return every run of the study, the last axis varying fastest.

        Returns
        -------
        list of Run
            Cells or cases x axes.
        """
        runs = []
        for case in self.cases:
            for point in itertools.product(*(axis.values for axis in self.axes)):
                given = {axis.key: value for axis, value in zip(self.axes, point, strict=True)}
                labels: dict[str, str | float] = (
                    {} if self.case_dimension is None else {self.case_dimension: case.label}
                )
                labels.update({axis.dimension: given[axis.key] for axis in self.axes})
                swept = {path: given.pop(path) for path in self.swept_paths}
                fixed = {
                    "c_rate": self.c_rate,
                    "current_density": self.current_density,
                    "temperature": self.temperature if case.temperature is None else case.temperature,
                }
                runs.append(Run(labels, case, swept, **{**fixed, **given}))
        return runs

    def fixed_inputs(self) -> dict[str, Any]:
        """Return everything that must be equal for two studies to share a store, as tables for TOML.

        Returns
        -------
        dict
            "study": protocol, axes and choices; "cells": each cell's numbers by label. Axis values are left
            out.
        """
        conditions = {key: getattr(self, key) for key in CONDITIONS if getattr(self, key) is not None}
        study = {
            "protocol": protocol_toml(self.protocol),
            "axes": [axis.key for axis in self.axes],
            "cases": self.case_dimension or "",
            "model": self.model,
            "mesh": self.mesh,
            "solver": self.solver,
            "mechanisms": list(self.mechanisms),
            "profiles": self.profiles,
            **conditions,
        }
        cells: dict[str, Any] = {}
        for case in self.cases:
            temperature = {} if case.temperature is None else {"temperature": case.temperature}
            cells[case.label] = {**temperature, **_inputs(case.parameters, self.swept_paths)}
        return {"study": study, "cells": cells}


def _inputs(parameters: ParameterSet, swept: tuple[str, ...]) -> dict[str, object]:
    """Return the numbers of a cell without the swept ones, and the forms of its functions."""
    document = tomllib.loads(parameters.to_toml())
    left_out = {parameters.resolve(path) for path in swept if path != AREAL_CAPACITY}
    document["values"] = {path: entry for path, entry in document["values"].items() if path not in left_out}
    document["forms"] = {path: record.form.__name__ for path, record in parameters.functions.items()}
    return document
