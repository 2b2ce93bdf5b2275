"""The file of a published cell to a study of it: every problem at once. Nothing is solved here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from cellmodel import inputs, resources
from cellmodel.assessment.claims.samples import inert_inputs
from cellmodel.assessment.published.schema import Discharge, PublishedFile
from cellmodel.errors import CellModelError, Problem, StudyError
from cellmodel.parameters.distributions import Distribution, declared_distributions
from cellmodel.schemas import find_file, validate
from cellmodel.study import Study, parse_study
from cellmodel.study.sampling import Sample
from cellmodel.study.sets import set_distributions, with_all_names
from cellmodel.toml_files import read_toml

UTILISATION = "utilisation"
"""Name of the drawn number that belongs to no cell of the library."""

_MATERIALS = ("cell", "electrolyte", "electrode", "interface")
_SHARED = ("set", "distributions", "extrapolate", "temperature")


@dataclass(frozen=True)
class PublishedCell:
    """A paper as it was read, and the study that draws and discharges its cell.

    Attributes
    ----------
    name, file : str
        Stem of the file, and the file.
    paper : PublishedFile
        What it says.
    study : Study
        One cell at the paper's rates, all with the same draws.
    utilisation : Distribution or None
        Of the share of active material that takes part.
    """

    name: str
    file: str
    paper: PublishedFile
    study: Study
    utilisation: Distribution | None

    @property
    def discharges(self) -> tuple[Discharge, ...]:
        """What was published, in the order of the rates on the axis of the study."""
        return self.paper.discharge

    @property
    def full_capacity(self) -> float:
        """What the cell of the library holds between its cut-offs per mass of active material [mA.h.g-1]."""
        cell = self.study.cases[0].parameters
        layer = "cell.positive_electrode"
        mass = cell["electrode.density"] * cell[f"{layer}.thickness"] * cell[f"{layer}.active_material_volume_fraction"]
        return cell.areal_capacity / mass


def list_published() -> list[str]:
    """Return the names of the published cells that ship, in alphabetical order.

    Examples
    --------
    >>> from cellmodel.assessment import list_published
    >>> "bergfelt2018" in list_published()
    True
    """
    return list(resources.files("experiments", "published"))


def load_published(name: str | PathLike[str]) -> PublishedCell:
    """Return the published cell of that name, or the one in a file.

    Parameters
    ----------
    name : str or os.PathLike
        Name of a shipped file or path of a TOML file.

    Returns
    -------
    PublishedCell
        In SI but for capacities [mA.h.g-1].

    Raises
    ------
    StudyError
        There is no such file (the nearest are offered), or every problem of it.

    Examples
    --------
    >>> from cellmodel.assessment import load_published
    >>> [one.c_rate for one in load_published("bergfelt2018").discharges]
    [0.2]
    """
    wanted = "the name of a published cell, or the path of its file"
    path = find_file(inputs.name_or_path(name, "published", "cell", wanted, StudyError), "published cell", StudyError)
    return parse_published(read_toml(path, StudyError), str(path))


def parse_published(values: Mapping[str, Any], file: str) -> PublishedCell:
    """Return the published cell of a TOML document, named after its file, or raise StudyError with every problem."""
    problems: list[Problem] = []
    paper = validate(PublishedFile, values, file, "", problems, partly=True)
    study = None
    try:
        study = parse_study(_as_study(values, paper), file)
    except CellModelError as error:
        problems += [replace(one, key=one.key.removeprefix("case[1].")) for one in error.problems]
    if problems or paper is None or study is None:
        raise StudyError(list(dict.fromkeys(problems)))
    given = paper.utilisation
    utilisation = None
    if given is not None:
        middle = (given.minimum + given.maximum) / 2.0
        utilisation = Distribution("uniform", middle, (given.minimum, given.maximum), "1", (0.0, 1.0))
    return PublishedCell(Path(file).stem, file, paper, _with_own_numbers(study, utilisation), utilisation)


def _as_study(values: Mapping[str, Any], paper: PublishedFile | None) -> dict[str, Any]:
    """Return what a study says of the same cell; what is wrong with the rates has been told."""
    rates = [one.c_rate for one in (paper.discharge if paper and paper.discharge else ())] or [1.0]
    draws, seed = (paper.draws or 1, paper.seed or 0) if paper else (1, 0)
    shared = {key: values[key] for key in _SHARED if key in values}
    case = {key: values[key] for key in _MATERIALS if isinstance(values.get(key), str)}
    return {
        "description": "",
        "protocol": "discharge",
        "mesh": "fast",
        "case": [case],
        "grid": {"c_rate": rates},
        "sample": {"size": draws, "seed": seed},
        **shared,
    }


def _with_own_numbers(study: Study, utilisation: Distribution | None) -> Study:
    """Return the study with everything that is uncertain of its cell in the sample: what is stated comes first."""
    (case,), sample = study.cases, study.sample
    known, stated = with_all_names(case.parameters), case.distributions
    inert = inert_inputs(known, study.mechanisms)
    own = {path: one for path, one in declared_distributions(known).items() if path not in inert}
    distributions = {**own, **stated}
    of_sets = set_distributions(case.parameters, distributions, stated)
    size, seed = (sample.size, sample.seed) if sample is not None else (1, 0)
    extra = (UTILISATION,) if utilisation is not None else ()
    paths, roles = tuple(sorted(distributions)), tuple(sorted(of_sets))
    drawn = Sample(size, "sobol", seed, paths, extra_inputs=extra, sets=roles)
    case = replace(case, distributions=distributions, set_distributions=of_sets)
    return replace(study, cases=(case,), sample=drawn)
