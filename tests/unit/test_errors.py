from __future__ import annotations

import pytest

from cellmodel.errors import MOST_CHARACTERS, MOST_LINES, CellModelError, ParameterError, Problem, choices, nearest


def test_an_error_lists_every_problem_with_file_key_found_and_wanted():
    problems = [Problem("a.toml", "x.y", "3 kg", "a length"), Problem("a.toml", "z", "nothing", "a number")]
    with pytest.raises(CellModelError) as caught:
        raise ParameterError(problems)
    assert str(caught.value) == "a.toml: x.y: found 3 kg, wanted a length\na.toml: z: found nothing, wanted a number"
    assert caught.value.problems == tuple(problems)


def test_nearest_names_are_offered_and_all_names_where_none_is_near():
    assert nearest("li_peo_lpf", ["li_peo_lfp", "li_peo_nmc", "zebra"])[0] == "li_peo_lfp"
    assert choices("li_peo_lpf", ["li_peo_lfp", "zebra"]) == "did you mean li_peo_lfp?"
    assert choices("qqq", ["b", "a"]) == "one of a, b"
    assert choices("qqq", []) == "nothing: there is none"


def test_the_text_of_an_error_stays_within_its_characters_whatever_the_last_problem() -> None:
    for count in range(2, 20):
        for size in range(100, 420, 7):
            problems = [Problem("f", f"key{n}", f"{'abcdefghijklmnopqrst'[n] * size}", "x") for n in range(count)]
            text = str(ParameterError(problems))
            assert len(text) <= MOST_CHARACTERS
            assert len(text.splitlines()) <= MOST_LINES
