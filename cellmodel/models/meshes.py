"""Meshes by name: how many finite volumes the separator, the electrode and the particles get, and where they lie.

The numbers come from the convergence study in `tests/physics/test_mesh_convergence.py`. This module knows
nothing about materials: one mesh serves every cell that ships.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Coordinates:
    """Where the finite volumes of a cell lie.

    Attributes
    ----------
    x, x_electrode : ndarray
        Nodes [m] across electrolyte (separator and electrode) and across the electrode, both from the lithium face.
    x_weights, x_electrode_weights : ndarray
        Widths of the volumes [m], same shapes.
    r : ndarray
        Nodes [m] along the particle's radius.
    r_weights : ndarray
        Shares of the particle's volume, summing to 1.
    """

    x: Array
    x_weights: Array
    x_electrode: Array
    x_electrode_weights: Array
    r: Array
    r_weights: Array

    def stretched(self, separator: float, cathode: float, radius: float) -> Coordinates:
        """Return the coordinates of a cell whose layers and particles are larger by these factors.

        Parameters
        ----------
        separator, cathode, radius : float
            [1].

        Returns
        -------
        Coordinates
            As many volumes, in the same proportions.
        """
        layer = self.x.size - self.x_electrode.size
        face = self.x[layer - 1] + 0.5 * self.x_weights[layer - 1]
        x_electrode = separator * face + cathode * (self.x_electrode - face)
        widths = cathode * self.x_electrode_weights
        return Coordinates(
            np.concatenate((separator * self.x[:layer], x_electrode)),
            np.concatenate((separator * self.x_weights[:layer], widths)),
            x_electrode,
            widths,
            radius * self.r,
            self.r_weights,
        )


def mesh_coordinates(mesh: Any) -> Coordinates:
    """Return where the finite volumes of a half cell's mesh lie.

    Parameters
    ----------
    mesh : pybamm.Mesh
        Of a half cell.

    Returns
    -------
    Coordinates
        Counted from the lithium face.
    """
    electrolyte = mesh[["separator", "positive electrode"]]
    electrode, particle = mesh["positive electrode"], mesh["positive particle"]
    origin = electrolyte.edges[0]
    return Coordinates(
        electrolyte.nodes - origin,
        electrolyte.d_edges,
        electrode.nodes - origin,
        electrode.d_edges,
        particle.nodes,
        np.diff(particle.edges**3) / particle.edges[-1] ** 3,
    )
