"""Hundreds of files with something wrong in them: refused by name, or right; never a traceback, a hang, a silent wrong.

What is wanted of each is stated where it is made, in `mutations`. A refusal must name the file and the key within the
limits of a message; what loads must be what the original is, or keep every function within its bounds.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from mutations import FOLDERS, REFUSED, SAME, Mutated, selection, shipped
from time_limits import no_hang
from toml_writing import toml_text
from typer.testing import CliRunner

from cellmodel import inputs, resources
from cellmodel.assessment.claims.definition import ComputedClaim, load_claim
from cellmodel.cli import app
from cellmodel.errors import MOST_CHARACTERS, MOST_LINES, CellModelError
from cellmodel.parameters import load_cell, load_format, load_vehicle
from cellmodel.parameters.files import read_parameters
from cellmodel.parameters.records import build_correlations
from cellmodel.protocols import load_protocol
from cellmodel.protocols.loading import parse_protocol
from cellmodel.quantities import QUANTITIES
from cellmodel.study import load_study, parse_study
from cellmodel.toml_files import open_toml, parse_toml

MUTATED = selection(20261128)


def test_that_the_files_are_many_and_of_every_kind() -> None:
    assert len(MUTATED) >= 200
    assert {mutated.folder for mutated in MUTATED} == set(FOLDERS)
    assert sum(mutated.wanted == SAME for mutated in MUTATED) >= 10


@pytest.mark.parametrize("folder", FOLDERS)
def test_that_the_originals_are_sound(folder: str, tmp_path: Path) -> None:
    """Without this, refusing everything would pass. Written anew, too: what the mutations start from is no fault."""
    for name, content in shipped(folder).items():
        for text in (content, toml_text(tomllib.loads(content.decode())).encode()):
            file = tmp_path / str(len(text)) / folder / f"{name}.toml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
            found = CliRunner().invoke(app, ["check", str(file)])
            assert found.exit_code == 0, found.output


@pytest.mark.parametrize("mutated", MUTATED, ids=str)
def test_a_changed_file_is_refused_by_name_or_right(mutated: Mutated, tmp_path: Path) -> None:
    file = tmp_path / mutated.folder / f"{mutated.name}.toml"
    file.parent.mkdir(parents=True)
    file.write_bytes(mutated.content)
    with no_hang():
        found = CliRunner().invoke(app, ["check", str(file)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code in (0, 1), found.output
    if found.exit_code == 0:
        assert mutated.wanted != REFUSED, "accepted"
        with no_hang():
            _assert_right(mutated, file)
        return
    assert mutated.wanted != SAME, found.stderr
    lines = found.stderr.splitlines()[:-1]  # the last one counts the files
    assert 1 <= len(lines) <= MOST_LINES
    assert len("\n".join(lines)) <= MOST_CHARACTERS
    assert file.name in found.stderr
    assert mutated.key[:20] in "\n".join(lines)
    assert all(one.isprintable() for one in "".join(lines))


def _assert_right(mutated: Mutated, file: Path) -> None:
    original = resources.files(FOLDERS[mutated.folder], mutated.folder)[mutated.name]
    if mutated.wanted == SAME:
        _assert_same(_facts(mutated.folder, file), _facts(mutated.folder, original))
    elif FOLDERS[mutated.folder] == "parameters":
        _assert_within_bounds(mutated.folder, file)


def _facts(folder: str, file: Path) -> Any:
    """Return what a run would take from a file: numbers, forms and ranges, or the whole protocol or study."""
    if folder == "cells":
        cell = load_cell(str(file))
        forms = {path: (function.form, function.valid) for path, function in cell.functions.items()}
        return dict(cell.scalars), forms
    if folder in ("formats", "vehicles"):
        records = (load_format if folder == "formats" else load_vehicle)(str(file)).entries
        return {path: record.value for path, record in records.items()}, {}
    if folder == "protocols":
        return {}, load_protocol(str(file))
    if folder == "studies":
        return {}, _without_file(load_study(str(file)))
    if folder == "studies/claims":
        claim = load_claim(str(file))
        study = {"study": _without_file(claim.study)} if isinstance(claim, ComputedClaim) else {}
        return {}, claim.model_copy(update={"file": "x", "name": "x", **study})
    reader = read_parameters(open_toml(file), folder.removesuffix("s"))
    assert not reader.problems
    forms = {path: (function.form, function.valid) for path, function in reader.functions.items()}
    return {path: record.value for path, record in reader.records.items()}, forms


def _without_file(described: Any) -> Any:
    return dataclasses.replace(described, file="x", name="x")


def _assert_same(found: tuple[Any, Any], wanted: tuple[Any, Any]) -> None:
    assert found[0].keys() == wanted[0].keys()
    for path, value in wanted[0].items():
        assert found[0][path] == pytest.approx(value, rel=1e-14, abs=0.0), path  # a unit of another power: one rounding
    assert found[1] == wanted[1]


def _assert_within_bounds(folder: str, file: Path) -> None:
    """Evaluate every function of a file where it is valid; independent of the checks inside the package."""
    if folder in ("formats", "vehicles"):
        return
    if folder == "cells":
        cell = load_cell(str(file))
        functions, correlations, known = cell.functions, cell.correlations(), QUANTITIES
        maximum = cell["electrode.maximum_concentration"]
    else:
        reader = read_parameters(open_toml(file), folder.removesuffix("s"))
        values = {path: record.value for path, record in reader.records.items()}
        functions, correlations, known = reader.functions, build_correlations(reader.functions, values), QUANTITIES
        maximum = values.get("electrode.maximum_concentration", 2e4)
    for path, correlation in correlations.items():
        valid = functions[path].valid
        grid = {
            "concentration": np.linspace(*valid.get("concentration", (1000.0, 1000.0)), 61)[:, None],
            "temperature": np.linspace(*valid.get("temperature", (298.15, 298.15)), 7)[None, :],
            "stoichiometry": np.linspace(0.02, 0.98, 61)[:, None],
            "solid_concentration": np.linspace(0.02, 0.98, 61)[:, None] * maximum,
            "maximum": maximum,
            "thickness": 20e-9,
        }
        with np.errstate(all="ignore"):
            numbers = np.asarray(correlation.evaluate(*(grid[name] for name in known[path].arguments)), dtype=float)
        low, high = known[path].bounds
        assert np.isfinite(numbers).all(), path
        assert low <= numbers.min(), path
        assert numbers.max() <= high, path


def _assert_refusal(error: CellModelError, name: str) -> None:
    assert name in str(error)
    assert len(str(error)) <= MOST_CHARACTERS
    assert str(error).count("\n") < MOST_LINES


# --- whatever a person may write ------------------------------------------------------------------------------------
SCALARS = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.sampled_from(["C/10", "2.6 V", "1 h", "swept"])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
GENERATED = (hypothesis.Phase.explicit, hypothesis.Phase.generate)  # to make a failure small takes minutes
PROTOCOL_KEYS = ["description", "step", "steps", "cycles", "initial", "samples", "complete_at", "colour"]
STEP_KEYS = ["discharge", "charge", "hold", "rest", "until", "duration", "temperature", "colour"]
STUDY_KEYS = ["description", "cells", "case", "grid", "set", "c_rate", "temperature", "mesh", "mechanisms", "profiles"]
MORE_STUDY_KEYS = ["time_limit", "sample", "distributions", "compiled", "model", "current_density", "claim"]


@hypothesis.given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@hypothesis.settings(max_examples=200)
def test_any_bytes_are_toml_or_refused(content: bytes) -> None:
    try:
        parse_toml(content, "some.toml")
    except CellModelError as error:
        _assert_refusal(error, "some.toml")


@hypothesis.given(st.text(max_size=40) | st.from_regex(r"[-+]?\d{1,4}\.?\d* ?[a-zA-Z./*^0-9-]{0,12}", fullmatch=True))
@hypothesis.settings(max_examples=300)
def test_any_text_is_a_finite_quantity_or_refused(text: str) -> None:
    with no_hang():
        try:
            found = inputs.parse_quantity(text, "m", "call", "thickness")
        except CellModelError as error:
            _assert_refusal(error, "thickness")
        else:
            assert math.isfinite(found)


@hypothesis.given(SCALARS | VALUES | st.none())
@hypothesis.settings(max_examples=300)
def test_any_value_is_a_rate_that_ends_or_refused(value: Any) -> None:
    try:
        found = inputs.c_rate(value)
    except CellModelError as error:
        _assert_refusal(error, "c_rate")
    else:
        assert type(value) in (int, float, str)
        assert inputs.LOWEST_RATE <= found <= inputs.HIGHEST_RATE


@hypothesis.given(
    st.dictionaries(st.sampled_from(PROTOCOL_KEYS), VALUES),
    st.lists(st.dictionaries(st.sampled_from(STEP_KEYS), VALUES, max_size=3), max_size=3),
)
@hypothesis.settings(max_examples=200, phases=GENERATED)
def test_any_protocol_is_refused_by_name_or_has_steps(values: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    values.setdefault("description", "something")
    values.setdefault("step", steps)
    try:
        protocol = parse_protocol(values, "some.toml")
    except CellModelError as error:
        _assert_refusal(error, "some.toml")
    else:
        assert protocol.steps


@hypothesis.given(st.dictionaries(st.sampled_from(STUDY_KEYS + MORE_STUDY_KEYS), VALUES, min_size=1, max_size=3))
@hypothesis.settings(max_examples=200, phases=GENERATED)
def test_any_study_is_refused_by_name_or_has_runs(changes: dict[str, Any]) -> None:
    study = {"description": "something", "protocol": "discharge", "cells": ["li_peo_lfp"], "grid": {"c_rate": [0.1]}}
    try:
        found = parse_study({**study, **changes}, "some.toml")
    except CellModelError as error:
        _assert_refusal(error, "some.toml")
    else:
        assert found.cases


def test_a_path_that_is_no_file_is_refused_by_name(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes, a file that may not be read, one of 50 MB: at once, with its name."""
    folder, large = tmp_path / "folder.toml", tmp_path / "large.toml"
    folder.mkdir()
    large.write_bytes(b"# comment\n" * 5_000_000)
    paths = [folder, large, tmp_path / "nowhere.toml"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        paths.append(tmp_path / "pipe.toml")
    for path in paths:
        with no_hang():
            found = CliRunner().invoke(app, ["check", str(path)])
        assert isinstance(found.exception, SystemExit), path
        assert found.exit_code == 1
        assert path.name in found.stderr
