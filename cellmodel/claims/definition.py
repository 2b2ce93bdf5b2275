"""What a claim is: a sentence, where it comes from, what has to be true of which runs, and what is assumed for that.

Frozen data; it solves nothing and knows no file format.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cellmodel.study import Study

NOT_COMPUTED = "not_yet_computed"
"""Quantity of a claim that no study stands behind yet."""

DESIGNS = ("shipped", "optimum")
"""The cell as its file has it, and the nominal optimum, which is not optimised again for each draw."""

DESIGN_KINDS = {"shipped": "design of the cell's file", "optimum": "best design for the nominal numbers"}


@dataclass(frozen=True)
class Condition:
    """A rate and a temperature.

    Attributes
    ----------
    temperature : float
        [K].
    c_rate : float
        [1].
    """

    temperature: float
    c_rate: float


@dataclass(frozen=True)
class Search:
    """How the best design is looked for.

    Attributes
    ----------
    objective : str
        "gravimetric" or "volumetric".
    bounds : mapping of str to tuple of float
        Design variable -> smallest and largest value, in SI; empty: those of `cellmodel.design`.
    maximum_limiting_current_ratio : float or None
        Largest share of the limiting current; None: that of `cellmodel.design`.
    """

    objective: str = "gravimetric"
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    maximum_limiting_current_ratio: float | None = None


@dataclass(frozen=True)
class Claim:
    """A claim and how it is put to the test.

    Attributes
    ----------
    name, file : str
        Name of the file, and where it was read.
    text : str
        What is claimed, in the words of this project.
    sentence : str
        The sentence it was taken from.
    status : str
        "literature" if that sentence was published, "assumed" if it is an industry promise without a source.
    sources : tuple of str
        Keys of references.toml: where the sentence, or the nearest published one, stands.
    note : str
        What those sources say.
    assumptions : tuple of str
        What the test takes for granted.
    quantity : str
        A key of `cellmodel.claims.measures.MEASURES`, or `NOT_COMPUTED`.
    threshold : float
        What the quantity must reach, in its unit.
    study : Study or None
        The cells, each on a grid of temperatures and rates; None if not yet computed.
    c_rate : float
        Rate at which the claim is meant [1].
    temperature : float or None
        Temperature at which it is meant [K]; None: that of each cell.
    level, format, vehicle, liquid : str
        Level of the budget, and names of what is around the layers, around the cells, and compared with.
    draws, draws_elsewhere : int
        Number of draws at the condition of the claim, and at every other.
    seed : int
        Of the sample.
    search : Search
        Of the best design.
    """

    name: str
    file: str
    text: str
    sentence: str
    status: str
    sources: tuple[str, ...]
    note: str
    assumptions: tuple[str, ...]
    quantity: str
    threshold: float = 0.0
    study: Study | None = None
    c_rate: float = 1.0
    temperature: float | None = None
    level: str = "cell"
    format: str = "pouch"
    vehicle: str = ""
    liquid: str = ""
    draws: int = 0
    draws_elsewhere: int = 0
    seed: int = 0
    search: Search = field(default_factory=Search)

    @property
    def computed(self) -> bool:
        """Whether there is a study behind the claim."""
        return self.quantity != NOT_COMPUTED


def named(study: Study) -> Study:
    """Return a study whose name ends in a digest of its inputs: what two claims both need is run once.

    Parameters
    ----------
    study : Study
        As it is to be run.

    Returns
    -------
    Study
        The size of a sample that can grow is not in the digest: more draws go on where fewer ended.
    """
    digest = hashlib.sha256(repr((study.fixed_inputs(), study.extrapolate)).encode()).hexdigest()
    stem = re.sub(r"[^\w-]+", "_", study.name)
    return replace(study, name=f"{stem}_{digest[:12]}")
