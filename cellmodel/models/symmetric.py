"""Lithium | polymer | lithium: the cell in which an electrolyte is measured, as a PyBaMM model of its own.

One domain, the polymer between two faces of lithium, with the same electrolyte and interface parameters as the half
cells. It knows the equations; it knows no parameter values, no experiment and no dataset.

Equations
---------
Nothing reacts between the faces, so the ionic current density i is the cell's everywhere. With b the transport
efficiency, D the salt diffusivity, t the cation transference number, k = b kappa and chi = 2 (1 - t)(1 + dln f/dln c),

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

from typing import Any

import numpy as np
import pybamm

from cellmodel.inputs import mapping
from cellmodel.models.electrolyte import DEPLETED, FACE_WIDTH
from cellmodel.quantities import QUANTITIES

SEPARATOR = "separator"
DEPLETION = 1e-4
"""Share of the initial concentration at which a face counts as depleted; Sand's time moves by twice this share."""

VOLUMES = 60
"""Finite volumes across the polymer, narrower towards both faces (Chebyshev)."""

SURFACE_FORMS = ("false", "differential")
OPERATING_MODES = ("current", "any")


def parameter(path: str) -> pybamm.Parameter:
    """Return PyBaMM's symbol of a scalar.

    Parameters
    ----------
    path : str
        A key of `cellmodel.quantities.QUANTITIES`.

    Returns
    -------
    pybamm.Parameter
        In SI.
    """
    return pybamm.Parameter(QUANTITIES[path].key)


class SymmetricCell(pybamm.BaseModel):
    """Lithium | polymer | lithium: conserves salt exactly, second order in x.

    Parameters
    ----------
    options : dict, optional
        "surface form": "false" or "differential" (capacitance of the interfaces, for impedance); "operating mode":
        "current" ("Current function [A]" is prescribed) or "any" (inputs of the model choose current or voltage).
    name : str, optional
        The model's name.

    Raises
    ------
    ParameterError
        If the options are no mapping.
    pybamm.OptionError
        If an option or its value is unknown.
    """

    def __init__(self, options: dict[str, str] | None = None, name: str = "Symmetric lithium cell") -> None:
        super().__init__(name)
        given = {"surface form": "false", "operating mode": "current", **mapping(options, "model", "options")}
        known = {"surface form": SURFACE_FORMS, "operating mode": OPERATING_MODES}
        wrong = [f"{key}: {value!r}" for key, value in given.items() if value not in known.get(key, ())]
        if wrong:
            raise pybamm.OptionError(f"found {'; '.join(wrong)}; wanted {known}")
        self.options = pybamm.BatteryModelOptions(
            {"working electrode": "positive", "surface form": given["surface form"]}
        )
        self.param = pybamm.LithiumIonParameters({"working electrode": "positive"})  # PyBaMM's current control asks
        self.summary_variables: list[str] = []  # PyBaMM's experiments ask
        self._driven, self._charging = given["operating mode"] == "any", given["surface form"] == "differential"
        self.temperature = pybamm.Parameter("Ambient temperature [K]")
        self.length, self.initial = (
            parameter("cell.separator.thickness"),
            parameter("electrolyte.initial_concentration"),
        )
        self.area = pybamm.Parameter("Electrode width [m]") * pybamm.Parameter("Electrode height [m]")
        self._assemble()

    def _assemble(self) -> None:
        density = self._current_density()
        self._concentration = pybamm.Variable("Electrolyte concentration [mol.m-3]", SEPARATOR, scale=self.initial)
        self._potential = pybamm.Variable("Electrolyte potential [V]", SEPARATOR)
        self._faces = {side: self._face(side) for side in ("left", "right")}
        self._balance_salt(density)
        self._balance_charge(density)
        drops = {side: self._interface(side, density) for side in self._faces}
        electrolyte = -pybamm.boundary_value(self._potential, "right")
        applied = drops["left"] + electrolyte + drops["right"]
        share = pybamm.minimum(*self._faces.values()) / self.initial
        self.variables.update(
            {
                "Time [s]": pybamm.t,
                "Current [A]": density * self.area,
                "Current density [A.m-2]": density,
                "Voltage [V]": -applied,
                "Applied voltage [V]": applied,
                "Electrolyte overpotential [V]": electrolyte,
                "Interface overpotential [V]": drops["left"] + drops["right"],
                "Electrolyte concentration [mol.m-3]": self._concentration,
                "Electrolyte concentration at left face [mol.m-3]": self._faces["left"],
                "Electrolyte concentration at right face [mol.m-3]": self._faces["right"],
                "Electrolyte potential [V]": self._potential,
                "Interface resistance [Ohm.m2]": sum(self._small_signal(side, density) for side in self._faces),
            }
        )
        self.events = [pybamm.Event("salt depleted at lithium", share - DEPLETION)]
        if self._driven:
            self._drive(density, applied)

    # -- electrolyte -------------------------------------------------------------------------------------------------

    def _function(self, name: str, concentration: pybamm.Symbol) -> pybamm.Symbol:
        """Return one of the electrolyte's functions; none of them sees a negative concentration."""
        positive = 0.5 * (concentration + pybamm.sqrt(concentration**2 + 4 * DEPLETED**2))
        arguments = {"Electrolyte concentration [mol.m-3]": positive, "Temperature [K]": self.temperature}
        return pybamm.FunctionParameter(QUANTITIES[f"electrolyte.{name}"].key, arguments)

    def _coefficients(self, concentration: pybamm.Symbol) -> tuple[pybamm.Symbol, ...]:
        """Return b D [m2.s-1], 1 - t [1], k [S.m-1] and k chi R T / (F c) [A.m2.mol-1] at one concentration."""
        fraction = parameter("cell.separator.electrolyte_volume_fraction")
        efficiency = fraction ** parameter("cell.separator.bruggeman_exponent")
        share = 1 - self._function("cation_transference_number", concentration)
        conduction = efficiency * self._function("ionic_conductivity", concentration)
        positive = 0.5 * (concentration + pybamm.sqrt(concentration**2 + 4 * DEPLETED**2))
        chi = 2 * share * self._function("thermodynamic_factor", concentration)
        diffusion = conduction * chi * self.param.R * self.temperature / (self.param.F * positive)
        return efficiency * self._function("salt_diffusivity", concentration), share, conduction, diffusion

    def _face(self, side: str) -> pybamm.Symbol:
        return pybamm.boundary_value(self._concentration, side)

    def _on_edges(self, where: str) -> pybamm.Symbol:
        """One on the edges "inside", at the "left" or at the "right" face; zero on the others."""
        position = pybamm.SpatialVariableEdge("x_s", domain=[SEPARATOR], coord_sys="cartesian")
        left, right = position < FACE_WIDTH * self.length, position > (1 - FACE_WIDTH) * self.length
        return {"left": left, "right": right, "inside": (1 - left) * (1 - right)}[where]

    def _balance_salt(self, density: pybamm.Symbol) -> None:
        fraction = parameter("cell.separator.electrolyte_volume_fraction")
        diffusivity, share, _, _ = self._coefficients(self._concentration)
        migration = share * pybamm.PrimaryBroadcast(density / self.param.F, [SEPARATOR])
        inside = self._on_edges("inside")
        anions = -inside * (diffusivity * pybamm.grad(self._concentration)) - inside * migration
        self.rhs = {self._concentration: -pybamm.div(anions) / fraction}
        self.initial_conditions = {self._concentration: self.initial}
        gradients = {}
        for side, concentration in self._faces.items():
            at_face, share_at_face, _, _ = self._coefficients(concentration)
            gradients[side] = (-share_at_face * density / (self.param.F * at_face), "Neumann")
        self.boundary_conditions = {self._concentration: gradients}

    def _balance_charge(self, density: pybamm.Symbol) -> None:
        _, _, conduction, diffusion = self._coefficients(self._concentration)
        _, _, at_left, ratio = self._coefficients(self._faces["left"])
        flux = diffusion * pybamm.grad(self._concentration) - conduction * pybamm.grad(self._potential)
        shift = at_left - pybamm.boundary_value(conduction, "left")
        shift_diffusion = ratio - pybamm.boundary_value(diffusion, "left")
        spread = self._spread
        flux += spread("left", shift_diffusion) * pybamm.grad(self._concentration)
        flux -= spread("left", shift) * pybamm.grad(self._potential)
        outflow = self._on_edges("right")
        current_density = (1 - outflow) * flux + spread("right", density)
        resting = self.initial
        scale = self._coefficients(resting)[2] / self.length**2
        self.algebraic = {self._potential: pybamm.div(current_density) / scale}
        self.initial_conditions[self._potential] = pybamm.Scalar(0)
        _, _, conduction_right, diffusion_right = self._coefficients(self._faces["right"])
        slope = self.boundary_conditions[self._concentration]["right"][0]
        gradient = (diffusion_right * slope - density) / conduction_right
        self.boundary_conditions[self._potential] = {
            "left": (pybamm.Scalar(0), "Dirichlet"),
            "right": (gradient, "Neumann"),
        }

    def _spread(self, side: str, value: pybamm.Symbol) -> pybamm.Symbol:
        """Place a value on the edge of one face, zero on every other edge."""
        return self._on_edges(side) * pybamm.PrimaryBroadcastToEdges(value, [SEPARATOR])

    # -- faces -------------------------------------------------------------------------------------------------------

    def _exchange(self, side: str) -> pybamm.Symbol:
        names = ("Electrolyte concentration [mol.m-3]", "Lithium metal concentration [mol.m-3]", "Temperature [K]")
        metal = 1 / parameter("cell.lithium.molar_volume")
        arguments = dict(zip(names, (self._faces[side], metal, self.temperature), strict=True))
        return pybamm.FunctionParameter(QUANTITIES["interface.exchange_current_density"].key, arguments)

    def _interphase(self) -> pybamm.Symbol:
        arguments = {"Volume-averaged cell temperature [K]": self.temperature}
        return self.area * pybamm.FunctionParameter(QUANTITIES["interface.interphase_resistance"].key, arguments)

    def _interface(self, side: str, density: pybamm.Symbol) -> pybamm.Symbol:
        """Return the part of the applied voltage [V] that falls over one face; add its states if it has any."""
        thermal = self.param.R * self.temperature / self.param.F
        if not self._charging:
            return 2 * thermal * np.arcsinh(density / (2 * self._exchange(side))) + self._interphase() * density
        drop = pybamm.Variable(f"Interface drop at {side} face [V]")
        faradaic = pybamm.Variable(f"Reaction current density at {side} face [A.m-2]")
        reaction = 2 * thermal * np.arcsinh(faradaic / (2 * self._exchange(side))) + self._interphase() * faradaic
        self.rhs[drop] = (density - faradaic) / parameter("interface.capacitance")
        self.algebraic[faradaic] = (reaction - drop) / pybamm.Scalar(1)
        self.initial_conditions |= {drop: pybamm.Scalar(0), faradaic: pybamm.Scalar(0)}
        return drop

    def _small_signal(self, side: str, density: pybamm.Symbol) -> pybamm.Symbol:
        """Return d(drop)/di of one face [ohm.m2]: the width of its arc in an impedance taken at this current."""
        thermal = self.param.R * self.temperature / self.param.F
        return thermal / pybamm.sqrt(self._exchange(side) ** 2 + density**2 / 4) + self._interphase()

    # -- current -----------------------------------------------------------------------------------------------------

    def _current_density(self) -> pybamm.Symbol:
        if not self._driven:
            return pybamm.FunctionParameter("Current function [A]", {"Time [s]": pybamm.t}) / self.area
        return pybamm.Variable("Current density [A.m-2]")

    def _drive(self, density: pybamm.Symbol, applied: pybamm.Symbol) -> None:
        """Let inputs choose between a held current density and a held applied voltage, and set the voltage limit."""
        held = pybamm.InputParameter("hold_voltage")
        galvanostatic = density - pybamm.InputParameter("current_density")
        potentiostatic = applied - pybamm.InputParameter("applied_voltage")
        self.algebraic[density] = held * potentiostatic + (1 - held) * galvanostatic
        self.initial_conditions[density] = pybamm.Scalar(0)
        limit = pybamm.InputParameter("voltage_limit")
        self.events.append(pybamm.Event("voltage limit", limit - np.absolute(applied)))

    # -- PyBaMM's defaults -------------------------------------------------------------------------------------------

    @property
    def default_geometry(self) -> Any:
        """The polymer from one face to the other."""
        position = pybamm.SpatialVariable("x_s", domain=[SEPARATOR], coord_sys="cartesian")
        return pybamm.Geometry({SEPARATOR: {position: {"min": pybamm.Scalar(0), "max": self.length}}})

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
