"""What can be wrong, or only different, in a file: each mutation with what has to come of it.

A mutation changes the content of a shipped file at one place and says which of these is right: `REFUSED` (by name,
with the key), `SAME` (it loads as the original does) or `SOUND` (refused, or every function of the file stays
within the bounds of its quantity where it is valid). Chosen by a seed, so that the same files are tried every time.
"""

from __future__ import annotations

import copy
import math
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from toml_writing import toml_text

from cellmodel import resources
from cellmodel.correlations import FORMS
from cellmodel.parameters.kinds import KINDS
from cellmodel.parameters.schema import RANGE_UNITS
from cellmodel.quantities import QUANTITIES, Quantity

REFUSED, SAME, SOUND = "refused", "same", "sound"
FOLDERS = {
    "cells": "parameters",
    "electrolytes": "parameters",
    "electrodes": "parameters",
    "interfaces": "parameters",
    "metals": "parameters",
    "formats": "parameters",
    "vehicles": "parameters",
    "protocols": "experiments",
    "studies": "experiments",
    "studies/claims": "experiments",
}
REMOVED = object()
NAMELESS = ("integer of 5000 digits", "nested 2000 deep")  # they stop the reader before it knows a key
MISSING_SOURCE = ("measured", "fitted", "literature", "derived")


@dataclass(frozen=True)
class Mutated:
    """One file that was changed at one place.

    Attributes
    ----------
    folder, name : str
        Where the original stands.
    change : str
        What was done, for people.
    key : str
        What a refusal must name, beside the file.
    content : bytes
        Of the changed file.
    wanted : str
        `REFUSED`, `SAME` or `SOUND`.
    """

    folder: str
    name: str
    change: str
    key: str
    content: bytes
    wanted: str

    def __str__(self) -> str:
        return f"{self.folder}-{self.name}-{self.change}-{self.key}".replace("/", "-").replace(" ", "_")


def shipped(folder: str) -> dict[str, bytes]:
    """Return the content of the shipped files in one folder, by name."""
    return {name: path.read_bytes() for name, path in resources.files(FOLDERS[folder], folder).items()}


def selection(seed: int) -> list[Mutated]:
    """Return mutated files: every change once in each family of files, at a place that the seed chooses.

    Folder first, whatever the number of its files: one of a single file is not left out as the others grow.
    """
    draw = random.Random(seed)
    candidates: dict[tuple[str, str], dict[str, list[Callable[[], Mutated]]]] = {}
    for folder in FOLDERS:
        family = "protocols" if folder == "protocols" else "studies" if "studies" in folder else "parameters"
        for name, content in shipped(folder).items():
            for change, made in _mutations(folder, name, content):
                candidates.setdefault((family, change), {}).setdefault(folder, []).append(made)
    return [draw.choice(draw.choice([*candidates[group].values()]))() for group in sorted(candidates)]


def _mutations(folder: str, name: str, content: bytes) -> Iterator[tuple[str, Callable[[], Mutated]]]:
    """Return every change of a file, and what makes it."""
    for change, changed, wanted in _of_bytes(content):
        key = "zz_" if b"zz_" in changed and change not in NAMELESS else ""
        yield change, partial(Mutated, folder, name, change, key, changed, wanted)
    values = tomllib.loads(content.decode())
    changes = (
        _of_parameters if FOLDERS[folder] == "parameters" else _of_protocol if folder == "protocols" else _of_study
    )
    for change, place, value, wanted in changes(values):
        yield change, partial(_mutated, folder, name, change, values, place, value, wanted)
    for change, different in (("keys in reverse", dict(reversed(values.items()))), ("written anew", values)):
        yield change, partial(_mutated, folder, name, change, different, (), None, SAME)


def _mutated(
    folder: str, name: str, change: str, values: dict[str, Any], place: tuple[Any, ...], value: Any, wanted: str
) -> Mutated:
    """Return the file with another value at a place; a function as value is given what stands there."""
    root = {"file": copy.deepcopy(values)}
    table: Any = root
    for part in ("file", *place)[:-1]:
        table = table.setdefault(part, {}) if isinstance(table, dict) else table[part]
    key = ("file", *place)[-1]
    if callable(value):
        value = value(table[key])
    if value is REMOVED:
        del table[key]
    elif value is not None:
        table[key] = value
    if wanted == SOUND and "coefficients" in place:  # what is then wrong may be the function as a whole
        place = place[: place.index("coefficients")]
    return Mutated(folder, name, change, _named(place), toml_text(root["file"]).encode(), wanted)


def _named(place: tuple[Any, ...]) -> str:
    words = [part for part in place if isinstance(part, str) and part not in ("value", "unit", "coefficients")]
    return words[-1] if words else ""


# --- bytes ---------------------------------------------------------------------------------------------------------
def _of_bytes(content: bytes) -> list[tuple[str, bytes, str]]:
    quote = content.index(b'"', len(content) // 2)
    return [
        ("cut inside a text", content[: quote + 2].rstrip(b'"'), REFUSED),
        ("line twice", content.splitlines()[_first_key(content)] + b"\n" + content, REFUSED),
        ("latin-1", content + "# 80 \xb0C\n".encode("latin-1"), REFUSED),
        ("UTF-16", content.decode().encode("utf-16"), REFUSED),
        ("NUL", content.replace(b"=", b"\0=", 1), REFUSED),
        ("nested 2000 deep", content + b"\nzz_deep = " + b"[" * 2000 + b"]" * 2000, REFUSED),
        ("nested 100 deep", content + b"\nzz_deep = " + b"[" * 100 + b"]" * 100, REFUSED),
        ("integer of 5000 digits", b"zz_long = " + b"9" * 5000 + b"\n" + content, REFUSED),
        ("key of 100 kB", b"z" * 100_000 + b" = 1\n" + content, REFUSED),
        ("unknown text of 100 kB", b'zz_long = "' + b"z" * 100_000 + b'"\n' + content, REFUSED),
        ("invisible key", 'zz_long = 1\n"zz\u202e\u200b" = 1\n'.encode() + content, REFUSED),
        ("empty", b"", REFUSED),
        ("only a comment", b"# nothing\n", REFUSED),
        ("only text", b"cell li_peo_lfp at 80 degC\n", REFUSED),
        ("unknown key", b"zz_colour = 1\n" + content, REFUSED),
        ("comment", b"# a comment\n" + content + "\n# \N{GREEK SMALL LETTER MU}m\n".encode(), SAME),
        ("CRLF", content.replace(b"\n", b"\r\n"), SAME),
    ]


def _first_key(content: bytes) -> int:
    return next(number for number, line in enumerate(content.splitlines()) if b"=" in line and line[:1] != b"#")


# --- parameter files -----------------------------------------------------------------------------------------------
Change = tuple[str, tuple[Any, ...], Any, str]


def _of_parameters(values: dict[str, Any]) -> Iterator[Change]:
    yield from _of_head(values)
    kind = values["kind"]
    whole = kind == "full_cell"  # it holds its materials itself: the paths are whole
    known = KINDS[kind].quantities if whole else QUANTITIES
    defaults = {"status", "source"} & values.keys()
    for path, table in _entries({key: part for key, part in values.items() if isinstance(part, dict)}):
        words = path[2:] if path[0] == "variants" else path
        quantity = known.get(".".join(words if whole else (kind, *words)))
        if quantity is None:
            continue
        if path[0] != "variants":
            yield "entry renamed", path[:-1], lambda found, key=path[-1]: _renamed(found, key, key + "_of_it"), REFUSED
            if quantity.required:
                yield "entry removed", path, REMOVED, REFUSED
        yield "entry is a number", path, 3.0, REFUSED
        yield "entry is a text", path, "3 um", REFUSED
        yield "entry has an unknown key", (*path, "colour"), "red", REFUSED
        if "form" in table:
            yield from _of_function(path, table, quantity)
        else:
            yield from _of_number(path, table, quantity, has_default=bool(defaults))


def _entries(tables: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for key, table in tables.items():
        if not isinstance(table, dict):
            continue
        if "form" in table or isinstance(table.get("value"), float | int):
            yield (*path, key), table
        else:
            yield from _entries(table, (*path, key))


def _renamed(table: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if key == old else key: value for key, value in table.items()}


def _of_head(values: dict[str, Any]) -> Iterator[Change]:
    for key, wrong in {
        "schema": [2, 1.0, True, "1", REMOVED],
        "kind": ["cel", 3, REMOVED, ["cell"]],
        "name": [3, "", REMOVED, ["a"]],
        "description": [3.5, "   ", REMOVED],
        "electrolyte": ["peo_litfs", 3, "", ["peo_litfsi"], "peo_litfsi:edmann", "lfp"],
        "electrode": ["lfp_", REMOVED],
        "interface": ["lithium", True],
        "variants": [3, ["a"]],
        "status": ["guessed", 3],
        "source": ["Nobody1900", ""],
    }.items():
        if key in values:
            for value in wrong:
                yield f"{key} {'removed' if value is REMOVED else f'is {value!r}'}", (key,), value, REFUSED
    for part, table in values.items():
        if isinstance(table, dict) and "material" in table:
            for wrong in ("lithum", 3, "", "peo_litfsi"):
                yield f"material is {wrong!r}", (part, "material"), wrong, REFUSED
    yield "unknown table", ("paint",), {"value": 1.0, "unit": "m", "status": "setting"}, REFUSED


WRONG_VALUES = {
    "text": lambda found: str(found),
    "true": lambda _: True,
    "list": lambda found: [found],
    "table": lambda found: {"value": found},
    "nan": lambda _: math.nan,
    "inf": lambda _: math.inf,
    "removed": lambda _: REMOVED,
}
WRONG_UNITS: dict[str, Any] = {
    "of another dimension": "cd",
    "unknown": "blorbs",
    "blank": " ",
    "a number": 3,
    "removed": REMOVED,
    "of 32 kB": "m" + ".m" * 16000,
    "with an exponent of 9 digits": "m999999999",
}
WRONG_UNCERTAINTIES: dict[str, Any] = {
    "negative": -0.1,
    "true": True,
    "text": "0.1",
    "nan": math.nan,
    "of 1e300": 1e300,
    "without its numbers": {"distribution": "uniform"},
    "of a factor below 1": {"distribution": "lognormal", "factor": 0.5},
    "of a factor of 1e300": {"distribution": "lognormal", "factor": 1e300},
    "of an unknown name": {"distribution": "gaussian", "standard_deviation": 0.1},
    "of low above high": {"distribution": "uniform", "low": 2.0, "high": 1.0},
    "of a true factor": {"distribution": "lognormal", "factor": True},
}


def _of_any_number(path: tuple[str, ...], table: dict[str, Any]) -> Iterator[Change]:
    for name, wrong in WRONG_VALUES.items():
        yield f"value {name}", (*path, "value"), wrong, REFUSED
    for name, unit in WRONG_UNITS.items():
        yield f"unit {name}", (*path, "unit"), unit, REFUSED
    for name, stated in WRONG_UNCERTAINTIES.items():
        yield f"uncertainty {name}", (*path, "uncertainty"), stated, REFUSED
    yield "status unknown", (*path, "status"), "guessed", REFUSED
    yield "source unknown", (*path, "source"), "Nobody1900", REFUSED
    yield "source is a list", (*path, "source"), ["Doyle1993"], REFUSED
    yield "note is a number", (*path, "note"), 3, REFUSED
    if "note" in table:
        yield "another note", (*path, "note"), "Another word.", SAME
    equal = {"um": ("mm", 1e-3), "degC": ("K", None), "g.cm-3": ("kg.m-3", 1e3), "kJ.mol-1": ("J.mol-1", 1e3)}
    if table["unit"] in equal and "uncertainty" not in table:
        unit, factor = equal[table["unit"]]
        value = table["value"] + 273.15 if factor is None else table["value"] * factor
        yield "equal unit", path, {**table, "value": value, "unit": unit}, SAME


def _of_number(
    path: tuple[str, ...], table: dict[str, Any], quantity: Quantity, *, has_default: bool
) -> Iterator[Change]:
    yield from _of_any_number(path, table)
    low, high = quantity.bounds
    yield "value misspelt", path, lambda found: _renamed(found, "value", "valeu"), REFUSED
    plain = table["unit"] not in ("degC",)
    if plain and low >= 0.0 and table["value"] > 0.0:
        yield "value negative", (*path, "value"), lambda found: -found, REFUSED
    if plain and low > 0.0:
        yield "value zero", (*path, "value"), 0.0, REFUSED
    if high < 1e100:
        yield "value 1e300", (*path, "value"), 1e300, REFUSED
    if high <= 1.0 and table["unit"] == "1":
        stated = {"distribution": "uniform", "low": 60.0, "high": 90.0}
        yield "uncertainty outside the bounds", (*path, "uncertainty"), stated, REFUSED
    if has_default:
        return  # what is left out is that of the file
    yield "status removed", (*path, "status"), REMOVED, REFUSED
    if table["status"] in MISSING_SOURCE:
        yield "source removed", (*path, "source"), REMOVED, REFUSED


def _of_function(path: tuple[str, ...], table: dict[str, Any], quantity: Quantity) -> Iterator[Change]:
    yield "form unknown", (*path, "form"), "magic", REFUSED
    yield "form is a number", (*path, "form"), 3, REFUSED
    for name, limits in table.get("valid", {}).items():
        place = (*path, "valid", name)
        low, high = limits["low"], limits["high"]
        if low < high:
            yield "range in reverse", place, {**limits, "low": high, "high": low}, REFUSED
        yield "range of zero", place, {"low": 0.0, "high": 0.0, "unit": RANGE_UNITS[name]}, REFUSED
        yield "range without an end", (*place, "high"), REMOVED, REFUSED
        yield "range of three", place, {**limits, "middle": 1.0}, REFUSED
        yield "range of text", place, {**limits, "low": str(low)}, REFUSED
        yield "range of true", place, {**limits, "high": True}, REFUSED
        yield "range below zero", place, {**limits, "low": -high - 300.0}, REFUSED
        yield "range in a wrong unit", (*place, "unit"), "V", REFUSED
        if limits["unit"] == "degC":
            in_kelvin = {"low": low + 273.15, "high": high + 273.15, "unit": "K"}
            yield "range in an equal unit", place, in_kelvin, SAME
        if name in ("temperature", "concentration") and name in FORMS[table["form"]].arguments:
            yield "range removed", place, REMOVED, REFUSED
    if "valid" in table:
        yield "range of another name", (*path, "valid", "colour"), {"low": 0.0, "high": 1.0, "unit": "1"}, REFUSED
    yield "coefficient too many", (*path, "coefficients", "colour"), {"value": 1.0, "unit": "1"}, REFUSED
    for name, coefficient in table.get("coefficients", {}).items():
        place = (*path, "coefficients", name)
        yield from _of_any_number(place, coefficient)
        if name not in FORMS[table["form"]].optional:
            yield "coefficient removed", place, REMOVED, REFUSED
        yield "coefficient negated", (*place, "value"), lambda found: -found, SOUND
        yield "coefficient 1e300", (*place, "value"), 1e300, SOUND
        yield "coefficient zero", (*place, "value"), 0.0, SOUND
        yield "coefficient a thousand times", (*place, "value"), lambda found: 1000.0 * found, SOUND
        if name.endswith("temperature") and coefficient["unit"] == "degC":
            yield "temperature of 30,000 K", place, {**coefficient, "value": 30_000.0, "unit": "K"}, REFUSED
            yield "temperature of 1e300 K", place, {**coefficient, "value": 1e300, "unit": "K"}, REFUSED


# --- protocols -----------------------------------------------------------------------------------------------------
WRONG_CURRENTS = (0.1, True, "", "-C/10", "0 A", "C/0", "10 kg", "nan A", "1e999 A", ["C/10"], "C/10 h", "1e-300 C")
WRONG_TIMES = ("0 s", "-1 h", "30 m", "nan s", True, "", ["1 h"], {"h": 1}, "1e999 s")
WRONG_STRINGS = (
    "Rest for 0 seconds",
    "Rest for -1 hours",
    "Rest for nan hours",
    "Discharge at C/10 until 0 A",
    "Discharge at 0 A for 1 hour",
    "Discharge at C/0 until 2.6 V",
    "Hold at -1 V for 1 hour",
    "Do the work",
    "",
)
WRONG_STATES = (
    {"state_of_charge": -1.0},
    {"state_of_charge": 1000.0},
    {"stoichiometry": 1.5},
    {"state_of_charge": True},
    {"state_of_charge": math.nan},
    {"voltage": "3 A"},
    {"voltage": -3.0},
    {"voltage": "1e6 V"},
    {},
    {"state_of_charge": 1.0, "voltage": "3.4 V"},
    {"charge": 1.0},
    3.0,
)


def _of_protocol(values: dict[str, Any]) -> Iterator[Change]:
    for wrong in WRONG_STATES:
        yield f"initial is {wrong!r}", ("initial",), wrong, REFUSED
    for wrong in (0, -1, True, 1.5, "3", math.nan, 10**18):
        yield f"cycles is {wrong!r}", ("cycles",), wrong, REFUSED
    for wrong in (1, 0, -5, True, 1.5, 10**18):
        yield f"samples is {wrong!r}", ("samples",), wrong, REFUSED
    yield "complete_at unknown", ("complete_at",), "middle cut-off", REFUSED
    yield "complete_at a number", ("complete_at",), 2.6, REFUSED
    yield "description a number", ("description",), 3, REFUSED
    yield "description removed", ("description",), REMOVED, REFUSED
    yield "no step", ("step",), [], REFUSED
    yield "step is a text", ("step",), "rest", REFUSED
    yield "both kinds of steps", ("steps",), ["Rest for 1 hour"], REFUSED
    for wrong in WRONG_STRINGS:
        yield f"string {wrong!r}", ("step",), [*values["step"], wrong], REFUSED
    for number, step in enumerate(values["step"]):
        yield "step with an unknown key", ("step", number, "colour"), "red", REFUSED
        yield "step with two verbs", ("step", number, "hold"), "3 V", REFUSED if "hold" not in step else SOUND
        for wrong in (True, "5000 K", "-300 degC", "20 m", "nan K", ""):
            yield f"step temperature is {wrong!r}", ("step", number, "temperature"), wrong, REFUSED
        for verb in ("discharge", "charge"):
            if verb in step:
                for wrong in WRONG_CURRENTS:
                    yield f"current is {wrong!r}", ("step", number, verb), wrong, REFUSED
                for wrong in ("2.6 A.h", "lowr cut-off", "", "-2.6 V", "0 V", True, "nan V", 2.6, ["lower cut-off", 3]):
                    yield f"until is {wrong!r}", ("step", number, "until"), wrong, REFUSED
                yield "other cut-off", ("step", number, "until"), _other(verb), REFUSED
                yield "no end", ("step", number), {verb: step[verb]}, REFUSED
        for verb in ("rest", "duration"):
            if verb in step:
                for wrong in WRONG_TIMES:
                    yield f"time is {wrong!r}", ("step", number, verb), wrong, REFUSED
        if "rest" in step:
            yield "equal time", ("step", number, "rest"), {"30 min": "1800 s", "2 h": "120 min"}[step["rest"]], SAME


def _other(verb: str) -> str:
    return "upper cut-off" if verb == "discharge" else "lower cut-off"


# --- studies and claims --------------------------------------------------------------------------------------------
WRONG_RATES = ("", "   ", True, 0, -1.0, math.nan, math.inf, 1e300, 1e-300, "C/0", "C/10 h", {"C": 1}, "fast", [0.1])
WRONG_KELVIN = ("20 m", True, "", math.nan, "5000 K", "-300 degC", "hot", ["60 degC"])
WRONG_AT_TOP: dict[str, tuple[Any, ...]] = {
    "protocol": ("dischrge", 3, "", REMOVED, ["discharge"], "nowhere.toml"),
    "mesh": ("coarse", 3, "", ["fast"]),
    "model": ("P2D", 3),
    "solver": ("newton", True),
    "profiles": ("no", 1),
    "extrapolate": ("false", 0),
    "compiled": ("no", [True]),
    "mechanisms": ({"foil": False}, "foil", ["foyle"], [3], True),
    "time_limit": ("0 s", "-1 s", "60 m", True, math.nan, "inf s", ""),
    "temperature": WRONG_KELVIN,
    "current_density": ("1 kg", True, "", math.nan, 0.0),
    "description": (3, REMOVED),
    "grid": ({}, 3, {"colour": [1, 2]}, {"temperature": []}, {"c_rate": 0.1}, {"cell.temperature": ["60 degC"]}),
    "set": (3, {"cell.separator.thicknes": "20 um"}, ["cell.area"]),
}
WRONG_SETTINGS = {
    "cell.separator.thickness": ("30", "", True, math.nan, "30 kg", "-1 um", "1 km", ["30 um"], {"um": 30}),
    "cell.positive_electrode.areal_capacity": ("-1 mA.h.cm-2", "1e6 mA.h.cm-2", "0 mA.h.cm-2", True, "", "1 V"),
}
WRONG_IN_CLAIM: dict[str, tuple[Any, ...]] = {
    "text": ("", 3, REMOVED, "   "),
    "sentence": ("", True, REMOVED),
    "status": ("measured", "sure", REMOVED),
    "sources": (["Nobody1900"], "Doyle1993", [3]),
    "assumptions": ([3], "nothing decomposes", [""]),
    "note": (3,),
    "quantity": ("happiness", 3, REMOVED),
    "colour": ("red",),
}
WRONG_IN_TEST: dict[str, tuple[Any, ...]] = {
    "threshold": ("3 kg", REMOVED, True, math.nan, "", [0.8]),
    "c_rate": (*WRONG_RATES, REMOVED),
    "temperature": (*WRONG_KELVIN,),
    "level": ("pack", 3),
    "format": ("pouchh", 3, ["pouch"]),
    "draws": (7, 0, -8, True, 52.0, "52", REMOVED),
    "draws_elsewhere": (9, True),
    "seed": (-1, True, 1.5, "five"),
}


def _of_study(values: dict[str, Any]) -> Iterator[Change]:
    if "claim" in values:
        yield from _of_claim(values)
        if "protocol" not in values:
            return
    for key, wrongs in WRONG_AT_TOP.items():
        for wrong in wrongs:
            if wrong is REMOVED and key not in values:
                continue
            yield f"{key} {'removed' if wrong is REMOVED else f'is {wrong!r}'}", (key,), wrong, REFUSED
    settings = values.get("set", {})
    for path, texts in WRONG_SETTINGS.items():
        for text in texts:
            yield f"set {path} {text!r}", ("set",), {**settings, path: text}, REFUSED
    yield from _of_cells(values)
    for key, entries in values.get("grid", {}).items():
        yield "axis value twice", ("grid", key), [*entries, entries[0]], REFUSED
        yield "axis is a number", ("grid", key), 3, REFUSED
        yield "axis value true", ("grid", key), [*entries, True], REFUSED
        yield "axis value blank", ("grid", key), [*entries, ""], REFUSED
        yield "axis value of a unit unknown", ("grid", key), [*entries, "3 blorbs"], REFUSED
    if "c_rate" in values.get("grid", {}):
        rates = values["grid"]["c_rate"]
        for wrong in WRONG_RATES:
            yield f"rate is {wrong!r}", ("grid", "c_rate"), [*rates, wrong], REFUSED
        if "C/10" in rates:
            yield "equal rate", ("grid", "c_rate"), [0.1 if rate == "C/10" else rate for rate in rates], SAME
    if "temperature" in values.get("grid", {}):
        place = ("set",)
        yield "temperature set and swept", place, {**settings, "cell.temperature": "50 degC"}, REFUSED
    if not any("thickness" in key for key in values.get("grid", {})) and not settings:
        twice = {"cell.positive_electrode.thickness": "50 um", "cell.positive_electrode.areal_capacity": "1 mA.h.cm-2"}
        yield "capacity and thickness set", ("set",), twice, REFUSED
    if "sample" in values:
        yield from _of_sample(values["sample"])


def _of_cells(values: dict[str, Any]) -> Iterator[Change]:
    if "cells" in values:
        for wrong in ([], "li_peo_lfp", [3], ["li_peo_lf"], [True], [""], {}, [*values["cells"], values["cells"][0]]):
            yield f"cells is {wrong!r}"[:60], ("cells",), wrong, REFUSED
        yield "cells and cases", ("case",), [{"label": "a", "cell": "li_peo_lfp"}], REFUSED
    for number in range(len(values.get("case", []))):
        for key, wrong in (
            ("cell", "li_peo_lf"),
            ("cell", 3),
            ("label", 3),
            ("electrolyte", "peo_litfs"),
            ("electrolyte", True),
            ("temperature", "20 m"),
            ("c_rate", ""),
            ("colour", "red"),
            ("set", {"cell.area": True}),
        ):
            yield f"case {key} is {wrong!r}", ("case", number, key), wrong, REFUSED


def _of_sample(sample: dict[str, Any]) -> Iterator[Change]:
    for wrong in (0, -4, True, 1.5, "many"):
        yield f"size is {wrong!r}", ("sample", "size"), wrong, REFUSED
    for wrong in (-1, True, 1.5, "five"):
        yield f"seed is {wrong!r}", ("sample", "seed"), wrong, REFUSED
    yield "sample with an unknown key", ("sample", "colour"), "red", REFUSED
    yield "sample of an unknown number", ("sample", "of"), ["cell.colour"], REFUSED
    yield "sample by an unknown method", ("sample", "method"), "guess", REFUSED
    for path, wrong in (
        ("cell.colour", {"distribution": "uniform", "minimum": "1 um", "maximum": "2 um"}),
        ("cell.separator.thickness", {"distribution": "uniform", "minimum": "20 um", "maximum": "10 um"}),
        ("cell.separator.thickness", {"distribution": "uniform", "minimum": "20", "maximum": "30"}),
        ("cell.separator.thickness", {"distribution": "gaussian"}),
        ("cell.separator.thickness", True),
    ):
        yield f"distribution {wrong!r}"[:50], ("distributions",), {path: wrong}, REFUSED


def _of_claim(values: dict[str, Any]) -> Iterator[Change]:
    wrongs = WRONG_IN_CLAIM if "protocol" not in values else {**WRONG_IN_CLAIM, **WRONG_IN_TEST}
    for key, found in wrongs.items():
        for wrong in found:
            if wrong is not REMOVED or key in values["claim"]:
                done = "removed" if wrong is REMOVED else f"is {wrong!r}"
                yield f"claim {key} {done}", ("claim", key), wrong, REFUSED
    if "design" in values["claim"]:
        yield "objective unknown", ("claim", "design", "objective"), "beauty", REFUSED
        bounds = {"cell.separator.thickness": ["40 um", "10 um"]}
        yield "bounds in reverse", ("claim", "design", "bounds"), bounds, REFUSED
    if "vehicle" in values["claim"]:
        yield "vehicle unknown", ("claim", "vehicle"), "electric_ca", REFUSED
    if "liquid" in values["claim"]:
        yield "liquid unknown", ("claim", "liquid"), "graphite_lf", REFUSED
