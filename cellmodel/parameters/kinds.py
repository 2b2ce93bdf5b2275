"""Kinds of cell: what the negative electrode is, which porous electrodes there are, which quantities belong to it.

A cell file names its kind; nothing is read from the value of a number. The equations of each kind are one class in
`cellmodel.models.cells`, found by the same name. It knows the table of quantities; it knows no file and no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from cellmodel.correlations import FARADAY
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.quantities import QUANTITIES, Quantity


class PorousElectrode(NamedTuple):
    """A porous electrode: its side, the first part of its material's paths, the sign of its potential in the voltage.

    The material of the positive electrode is called "electrode": the one that every cell has.
    """

    side: str
    material: str
    sign: float

    @property
    def layer(self) -> str:
        """Beginning of the paths of its layer."""
        return f"cell.{self.side}_electrode"

    @property
    def prefix(self) -> str:
        """Beginning of the names of its variables."""
        return "" if self.side == "positive" else f"{self.side}_"

    def sites(self, numbers: Any) -> Any:
        """Return its lithium sites per area of the cell [mol.m-2]; numbers or symbols by path."""
        fraction = numbers[f"{self.layer}.active_material_volume_fraction"]
        return numbers[f"{self.material}.maximum_concentration"] * fraction * numbers[f"{self.layer}.thickness"]

    def stoichiometry(self, numbers: Any, y: Any) -> Any:
        """Return its stoichiometry in a cell at rest whose positive electrode has y; numbers or symbols by path.

        The lithium that the charged cell holds ties the two: x(y) = x_charged - (y - y_charged) N_p / N_n, N the
        lithium sites. Derived here.
        """
        if self == POSITIVE:
            return y
        moved = (y - numbers["electrode.charged_stoichiometry"]) * POSITIVE.sites(numbers) / self.sites(numbers)
        return numbers[f"{self.material}.charged_stoichiometry"] - moved


class LithiumMetal(NamedTuple):
    """Metal that a cell without porous electrode strips in its discharge: the path of its amount.

    Its stoichiometry is the share that is stripped: 0 in the charged cell, 1 in the discharged one.
    """

    amount: str

    def sites(self, numbers: Any) -> Any:
        """Return its lithium per area of the cell [mol.m-2]; numbers or symbols by path."""
        if self.amount.endswith("thickness"):
            return numbers[self.amount] / numbers["cell.lithium.molar_volume"]
        return 3600.0 * numbers[self.amount] / FARADAY


POSITIVE = PorousElectrode("positive", "electrode", 1.0)
NEGATIVE = PorousElectrode("negative", "negative_electrode", -1.0)
FOIL, RESERVOIR = LithiumMetal("cell.lithium.thickness"), LithiumMetal("cell.copper.lithium_reservoir")


@dataclass(frozen=True)
class CellKind:
    """What a kind of cell is made of.

    Attributes
    ----------
    name, description : str
        The name is what a cell file states.
    electrodes : tuple of PorousElectrode
        The positive one first.
    own : tuple of str
        Beginnings of the paths of quantities that not every kind of cell has, and this one has.
    lithium_metal : bool
        Whether lithium is stripped from metal: with its mechanisms, its profiles and the limits of a lithium face.
    models : tuple of str
        Names of its models.
    materials : tuple of str
        What a cell of this kind is composed of: kinds of files, or a parameter set of PyBaMM.
    whole : bool
        Whether its file holds the materials itself, so that its entries have full paths.
    from_set : tuple of str
        Paths of quantities that the parameter set brings where the file has none.
    store : PorousElectrode or LithiumMetal
        Whose lithium the capacity is.
    absent : tuple of str
        Beginnings of the paths of quantities that other kinds have and this one has not, whatever its materials say.
    mechanisms : tuple of str
        What every run has; only lithium metal has a choice.
    derived : tuple of str
        Paths of numbers that follow from the others, so that no file states them.
    needs : tuple of str
        Paths of quantities that this kind needs and others may leave out.
    """

    name: str
    description: str
    electrodes: tuple[PorousElectrode, ...]
    own: tuple[str, ...]
    lithium_metal: bool = False
    models: tuple[str, ...] = ("DFN",)
    materials: tuple[str, ...] = ("electrolyte", "electrode", "interface")
    whole: bool = False
    from_set: tuple[str, ...] = ()
    store: PorousElectrode | LithiumMetal = POSITIVE
    absent: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return find_kind, (self.name,)

    def has(self, path: str) -> bool:
        """Return whether a number that a material states is one of cells of this kind."""
        return not path.startswith(self.absent)

    @property  # not kept: a mechanism may add quantities
    def quantities(self) -> Mapping[str, Quantity]:
        """The quantities that a cell of this kind may have, by path."""
        special = tuple(beginning for kind in KINDS.values() for beginning in kind.own)
        return {
            path: replace(quantity, required=path in self.needs or (quantity.required and path not in self.from_set))
            for path, quantity in QUANTITIES.items()
            if path not in self.derived
            and self.has(path)
            and (path.startswith(self.own) or not path.startswith((*special, *_NO_CELL)))
        }


_MODELS = ("DFN", "SPMe", "SPM", "StockDFN")
_NO_CELL = ("metal.", "format.", "vehicle.")
_CATHODE = ("cell.positive_electrode.", "cell.positive_collector.", "electrode.")
_METAL = ("cell.lithium.", "interface.")
_LOST_ON_FOIL, _KEPT_ON_COPPER = "interface.foil_loss", "interface.plating_efficiency"
"""A cell has the one or the other: where its lithium is plated is a matter of its kind."""
PLATED = "cell.lithium.thickness"
"""What an anode-free cell has of lithium when it is charged: all that its cathode brings."""

KINDS = {
    kind.name: kind
    for kind in (
        CellKind("lithium_metal", "foil of lithium", (POSITIVE,), _METAL, True, _MODELS, absent=(_KEPT_ON_COPPER,)),
        CellKind(
            "anode_free",
            "lithium plated on copper by the first charge",
            (POSITIVE,),
            _METAL,
            True,
            _MODELS,
            absent=(_LOST_ON_FOIL,),
            derived=(PLATED,),
            needs=("cell.negative_collector.thickness",),
        ),
        CellKind(
            "full_cell",
            "two porous electrodes",
            (POSITIVE, NEGATIVE),
            (
                "cell.negative_electrode.",
                "negative_electrode.",
                "electrode.charged_stoichiometry",
                "electrolyte.filling_ratio",
                "electrolyte.conductivity_factor",
            ),
            materials=("parameter_set",),
            whole=True,
            from_set=(
                "cell.positive_electrode.electronic_conductivity",
                "electrolyte.reference_temperature",
                "electrolyte.ionic_conductivity",
                "electrode.reference_temperature",
                "electrode.entropic_coefficient",
                "electrode.particle_diffusivity",
                "electrode.exchange_current_density",
            ),
        ),
        CellKind(
            "symmetric",
            "two foils of lithium",
            (),
            ("cell.lithium.", "interface."),
            materials=("electrolyte", "interface"),
            store=FOIL,
            absent=(*_CATHODE, _KEPT_ON_COPPER),
        ),
        CellKind(
            "lithium_copper",
            "copper and a foil of lithium",
            (),
            ("cell.lithium.", "cell.copper.", "interface."),
            materials=("electrolyte", "interface"),
            store=RESERVOIR,
            absent=(*_CATHODE, _LOST_ON_FOIL),
            mechanisms=("copper_plating",),
        ),
    )
}
"""By name."""

DEFAULT_KIND = "lithium_metal"
"""Kind of cell of a file whose kind is "cell"; the other kinds of cell are kinds of files by their own names."""


def kind_of_file(kind: Any) -> CellKind | None:
    """Return the kind of cell that a file of a kind describes, such as "cell" or "resolved_cell"; None if none."""
    name = str(kind).removeprefix("resolved_")
    return KINDS.get(DEFAULT_KIND if name == "cell" else name)


def find_kind(name: Any, where: str = "cell") -> CellKind:
    """Return a kind of cell by its name; ParameterError for a name that is none."""
    if not isinstance(name, str) or name not in KINDS:
        raise ParameterError(Problem(where, "cell_kind", found_text(name), choices(str(name), KINDS)))
    return KINDS[name]


def kinds_with(path: str) -> str:
    """Return the kinds of cell that have a quantity, in words."""
    return " or ".join(f"'{name}'" for name, kind in KINDS.items() if path in kind.quantities)


def quantities_of(role: str) -> dict[str, Quantity]:
    """Return the quantities of one kind of file, such as "electrode", by full path.

    A material may state what any kind of cell needs that is composed of materials; a cell takes what its kind has.
    """
    known = dict(QUANTITIES)
    if role not in ("metal", "format", "vehicle"):
        kinds = [kind for kind in KINDS.values() if role in kind.materials] or [KINDS[DEFAULT_KIND]]
        composed = [kind.quantities for kind in kinds]
        known = {path: one for quantities in reversed(composed) for path, one in quantities.items()}
    return {path: known[path] for path in QUANTITIES if path in known and path.startswith(f"{role}.")}


def require_porous_electrode(cell: Any, where: str) -> None:
    """Raise unless a cell has a porous positive electrode."""
    if not cell.kind.electrodes:
        found = f"'{cell.name}', a cell with {cell.kind.description}"
        raise ParameterError(Problem(where, "cell", found, "a cell with a porous positive electrode"))


def require_lithium_metal(cell: Any, where: str) -> None:
    """Raise unless a cell has a negative electrode of lithium metal."""
    if not cell.kind.lithium_metal:
        found = f"'{cell.name}', a cell with {cell.kind.description}"
        raise ParameterError(Problem(where, "cell", found, "a cell with a negative electrode of lithium metal"))
