"""Stand-in for cellmodel.energy until it is merged."""

from __future__ import annotations

from dataclasses import dataclass

from cellmodel.correlations import FARADAY
from cellmodel.parameters import ParameterSet


def lithium_excess(p: ParameterSet) -> float:
    whole = p.areal_capacity * 3600.0 / FARADAY * p["cell.lithium.molar_volume"]
    return p["cell.lithium.thickness"] / whole - 1.0


def with_lithium_excess(p: ParameterSet, excess: float) -> ParameterSet:
    whole = p.areal_capacity * 3600.0 / FARADAY * p["cell.lithium.molar_volume"]
    return p.replace({"cell.lithium.thickness": whole * (1.0 + excess)})


@dataclass(frozen=True)
class Budget:
    m: float
    v: float

    def mass(self, level: str) -> float:
        return self.m * (1.0 if level != "cell" else 1.05) + (0.01 if level == "cell" else 0.0)

    def volume(self, level: str) -> float:
        return self.v * (1.0 if level != "cell" else 1.08)


def load_format(name: str) -> str:
    return name


def budget(p: ParameterSet, format: str) -> Budget:  # noqa: A002
    am, el = (p[f"cell.positive_electrode.{k}_volume_fraction"] for k in ("active_material", "electrolyte"))
    ls, lp, li = p["cell.separator.thickness"], p["cell.positive_electrode.thickness"], p["cell.lithium.thickness"]
    al = p["cell.positive_collector.thickness"]
    m = (
        li * p["cell.lithium.density"]
        + ls * p["electrolyte.density"]
        + lp * (am * p["electrode.density"] + el * p["electrolyte.density"])
        + lp * (1 - am - el) * p["cell.positive_electrode.additive_density"]
        + al * p["cell.positive_collector.density"]
    )
    return Budget(m, li + ls + lp + al)


def specific_energy(energy: float, b: Budget, level: str) -> tuple[float, float]:
    return energy / b.mass(level), energy / b.volume(level) / 1000.0
