"""What a claim is and how its file is read: a sentence, where it comes from, and what has to be true of which runs.

A claim's file is a study with a table [claim]. Frozen data; it solves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple

import pydantic

from cellmodel import inputs, resources
from cellmodel.errors import ParameterError, Problem, StudyError, choices, found_text
from cellmodel.parameters import load_cell, load_format, load_references, load_vehicle
from cellmodel.quantities import QUANTITIES
from cellmodel.schemas import (
    CRate,
    FieldError,
    Read,
    Strict,
    Text,
    Whole,
    find_file,
    in_unit,
    listed_as_tuple,
    one_of,
    validate,
    with_unit,
    within,
)
from cellmodel.study import Study, parse_study
from cellmodel.study.schema import StudyFile
from cellmodel.toml_files import read_toml

NOT_COMPUTED = "not_yet_computed"
"""Quantity of a claim that no study stands behind yet."""
BLOCK = 4
"""Draws that belong together: two halves of a Sobol point, and both with the assumed numbers exchanged."""
MOST_DRAWS = 2**20
"""Draws of one design at one condition: a thousand times what a verdict needs, and as many as a sequence has."""


class Quantity(NamedTuple):
    """What a claim is about: unit, name, the key that its table must have, and whether it compares temperatures."""

    unit: str
    long_name: str
    needs: str = ""
    over_temperature: bool = False


CLAIMED = {
    "specific_energy": Quantity("W.h.kg-1", "specific energy"),
    "energy_density": Quantity("W.h.L-1", "energy density"),
    "specific_energy_over_liquid": Quantity("1", "specific energy over that of the liquid cell", "liquid"),
    "range": Quantity("km", "range of the vehicle", "vehicle"),
    "smallest_share_of_energy": Quantity(
        "1", "smallest energy over the largest of all temperatures", over_temperature=True
    ),
}
"""Quantities of claims by name; `measures` evaluates them."""


_DRAWS = f"a multiple of {BLOCK}, at least {2 * BLOCK}: draws come in blocks of {BLOCK}, at most {MOST_DRAWS}"
_LOADED: Mapping[str, Callable[[str], object]] = {"format": load_format, "vehicle": load_vehicle, "liquid": load_cell}


def check_draws(value: Any, file: str = "", key: str = "") -> int:
    """Return a number of draws if a sample can have it."""
    draws = inputs.whole_number(value, file, key, _DRAWS, (2 * BLOCK, MOST_DRAWS), StudyError)
    if draws % BLOCK:
        raise StudyError(Problem(file, key, str(draws), _DRAWS))
    return draws


def _temperature(value: Any) -> float:
    kelvin, (low, high) = with_unit(value, "K"), QUANTITIES["cell.temperature"].bounds
    if not low <= kelvin <= high:
        raise ParameterError(Problem("", "", f"{kelvin:g} K", f"{low:g} to {high:g} K"))
    return kelvin


def _bounds(value: Any) -> dict[str, tuple[float, float]]:
    from cellmodel.design.problem import read_bounds  # loads the optimiser, which few claims need

    given = inputs.mapping(value, "", "", StudyError)
    return {path: pair for path, pair in read_bounds(given).items() if path in given}


_Draws = Annotated[int, Read(check_draws, "a whole number", {"type": "integer", "multipleOf": BLOCK, "minimum": 8})]
_Kelvin = Annotated[float, Read(_temperature, "a temperature", {"type": "string", "examples": ["80 degC"]})]
_Given = Read(lambda value: value, "what the quantity must reach", {"type": ["number", "string"]})


class Search(Strict):
    """How the best design is looked for: table [claim.design].

    Attributes
    ----------
    objective : str
        "gravimetric" or "volumetric".
    bounds : mapping of str to tuple of float
        Design variable -> smallest and largest value, in SI; empty: those of `cellmodel.design`.
    maximum_limiting_current_ratio : float or None
        Largest share of the limiting current; None: that of `cellmodel.design`.
    """

    objective: Annotated[str, one_of(("gravimetric", "volumetric"))] = "gravimetric"
    bounds: Annotated[Mapping[str, tuple[float, float]], Read(_bounds, "a table", {"type": "object"})] = {}
    maximum_limiting_current_ratio: Annotated[float, in_unit("1")] | None = None


class Statement(Strict):
    """What every table [claim] says; all that a claim without a study has.

    Attributes
    ----------
    text, sentence : str
        What is claimed, in the words of this project and in those it was taken from.
    status : str
        "literature" if that sentence was published, "assumed" if it is an industry promise without a source.
    sources : tuple of str
        Keys of references.toml: where the sentence, or the nearest published one, stands.
    note : str
        What those sources say.
    assumptions : tuple of str
        What the test takes for granted.
    quantity : str
        A key of `CLAIMED`, or `NOT_COMPUTED`.
    """

    computed: ClassVar[bool] = False
    text: Text
    sentence: Text
    status: Annotated[str, one_of(("assumed", "literature"))]
    sources: Annotated[tuple[Text, ...], listed_as_tuple, pydantic.Field(validate_default=True)] = ()
    note: str = ""
    assumptions: Annotated[tuple[Text, ...], listed_as_tuple] = ()
    quantity: Annotated[str, one_of([*CLAIMED, NOT_COMPUTED])]

    @pydantic.field_validator("sources")
    @classmethod
    def _check_sources(cls, sources: tuple[str, ...], info: pydantic.ValidationInfo) -> tuple[str, ...]:
        references = load_references()
        problems = [Problem("", "", repr(key), choices(key, references)) for key in sources if key not in references]
        if not sources and info.data.get("status") == "literature":
            wanted = "where the sentence was published, or the status 'assumed'"
            problems.append(Problem("", "", "nothing", wanted))
        if problems:
            raise FieldError(problems)
        return sources


class Criterion(Statement):
    """The table [claim] of a study.

    Attributes
    ----------
    threshold : float
        What the quantity must reach, in its unit.
    c_rate, temperature : float
        At which the claim is meant [1, K]; without a temperature, at that of each cell.
    level, format, vehicle, liquid : str
        Level of the budget, and names of what is around the layers, around the cells, and compared with.
    draws, draws_elsewhere, seed : int
        Draws at the condition of the claim, and at every other; seed of the sample.
    design : Search
        How the best design is looked for.
    """

    computed: ClassVar[bool] = True
    threshold: Annotated[float, _Given]
    c_rate: CRate
    temperature: _Kelvin | None = None
    level: Annotated[str, one_of(("material", "stack", "cell"))] = "cell"
    format: str = "pouch"
    vehicle: str = pydantic.Field("", validate_default=True)
    liquid: str = pydantic.Field("", validate_default=True)
    draws: _Draws
    draws_elsewhere: _Draws
    seed: Annotated[Whole, within(0, 2**63 - 1, "a whole number from 0 on, below 2^63")] = 0
    design: Search = Search()

    @pydantic.field_validator("threshold")
    @classmethod
    def _read_threshold(cls, value: Any, info: pydantic.ValidationInfo) -> float:
        quantity = CLAIMED.get(info.data.get("quantity", ""))
        try:
            return 0.0 if quantity is None else with_unit(value, quantity.unit)
        except ParameterError as error:
            raise FieldError(error) from None

    @pydantic.field_validator("format", "vehicle", "liquid")
    @classmethod
    def _check_name(cls, name: str, info: pydantic.ValidationInfo) -> str:
        """Refuse a name that the library does not know, one that is missing, and one without effect."""
        key, quantity = str(info.field_name), CLAIMED.get(info.data.get("quantity", ""))
        if key != "format" and (quantity is None or key != quantity.needs):
            if name and quantity is not None:
                raise FieldError([Problem("", "", found_text(name), f"nothing: the quantity depends on no {key}")])
            return name
        try:
            _LOADED[key](name)
        except ParameterError as error:
            wanted = error.problems[0].wanted if error.problems else str(error)
            raise FieldError([Problem("", "", found_text(name) if name else "nothing", wanted)]) from None
        return name


class ComputedFile(StudyFile):
    """A study and what has to be true of its runs."""

    claim: Criterion


class StatedFile(Strict):
    """A claim that no study stands behind yet."""

    description: str
    claim: Statement


class ClaimFile(pydantic.RootModel[ComputedFile | StatedFile]):
    """What a claim's file may say."""


class Claim(Statement):
    """A claim as it was read: what its table says (see `Statement`), its name and its file."""

    name: str
    file: str


class ComputedClaim(Criterion, Claim):
    """A claim and how it is put to the test (see `Criterion`); its study has the cells on a grid of conditions."""

    study: Study


def list_claims() -> list[str]:
    """Return the names of the shipped claims.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import cellmodel
    >>> "lfp_250" in cellmodel.list_claims()
    True
    """
    return list(resources.files("experiments", "studies/claims"))


def load_claim(name: str | Path) -> Claim:
    """Return the claim of that name, or the one in a file.

    Parameters
    ----------
    name : str or pathlib.Path
        Name of a shipped claim or path of a TOML file.

    Returns
    -------
    Claim
        A `ComputedClaim`, in SI, if it has a study.

    Raises
    ------
    StudyError
        There is no such claim (the nearest are offered), or every problem of its file.

    Examples
    --------
    >>> from cellmodel.assessment import load_claim
    >>> load_claim("lfp_250").threshold
    250.0
    """
    text = inputs.name_or_path(name, "claims", "claim", "the name of a claim, or the path of its file", StudyError)
    path = find_file(text, "claim", StudyError)
    return parse_claim(read_toml(path, StudyError), str(path))


def parse_claim(values: Mapping[str, Any], file: str) -> Claim:
    """Return the claim of a TOML document, named after its file, or raise StudyError with every problem."""
    table = values.get("claim")
    if not isinstance(table, Mapping):
        found = "nothing" if table is None else found_text(table)
        raise StudyError(Problem(file, "claim", found, "a table [claim]"))
    problems: list[Problem] = []
    origin: dict[str, Any] = {"name": Path(file).stem, "file": file}
    if table.get("quantity") == NOT_COMPUTED:
        statement = validate(Statement, table, file, "claim", problems)
        if statement is None:
            raise StudyError(problems)
        return Claim.model_construct(**{**dict(statement), **origin})
    criterion = validate(Criterion, table, file, "claim", problems)
    try:
        study = parse_study({**values}, file)
        problems += _study_problems(study, file)
    except StudyError as error:
        problems += error.problems
    if problems or criterion is None:
        raise StudyError(list(dict.fromkeys(problems)))
    return ComputedClaim.model_construct(**{**dict(criterion), **origin, "study": study})


def _study_problems(study: Study, file: str) -> list[Problem]:
    """Return what the study of a claim must not or has to have."""
    problems = []
    axes = {axis.key for axis in study.axes}
    if axes - {"c_rate", "temperature"} or "c_rate" not in axes:
        found = ", ".join(sorted(axes)) or "nothing"
        problems.append(Problem(file, "claim.grid", found, "c_rate, and temperature if it is swept"))
    if study.sample is not None:
        wanted = "`draws` and `seed` in [claim]: the numbers drawn include the packaging's"
        problems.append(Problem(file, "claim.sample", "a sample", wanted))
    return problems
