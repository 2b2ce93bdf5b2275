"""What a parameter file may say: a strict schema for each kind of file, made from the table of quantities.

Values are kept as printed in their source; `cellmodel.parameters.conversion` turns them into SI. It knows the table of
quantities and the registry of forms, not where files are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Literal
from warnings import warn

import pydantic
from pydantic import Field
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from cellmodel.correlations import FORMS, Correlation
from cellmodel.correlations.frames import VOLUME_FACTOR, VOLUME_TRANSFERENCE
from cellmodel.errors import Problem
from cellmodel.mechanisms.registry import MECHANISM_QUANTITIES
from cellmodel.parameters.kinds import KINDS as CELL_KINDS
from cellmodel.parameters.kinds import kind_of_file, quantities_of
from cellmodel.parameters.sources import References, Sourced
from cellmodel.quantities import Quantity
from cellmodel.schemas import FieldError, Strict, Text, json_schema

SCHEMA = 1
"""Version of the file format."""
ROLES = ("electrolyte", "electrode", "interface")
"""Materials that a cell names."""
MATERIALS = (*ROLES, "metal")
"""Kinds of files that describe a material by itself."""
_CELL_FILES = ("cell", *list(CELL_KINDS)[1:])
WRITTEN = tuple(f"resolved_{kind}" for kind in _CELL_FILES)
"""Kinds of files that this package writes, with the DOIs of their sources."""
BASE = "base"
"""Name of the set that a file itself states, where its variants are others."""
SET_QUANTITIES = {
    "electrolyte": (
        "electrolyte.salt_diffusivity",
        "electrolyte.cation_transference_number",
        "electrolyte.thermodynamic_factor",
        "electrolyte.density",
        "electrolyte.salt_molar_volume",
    )
}
"""Kinds of files that may have sets, with what each set states itself, as far as the file does."""
WHOLE = (*(name for name, kind in CELL_KINDS.items() if kind.whole), *WRITTEN)
"""Kinds of files that are a whole cell by themselves and have full paths."""
_MADE_OF = {role: f"name of the {role}, or name:variant" for role in ROLES}
_MADE_OF["parameter_set"] = "name of a parameter set of PyBaMM"
MATERIALS_OF = {
    kind: {name: _MADE_OF[name] for name in described.materials}
    for kind in (*_CELL_FILES, *WRITTEN)
    if (described := kind_of_file(kind))
}
"""What a cell of a kind of file is made of, with what is wanted there."""
KINDS = ("electrolyte", "electrode", "interface", "metal", "format", "vehicle", *_CELL_FILES)
"""What a parameter file may describe; the folders are these words in the plural, "cells" for every kind of cell."""
OF_METAL = (
    "cell.lithium",
    "cell.positive_collector",
    "cell.negative_collector",
    "format.positive_tab",
    "format.negative_tab",
)
"""Parts that may name a metal, whose properties they take over."""
RANGE_UNITS = {"concentration": "mol.m-3", "stoichiometry": "1", "temperature": "K"}
"""What the range in which a function holds is a range of, with its SI unit."""


class Uncertainty(Strict):
    """Distribution of a value: normal (standard_deviation), lognormal (factor) or uniform (low, high)."""

    distribution: Literal["normal", "lognormal", "uniform"]
    standard_deviation: float | None = Field(None, description="in the unit of the value")
    factor: float | None = Field(None, description="one sigma: times or over the factor [1]")
    low: float | None = Field(None, description="lowest, in the unit of the value")
    high: float | None = Field(None, description="highest, in the unit of the value")

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Uncertainty:
        wanted = {"normal": ("standard_deviation",), "lognormal": ("factor",), "uniform": ("low", "high")}
        names = wanted[self.distribution]
        if self.model_fields_set != {"distribution", *names}:
            raise ValueError(f"a {self.distribution} distribution with {' and '.join(names)} only")
        return self


class Number(Sourced):
    """A number as printed, with its unit."""

    value: float = Field(description="as printed in the source")
    unit: Text = Field(description="of the printed value, such as mS.cm-1")
    uncertainty: float | Uncertainty | None = Field(
        None, description="one standard deviation in the unit of the value, or a distribution"
    )
    note: Text | None = Field(None, description="why, if assumed or derived; what was done to the value")
    printed: Text | None = Field(None, description="value and unit as printed, if this file has converted them")
    doi: Text | None = Field(None, description="of a source that is not in references.toml")


class Range(Strict):
    """From the lowest to the highest value at which a function holds."""

    low: float
    high: float
    unit: Text = Field(description="such as degC or mol.L-1")


def _former_range(value: Any, unit: str) -> Any:
    """Take a pair in SI units, as files of version 0.1 have it."""
    if not isinstance(value, list):
        return value
    if len(value) != 2:
        raise ValueError("a table with low, high and unit")
    text = f"{{ low = {value[0]}, high = {value[1]}, unit = '{unit}' }}"
    warn(f"a range without a unit is read in SI for the last time: write {text}", FutureWarning, stacklevel=2)
    return {"low": value[0], "high": value[1], "unit": unit}


def _in_si(unit: str) -> pydantic.BeforeValidator:
    return pydantic.BeforeValidator(partial(_former_range, unit=unit))


class Valid(Strict):
    """The range in which a function holds, for each of its arguments."""

    concentration: Annotated[Range | None, _in_si("mol.m-3")] = None
    stoichiometry: Annotated[Range | None, _in_si("1")] = None
    temperature: Annotated[Range | None, _in_si("K")] = None


class Function(Sourced):
    """A functional form with its coefficients, which inherit its status and source, and the range in which it holds."""

    form: Text = Field(description="name of a functional form of cellmodel")
    valid: Valid = Field(Valid(), description="within which the function holds")
    coefficients: dict[str, Number] = Field(default={}, description="by name")
    frame: Literal["solvent", "volume"] | None = Field(
        None, description="of a transference number: against the solvent (Newman's t0) or the volume average"
    )
    note: Text | None = Field(None, description="why, if assumed or derived; what was done to the function")


def _variant_name(name: str) -> str:
    if not name.strip() or ":" in name:
        raise ValueError("a name without a colon")
    return name


class Variant(Sourced):
    """Entries in place of those of the file."""

    model_config = pydantic.ConfigDict(extra="allow")
    description: Text


class Sets(Sourced):
    """Whole alternatives of what is known of a material, of which one holds, and how likely each is."""

    weights: dict[str, float] = Field(
        description='probability of each set: "base" and names of variants; together 1', min_length=2
    )
    note: Text | None = Field(None, description="why these weights, if assumed or derived")


class Head(Sourced):
    """What stands beside the entries of a file; status, source and locator hold for entries that state none."""

    kind: str
    name: Text
    description: Text
    variants: dict[Annotated[str, pydantic.AfterValidator(_variant_name)], Variant] = Field(default={})


HEAD = frozenset({*Head.model_fields, "sets"})
"""Keys of a file that are no entries and no materials."""


@dataclass(frozen=True)
class _Entry:
    """Annotation of a quantity: what is right is put into the context of the validation, by path."""

    path: str
    quantity: Quantity

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        return core_schema.with_info_wrap_validator_function(self._read, handler(source))

    def _read(self, table: Any, handler: Callable[[Any], Any], info: pydantic.ValidationInfo) -> Any:
        function = bool(self.quantity.arguments)
        if not isinstance(table, Mapping):
            raise ValueError("a table with a form and its coefficients" if function else "a table with value and unit")
        if function and "form" not in table and "value" in table:
            raise FieldError([Problem("", "", "a number", "a function: give it a form ('constant' for a number)")])
        if not function and "form" in table:
            raise FieldError([Problem("", "", "a form", "a number with value and unit")])
        entry = handler(table)
        if info.context is not None:
            info.context[self.path] = entry
        return entry

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = {"allOf": [handler(schema)], "description": f"{self.quantity.description} [{self.quantity.unit}]"}
        example = {"value": 1.0, "unit": self.quantity.unit, "status": "setting"}
        return described if self.quantity.arguments else {**described, "examples": [example]}


def forms_of(quantity: Quantity) -> dict[str, type[Correlation]]:
    """Return the functional forms that a quantity may have: those of its arguments, and a constant."""
    return {name: form for name, form in FORMS.items() if form.arguments in ((), quantity.arguments)}


def _form_schema(name: str, quantity: Quantity) -> JsonSchemaValue:
    """Return the JSON Schema of a function of one form: its coefficients with their units."""
    form = FORMS[name]
    known = {
        coefficient: {"allOf": [{"$ref": "#/$defs/Number"}], "description": f"[{unit}]"}
        for coefficient, unit in form.coefficient_units(quantity.unit).items()
    }
    needed = [coefficient for coefficient in known if coefficient not in form.optional]
    coefficients = {"type": "object", "properties": known, "required": needed, "additionalProperties": False}
    first = (form.__doc__ or "").partition("\n")[0]
    return {
        "properties": {"form": {"const": name, "description": first}, "coefficients": coefficients},
        "required": ["form", "coefficients"] if needed else ["form"],
    }


def quantities_in(kind: str) -> dict[str, Quantity]:
    """Return what a file of some kind may hold, by full path."""
    cell = kind_of_file(kind)
    known = quantities_of(kind) if cell is None else cell.quantities
    whole = cell is None or kind in WHOLE
    return {
        path: one
        for path, one in known.items()
        if (whole or path.startswith("cell.")) and path not in (VOLUME_TRANSFERENCE, VOLUME_FACTOR)
    }


def path_prefix(kind: str) -> str:
    """Return the first part of the paths of the entries of a kind of file; nothing where they are whole."""
    return "" if kind in WHOLE else "cell" if kind_of_file(kind) else kind


def file_schema(kind: str) -> type[Head]:
    """Return the schema of a kind of file; a context that is a dict is filled with the entries that are right."""
    return _file_schema(kind, tuple(MECHANISM_QUANTITIES))


@cache
def _file_schema(kind: str, _added: tuple[str, ...]) -> type[Head]:
    """Return the schema of a kind of file, made anew when a mechanism has added quantities."""
    made_of = MATERIALS_OF.get(kind, {})
    named: dict[str, Any] = {role: (Text, Field(description=described)) for role, described in made_of.items()}
    if kind in WRITTEN:  # whose entries have the same names
        named = {"materials": (pydantic.create_model("materials", __base__=Strict, **named), ...)}
        named |= {"name": (str, ...), "description": (str, ...)}  # of a cell made in Python
    if kind in SET_QUANTITIES:
        named = {**named, "sets": (Sets | None, Field(None, description="whole alternatives of the material"))}
    fields: dict[str, Any] = {"kind": (Literal[kind], ...), **named, **_entries(kind)}
    return pydantic.create_model(kind, __base__=Head, **fields)


def _entries(kind: str) -> dict[str, Any]:
    """Return the fields of a kind of file that hold entries, in tables by the parts of their paths."""
    tree: dict[str, Any] = {}
    for path, quantity in quantities_in(kind).items():
        *groups, name = path.split(".")
        table = tree
        for group in groups:
            table = table.setdefault(group, {})
        table[name] = quantity
    prefix = path_prefix(kind)
    return _fields(tree[prefix], f"{prefix}.") if prefix else _fields(tree, "")


def _fields(tree: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, node in tree.items():
        path = prefix + name
        table: Any
        if isinstance(node, Quantity):
            table = Annotated[Function if node.arguments else Number, _Entry(path, node)]
        else:
            inner = _fields(node, f"{path}.")
            if path in OF_METAL:
                inner["material"] = (Text | None, Field(None, description="metal whose properties it takes over"))
            table = pydantic.create_model(path, __base__=Strict, **inner)
        fields[name] = (table | None, None)
    return fields


def parameter_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of parameter file, or of "references": keys, units, forms, coefficients."""
    if kind == "references":
        return json_schema(References, kind)
    schema = json_schema(file_schema(kind), kind)
    known, parts = schema["properties"], schema["$defs"]
    for path, quantity in quantities_in(kind).items():
        if quantity.arguments:
            entry: dict[str, Any] = schema
            for name in path.removeprefix(f"{path_prefix(kind)}.").split("."):
                entry = parts[entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry
                entry = entry["properties"][name]
            entry["oneOf"] = [_form_schema(name, quantity) for name in forms_of(quantity)]
    entries = [name for name in known if name not in {*HEAD, *MATERIALS_OF.get(kind, {})}]
    parts |= {f"{name} of {kind}": known[name] for name in entries}
    known |= {name: {"$ref": f"#/$defs/{name} of {kind}"} for name in entries}  # once for file and variants
    parts["Variant"]["properties"] |= {name: known[name] for name in entries}
    parts["Variant"]["additionalProperties"] = False
    schema["properties"] = {"schema": {"const": SCHEMA, "description": "version of the format"}, **known}
    required = {
        path.removeprefix(f"{path_prefix(kind)}.").split(".")[0]
        for path, one in quantities_in(kind).items()
        if one.required
    }
    schema["required"] = ["schema", *schema["required"], *sorted(required.intersection(entries))]
    return schema
