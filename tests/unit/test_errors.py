from __future__ import annotations

import pickle

import pytest

from cellmodel.errors import (
    MOST_CHARACTERS,
    MOST_LINES,
    CellModelError,
    ParameterError,
    Problem,
    choices,
    found_text,
    nearest,
)


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


def test_a_question_is_asked_as_one_and_stands_in_the_place_of_what_is_wanted():
    asked = Problem("a.toml", "cell", "'li_peo_lpf'", choices("li_peo_lpf", ["li_peo_lfp"]))
    assert str(asked) == "a.toml: cell: found 'li_peo_lpf'; did you mean li_peo_lfp?"


def test_a_message_shows_ten_of_a_kind_and_says_how_many_more():
    problems = [Problem("a.csv", f"line {n}", f"'x{n}'", "a number") for n in range(60_000)]
    problems.insert(30, Problem("a.csv", "delimiter", "a semicolon", "a comma"))
    lines = str(ParameterError(problems)).splitlines()
    assert len(lines) == 12
    assert "a semicolon" in lines[10]
    assert lines[-1] == "and 59990 more like these"
    assert len(ParameterError(problems).problems) == 60_001


def test_no_message_is_longer_than_its_limits():
    many = [Problem("a.toml", f"key_{n}", f"kind {chr(97 + n % 26)} of fault {'y' * n}", "w" * 900) for n in range(300)]
    for error in (ParameterError(many), ParameterError("s" * 9000), ParameterError("line\n" * 500)):
        assert len(str(error)) <= 2000
        assert len(str(error).splitlines()) <= 20


def test_what_a_user_gave_is_shown_short_and_visible():
    assert found_text("a\u200bb\x1b[31m") == "'a\\u200bb\\x1b[31m'"
    assert len(found_text("x" * 100_000)) < 250
    assert found_text(10**5000) == "a whole number of more than 30 digits"
    assert found_text(list(range(10_000))) == "a value of type list"
    shown = str(ParameterError(Problem("a\nb", "k\x00" * 999, "f" * 99_999, "w")))
    assert len(shown) < 2000
    assert shown.isprintable()


def test_an_error_from_another_process_keeps_its_problems():
    error = ParameterError([Problem("a", "b", "c", "d")])
    copied = pickle.loads(pickle.dumps(error))
    assert (copied.problems, str(copied)) == (error.problems, str(error))


def test_the_text_of_an_error_stays_within_its_characters_whatever_the_last_problem() -> None:
    for count in range(2, 20):
        for size in range(100, 420, 7):
            problems = [Problem("f", f"key{n}", f"{'abcdefghijklmnopqrst'[n] * size}", "x") for n in range(count)]
            text = str(ParameterError(problems))
            assert len(text) <= MOST_CHARACTERS
            assert len(text.splitlines()) <= MOST_LINES
