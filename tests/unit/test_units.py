from __future__ import annotations

import pytest

from cellmodel.errors import ParameterError
from cellmodel.inputs import parse_quantity
from cellmodel.units import conversion, to_si


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (30.0, "um", "m", 30e-6),
        (20.0, "ohm.cm2", "ohm.m2", 2e-3),
        (80.0, "degC", "K", 353.15),
        (176.0, "degF", "K", 353.15),
        (2.0, "mA.h.cm-2", "A.h.m-2", 20.0),
        (1.0, "S.cm-1.m3.mol-1", "S.m-1.m3.mol-1", 100.0),
        (5.0, "%", "1", 0.05),
        (1.5, "A.m-2.m4.5.mol-1.5", "A.m-2.m4.5.mol-1.5", 1.5),
    ],
)
def test_conversion_by_hand(value, unit, wanted, expected):
    assert to_si(value, unit, wanted) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("unit", "wanted"), [("kg", "m"), ("1", "m"), ("m", "1"), ("bananas", "m"), ("m**2", "m2")])
def test_wrong_dimension_or_unknown_unit_is_refused(unit, wanted):
    with pytest.raises(ValueError, match=r"is not|\*"):
        conversion(unit, wanted)


@pytest.mark.parametrize("unit", ["dBm", "dBW", "dBu"])
def test_a_logarithmic_unit_is_refused(unit):
    with pytest.raises(ValueError, match="multiple"):
        conversion(unit, "W")


def test_text_needs_a_unit_and_a_float_is_si():
    assert parse_quantity("30 um", "m") == pytest.approx(30e-6)
    assert parse_quantity(30e-6, "m") == 30e-6
    assert parse_quantity("-0.4", "1") == -0.4


@pytest.mark.parametrize("text", ["30", "30 kg", "thirty um", "", True, float("nan"), "\u0663\u0660 um", "3\uff10 um"])
def test_bad_text_names_key_found_and_wanted(text):
    with pytest.raises(ParameterError) as caught:
        parse_quantity(text, "m", "--set", "cell.separator.thickness")
    message = str(caught.value)
    assert "cell.separator.thickness" in message
    assert repr(text) in message
    assert "m" in message.partition("wanted")[2]
