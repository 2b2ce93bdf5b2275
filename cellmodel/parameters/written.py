"""A cell as text with everything known of it, and back: what results carry, and what can be run again as it stands.

The numbers are in SI, with source, place, status and distribution; the functions are forms with the ranges in which
they hold. Read back, all of it is checked as the files of the library are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cellmodel.correlations import FORMS
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.liquid_quantities import LIQUID_QUANTITIES
from cellmodel.parameters.bounds import RANGES
from cellmodel.parameters.composing import checked_cell
from cellmodel.parameters.distributions import uncertainty_problem
from cellmodel.parameters.records import FunctionRecord, Record, out_of_bounds
from cellmodel.parameters.schema import WrittenFunction, WrittenNumber
from cellmodel.quantities import QUANTITIES, Quantity
from cellmodel.schemas import validate
from cellmodel.toml_files import TomlFile, tables

if TYPE_CHECKING:
    from cellmodel.parameters.parameter_set import ParameterSet

WRITTEN, WRITTEN_LIQUID = "resolved_cell", "resolved_liquid_cell"
"""Kinds of the files."""
_HEAD = ("schema", "kind", "cell", "description")
_ROLES = {WRITTEN: ("electrolyte", "electrode", "interface"), WRITTEN_LIQUID: ("parameter_set",)}
_SCHEMA = 1


def cell_toml(parameters: ParameterSet) -> str:
    """Return a cell as TOML text that `load_cell` reads back as the same cell.

    Parameters
    ----------
    parameters : ParameterSet
        A polymer or a liquid cell.

    Returns
    -------
    str
        Head, [values] and [functions].
    """
    kind = WRITTEN_LIQUID if "parameter_set" in parameters.materials else WRITTEN
    head = {"schema": _SCHEMA, "kind": kind, "cell": parameters.name, **parameters.materials}
    lines = [f"{key} = {_text(value)}" for key, value in (head | {"description": parameters.description}).items()]
    lines.append("[values]")
    lines += [_number_line(record, repr(record.value)) for _, record in sorted(parameters.entries.items())]
    lines.append("[functions]")
    for path, function in sorted(parameters.functions.items()):
        facts = {"form": _name_of(function), "valid": function.valid, "note": function.note}
        lines.append(f'"{path}" = {_table({key: value for key, value in facts.items() if value})}')
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=4096)  # the runs of a loop differ in few numbers
def _number_line(record: Record, value: str) -> str:
    """Return one number; `value` tells 0.0 and -0.0 apart, which are equal."""
    facts = {key: fact for key, fact in vars(record).items() if key not in ("path", "value") and fact not in ("", ())}
    return f'"{record.path}" = {{ value = {value}, {_table(facts)[2:]}'


def _name_of(function: FunctionRecord) -> str:
    return next(name for name, form in FORMS.items() if form is function.form)


def _table(facts: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{key} = {_text(value)}" for key, value in facts.items()) + " }"


def _text(value: Any) -> str:
    """Return a value as TOML; JSON's strings are TOML's but for one control character."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return _table(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return repr(float(value)) if not isinstance(value, int) else str(value)


@lru_cache(maxsize=32)
def written_cell(file: TomlFile) -> ParameterSet:
    """Return the cell in a file that `cell_toml` wrote, one object for each content.

    Parameters
    ----------
    file : TomlFile
        Whose kind is `WRITTEN` or `WRITTEN_LIQUID`.

    Returns
    -------
    ParameterSet
        Or a LiquidCell, as it was written.

    Raises
    ------
    ParameterError
        Every problem of the file.
    """
    content = tables(file)
    kind = content["kind"]
    known = QUANTITIES if kind == WRITTEN else LIQUID_QUANTITIES
    problems: list[Problem] = []
    if type(content.get("schema")) is not int or content["schema"] != _SCHEMA:
        problems.append(Problem(file.name, "schema", found_text(content.get("schema")), f"the whole number {_SCHEMA}"))
    texts = (*_HEAD[2:], *_ROLES[kind])
    for key in texts:
        if not isinstance(content.get(key), str) or not content[key].strip():
            problems.append(Problem(file.name, key, found_text(content.get(key)), "a text"))
    expected = {*_HEAD, *_ROLES[kind], "values", "functions"}
    for key in content.keys() - expected:
        problems.append(Problem(file.name, key, "a key that is not known here", choices(key, expected)))
    functions = _functions(file.name, _tables_of(file.name, content, "functions", problems), known, problems)
    units = {path: quantity.unit for path, quantity in known.items() if not quantity.arguments}
    units |= {
        f"{path}.{name}": unit
        for path, function in functions.items()
        for name, unit in function.form.coefficient_units(known[path].unit).items()
    }
    entries = _records(file.name, _tables_of(file.name, content, "values", problems), units, problems)
    for path, quantity in known.items():
        needed = quantity.required or kind == WRITTEN_LIQUID
        if needed and path not in entries and path not in functions and _belongs(path, kind):
            problems.append(Problem(file.name, path, "nothing", f"{quantity.description} [{quantity.unit}]"))
    for path in sorted({one for function in functions.values() for one in function.coefficients.values()}):
        if path not in entries:
            problems.append(Problem(file.name, f"values.{path}", "nothing", "every coefficient of the form"))
    if problems:
        raise ParameterError(problems)
    materials = {role: content[role] for role in _ROLES[kind]}
    return checked_cell(content["cell"], content["description"], materials, entries, functions)


def _belongs(path: str, kind: str) -> bool:
    return kind == WRITTEN_LIQUID or path.partition(".")[0] in ("cell", *_ROLES[WRITTEN])


def _tables_of(file: str, content: Mapping[str, Any], key: str, problems: list[Problem]) -> dict[str, Any]:
    found = content.get(key)
    if isinstance(found, dict):
        return found
    problems.append(Problem(file, key, found_text(found), "a table by path"))
    return {}


def _functions(
    file: str, given: Mapping[str, Any], known: Mapping[str, Quantity], problems: list[Problem]
) -> dict[str, FunctionRecord]:
    """Return the functions of a file; what is wrong in them is added to the problems."""
    found = {}
    possible = [path for path, quantity in known.items() if quantity.arguments]
    for path, table in given.items():
        key = f"functions.{path}"
        entry = validate(WrittenFunction, table, file, key, problems)
        if entry is None:
            continue
        form = FORMS.get(entry.form)
        if path not in possible:
            problems.append(Problem(file, key, "a name that is not known here", choices(path, possible)))
        elif form is None:
            problems.append(Problem(file, f"{key}.form", found_text(entry.form), choices(entry.form, FORMS)))
        else:
            for name, (low, high) in entry.valid.items():
                least, most = RANGES.get(name, (1.0, 0.0))
                if not least <= low <= high <= most:
                    wanted = f"temperature, concentration or stoichiometry within {RANGES}"
                    problems.append(Problem(file, f"{key}.valid.{name}", f"[{low:g}, {high:g}]", wanted))
            coefficients = {name: f"{path}.{name}" for name in form.units}
            found[path] = FunctionRecord(path, form, coefficients, dict(entry.valid), entry.note)
    return found


def _records(
    file: str, given: Mapping[str, Any], units: Mapping[str, str], problems: list[Problem]
) -> dict[str, Record]:
    """Return the numbers of a file; what is wrong in them is added to the problems."""
    found = {}
    for path, table in given.items():
        key = f"values.{path}"
        entry = validate(WrittenNumber, table, file, key, problems)
        if entry is None:
            continue
        if path not in units:
            problems.append(Problem(file, key, "a name that is not known here", choices(path, units)))
            continue
        record = Record(path, **{**vars(entry), "value": float(entry.value)})
        if record.unit != units[path]:
            problems.append(Problem(file, f"{key}.unit", found_text(record.unit), units[path]))
            continue
        wrong = out_of_bounds(file, record, record.value)
        uncertain = "" if wrong else uncertainty_problem(record)
        problems += [wrong] if wrong else []
        problems += [Problem(file, f"{key}.spread", uncertain, "a distribution within the bounds")] if uncertain else []
        found[path] = record
    return found
