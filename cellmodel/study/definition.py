"""What a study is: cells or cases, a protocol, a grid of swept quantities, and draws of uncertain ones.

Frozen data. It expands to runs, each with its labels and its own parameter set; it solves nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from functools import cached_property
from math import prod
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellmodel.errors import ProblemLog, ProtocolError, StudyError
from cellmodel.inputs import mapping, name_or_path, one_of
from cellmodel.mechanisms import DEFAULT_MECHANISMS
from cellmodel.parameters.sets import all_sets
from cellmodel.protocols import Protocol, load_protocol
from cellmodel.schemas import find_file
from cellmodel.study.checks import field_problems
from cellmodel.study.fixed_inputs import fixed_inputs
from cellmodel.study.reading import read_study
from cellmodel.study.runs import Axis, Case, Run
from cellmodel.study.sampling import DIMENSION, Draws, Sample, draw
from cellmodel.study.schema import OPTIONS
from cellmodel.study.settings import CONDITIONS, settings_without_effect
from cellmodel.toml_files import read_toml

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import xarray as xr
    from distributed import Client


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
    sample : Sample or None
        What is drawn, at every point of the grid; its dimension is the last one.
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
    sample: Sample | None = None

    @staticmethod
    def load(name: str | PathLike[str]) -> Study:
        """Return the study of that name, or the one in a file; see `cellmodel.load_study`.

        Examples
        --------
        >>> import cellmodel
        >>> cellmodel.Study.load("lfp_rate_capability").number_of_runs
        28
        """
        return load_study(name)

    def run(
        self,
        results: str | PathLike[str] | None = "results",
        *,
        overwrite: bool = False,
        extrapolate: bool | None = None,
        progress: Callable[[int, int], None] | None = None,
        workers: int | str | Executor | Client | None = None,
        time_limit: float | str | None = None,
        confirmed: bool = False,
    ) -> xr.Dataset:
        """Run the study and return all its runs in one labelled dataset; arguments are those of `cellmodel.run_study`.

        Examples
        --------
        >>> import cellmodel
        >>> study = cellmodel.Study.load("first_discharge").replace(mesh="fast")
        >>> study.run(results=None)["message"].item()
        'completed'
        """
        from cellmodel.study.solving import solve_study  # xarray and PyBaMM are imported when something is run

        return solve_study(self, results, overwrite, extrapolate, progress, workers, time_limit, confirmed)

    def __post_init__(self) -> None:
        problems = field_problems(self, OPTIONS)
        if problems:
            raise StudyError(list(dict.fromkeys(problems)))
        try:
            object.__setattr__(self, "protocol", load_protocol(self.protocol))  # with numbers that can be written
        except ProtocolError as error:
            raise StudyError(list(error.problems)) from None

    @property
    def swept_paths(self) -> tuple[str, ...]:
        """Paths of the parameters on the axes, and of those that are drawn."""
        on_axes = tuple(axis.key for axis in self.axes if axis.key not in CONDITIONS)
        return on_axes if self.sample is None else on_axes + self.sample.paths

    @property
    def number_of_runs(self) -> int:
        """Cells or cases x axes x draws."""
        draws = 1 if self.sample is None else self.sample.size
        return len(self.cases) * prod(len(axis.values) for axis in self.axes) * draws

    @cached_property
    def draws(self) -> tuple[Draws, ...]:
        """What is drawn for each cell; empty if nothing is.

        Raises
        ------
        StudyError
            Too many of the draws are infeasible.
        """
        return () if self.sample is None else draw(self.sample, self.cases, self.file)

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
        log, words = ProblemLog(self.file), {"model": model, "mesh": mesh, "solver": solver}
        given = {
            key: log.read(one_of, word, OPTIONS[key], self.file, key) for key, word in words.items() if word is not None
        }
        settings = mapping(set, self.file, "set", StudyError)
        cases = []
        for case in self.cases:
            log.problems += settings_without_effect(self, case, settings)
            parameters = log.read(case.parameters.replace, settings)
            if parameters is not None and case.set_distributions:
                log.read(all_sets, parameters)
            cases.append(dataclass_replace(case, parameters=parameters))
        log.raise_any(StudyError)
        return dataclass_replace(self, cases=tuple(cases), **given)

    def expand(self) -> list[Run]:
        """Return every run of the study, the draws varying fastest, then the last axis.

        Returns
        -------
        list of Run
            Cells or cases x axes x draws.

        Raises
        ------
        StudyError
            Too many of the draws are infeasible.
        """
        runs = []
        for number, case in enumerate(self.cases):
            fixed: dict[str, Any] = {
                "c_rate": self.c_rate if case.c_rate is None else case.c_rate,
                "current_density": self.current_density,
                "temperature": self.temperature if case.temperature is None else case.temperature,
            }
            for point in itertools.product(*(axis.values for axis in self.axes)):
                given = {axis.key: value for axis, value in zip(self.axes, point, strict=True)}
                labels: dict[str, str | float] = (
                    {} if self.case_dimension is None else {self.case_dimension: case.label}
                )
                labels.update({axis.dimension: given[axis.key] for axis in self.axes})
                swept = {key: given.pop(key) for key in list(given) if key not in CONDITIONS}
                conditions = {**fixed, **given}
                if self.sample is None:
                    runs.append(Run(labels, case, swept, **conditions))
                    continue
                rows = zip(self.draws[number].values.tolist(), self.draws[number].cells, strict=True)
                for index, (row, cell) in enumerate(rows):
                    pairs = zip(self.sample.paths, row, strict=True)
                    drawn = {path: value for path, value in pairs if value == value}  # NaN: not of the set that holds
                    runs.append(Run({**labels, DIMENSION: index}, case, {**swept, **drawn}, drawn=cell, **conditions))
        return runs

    def fixed_inputs(self) -> dict[str, Any]:
        """Return everything that must be equal for two studies to share a store; see `study.fixed_inputs`."""
        return fixed_inputs(self)


def load_study(name: str | PathLike[str] | Study) -> Study:
    """Return the study of that name, or the one in a file.

    Parameters
    ----------
    name : str, os.PathLike or Study
        Name of a shipped study or path of a TOML file; a Study is handed back.

    Returns
    -------
    Study
        With its cells and protocol loaded.

    Raises
    ------
    StudyError
        Unknown name (nearest names offered), malformed TOML (line number), or every problem of the file.

    Examples
    --------
    >>> import cellmodel
    >>> study = cellmodel.load_study("lfp_rate_capability")
    >>> study.number_of_runs, [axis.dimension for axis in study.axes]
    (28, ['ambient_temperature', 'c_rate'])
    """
    if isinstance(name, Study):
        return name
    wanted = "the name of a study, the path of its file, or a Study"
    path = find_file(name_or_path(name, "load_study", "study", wanted, StudyError), "study", StudyError)
    return parse_study(read_toml(path, StudyError), str(path))


def parse_study(values: Mapping[str, Any], file: str | Path, overrides: Mapping[str, Any] | None = None) -> Study:
    """Return the study that a TOML document describes.

    Parameters
    ----------
    values : mapping
        As `study.schema.StudyFile` has it; `cellmodel schema study` prints what that is.
    file : str or pathlib.Path
        Where it stands, for messages; its stem is the study's name.
    overrides : mapping, optional
        Path -> value for every cell, over those of [set]; refused where a [[case]] or an axis decides the number.

    Returns
    -------
    Study
        In SI.

    Raises
    ------
    StudyError
        Every problem found.
    """
    return read_study(values, file, overrides, Study)
