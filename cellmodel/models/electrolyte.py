"""Electrolyte transport of the half cell in finite volumes: salt flux and ionic current.

Two submodels of PyBaMM's concentrated-solution equations that differ from its own only in how they are
discretised. They know PyBaMM's symbols; they know no material, no geometry and no solver.

The lithium face
----------------
A finite-volume flux needs its coefficients on the edges between the nodes. On the outer edge at the lithium
there is no node beyond, and PyBaMM extrapolates the *product* of the coefficients linearly from the two
nearest nodes. Where a product varies steeply (the conductivity of PEO-LiTFSI falls tenfold between 2 and 4 mol/L, which
a lithium face sees in overload where the salt's volume is left out) the extrapolated value is far off, and may change
sign. Here the salt concentration alone is extrapolated,

    c_face = c_0 + (c_0 - c_1) d_face / d_01,          (d: distances of the first two nodes)

and every coefficient of that edge is evaluated once, at c_face: all keep the sign and the bounds that the
correlation gives them, all belong to one state of the electrolyte, and all stay second-order accurate because
c_face is.
"""

from __future__ import annotations

from typing import Any

import pybamm

from cellmodel.quantities import QUANTITIES

CONDUCTIVITY = QUANTITIES["electrolyte.ionic_conductivity"].key

MEAN = "X-averaged electrolyte concentration"
"""PyBaMM's name of the concentration at which single-particle models evaluate the conductivity."""

DEPLETED = 0.1
"""Concentration [mol.m-3] at which the electrolyte's conductance stops falling, so that it never vanishes."""

NO_DIFFUSION = 1e-18
"""Added to the conductivity of the diffusion potential [A.m2.mol-1], 1e-12 of any that counts: at t+ = 1 it is zero,
and the derivative of the harmonic mean of two zeros is none."""

FACE_WIDTH = 1e-6
"""Share of the separator that counts as an outer face: any volume is wider, any round-off smaller."""


def _on_edges(parameters: Any, domains: list[str], *, lithium_face: bool) -> pybamm.Symbol:
    """Return one on the lithium face's edge and zero elsewhere, or one inside and zero on both outer edges."""
    position = pybamm.SpatialVariableEdge(
        "x", domain=domains, auxiliary_domains={"secondary": "current collector"}, coord_sys="cartesian"
    )
    margin = FACE_WIDTH * parameters.s.L
    left = parameters.n.L + margin
    if lithium_face:
        return position < left
    right = parameters.n.L + parameters.s.L + parameters.p.L - margin
    return (position > left) * (position < right)


def at_lithium_face(value: pybamm.Symbol, parameters: Any, domains: list[str]) -> pybamm.Symbol:
    """Place a value on the edge at the lithium face, zero on every other edge.

    Parameters
    ----------
    value : pybamm.Symbol
        One value per cell, without a position in the electrolyte.
    parameters : pybamm.LithiumIonParameters
        The symbols of the model (the face lies at the lithium's thickness).
    domains : list of str
        The domains of the electrolyte, lithium first.

    Returns
    -------
    pybamm.Symbol
        A quantity on the edges of `domains`.
    """
    face = _on_edges(parameters, domains, lithium_face=True)
    return face * pybamm.PrimaryBroadcastToEdges(value, domains)


def face_state(variables: dict[str, pybamm.Symbol]) -> tuple[pybamm.Symbol, pybamm.Symbol, pybamm.Symbol]:
    """Return concentration [mol.m-3], temperature [K] and transport efficiency [1] at the lithium face.

    Parameters
    ----------
    variables : dict
        PyBaMM's variables; the electrolyte's concentration and transport efficiency must be among them.

    Returns
    -------
    tuple of pybamm.Symbol
        One value each per cell.
    """
    names = ("Electrolyte concentration [mol.m-3]", "Cell temperature [K]", "Electrolyte transport efficiency")
    concentration, temperature, efficiency = (pybamm.boundary_value(variables[name], "left") for name in names)
    return concentration, temperature, efficiency


def face_gradient(variables: dict[str, pybamm.Symbol], parameters: Any) -> pybamm.Symbol:
    """Return dc/dx [mol.m-4] at the lithium face, at which the anions stand still.

    Parameters
    ----------
    variables : dict
        PyBaMM's variables.
    parameters : pybamm.LithiumIonParameters
        The symbols of the model.

    Returns
    -------
    pybamm.Symbol
        -(1 - t) i_cell / (F b D), all at c_face; one value per cell.
    """
    concentration, temperature, efficiency = face_state(variables)
    share = 1 - parameters.t_plus(concentration, temperature)
    diffusivity = efficiency * parameters.D_e(concentration, temperature)
    current_density = variables["Current collector current density [A.m-2]"]
    return -share * current_density / (parameters.F * diffusivity)


class ConservativeDiffusion(pybamm.electrolyte_diffusion.Full):
    """Salt balance that conserves the salt exactly, written for the ion that does not react.

    With b the transport efficiency, D the salt diffusivity, t the cation transference number and i the ionic current
    density, PyBaMM balances the lithium ions,

        d(eps c)/dt = -div(N) + a j / F,      N = -b D dc/dx + t i / F,      N(face) = i_cell / F.

    In finite volumes N at the lithium face is assembled from edge values of b D and t, and its condition is imposed
    through dc/dx(face). The salt is conserved only if both use the *same* edge values. PyBaMM 26.10 extrapolates the
    quotient (1 - t) / (b D) for the condition and b D and t for the flux; they differ at second order in the mesh, and
    the difference creates or destroys salt whenever current flows (PyBaMM issue 5700). Using equal edge values is not
    quite enough: the salt is then the small difference of N(face) and the sum of a j, and inherits the residual of the
    two charge balances (7e-5 of the salt in one discharge where the electrode conducts at 1e4 S/m).

    The anions carry the same information, since div(i) = a j and so c_anion = c_lithium:

        d(eps c)/dt = -div(N_anion),          N_anion = N - i / F = -b D dc/dx - (1 - t) i / F,

    and N_anion vanishes at *both* outer faces, because the anion reacts at neither. Setting its two outer edges to zero
    makes the sum of eps c dx constant to round-off, whatever the coefficients, the mesh and the charge balances are.
    The condition N_anion(face) = 0 leaves

        dc/dx(face) = -(1 - t) i_cell / (F b D),

    which only the ionic current needs; its coefficients are taken at c_face (see the module's docstring). Derived here.

    The volume-averaged velocity is zero, as everywhere in PyBaMM's half cells.

    The average that single-particle models evaluate the conductivity at is that over the electrolyte's volume,

        c_mean = int eps c dx / int eps dx,

    the concentration that the cell returns to at rest, and exact at all times because the salt is conserved. PyBaMM's
    x-average takes the porosity, two constants side by side, for one constant and pulls it out, 1 / eps as a mean of
    its own: it is off by 9 % for a separator of pure polymer on a cathode that is half polymer. Derived here.
    """

    _inverse_stretch: pybamm.Symbol | None = None

    def weigh_by_true_widths(self, inverse_stretch: pybamm.Symbol) -> None:
        """Take the mean of 1 - t between two layers as on a mesh of the true widths; see `geometry_scaling`.

        Parameters
        ----------
        inverse_stretch : pybamm.Symbol
            Thickness on the mesh over the true one [1], on the nodes.
        """
        self._inverse_stretch = inverse_stretch

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the anions' flux, and the lithium ions' flux that follows from it."""
        self._mean = self._mean_concentration(variables)
        variables = super().get_coupled_variables(variables)
        temperature = variables["Cell temperature [K]"]
        concentration = variables["Electrolyte concentration [mol.m-3]"]
        current_density = self._current_density(variables)
        share = 1 - self.param.t_plus(concentration, temperature)
        diffusion = variables["Electrolyte diffusion flux [mol.m-2.s-1]"]
        migration = share * current_density / self.param.F
        if self._inverse_stretch is not None:
            migration = share * self._inverse_stretch * (current_density / self._inverse_stretch) / self.param.F
        anions = self._inside() * (diffusion - migration)
        variables["Electrolyte anion flux [mol.m-2.s-1]"] = anions
        variables.update(self._get_standard_flux_variables(anions + current_density / self.param.F))
        return variables

    def _get_standard_whole_cell_concentration_variables(self, c_e: pybamm.Symbol) -> dict[str, Any]:
        variables = super()._get_standard_whole_cell_concentration_variables(c_e)
        if not self._c_e_av_is_state:
            variables |= {f"{MEAN} [mol.m-3]": self._mean, f"{MEAN} [Molar]": self._mean / 1000}
        return variables

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Balance the anions."""
        amount = variables["Porosity times concentration [mol.m-3]"]
        self.rhs = {amount: -pybamm.div(variables["Electrolyte anion flux [mol.m-2.s-1]"])}

    def set_algebraic(self, variables: dict[str, Any]) -> None:
        """Give the average its value where PyBaMM makes it a state (single-particle models for impedance)."""
        if self._c_e_av_is_state:
            state = variables[f"{MEAN} [mol.m-3]"]
            self.algebraic = {state: (state - self._mean) / self.param.c_e_init_av}

    def set_boundary_conditions(self, variables: dict[str, Any]) -> None:
        """Set the gradient at the lithium face at which the anions stand still; none at the current collector."""
        super().set_boundary_conditions(variables)
        gradient = face_gradient(variables, self.param)
        for conditions in self.boundary_conditions.values():
            conditions["left"] = (gradient, "Neumann")

    def _mean_concentration(self, variables: dict[str, Any]) -> pybamm.Symbol:
        """Return the mean concentration [mol.m-3] over the electrolyte's volume."""
        amount, fraction = variables["Porosity times concentration [mol.m-3]"], variables["Porosity"]
        x = pybamm.SpatialVariable("x", domain=amount.domain)
        return pybamm.Integral(amount, x) / pybamm.Integral(fraction, x)

    def _current_density(self, variables: dict[str, Any]) -> pybamm.Symbol:
        """Return the ionic current density [A.m-2] on the edges.

        Single-particle models have it on the nodes, constant in the separator and falling linearly in the cathode. The
        mean of two nodes misses the kink between the layers, by a share that depends on the widths there.
        """
        if not self.x_average_state:  # PyBaMM's mark of a single-particle model
            return variables["Electrolyte current density [A.m-2]"]
        domains = self.options.whole_cell_domains
        position = pybamm.SpatialVariableEdge(
            "x", domain=domains, auxiliary_domains={"secondary": "current collector"}, coord_sys="cartesian"
        )
        share = pybamm.minimum(1, (self.param.L_x - position) / self.param.p.L)
        return share * pybamm.PrimaryBroadcastToEdges(variables["Current collector current density [A.m-2]"], domains)

    def _inside(self) -> pybamm.Symbol:
        """One on the edges between two volumes, zero on the two outer edges."""
        return _on_edges(self.param, self.options.whole_cell_domains, lithium_face=False)


class TermwiseConductivity(pybamm.electrolyte_conductivity.Full):
    """Ionic current written term by term, so that the potential converges at second order.

    With k = b kappa the effective conductivity and chi = 2 (1 - t)(1 + dln f / dln c),

        i = k chi R T / (F c) dc/dx  -  k dphi/dx.

    PyBaMM 26.10 writes k (chi R T / (F c) dc/dx - dphi/dx). The continuum says the same, but PyBaMM takes the
    harmonic mean of a coefficient only where it multiplies a gradient directly; the bracket is not one, so k
    passes from node to edge by the *arithmetic* mean. At the edge between separator and electrode, where b
    jumps, the resistance of the two half cells adds in series, h / (2 k_1) + h / (2 k_2): the harmonic mean.
    With the arithmetic one that single edge is wrong by O(h) of the cell's resistance, and the whole voltage
    converges at first order. Written as above, both coefficients take harmonic means and the order is two.

    At the lithium face the potential is prescribed, and the face's edge carries i = i_cell, hence

        dphi/dx(face) = (k chi R T / (F c)) / k dc/dx - i_cell / k.

    If numerator and denominator of the first term were extrapolated each on its own, their ratio would not be
    chi R T / (F c) at any concentration, and where k falls steeply towards the face the extrapolated k passes
    through zero: the voltage of an overloaded discharge then *rises* without bound. Both are evaluated at
    c_face here (see the module's docstring), which makes the ratio exact and k positive.

    Where the salt runs out, kappa vanishes with c and kappa / c stays finite. PyBaMM holds kappa at its value at
    10 mol.m-3 but 1 / c at 0.01 mol.m-3, so that their product grows a thousandfold too large in between. Here both see
    (c + sqrt(c^2 + 4 d^2)) / 2 with d = 0.1 mol.m-3, which differs from c by d^2 / c (1e-6 of it at 100 mol.m-3). It
    halves the steps of a discharge that depletes. Derived here.

    A file may state a conductivity that does not vanish with the salt (a constant, a polynomial). Then k
    would carry current through polymer without ions, and the salt balance would follow it down to -1000 mol.m-3. So k
    is multiplied by c^2 / (c^2 + d^2), c being the positive one above: 1e-6 from one at 100 mol.m-3, and zero like c^2
    below d. What is left of negative concentrations is at worst -1.6 mol.m-3 in 500 constant-property cells, -0.3
    in the shipped ones; it shrinks with d and the widths of the correlations (-0.02 at a tenth of them), which moves
    the capacity by less than 5e-5 of itself. Derived here.
    """

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the ionic current density [A.m-2] on the edges and what PyBaMM derives from it."""
        concentration = variables["Electrolyte concentration [mol.m-3]"]
        temperature = variables["Cell temperature [K]"]
        efficiency = variables["Electrolyte transport efficiency"]
        potential = variables["Electrolyte potential [V]"]

        conduction, diffusion = self._coefficients(concentration, temperature, efficiency)
        conduction_face, diffusion_face = self._coefficients(*face_state(variables))
        shift_conduction = self._on_face(conduction_face - pybamm.boundary_value(conduction, "left"))
        shift_diffusion = self._on_face(diffusion_face - pybamm.boundary_value(diffusion, "left"))

        current_density = diffusion * pybamm.grad(concentration) - conduction * pybamm.grad(potential)
        current_density += shift_diffusion * pybamm.grad(concentration) - shift_conduction * pybamm.grad(potential)
        variables.update(self._get_standard_current_variables(current_density))
        variables.update(self._get_electrolyte_overpotentials(variables))
        variables["Electrolyte effective conductivity [S.m-1]"] = conduction
        variables["Electrolyte diffusion conductivity [A.m2.mol-1]"] = diffusion
        # of the diffusion potential only, without the ohmic drop: what the first half volume adds to the voltage
        gradient = face_gradient(variables, self.param)
        ratio = diffusion_face / conduction_face
        variables["Salt concentration gradient at the lithium face [mol.m-4]"] = gradient
        variables["Diffusion potential gradient at the lithium face [V.m-1]"] = ratio * gradient
        return variables

    def _coefficients(
        self, concentration: pybamm.Symbol, temperature: pybamm.Symbol, efficiency: pybamm.Symbol
    ) -> tuple[pybamm.Symbol, pybamm.Symbol]:
        """Return k [S.m-1] and k chi R T / (F c) [A.m2.mol-1], both at one positive concentration."""
        positive = 0.5 * (concentration + pybamm.sqrt(concentration**2 + 4 * DEPLETED**2))
        arguments = {"Electrolyte concentration [mol.m-3]": positive, "Temperature [K]": temperature}
        conduction = efficiency * pybamm.FunctionParameter(CONDUCTIVITY, arguments)
        conduction *= positive**2 / (positive**2 + DEPLETED**2)
        chi = self.param.chi(positive, temperature)
        diffusion = conduction * chi * self.param.R * temperature / (self.param.F * positive)
        return conduction, diffusion + NO_DIFFUSION

    def _on_face(self, value: pybamm.Symbol) -> pybamm.Symbol:
        return at_lithium_face(value, self.param, self.options.whole_cell_domains)
