from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cellmodel.correlations import FORMS
from cellmodel.correlations.correlation import (
    Constant,
    hold,
    molality,
    positive_part,
    smooth_maximum,
    smooth_minimum,
)
from cellmodel.correlations.frames import solvent_fraction
from cellmodel.correlations.salt import (
    CurrentFractionDiffusivity,
    DiluteLimitDiffusivity,
    LogarithmicPolynomialDiffusivity,
    TransferencePolynomial,
)
from cellmodel.parameters import load_cell
from cellmodel.quantities import QUANTITIES

V_POLYMER, V_SALT = 1.0 / 1075.0, 125e-6


def test_smooth_functions_differ_from_the_sharp_ones_by_what_they_state():
    v = np.linspace(-5.0, 5.0, 101)
    excess = smooth_maximum(v, 0.0, 0.1) - np.maximum(v, 0.0)
    assert excess.max() == pytest.approx(0.05)
    assert excess[0] == pytest.approx(0.1**2 / (4 * 5.0), rel=1e-3)
    assert np.all(smooth_minimum(v, 1.0, 0.1) <= np.minimum(v, 1.0))
    assert np.all(positive_part(v, 1e-3) > 0.0)
    assert hold(100.0, 0.0, 10.0, 1e-3) == pytest.approx(10.0, abs=1e-6)


def test_molality_of_a_weighed_solution():
    m = np.array([0.1, 1.0, 1.135, 3.0])
    c = m / (V_POLYMER + m * V_SALT)  # 1.135 mol of salt in 1 kg of polymer: 1000/1075 L + 1.135 x 0.125 L
    np.testing.assert_allclose(molality(c, V_POLYMER, V_SALT), m, rtol=1e-12)


def test_what_follows_from_the_salts_volume_is_the_true_derivative():
    c, step = 1300.0, 1e-3
    logs = np.log(molality(np.array([c - step, c + step]), V_POLYMER, V_SALT))
    derivative = (logs[1] - logs[0]) / (np.log(c + step) - np.log(c - step))
    assert 1.0 / solvent_fraction(c, V_SALT) == pytest.approx(derivative, rel=1e-6)


def test_a_diffusivity_from_logarithms_by_hand():
    form = LogarithmicPolynomialDiffusivity(
        2.0, 1e-11, 0.3, -0.2, 0.1, 0.0, 4.0, 2000.0, 363.15, 800.0, 3000.0, Constant(0.1)
    )
    x = 1500.0 / 2000.0 - 1.0
    by_hand = 2e-11 * np.exp(0.3 * x - 0.2 * x**2 + 0.1 * x**3)
    assert form.evaluate(1500.0, 350.0) == pytest.approx(by_hand, rel=1e-6)
    assert form.evaluate(9000.0, 350.0) == pytest.approx(form.evaluate(3000.0, 350.0), rel=1e-4)
    # from the lowest measured concentration to none, the factor of what is not known there
    ratio = form.evaluate(np.array([0.0, 400.0]), 350.0) / form.evaluate(801.0, 350.0)
    np.testing.assert_allclose(ratio, [4.0, 2.0], rtol=2e-3)
    assert np.all(form.evaluate(np.linspace(-5.0, 2e4, 500), 350.0) > 0.0)


def test_a_transference_number_is_held_where_nothing_was_measured():
    form = TransferencePolynomial(0.1, -0.4, 0.2, 2000.0, 800.0, 3000.0)
    assert form.evaluate(1000.0, 350.0) == pytest.approx(0.1 + 0.2 + 0.05, rel=1e-6)
    low, high = form.evaluate(np.array([0.0, 5000.0]), 350.0)
    assert (low, high) == (pytest.approx(0.1 + 0.24 + 0.072, abs=1e-4), pytest.approx(0.1 - 0.2 + 0.05, abs=1e-4))


def test_nernst_einstein_diffusivity_by_hand():
    form = DiluteLimitDiffusivity(1.0, 1055.0, Constant(0.11), Constant(0.2))
    by_hand = 2 * 0.2 * 0.8 * 0.11 * 8.31446 * 358.15 / (96485.33**2 * 1055.0)
    assert form.evaluate(500.0, 358.15) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(("transference", "factor"), [(0.2, 1.0), (0.0, 1.0), (-0.4, 2.5), (0.9, 0.5)])
def test_an_estimated_diffusivity_gives_the_current_fraction_whatever_the_transference_number(transference, factor):
    """By hand, 1/p = 1 + Ne; an ideal salt whose transference number is p has that of Nernst and Einstein."""
    kappa, c, T, p = Constant(0.11), 1055.0, 358.15, 0.2
    form = CurrentFractionDiffusivity(1.0, p, c, kappa, Constant(transference), Constant(factor))
    D = form.evaluate(c, T)
    newman = 2 * 0.11 * 8.31446 * T * (1 - transference) ** 2 * factor / (96485.33**2 * D * c)
    assert D > 0.0
    assert 1 / (1 + newman) == pytest.approx(p, rel=1e-5)
    ideal = CurrentFractionDiffusivity(1.0, p, c, kappa, Constant(p), Constant(1.0))
    assert ideal.evaluate(c, T) == pytest.approx(DiluteLimitDiffusivity(1.0, c, kappa, Constant(p)).evaluate(c, T))


def test_every_form_names_the_unit_of_every_coefficient_and_gives_defaults_only_for_those():
    for name, form in FORMS.items():
        fields = {item.name for item in dataclasses.fields(form)} - set(form.links) - set(form.shared)
        assert fields == set(form.units), name
        assert set(form.optional) <= set(form.units), name


def test_every_function_of_every_cell_is_the_same_for_floats_arrays_and_pybamm_symbols(cells):
    pybamm = pytest.importorskip("pybamm")
    points = {
        "concentration": np.array([-5.0, 0.0, 300.0, 1500.0]),
        "temperature": np.array([300.0, 330.0, 350.0, 370.0]),
        "stoichiometry": np.array([-0.005, 0.3, 0.7, 1.005]),
        "solid_concentration": np.array([10.0, 5000.0, 15000.0, 20000.0]),
        "maximum": np.full(4, 22806.0),
        "thickness": np.array([1e-9, 1e-8, 1e-7, 1e-6]),
    }
    from cellmodel.quantities import QUANTITIES

    for cell in cells:
        for path in cell.functions:
            arguments = [points[name] for name in QUANTITIES[path].arguments]
            function = cell.function(path)
            array = np.asarray(function(*arguments))
            floats = [float(function(*(float(a[k]) for a in arguments))) for k in range(4)]
            symbols = [float(np.squeeze(pybamm_value(pybamm, function, arguments, k))) for k in range(4)]
            assert np.all(np.isfinite(array)), path
            np.testing.assert_allclose(floats, np.broadcast_to(array, 4), rtol=1e-12, err_msg=path)
            np.testing.assert_allclose(symbols, np.broadcast_to(array, 4), rtol=1e-10, err_msg=path)


def pybamm_value(pybamm, function, arguments, k):
    names = [f"argument {number}" for number in range(len(arguments))]
    value = function(*(pybamm.InputParameter(name) for name in names))
    inputs = {name: float(argument[k]) for name, argument in zip(names, arguments, strict=True)}
    return value.evaluate(inputs=inputs) if isinstance(value, pybamm.Symbol) else value


def test_near_depletion_every_property_is_finite_positive_where_it_must_be_and_smooth(cells):
    """Halving the step divides the second difference by four where a function has two derivatives; a kink gives two."""
    for cell in cells:
        fixed = {"temperature": cell["cell.temperature"], "maximum": cell["electrode.maximum_concentration"]}
        fixed["solid_concentration"] = 0.5 * fixed["maximum"]
        for path, function in cell.functions.items():
            quantity = QUANTITIES[path]
            if "concentration" not in quantity.arguments:
                continue
            bends = []
            for points in (8001, 16001):
                salt = {"concentration": np.linspace(-0.4, 0.4, points)}
                values = cell.function(path)(*((fixed | salt)[name] for name in quantity.arguments))
                assert np.all(np.isfinite(values)), path
                if quantity.bounds[0] == 0.0:
                    assert np.all(values > 0.0), path
                bends.append(float(np.max(np.abs(np.diff(values, 2)))) / float(np.max(np.abs(values))))
            if bends[0] > 1e-13:  # flat to round-off otherwise
                assert bends[0] / bends[1] > 3.0, (cell.name, path, function.form)
            deep = cell.function(path)(*((fixed | {"concentration": -1000.0})[name] for name in quantity.arguments))
            assert np.isfinite(deep), path


def test_conductivity_through_two_points_does_not_move_with_the_glass_temperature() -> None:
    cell = load_cell("li_polycarbonate_nmc811")
    path = "electrolyte.ionic_conductivity"
    for glass in (185.0, 200.15, 215.0):
        kappa = cell.replace({f"{path}.ideal_glass_temperature": glass}).function(path)
        assert kappa(1500.0, 303.15) == pytest.approx(0.023)  # S/m: 0.23 and 2.5 mS/cm as printed
        assert kappa(1500.0, 333.15) == pytest.approx(0.25)
