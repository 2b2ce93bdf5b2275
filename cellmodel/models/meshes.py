"""Meshes by name: how many finite volumes the separator, the electrode and the particles get, and where they lie.

The numbers come from the convergence study in `tests/physics/test_mesh_convergence.py`. This module knows
nothing about materials: one mesh serves every cell that ships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import number, one_of, whole_number

Array = NDArray[np.float64]

MOST_VOLUMES, MOST_STATES = 2000, 50_000
"""Volumes along one direction and in all: beyond them building a model takes minutes and gigabytes."""


@dataclass(frozen=True)
class Mesh:
    """Numbers of finite volumes; uniform in x, optionally refined towards the surface of the particles.

    Parameters
    ----------
    separator : int
        Volumes across the separator.
    electrode : int
        Volumes across the positive electrode.
    particle : int
        Volumes along the radius of a particle.
    particle_stretch : float, optional
        Zero for equal widths. Otherwise the widths shrink exponentially towards the surface: the innermost one
        is exp(particle_stretch) times as wide as the outermost, in the limit of many volumes.
    """

    separator: int
    electrode: int
    particle: int
    particle_stretch: float = 0.0

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        wanted = f"3 to {MOST_VOLUMES} volumes (the surface value is extrapolated from three)"
        for key in ("separator", "electrode", "particle"):
            try:
                whole_number(getattr(self, key), "mesh", key, wanted, (3, MOST_VOLUMES))
            except ParameterError as error:
                problems += error.problems
        try:
            number(self.particle_stretch, "mesh", "particle_stretch", "0 to 10", (0.0, 10.0))
        except ParameterError as error:
            problems += error.problems
        if not problems and self.separator + self.electrode * (1 + self.particle) > MOST_STATES:
            found = f"{self.electrode} x {self.particle} volumes"
            problems.append(Problem("mesh", "electrode x particle", found, f"at most {MOST_STATES} volumes in all"))
        if problems:
            raise ParameterError(problems)

    def refined(self, factor: int) -> Mesh:
        """Return the mesh with `factor` times as many volumes everywhere.

        Parameters
        ----------
        factor : int
            How many volumes take the place of one.

        Returns
        -------
        Mesh
            Same stretching, more volumes.
        """
        return Mesh(self.separator * factor, self.electrode * factor, self.particle * factor, self.particle_stretch)


MESHES = {
    "default": Mesh(separator=8, electrode=44, particle=8, particle_stretch=1.0),
    "fast": Mesh(separator=5, electrode=24, particle=6, particle_stretch=1.0),
}


def find_mesh(mesh: str | Mesh) -> Mesh:
    """Return a mesh by its name, or the mesh itself.

    Parameters
    ----------
    mesh : str or Mesh
        "default", "fast", or your own.

    Returns
    -------
    Mesh
        The numbers of volumes.

    Raises
    ------
    ParameterError
        If there is no mesh of that name.
    """
    return mesh if isinstance(mesh, Mesh) else MESHES[one_of(mesh, MESHES, "run", "mesh")]


LITHIUM = "cell.lithium.thickness"
SEPARATOR = "cell.separator.thickness"


@dataclass(frozen=True)
class ScaleFactors:
    """True sizes over those of the mesh [1], numbers or symbols; nothing is scaled where there are none.

    Attributes
    ----------
    layers : mapping of str to float or symbol
        By PyBaMM's name of the layer, such as "positive electrode".
    particles : mapping of str to float or symbol
        Of the radius, by side of the electrode.
    lithium : float or symbol
        Of the foil's thickness.
    """

    layers: Mapping[str, Any]
    particles: Mapping[str, Any]
    lithium: Any = 1.0

    def __bool__(self) -> bool:
        return bool(self.layers)


def scale_factors(sizes: Mapping[str, float], inputs: Iterable[str], value: Callable[[str], Any]) -> ScaleFactors:
    """Return the factors of the paths in `sizes` that are inputs of the model, with a size or symbol for each path."""
    given = set(inputs)
    factors = {path: value(path) / size for path, size in sizes.items() if path in given}
    if not factors:
        return ScaleFactors({}, {})
    layers, particles = {}, {}
    for path in sizes:
        part = path.split(".")
        if path.endswith(".particle_radius"):
            particles["negative" if part[0].startswith("negative") else "positive"] = factors.get(path, 1.0)
        elif path != LITHIUM:
            layers[part[1].replace("_", " ")] = factors.get(path, 1.0)
    return ScaleFactors(layers, particles, factors.get(LITHIUM, 1.0))


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Where the finite volumes of a cell lie.

    Attributes
    ----------
    layers : mapping of str to ndarray
        Widths of the volumes [m] of each layer with electrolyte, by PyBaMM's name, from the negative side.
    particles : mapping of str to ndarray
        Edges of the volumes [m] along the radius of the particles, by side of the electrode.
    """

    layers: Mapping[str, Array]
    particles: Mapping[str, Array]

    @cached_property
    def x_weights(self) -> Array:
        """Widths of all volumes [m], across all layers."""
        return np.concatenate(list(self.layers.values()))

    @cached_property
    def x(self) -> Array:
        """Nodes [m] across all layers, from the lithium face or the negative collector."""
        return np.cumsum(self.x_weights) - 0.5 * self.x_weights

    @property
    def x_electrode_weights(self) -> Array:
        """Widths of the volumes [m] of the positive electrode."""
        return self.layers["positive electrode"]

    @property
    def x_electrode(self) -> Array:
        """Nodes [m] across the positive electrode, counted as `x`."""
        return self.x[-self.x_electrode_weights.size :]

    @property
    def r(self) -> Array:
        """Nodes [m] along the radius of a particle of the positive electrode."""
        return 0.5 * (self.particles["positive"][1:] + self.particles["positive"][:-1])

    @cached_property
    def shells(self) -> Mapping[str, Array]:
        """Shares of a particle's volume, summing to 1, by side of the electrode."""
        return {side: np.diff(edges**3) / edges[-1] ** 3 for side, edges in self.particles.items()}

    def scaled(self, factors: ScaleFactors) -> Coordinates:
        """Return the coordinates of a cell whose layers and particles are larger by `ScaleFactors`."""
        return Coordinates(
            {layer: factors.layers[layer] * widths for layer, widths in self.layers.items()},
            {side: factors.particles[side] * edges for side, edges in self.particles.items()},
        )
