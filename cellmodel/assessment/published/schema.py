"""What the file of a published cell may say: the cell as far as known, ranges for the rest, and the discharges."""

from __future__ import annotations

from typing import Annotated

import pydantic

from cellmodel.errors import Problem, choices, found_text
from cellmodel.parameters import load_references
from cellmodel.schemas import CRate, FieldError, Strict, Text, Whole, in_unit, listed_as_tuple, one_of, within
from cellmodel.study.sampling import LARGEST
from cellmodel.study.schema import LogNormal, Normal, Settings, Uniform

SEEN = {
    "full text": "the paper's text, table or figure was read",
    "abstract": "only the abstract was read",
    "second-hand": "quoted by somebody else who was read",
    "nothing": "quoted from memory; nobody has looked it up",
}
"""How the numbers of a paper came here; those from memory are computed and not judged."""


class Utilisation(Strict):
    """Share of the active material that takes part, drawn evenly between two values."""

    minimum: Annotated[float, in_unit("1")]
    maximum: Annotated[float, in_unit("1")]
    note: Text

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> Utilisation:
        if not 0.0 < self.minimum < self.maximum <= 1.0:
            found = f"{self.minimum:g} to {self.maximum:g}"
            raise FieldError([Problem("", "", found, "a minimum above 0, below a maximum of at most 1")])
        return self


class Discharge(Strict):
    """One published number: a capacity at a rate.

    Attributes
    ----------
    c_rate : float
        As the paper states it [1].
    capacity : float
        Per mass of active material [mA.h.g-1].
    at_least : bool
        The fresh cell delivered this or more, as when the number is that of an aged one.
    note : str
        What else is known of it.
    """

    c_rate: CRate
    capacity: Annotated[float, in_unit("mA.h.g-1")]
    at_least: bool = False
    note: str = ""

    @pydantic.field_validator("capacity")
    @classmethod
    def _above_zero(cls, capacity: float) -> float:
        if not capacity > 0.0:
            raise FieldError([Problem("", "", f"{capacity:g} mA.h.g-1", "a capacity above zero")])
        return capacity


class PublishedFile(Strict):
    """One paper: its cell, what is not known of it, and what it delivered.

    Attributes
    ----------
    description, note : str
        The cell in one sentence; where it differs from the cell of the library that stands for it.
    source, locator, seen : str
        Key of references.toml, place in the paper, and a key of `SEEN`.
    plasticised : bool
        A liquid, an ionic liquid or a low molar mass takes part in the conduction: not judged.
    cell, electrolyte, electrode, interface : str
        Of the library.
    temperature : float
        Of the measurement [K].
    extrapolate : bool
        Allow a temperature or salt concentration outside the validity of the cell's correlations.
    set, distributions : mapping
        What the paper states, and the range of what it does not, as in a study; the cell's own uncertain numbers are
        drawn as well.
    utilisation : Utilisation or None
        Share of active material that takes part; None: all.
    draws, seed : int
        Of the sample.
    discharge : tuple of Discharge
        Published numbers, all of one cell.
    """

    description: Text
    note: str = ""
    source: Text
    locator: Text
    seen: Annotated[str, one_of(tuple(SEEN))]
    plasticised: bool = False
    cell: Text
    electrolyte: Text | None = None
    electrode: Text | None = None
    interface: Text | None = None
    temperature: Annotated[float, in_unit("K")]
    extrapolate: bool = False
    set: Settings = pydantic.Field(default={})
    distributions: dict[str, Annotated[Normal | LogNormal | Uniform, pydantic.Field(discriminator="distribution")]]
    utilisation: Utilisation | None = None
    draws: Annotated[Whole, within(1, LARGEST, f"at least one draw, and at most {LARGEST:,}")] = 64
    seed: Annotated[Whole, within(0, 2**63 - 1, "a whole number from 0 on")] = 0
    discharge: Annotated[tuple[Discharge, ...], listed_as_tuple]

    @pydantic.field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        references = load_references()
        if source not in references:
            raise FieldError([Problem("", "", found_text(source), choices(source, references))])
        return source

    @pydantic.field_validator("discharge")
    @classmethod
    def _each_rate_once(cls, discharges: tuple[Discharge, ...]) -> tuple[Discharge, ...]:
        rates = [one.c_rate for one in discharges]
        if not rates:
            raise FieldError([Problem("", "", "an empty list", "at least one table [[discharge]]")])
        again = sorted({rate for rate in rates if rates.count(rate) > 1})
        if again:
            raise FieldError([Problem("", "", f"the rate {again[0]:g} twice", "every rate once")])
        return discharges
