"""Claims from their file to a verdict, with few draws and a design that needs no search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from cellmodel.assessment import claims_table, explain_claim, load_claim, run_claim
from cellmodel.assessment.claims import designs
from cellmodel.assessment.claims.definition import Claim, parse_claim
from cellmodel.assessment.claims.designs import Condition
from cellmodel.assessment.claims.explanation import _conditions, _designs, _heating
from cellmodel.assessment.claims.report import rows_of
from cellmodel.cli import app
from cellmodel.energy import budget, specific_energy
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.plotting import plot_claims
from cellmodel.simulation import simulate

THICK = {"cell.positive_electrode.thickness": 70e-6}
SMALL: dict[str, Any] = {
    "description": "x",
    "cells": ["li_peo_lfp"],
    "protocol": "discharge",
    "mesh": "fast",
    "grid": {"temperature": ["80 degC"], "c_rate": ["C/10", "C/3"]},
}
CLAIM: dict[str, Any] = {
    "text": "x",
    "sentence": "y",
    "status": "assumed",
    "quantity": "specific_energy",
    "threshold": "200 W.h.kg-1",
    "c_rate": "C/3",
    "draws": 8,
    "draws_elsewhere": 8,
}


@pytest.fixture(autouse=True)
def thick_design(monkeypatch: pytest.MonkeyPatch) -> list[Condition]:
    """Put a thicker cathode in place of the search, and say for which conditions it was asked."""
    asked: list[Condition] = []

    def best(_claim: Claim, _cell: ParameterSet, condition: Condition) -> dict[str, Any]:
        asked.append(condition)
        return {"values": None, "why": "too fast"} if condition.c_rate > 2.0 else {"values": THICK, "why": ""}

    monkeypatch.setattr(designs, "best_design", best)
    return asked


def small(file: str = "small.toml", **changes: Any) -> Claim:
    return parse_claim({**SMALL, "claim": {**CLAIM, **changes}}, file)


def test_the_nominal_value_is_that_of_a_run_and_a_budget() -> None:
    found = run_claim(small(), results=None)
    for design, overrides in (("shipped", {}), ("optimum", THICK)):
        run = simulate("li_peo_lfp", c_rate="C/3", temperature="80 degC", mesh="fast", overrides=overrides)
        cell = load_cell("li_peo_lfp").replace(overrides)
        energy = float(run["energy"]) / cell["cell.area"]
        wanted = specific_energy(energy, budget(cell, "pouch"), "cell")[0]
        got = float(found["nominal"].sel(subject="li_peo_lfp", design=design, condition=0))
        assert got == pytest.approx(wanted, rel=1e-4)


def test_every_draw_counts_with_its_own_masses_and_packaging() -> None:
    found = run_claim(small(), results=None).isel(subject=0)
    values = found["value"].sel(design="shipped")
    assert values.sizes["draw"] == 8
    drawn = found["drawn"].sel(draw=3).to_series()
    cell = drawn_cell(found, 3)
    run = simulate(cell, c_rate="C/3", temperature="80 degC", mesh="fast")
    masses = budget(cell, "pouch", {"format.other.mass": drawn["format.other.mass"]})
    wanted = specific_energy(float(run["energy"]) / cell["cell.area"], masses, "cell")[0]
    assert float(values.sel(draw=3)) == pytest.approx(wanted, rel=1e-3)
    assert float(found["probability"].sel(design="shipped", condition=0)) == float((values >= 200.0).mean())


def test_runs_and_designs_are_kept_and_more_draws_go_on_where_fewer_ended(
    tmp_path: Path, thick_design: list[Condition]
) -> None:
    first = run_claim(small(), results=tmp_path)
    assert len(thick_design) == 2
    told: list[tuple[int, int, str]] = []
    more = run_claim(small(), draws=16, results=tmp_path, progress=lambda *now: told.append(now))
    assert len(thick_design) == 2
    assert max(total for _, total, what in told if "best" not in what) == 16  # 8 more draws of both designs
    assert np.array_equal(more["value"].values[..., :8], first["value"].values)
    with xr.open_dataset(tmp_path / "small.nc", engine="h5netcdf") as stored:
        assert stored.attrs["verdict"] == more.attrs["verdict"]
        assert stored.sizes["draw"] == 16


def test_a_claim_without_a_feasible_design_says_why_and_counts_it_as_nothing() -> None:
    grid = {"temperature": ["80 degC"], "c_rate": ["3C", "C/3"]}
    claim = parse_claim({**SMALL, "grid": grid, "claim": {**CLAIM, "c_rate": "3C"}}, "fast.toml")
    found = run_claim(claim, results=None).isel(subject=0)
    fast = found.isel(condition=0).sel(design="optimum")
    assert (float(fast["nominal"]), float(fast["probability"])) == (0.0, 0.0)
    assert str(fast["no_design"].item()) == "too fast"
    assert np.isnan(fast["areal_capacity"])
    assert "too fast" in [line for section in explain_claim_of(found, claim) for line in section.lines]


def drawn_cell(found: xr.Dataset, draw: int) -> ParameterSet:
    """Return the cell of one draw: with the set that holds, if there are several, and its numbers."""
    drawn = found["drawn"].sel(draw=draw).to_series().dropna().to_dict()
    held = f":{found['set_of_draw'].values[draw]}" if "set_of_draw" in found else None
    cell = load_cell("li_peo_lfp", electrolyte=held)
    return cell.replace({path: value for path, value in drawn.items() if path in cell.entries})


def owned(prefix: str, drawn: dict[str, float]) -> dict[str, float]:
    """Return the drawn numbers of one owner by their own path."""
    return {path.removeprefix(prefix): value for path, value in drawn.items() if path.startswith(prefix)}


def explain_claim_of(found: xr.Dataset, claim: Claim) -> list[Any]:
    """Return the explanation of a claim whose file is not on disk: all but the numbers."""
    return [_conditions(found, "li_peo_lfp"), _designs(found, "li_peo_lfp")]


def test_runs_that_the_solubility_ended_are_counted_and_what_they_delivered_counts() -> None:
    """At 1C the face goes from 1066 to 1545 mol.m-3: where 1200 dissolve, most of the 8 draws end there, early."""
    little = {"label": "x", "cell": "li_peo_lfp", "set": {"electrolyte.solubility": "1200 mol.m-3"}}
    study = {key: value for key, value in SMALL.items() if key != "cells"} | {"case": [little]}
    study["grid"] = {"temperature": ["80 degC"], "c_rate": ["1C"]}
    claim = parse_claim({**study, "claim": {**CLAIM, "threshold": "1 W.h.kg-1", "c_rate": "1C"}}, "little.toml")
    found = run_claim(claim, results=None)
    own = found.isel(subject=0, condition=0).sel(design="shipped")
    assert 4 < int(own["ended_by_solubility"]) <= 8
    assert int(own["failed"]) == int(own["ended_at_once"]) == 0
    assert 0.0 < float(own["median"]) < 60.0  # W.h.kg-1, of the 150 and more of a cell whose salt dissolves


def test_energy_over_temperature_is_compared_within_each_draw() -> None:
    study = {**SMALL, "extrapolate": True, "grid": {"temperature": ["0 degC", "80 degC"], "c_rate": ["C/10"]}}
    changes = {"quantity": "smallest_share_of_energy", "threshold": 0.8, "c_rate": "C/10", "temperature": "60 degC"}
    claim = parse_claim({**study, "claim": {**CLAIM, **changes}}, "window.toml")
    found = run_claim(claim, results=None).isel(subject=0)
    assert found.sizes["condition"] == 1
    values = found["value"].sel(design="shipped").values
    assert ((values >= 0.0) & (values < 0.8)).all()  # PEO is frozen at 0 degC
    assert found["verdict"].values.tolist() == ["does not hold", "does not hold"]
    outside = found["outside_at_temperature"].sel(design="shipped").values
    assert outside[0] == 1.0  # no correlation of PEO states 0 degC
    assert outside[1] < 0.2
    assert float(found["extrapolated_fraction"].sel(design="shipped", condition=0)) == pytest.approx(outside.mean())


def test_the_range_of_a_car_is_less_with_a_warm_battery() -> None:
    changes = {"quantity": "range", "threshold": "600 km", "vehicle": "electric_car"}
    found = run_claim(small(**changes, temperature="80 degC"), results=None).isel(subject=0)
    assert "80 °C: 525 W" in _heating(found)[0]
    warm = found.isel(condition=0)
    assert float(warm["nominal_heating_power"]) == pytest.approx(7.5 * 70.0)
    cells = float(
        run_claim(small(temperature="80 degC"), results=None)["nominal"].isel(subject=0, condition=0, design=0)
    )
    energy = cells * 480.0 * 0.75 * 0.925  # W.h: pack, share of cells, usable window
    consumption = 0.21e3 + 525.0 / 46.5  # W.h per km: driving, heating at the mean speed
    assert float(warm["nominal"].sel(design="shipped")) == pytest.approx(energy / consumption, rel=1e-6)
    assert np.ptp(warm["heating_power"].values) > 0.0


def test_the_liquid_cell_is_drawn_and_run_too() -> None:
    changes = {"quantity": "specific_energy_over_liquid", "threshold": 2.0, "liquid": "graphite_lfp:energy", "seed": 3}
    grid = {"temperature": ["80 degC"], "c_rate": ["C/3"]}
    claim = parse_claim({**SMALL, "grid": grid, "claim": {**CLAIM, **changes}}, "ratio.toml")
    found = run_claim(claim, results=None).isel(subject=0)
    for draw in (0, 7):
        drawn = found["drawn"].sel(draw=draw).to_series().to_dict()
        liquid = load_cell("graphite_lfp:energy").replace(owned("liquid.", drawn))
        each = []
        for cell, temperature in ((drawn_cell(found, draw), "80 degC"), (liquid, "25 degC")):
            run = simulate(cell, c_rate="C/3", temperature=temperature, mesh="fast", mechanisms=())
            masses = budget(cell, "pouch", {"format.other.mass": drawn["format.other.mass"]})
            each.append(specific_energy(float(run["energy"]) / cell["cell.area"], masses, "cell")[0])
        assert float(found["value"].sel(design="shipped", draw=draw)) == pytest.approx(each[0] / each[1], rel=0.002)
    numbers = found["number"].values.tolist()
    assert "liquid.electrolyte.conductivity_factor" in numbers
    there = np.isfinite(found["drawn"]).all("draw") | found["number"].str.startswith("electrolyte.")  # not in each set
    assert there.all()


def test_the_table_the_explanation_and_the_picture(tmp_path: Path) -> None:
    found = run_claim(load_claim("twice_liquid_lfp"), draws=8, results=tmp_path)
    claims = {"twice_liquid_lfp": found, "safety": run_claim("safety", results=None)}
    rows = rows_of(claims_table(claims))
    assert [(row["design"], row["where"]) for row in rows[:2]] == [("shipped", "C/3, 80 °C"), ("optimum", "C/3, 80 °C")]
    assert rows[2]["verdict"] == "not yet computed"
    sections = explain_claim(found)
    assert sections[0].title.startswith("twice_liquid_lfp: ")
    assert any("Reuters" in line for section in sections for line in section.lines)
    figure = plot_claims(claims)
    assert len(figure.axes) == 2


def test_the_command_prints_the_verdict_and_writes_the_picture(tmp_path: Path) -> None:
    options = ["--only", "twice_liquid_lfp", "--draws", "8", "--workers", "1", "--results", str(tmp_path)]
    result = CliRunner().invoke(app, ["claims", *options, "--plot"])
    assert result.exit_code == 0, result.output
    assert "twice_liquid_lfp" in result.output
    assert (tmp_path / "claims" / "claims.png").stat().st_size > 10_000
    again = CliRunner().invoke(app, ["claims", *options[2:], "--explain", "twice_liquid_lfp"])
    assert again.exit_code == 0, again.output
    assert "What is assumed for the test" in again.output
    assert "graphite" in again.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "lfp_25"], "did you mean lfp_250"),
        (["--explain", "lfp_25"], "did you mean lfp_250"),
        (["--only", "safety", "--draws", "10"], "a multiple of 4"),
        (["--only", "lfp_250", "--draws", "10"], "a multiple of 4"),
    ],
)
def test_wrong_words_are_told(words: list[str], said: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["claims", *words, "--results", str(tmp_path)])
    assert result.exit_code == 1
    assert said in result.output
