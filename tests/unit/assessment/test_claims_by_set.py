"""Verdicts where each set of a material holds, beside the mixed one: from draws whose outcome is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from sets_library import NAME, WEIGHTS
from test_claims import with_claim

from cellmodel import resources
from cellmodel.assessment import claims_table, explain_claim, run_claim
from cellmodel.assessment.claims import assess, designs, report
from cellmodel.assessment.claims.by_set import FEWEST_DRAWS, TOO_FEW
from cellmodel.assessment.claims.definition import ComputedClaim, parse_claim
from cellmodel.assessment.claims.designs import DesignPoint
from cellmodel.assessment.claims.measures import Outcomes
from cellmodel.assessment.claims.rule import probability_interval
from cellmodel.assessment.claims.samples import ClaimSample
from cellmodel.plotting import plot_claims

D = "electrolyte.salt_diffusivity.value"
MEANS = {"base": 300.0, "fast": 255.0, "slow": 100.0, "": 200.0}
"""Quantity where a set holds; nothing held for the nominal numbers, and in a cell with one set."""


def measured(claim: ComputedClaim, points: Sequence[DesignPoint], sample: ClaimSample, _runs: Any) -> Outcomes:
    """Return a quantity that depends on the set, and where the fast one holds on its diffusivity."""
    rows = []
    for point in points:
        cells = sample.drawn.cells[point.label(point.temperatures[0])]
        names = sample.drawn.sets or [""] * len(cells)
        scatter = [np.log(cell[D] / 2e-11) if name == "fast" else 0.0 for cell, name in zip(cells, names, strict=True)]
        rows.append([MEANS[name] + 20.0 * more for name, more in zip(names, scatter, strict=True)])
    nothing, zeros = np.empty(0), np.zeros(len(points), dtype=int)
    return Outcomes(np.array(rows), zeros, zeros, zeros, zeros.astype(float), nothing, nothing, nothing)


@pytest.fixture(scope="module")
def claim(sets_folder: Path) -> Iterator[ComputedClaim]:
    """Yield a claim on a cell with sets, whose runs are not solved and whose best design is the shipped one."""
    shipped = resources.folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "folder", lambda name: sets_folder / name if name == "parameters" else shipped(name))
        patch.setattr(assess, "run_sample", lambda *_: None)
        patch.setattr(assess, "measure", measured)
        patch.setattr(designs, "best_design", lambda *_: {"values": {}, "why": ""})
        cases = [{"cell": "li_peo_lfp", "label": "one", "electrolyte": NAME}]
        cases.append({"cell": "li_peo_lfp", "label": "fixed", "electrolyte": f"{NAME}:slow"})
        study = {"cells": None, "case": cases, "grid": {"c_rate": ["C/3", "C/10"]}}
        table = with_claim(study, draws=128, draws_elsewhere=16)
        made = parse_claim({key: value for key, value in table.items() if value is not None}, "by_set.toml")
        assert isinstance(made, ComputedClaim)
        yield made


@pytest.fixture(scope="module")
def found(claim: ComputedClaim) -> xr.Dataset:
    return run_claim(claim, results=None)


def test_each_set_has_its_own_verdict_and_all_together_the_mixed_one(found: xr.Dataset) -> None:
    one = found.sel(subject="one", design="shipped")
    assert dict(zip(one["set"].values, one["set_verdict"].values, strict=True)) == {
        "base": "holds",
        "fast": "open",
        "slow": "open",  # P = 0, but at the other condition too few draws to refute it
    }
    assert one["verdict"].item() == "open"
    assert one["set_weight"].values.tolist() == list(WEIGHTS.values())
    assert one["set_median"].sel(set="slow", condition=0).item() == pytest.approx(100.0)
    assert json.loads(found.attrs["set_verdicts"])["base"] == "holds"


def test_the_mixed_probability_is_that_of_the_sets_in_their_shares(found: xr.Dataset) -> None:
    one = found.sel(subject="one", design="shipped", condition=0)
    shares = one["set_draws"] / one["set_draws"].sum()
    np.testing.assert_allclose(shares, list(WEIGHTS.values()), atol=0.03)
    assert float(one["probability"]) == pytest.approx(float((shares * one["set_probability"]).sum()), rel=1e-12)
    held = one["set_of_draw"].values == "fast"
    reached = one["value"].values[held] >= 250.0
    interval = probability_interval(reached, held.sum() // 2)
    keys = ("set_probability", "set_probability_low", "set_probability_high")
    assert [float(one[key].sel(set="fast")) for key in keys] == pytest.approx(interval)
    assert 0.5 < interval[0] < 0.9
    assert interval[1] < float(one["probability_low"]) or interval[2] > float(one["probability_high"])  # wider


def test_the_choice_is_an_assumed_input_with_the_share_of_the_means(found: xr.Dataset) -> None:
    one = found.sel(subject="one", design="shipped")
    assert one["number_status"].sel(number="electrolyte_set").item() == "assumed"
    w, means = np.array(list(WEIGHTS.values())), np.array([300.0, 255.0, 100.0])
    between = (w * means**2).sum() - (w * means).sum() ** 2
    within = 0.3 * (20.0 * np.log(1.5)) ** 2
    share, width = (float(one[key].sel(number="electrolyte_set")) for key in ("first_order", "first_order_confidence"))
    assert abs(share - between / (between + within)) < max(2.0 * width, 0.01)
    assert float(one["assumed_alone"]) == pytest.approx(1.0, abs=0.05)  # D is assumed as well
    path = "electrolyte.cation_transference_number.constant"
    drawn = one["drawn"].sel(number=path).values
    np.testing.assert_array_equal(np.isfinite(drawn), one["set_of_draw"].values == "fast")
    assert abs(float(one["first_order"].sel(number=path))) < 0.05


def test_too_few_draws_of_a_set_give_no_verdict(claim: ComputedClaim) -> None:
    few = run_claim(claim, draws=16, results=None).sel(subject="one", design="shipped")
    draws = few["set_draws"].isel(condition=0)
    assert draws.min() < FEWEST_DRAWS <= draws.max()
    for name in few["set"].values:
        assert (few["set_verdict"].sel(set=name).item() == TOO_FEW) == bool(draws.sel(set=name) < FEWEST_DRAWS)


def test_a_cell_that_fixes_its_set_has_no_verdict_by_set(found: xr.Dataset) -> None:
    fixed = found.sel(subject="fixed")
    assert set(fixed["set_verdict"].values.ravel()) == {""}
    assert fixed["set_probability"].isnull().all()
    assert np.isnan(fixed["first_order"].sel(number="electrolyte_set")).all()


def test_table_and_explanation_tell_every_set(found: xr.Dataset, claim: ComputedClaim, monkeypatch: Any) -> None:
    table = claims_table({"by_set": found})
    assert list(report.columns_of(table))[-2:] == [report.BY_SET, "verdict"]
    rows = report.rows_of(table)
    assert rows[0]["sets"].startswith("base 1, fast 0.")
    assert rows[0]["sets"].endswith(", slow 0")
    assert rows[2]["sets"] == ""
    assert "| P where a set holds | verdict |" in report.markdown_table(table)
    assert report.set_verdicts(found).startswith("base holds, fast open, slow ")
    monkeypatch.setattr("cellmodel.assessment.claims.explanation.load_claim", lambda _: claim)
    sections = {section.title: section for section in explain_claim(found)}
    told = sections["one: where each set of its materials holds, the claim's own condition"].rows
    assert [(row["set"], row["weight"], row["verdict"]) for row in told[:2]] == [
        ("base", "0.5", "holds"),
        ("fast", "0.3", "open"),
    ]
    assert told[0]["P (95 %)"].startswith("1.00 (0.8")
    assert not any("fixed: where" in title for title in sections)
    sources = sections["one: what the uncertainty comes from"].rows
    assert sources[0]["number"] == "electrolyte_set"
    assert (sources[0]["value"], sources[0]["status"]) == ("base 0.5, fast 0.3, slow 0.2", "assumed")


def test_verdicts_by_set_are_stored_and_drawn(claim: ComputedClaim, tmp_path: Path) -> None:
    found = run_claim(claim, draws=64, results=tmp_path)
    with xr.open_dataset(tmp_path / "by_set.nc", engine="h5netcdf") as stored:
        assert stored["set_verdict"].sel(subject="one", design="shipped", set="base").item() == "holds"
        assert json.loads(stored.attrs["set_verdicts"]) == json.loads(found.attrs["set_verdicts"])
    assert plot_claims({"by_set": found}).axes
