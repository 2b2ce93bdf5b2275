"""A cell as text with everything known of it, and back: what results carry, and what can be run again as it stands.

All numbers stand in [values] by their paths, in SI; the text needs no other file, not even the bibliography.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import tomli_w

from cellmodel.correlations import FORMS
from cellmodel.errors import ParameterError, choices, found_text
from cellmodel.parameters.conversion import CellContents, FileContents
from cellmodel.parameters.files import add_entries, check_version
from cellmodel.parameters.kinds import DEFAULT_KIND, kind_of_file
from cellmodel.parameters.kinds import KINDS as CELL_KINDS
from cellmodel.parameters.records import Record
from cellmodel.parameters.schema import MATERIALS_OF, RANGE_UNITS, SCHEMA, WRITTEN
from cellmodel.parameters.transference_frame import DERIVED
from cellmodel.toml_files import TomlFile, tables

if TYPE_CHECKING:
    from cellmodel.parameters.parameter_set import ParameterSet

_FORM_NAMES = {form: name for name, form in FORMS.items()}
_SPREADS = {"normal": ("standard_deviation",), "lognormal": ("factor",), "uniform": ("low", "high")}


def cell_toml(parameters: ParameterSet) -> str:
    """Return a cell as TOML text that `load_cell` reads back as the same cell: head, [values] and [functions]."""
    kind = WRITTEN[list(CELL_KINDS).index(parameters.kind.name)]
    head = {"schema": SCHEMA, "kind": kind, "name": parameters.name, "description": parameters.description}
    blocks = [tomli_w.dumps({**head, **parameters.materials})]
    stated = [record for _, record in sorted(parameters.entries.items()) if record.path not in parameters.kind.derived]
    blocks += [_number_text(record, repr(record.value)) for record in stated]
    for path, function in sorted(parameters.functions.items()):
        if path not in DERIVED:
            form, ranges = _FORM_NAMES[function.form], tuple(function.valid.items())
            blocks.append(_function_text(path, form, function.note, function.frame, ranges))
    return "\n".join(blocks)


@lru_cache(maxsize=4096)  # the runs of a loop differ in few numbers
def _number_text(record: Record, value: str) -> str:  # noqa: ARG001 (tells 0.0 and -0.0 apart, which are equal)
    """Return the table of one number."""
    known = {key: fact for key, fact in vars(record).items() if key not in ("path", "distribution", "spread")}
    facts: dict[str, Any] = {key: fact for key, fact in known.items() if fact != ""}
    if record.distribution:
        spread = zip(_SPREADS[record.distribution], record.spread, strict=True)
        facts["uncertainty"] = {"distribution": record.distribution, **dict(spread)}
    return tomli_w.dumps({"values": {record.path: facts}})


@lru_cache(maxsize=512)
def _function_text(
    path: str, form: str, note: str, frame: str, ranges: tuple[tuple[str, tuple[float, float]], ...]
) -> str:
    """Return the table of one function; its coefficients are values."""
    valid = {name: {"low": low, "high": high, "unit": RANGE_UNITS[name]} for name, (low, high) in ranges}
    facts = {"form": form, "note": note, "frame": frame, "valid": valid}
    return tomli_w.dumps({"functions": {path: {key: fact for key, fact in facts.items() if fact}}})


@lru_cache(maxsize=32)
def written_contents(file: TomlFile) -> CellContents:
    """Return what a file that `cell_toml` wrote says, one object for each content, or raise with every problem."""
    content = dict(tables(file))
    kind = content["kind"]
    contents = FileContents(file.name, {})
    check_version(contents, content)
    known = ("kind", "name", "description", *MATERIALS_OF[kind], "values", "functions")
    for key in content.keys() - set(known):
        contents.tell(key, "an unknown key", choices(key, known))
    for key in ("values", "functions"):
        if not isinstance(content.get(key), dict):
            contents.tell(key, found_text(content.get(key)), "a table by path")
            content[key] = {}
    head: dict[str, Any] = {key: content[key] for key in ("kind", "name", "description") if key in content}
    materials = {role: content[role] for role in MATERIALS_OF[kind] if role in content}
    entries = _nested(content["values"], content["functions"])
    add_entries(contents, kind, {**head, "materials": materials, **entries})
    if contents.problems:
        raise ParameterError(contents.problems)
    found = contents.name, contents.description, contents.named, contents.records, contents.functions
    return CellContents(*found, kind_of_file(kind) or CELL_KINDS[DEFAULT_KIND], {})


def _nested(values: Mapping[str, Any], functions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries as a parameter file with full paths has them: coefficients inside their functions."""
    nested: dict[str, Any] = {}
    for path, table in functions.items():
        _place(nested, path, dict(table) if isinstance(table, dict) else table)
    for path, table in values.items():
        function, _, name = path.rpartition(".")
        _place(nested, f"{function}.coefficients.{name}" if function in functions else path, table)
    return nested


def _place(nested: dict[str, Any], path: str, table: Any) -> None:
    *groups, name = path.split(".")
    for group in groups:
        nested = nested.setdefault(group, {})
        if not isinstance(nested, dict):
            return  # told as no table
    nested[name] = table
