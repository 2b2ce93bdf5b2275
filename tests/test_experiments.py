"""Every shipped protocol and study: it reads, it runs on the cells it names, and it is what its name says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cellmodel import resources
from cellmodel.assessment import list_claims, load_claim
from cellmodel.dataset import STATUS
from cellmodel.parameters import list_cells, load_cell
from cellmodel.parameters.distributions import declared_distributions
from cellmodel.protocols import check_protocol, list_protocols, load_protocol, resolve_protocol
from cellmodel.study import check_study, list_studies, load_study, run_study

STUDIES = {
    "devaux_collapse",
    "first_discharge",
    "lfp_cccv_cycle",
    "lfp_charge_rate",
    "lfp_gitt",
    "lfp_rate_capability",
    "lfp_uncertainty",
    "nmc811_rate_capability",
    "polymer_and_liquid_lfp",
    "polymer_comparison",
}


def test_the_promised_experiments_are_there() -> None:
    assert set(list_studies()) >= STUDIES
    assert set(list_protocols()) >= {"discharge", "charge", "cccv_cycle", "gitt"}


@pytest.mark.parametrize("cell", list_cells())
@pytest.mark.parametrize("name", list_protocols())
def test_every_protocol_can_run_on_every_cell(name: str, cell: str) -> None:
    protocol, parameters = load_protocol(name), load_cell(cell)
    rate = {"c_rate": 0.1} if protocol.swept else {}
    resolved = resolve_protocol(protocol, parameters, **rate)
    check_protocol(resolved, parameters)
    assert all(step.value is not None and step.duration for step in resolved.steps)


@pytest.mark.parametrize("name", list_studies())
def test_every_study_can_run(name: str) -> None:
    study = load_study(name)
    assert study.description
    assert not study.extrapolate
    assert check_study(study) == study.expand()


@pytest.mark.parametrize("name", [name for name in list_claims() if load_claim(name).computed])
def test_every_claim_is_a_study_that_can_run(name: str) -> None:
    study = load_study(name)
    assert check_study(study) == study.expand()
    assert study.extrapolate == (name == "wide_temperature")  # on by design there, and nowhere else
    assert study.mesh == "fast"


@pytest.mark.parametrize("folder", ["protocols", "studies", "studies/claims", "published"])
def test_experiments_are_toml_only(folder: str) -> None:
    files = [path for path in (resources.folder("experiments") / folder).iterdir() if path.is_file()]
    assert {path.suffix for path in files} == {".toml"}


def test_the_rate_capability_study_is_the_promised_grid() -> None:
    study = load_study("lfp_rate_capability")
    grid = {axis.dimension: axis.values for axis in study.axes}
    assert grid["ambient_temperature"] == pytest.approx([333.15, 343.15, 353.15, 363.15])
    assert grid["c_rate"] == pytest.approx([1 / 20, 1 / 10, 1 / 5, 1 / 3, 1 / 2, 1, 2])


def test_the_polymers_are_compared_with_one_cathode() -> None:
    cases = load_study("polymer_comparison").cases
    cathode = {path for path in cases[0].parameters.scalars if path.startswith(("cell.positive", "electrode."))}
    for case in cases[1:]:
        assert all(case.parameters[path] == cases[0].parameters[path] for path in cathode)
    electrolytes = {case.parameters.materials["electrolyte"] for case in cases}
    assert len(electrolytes) == 6
    at_reference = {
        case.parameters.materials["electrolyte"]
        for case in cases
        if case.temperature == pytest.approx(case.parameters["electrolyte.reference_temperature"])
    }
    assert at_reference == electrolytes


@pytest.mark.parametrize("name", ["first_discharge", "lfp_cccv_cycle", "lfp_gitt"])
def test_studies_of_few_runs_complete_and_close(name: str, tmp_path: Path) -> None:
    dataset = run_study(load_study(name).replace(mesh="fast"), results=tmp_path)
    assert set(dataset["status"].values.ravel().tolist()) == {STATUS["completed"]}, dataset["message"].values
    assert float(abs(dataset["salt_closure_error"]).max()) < 1e-4
    with xr.open_zarr(tmp_path / f"{name}.zarr", chunks=None) as stored:
        xr.testing.assert_identical(stored["voltage"], dataset["voltage"])


def test_the_uncertainty_study_draws_what_the_parameter_files_declare() -> None:
    study = load_study("lfp_uncertainty")
    declared = declared_distributions(load_cell("li_peo_lfp"))
    assert study.number_of_runs == 256
    assert study.cases[0].distributions == {path: declared[path] for path in study.swept_paths}


def test_one_discharge_with_profiles_is_under_100_kilobytes_on_disk(tmp_path: Path) -> None:
    dataset = run_study("first_discharge", results=tmp_path)
    assert dataset["particle_concentration"].dtype == np.float32
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) < 100_000


def test_pulses_of_the_titration_hold_more_than_the_capacity() -> None:
    protocol = load_protocol("gitt")
    pulse = protocol.steps[0]
    assert protocol.cycles * float(pulse.value or 0) * float(pulse.duration or 0) / 3600 > 1.0
    assert protocol.complete_at == "lower"
