"""What a store says of its inputs: read back the same, a line for each number."""

from __future__ import annotations

import json
import tomllib

import tomli_w

from cellmodel.study import load_study
from cellmodel.study.inputs_text import inputs_text


def test_read_back_it_is_the_same_tables_whatever_they_hold() -> None:
    record = {"value": float("inf"), "unit": "1", "status": 'a "word"\nand a line', "range": [0.0, [1, "x"]]}
    cell = {"cell": "x", "values": {"a.b": record, "plain": {}}, "forms": {"a.b": "Constant"}, "none": {}}
    inputs = {"study": {"axes": [], "volumes": {"x": 1}}, "cells": {"one": cell, "a cell's name": {"cell": "y"}}}
    assert tomllib.loads(inputs_text(inputs)) == inputs


def test_every_number_of_a_cell_is_one_line_and_the_whole_a_seventh_shorter() -> None:
    """As they stand in the metadata of a store, where a line break and a quotation mark are two bytes each."""
    for name in ("first_discharge", "lfp_uncertainty"):
        inputs = load_study(name).fixed_inputs()
        text = inputs_text(inputs)
        assert tomllib.loads(text) == tomllib.loads(tomli_w.dumps(inputs))
        values = inputs["cells"]["li_peo_lfp"]["values"]
        lines = text.splitlines()
        assert all(sum(line.startswith(f'"{path}" = {{value = ') for line in lines) == 1 for path in values)
        assert len(json.dumps(text)) < 6 / 7 * len(json.dumps(tomli_w.dumps(inputs)))
