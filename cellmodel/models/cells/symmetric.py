"""Lithium | polymer | lithium: the cell in which an electrolyte is measured, as a PyBaMM model of its own.

One layer, the polymer between two faces of lithium, with the same electrolyte and interface parameters as the half
cells. It knows the equations; it knows no parameter values, no experiment and no dataset.

Equations
---------
With x = L xi the polymer is 0 <= xi <= 1 on a mesh that every thickness shares. Nothing reacts between the faces, so
the ionic current density i is the cell's everywhere. With b the transport efficiency, D the salt diffusivity, t the
cation transference number, k = b kappa and chi = 2 (1 - t)(1 + dln f/dln c),

    d(eps c)/dt = -dN/dx,     N = -b D dc/dx - (1 - t) i / F     (anions; as in `cellmodel.models.electrolyte`)
    di/dx = 0,                i = k chi R T / (F c) dc/dx - k dphi/dx.

The anion reacts at neither face, so N is set to zero on both outer edges, and the sum of eps c dx stays as it was to
round-off whatever the coefficients and the mesh are. N = 0 leaves dc/dx = -(1 - t) i / (F b D) at each face, which
only the potential's equation needs. Every coefficient of an outer edge is evaluated once, at the concentration
extrapolated to that face, so both faces keep the sign and the bounds that the correlations give.

At each face lithium dissolves or is plated through charge transfer and interphase in series, where i_F is the
reaction's current density into the polymer:

    phi_metal - phi = 2 R T / F asinh(i_F / (2 i_0(c_face))) + R_interphase i_F.

With the option {"surface form": "differential"} a capacitance C lies across both, i = i_F + C d(phi_metal - phi)/dt:
one arc per face in the impedance, of width R_ct + R_interphase. What charges it are the lithium ions, so N = 0 holds.

Signs are PyBaMM's: a positive current dissolves lithium at x = 0 and plates it at x = L. "Voltage [V]" is the potential
at x = L minus the one at x = 0, so driving a positive current needs a *negative* voltage; its opposite, what an
experimenter reads, is "Applied voltage [V]".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pybamm

from cellmodel.correlations.frames import SALT_VOLUME
from cellmodel.inputs import mapping
from cellmodel.models.cells import polymer_velocity
from cellmodel.models.cells.contract import CellModel
from cellmodel.models.controls import control_residual, leg_events
from cellmodel.models.electrolyte import DEPLETED, FACE_WIDTH, NO_DIFFUSION
from cellmodel.models.mechanism_equations import mechanism_parameters
from cellmodel.models.meshes import Mesh
from cellmodel.models.model_inputs import LITHIUM_DEPLETED, LITHIUM_SATURATED
from cellmodel.models.variables import CURRENT_STATE, VARIABLES
from cellmodel.parameters import ParameterSet
from cellmodel.quantities import QUANTITIES

SEPARATOR, CONCENTRATION = "separator", "Electrolyte concentration [mol.m-3]"
DEPLETION = 1e-4
"""Share of the initial concentration at which a face counts as depleted; Sand's time moves by twice this share."""

VOLUMES = 60
"""Finite volumes across the polymer, narrower towards both faces (Chebyshev)."""

SURFACE_FORMS = ("false", "differential")


def parameter(path: str) -> pybamm.Parameter:
    """Return PyBaMM's symbol of a scalar [SI], which a key of `cellmodel.quantities.QUANTITIES` names."""
    return pybamm.Parameter(QUANTITIES[path].key or path)


class SymmetricCell(pybamm.BaseModel):
    """Lithium | polymer | lithium: conserves salt exactly, second order in x.

    Parameters
    ----------
    options : dict, optional
        "surface form": "false" or "differential" (capacitance of the interfaces, for impedance); "operating mode":
        "current" ("Current function [A]" is prescribed) or, as in PyBaMM, a function of the variables that is zero
        when the current is right.
    name : str, optional
        The model's name.

    Raises
    ------
    ParameterError
        If the options are no mapping.
    pybamm.OptionError
        If an option or its value is unknown.
    """

    def __init__(self, options: dict[str, Any] | None = None, name: str = "Symmetric lithium cell") -> None:
        super().__init__(name)
        given = {"surface form": "false", "operating mode": "current", **mapping(options, "model", "options")}
        known = {"surface form": SURFACE_FORMS, "operating mode": ("current", "a function")}
        self._control = given["operating mode"] if callable(given["operating mode"]) else None
        checked = {**given, "operating mode": "a function"} if self._control else given
        wrong = [f"{key}: {value!r}" for key, value in checked.items() if value not in known.get(key, ())]
        if wrong:
            raise pybamm.OptionError(f"found {'; '.join(wrong)}; wanted {known}")
        self.options = pybamm.BatteryModelOptions(
            {"working electrode": "positive", "surface form": given["surface form"]}
        )
        self.param = pybamm.LithiumIonParameters({"working electrode": "positive"})  # PyBaMM's current control asks
        self.summary_variables: list[str] = []  # PyBaMM's experiments ask
        self._charging = given["surface form"] == "differential"
        self.temperature = pybamm.Parameter("Ambient temperature [K]")
        self.length = parameter("cell.separator.thickness")
        self.initial = parameter("electrolyte.initial_concentration")
        self.fraction = parameter("cell.separator.electrolyte_volume_fraction")
        self.area = pybamm.Parameter("Electrode width [m]") * pybamm.Parameter("Electrode height [m]")
        self.thermal = self.param.R * self.temperature / self.param.F
        self._assemble()

    def _assemble(self) -> None:
        current = self._current()
        density = current / self.area
        self._concentration = pybamm.Variable(CONCENTRATION, SEPARATOR, scale=self.initial)
        self._potential = pybamm.Variable("Electrolyte potential [V]", SEPARATOR)
        self._faces = {side: pybamm.boundary_value(self._concentration, side) for side in ("left", "right")}
        self._balance_salt(density)
        self._balance_charge(density)
        drops = {side: self._interface(side, density) for side in self._faces}
        electrolyte = -pybamm.boundary_value(self._potential, "right")
        applied = drops["left"] + electrolyte + drops["right"]
        self.variables.update(
            {
                "Time [s]": pybamm.t,
                "Current [A]": current,
                "Current density [A.m-2]": density,
                "Voltage [V]": -applied,
                "Applied voltage [V]": applied,
                "Electrolyte overpotential [V]": electrolyte,
                "Interface overpotential [V]": drops["left"] + drops["right"],
                CONCENTRATION: self._concentration,
                "Electrolyte concentration at left face [mol.m-3]": self._faces["left"],
                "Electrolyte concentration at right face [mol.m-3]": self._faces["right"],
                "Electrolyte potential [V]": self._potential,
                "Porosity": pybamm.PrimaryBroadcast(self.fraction, SEPARATOR),
                "Volume-averaged cell temperature [K]": self.temperature,
                "Interface resistance [Ohm.m2]": sum(self._small_signal(side, density) for side in self._faces),
            }
        )
        reactions, interphases = zip(*(self._reaction(side, density) for side in self._faces), strict=True)
        for name, parts in (("lithium_overpotential", reactions), ("contact_overpotential", interphases)):
            self.variables[VARIABLES[name].pybamm_name] = sum(parts)
        share = pybamm.minimum(*self._faces.values()) / self.initial
        self.events = [pybamm.Event(LITHIUM_DEPLETED, share - DEPLETION)]
        if self._control:
            self.variables[CURRENT_STATE] = current
            self.algebraic[current] = self._control(self.variables)
            self.initial_conditions[current] = pybamm.Scalar(0)

    def _current(self) -> pybamm.Symbol:
        """Return the current [A]: prescribed, or a state that a control determines."""
        if self._control:
            return pybamm.Variable(CURRENT_STATE, scale=pybamm.Parameter("Nominal cell capacity [A.h]"))
        return pybamm.FunctionParameter("Current function [A]", {"Time [s]": pybamm.t})

    # -- electrolyte -------------------------------------------------------------------------------------------------

    def _coefficients(self, concentration: pybamm.Symbol) -> tuple[pybamm.Symbol, ...]:
        """Return b D [m2.s-1], 1 - t [1], k [S.m-1] and k chi R T / (F c) [A.m2.mol-1] at one concentration."""
        positive = 0.5 * (concentration + pybamm.sqrt(concentration**2 + 4 * DEPLETED**2))

        def function(name: str) -> pybamm.Symbol:
            arguments = {CONCENTRATION: positive, "Temperature [K]": self.temperature}
            return pybamm.FunctionParameter(QUANTITIES[f"electrolyte.{name}"].key, arguments)

        efficiency = self.fraction ** parameter("cell.separator.bruggeman_exponent")
        share = 1 - function("volume_transference_number")
        conduction = efficiency * function("ionic_conductivity")
        diffusion = conduction * 2 * share * function("volume_thermodynamic_factor") * self.thermal / positive
        return efficiency * function("salt_diffusivity"), share, conduction, diffusion + NO_DIFFUSION

    def _down(self, coefficient: pybamm.Symbol, symbol: pybamm.Symbol) -> pybamm.Symbol:
        """Return a coefficient times d(symbol)/dx; PyBaMM takes its harmonic mean where the gradient is its factor."""
        return coefficient * pybamm.grad(symbol) / self.length

    def _div(self, flux: pybamm.Symbol) -> pybamm.Symbol:
        return pybamm.div(flux) / self.length

    def _on_edges(self, where: str) -> pybamm.Symbol:
        """One on the edges "inside", at the "left" or at the "right" face; zero on the others."""
        position = pybamm.SpatialVariableEdge("x_s", domain=[SEPARATOR], coord_sys="cartesian")
        left, right = position < FACE_WIDTH, position > 1 - FACE_WIDTH
        return {"left": left, "right": right, "inside": (1 - left) * (1 - right)}[where]

    def _balance_salt(self, density: pybamm.Symbol) -> None:
        diffusivity, share, _, _ = self._coefficients(self._concentration)
        migration = share * pybamm.PrimaryBroadcast(density / self.param.F, [SEPARATOR])
        inside = self._on_edges("inside")
        self.anions = -inside * self._down(diffusivity, self._concentration) - inside * migration
        self.rhs = {self._concentration: -self._div(self.anions) / self.fraction}
        self.initial_conditions = {self._concentration: self.initial}
        self._slopes = {}
        for side, concentration in self._faces.items():
            at_face, share_at_face, _, _ = self._coefficients(concentration)
            self._slopes[side] = -share_at_face * density / (self.param.F * at_face)
        conditions = {side: (slope * self.length, "Neumann") for side, slope in self._slopes.items()}
        self.boundary_conditions = {self._concentration: conditions}

    def _balance_charge(self, density: pybamm.Symbol) -> None:
        _, _, conduction, diffusion = self._coefficients(self._concentration)
        _, _, at_left, ratio = self._coefficients(self._faces["left"])
        at_face = [self._spread("left", ratio - pybamm.boundary_value(diffusion, "left"))]
        at_face.append(self._spread("left", at_left - pybamm.boundary_value(conduction, "left")))
        flux = self._down(diffusion, self._concentration) - self._down(conduction, self._potential)
        flux += self._down(at_face[0], self._concentration) - self._down(at_face[1], self._potential)
        current_density = (1 - self._on_edges("right")) * flux + self._spread("right", density)
        scale = self._coefficients(self.initial)[2] / self.length**2
        self.algebraic = {self._potential: self._div(current_density) / scale}
        self.initial_conditions[self._potential] = pybamm.Scalar(0)
        _, _, conduction_right, diffusion_right = self._coefficients(self._faces["right"])
        gradient = (diffusion_right * self._slopes["right"] - density) / conduction_right
        self.boundary_conditions[self._potential] = {
            "left": (pybamm.Scalar(0), "Dirichlet"),
            "right": (gradient * self.length, "Neumann"),
        }

    def _spread(self, side: str, value: pybamm.Symbol) -> pybamm.Symbol:
        """Place a value on the edge of one face, zero on every other edge."""
        return self._on_edges(side) * pybamm.PrimaryBroadcastToEdges(value, [SEPARATOR])

    # -- faces -------------------------------------------------------------------------------------------------------

    def _exchange(self, side: str) -> pybamm.Symbol:
        """Return the exchange-current density [A.m-2] of lithium at one face."""
        names = (CONCENTRATION, "Lithium metal concentration [mol.m-3]", "Temperature [K]")
        metal = 1 / parameter("cell.lithium.molar_volume")
        arguments = dict(zip(names, (self._faces[side], metal, self.temperature), strict=True))
        return pybamm.FunctionParameter(QUANTITIES["interface.exchange_current_density"].key, arguments)

    def _interphase(self) -> pybamm.Symbol:
        arguments = {"Volume-averaged cell temperature [K]": self.temperature}
        return self.area * pybamm.FunctionParameter(QUANTITIES["interface.interphase_resistance"].key, arguments)

    def _active_share(self, side: str, density: pybamm.Symbol) -> pybamm.Symbol:  # noqa: ARG002
        """Return the share of one face through which a current density goes."""
        return pybamm.Scalar(1)

    def _reaction(self, side: str, density: pybamm.Symbol) -> tuple[pybamm.Symbol, pybamm.Symbol]:
        """Return what charge transfer and interphase of one face take of the applied voltage [V]."""
        local = density / self._active_share(side, density)
        return 2 * self.thermal * np.arcsinh(local / (2 * self._exchange(side))), self._interphase() * local

    def _interface(self, side: str, density: pybamm.Symbol) -> pybamm.Symbol:
        """Return the part of the applied voltage [V] that falls over one face; add its states if it has any."""
        if not self._charging:
            return sum(self._reaction(side, density))
        drop = pybamm.Variable(f"Interface drop at {side} face [V]")
        faradaic = pybamm.Variable(f"Reaction current density at {side} face [A.m-2]")
        self.rhs[drop] = (density - faradaic) / parameter("interface.capacitance")
        self.algebraic[faradaic] = (sum(self._reaction(side, faradaic)) - drop) / pybamm.Scalar(1)
        self.initial_conditions |= {drop: pybamm.Scalar(0), faradaic: pybamm.Scalar(0)}
        return drop

    def _small_signal(self, side: str, density: pybamm.Symbol) -> pybamm.Symbol:
        """Return d(drop)/di of one face [ohm.m2]: the width of its arc in an impedance taken at this current."""
        share = self._active_share(side, density)
        slope = self.thermal / pybamm.sqrt(self._exchange(side) ** 2 + (density / share) ** 2 / 4)
        return (slope + self._interphase()) / share

    # -- PyBaMM's defaults -------------------------------------------------------------------------------------------

    @property
    def default_geometry(self) -> Any:
        """The polymer from one face to the other, in shares of its thickness."""
        position = pybamm.SpatialVariable("x_s", domain=[SEPARATOR], coord_sys="cartesian")
        return pybamm.Geometry({SEPARATOR: {position: {"min": pybamm.Scalar(0), "max": pybamm.Scalar(1)}}})

    @property
    def default_var_pts(self) -> dict[str, int]:
        """Number of finite volumes."""
        return {"x_s": VOLUMES}

    @property
    def default_submesh_types(self) -> dict[str, Any]:
        """Volumes narrower towards both faces, where a changing current changes the concentration first."""
        return {SEPARATOR: pybamm.MeshGenerator(pybamm.Chebyshev1DSubMesh)}

    @property
    def default_spatial_methods(self) -> dict[str, Any]:
        """Finite volumes."""
        return {SEPARATOR: pybamm.FiniteVolume()}

    @property
    def default_solver(self) -> Any:
        """SUNDIALS IDA."""
        return pybamm.IDAKLUSolver()

    @property
    def default_parameter_values(self) -> Any:
        """PEO-LiTFSI between two lithium electrodes."""
        from cellmodel.models.entry_points import li_peo_lfp

        return pybamm.ParameterValues(li_peo_lfp())


class PolymerBetweenMetals(CellModel):
    """Metal | polymer | metal: one layer on a mesh of unit length that every thickness shares."""

    models: ClassVar[Mapping[str, Any]] = {"DFN": SymmetricCell}
    resolved = ()
    layers = (SEPARATOR,)
    salt_faces: ClassVar[Mapping[str, tuple[str, ...]]] = {LITHIUM_SATURATED: ("left", "right")}
    mesh_sizes: ClassVar[Mapping[str, float]] = {"cell.separator.thickness": 1.0}

    def new_metal_model(self, options: dict[str, Any], p: Mapping[str, Any]) -> SymmetricCell:  # noqa: ARG002
        """Return the model; `p` is what the equations of mechanisms call so."""
        return SymmetricCell(options)

    def equations(
        self,
        parameters: ParameterSet,
        model: str,  # noqa: ARG002
        mesh: Mesh,  # noqa: ARG002
        inputs: tuple[str, ...],
        control: str,
        mechanisms: tuple[str, ...],  # noqa: ARG002
    ) -> pybamm.BaseModel:
        """Return the equations with cellmodel's own current and events."""
        options = {"operating mode": control_residual} if control == "any" else {}
        p = mechanism_parameters(parameters, inputs)
        equations = self.new_metal_model(options, p)
        equations.events += leg_events(equations.variables, current_is_state=control == "any")
        equations.events += self.events(equations, p)
        if SALT_VOLUME in parameters.scalars:
            salt, density = (equations.variables[name] for name in (CONCENTRATION, "Current density [A.m-2]"))
            moved = polymer_velocity.polymer_velocity(equations.anions, salt, equations.fraction, density, p)
            equations.variables[polymer_velocity.NAME] = moved
        return equations

    def values_on_mesh(self, values: dict[str, Any], inputs: tuple[str, ...]) -> dict[str, Any]:  # noqa: ARG002
        """Return the values as they are: the thickness stands in the equations."""
        return values


class Symmetric(PolymerBetweenMetals):
    """Lithium | polymer | lithium."""

    kind = "symmetric"
