"""Meshes by name: how many finite volumes the separator, the electrode and the particles get.

The numbers come from the convergence study in `tests/physics/test_mesh_convergence.py`. This module knows
nothing about materials: one mesh serves every cell that ships.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from cellmodel.errors import ParameterError, Problem, choices


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
        problems = [
            Problem("mesh", key, f"{value}", "at least 3 volumes (the surface value is extrapolated from them)")
            for key, value in asdict(self).items()
            if key != "particle_stretch" and value < 3
        ]
        if self.particle_stretch < 0:
            problems.append(Problem("mesh", "particle_stretch", f"{self.particle_stretch}", "zero or more"))
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
    if isinstance(mesh, Mesh):
        return mesh
    if mesh not in MESHES:
        raise ParameterError(Problem("mesh", "name", repr(mesh), choices(mesh, MESHES)))
    return MESHES[mesh]
