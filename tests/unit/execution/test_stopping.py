"""Signals: what they raise and when, whose handlers stay; processes that cannot start; times that are none."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from cellmodel.cli.commands import signals_as_exit_codes
from cellmodel.errors import ExecutionError, ParameterError, StudyError
from cellmodel.execution import worker_process
from cellmodel.execution.stopping import (
    Stopped,
    check_stopped,
    left_undisturbed,
    signals_stop,
    undisturbed,
    what_is_kept,
)
from cellmodel.execution.worker_process import Processes
from cellmodel.inputs import wall_time
from cellmodel.study import parse_study, run_study

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs signals of POSIX")
STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")


def handlers() -> list[object]:
    return [signal.getsignal(getattr(signal, name)) for name in STOPPING]


def send(name: str) -> None:
    signal.raise_signal(getattr(signal, name))


@pytest.mark.parametrize("name", STOPPING)
def test_a_signal_raises_and_the_handlers_are_as_before(name, caplog):
    before = handlers()
    kind = KeyboardInterrupt if name == "SIGINT" else Stopped
    with caplog.at_level(logging.WARNING), pytest.raises(kind) as caught, signals_stop(lambda: "much"):
        send(name)
    assert handlers() == before
    if name != "SIGINT":
        assert caught.value.code == 128 + getattr(signal, name)
        assert caplog.messages == [f"stopped by {name}: much"]


def test_a_handler_of_the_caller_an_ignored_signal_and_threads_stay_as_they_are():
    heard, before = [], handlers()
    signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        with signals_stop():
            send("SIGTERM")
            send("SIGHUP")
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before[1])
        signal.signal(signal.SIGHUP, before[2])
    inside = []

    def work() -> None:
        with signals_stop(), undisturbed():
            check_stopped()
            inside.extend(handlers())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert inside == before


def test_a_signal_waits_while_runs_are_written_and_while_a_store_is_left():
    done = []

    class Store:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            send("SIGTERM")
            done.append(error[0])

    def write() -> None:
        with undisturbed():
            send("SIGTERM")
            done.append("written")

    with pytest.raises(Stopped), signals_stop():
        write()
    with pytest.raises(Stopped), signals_stop(), left_undisturbed(Store()):
        pass
    assert done == ["written", None]


@pytest.mark.parametrize("look", [check_stopped, int])
def test_a_signal_that_a_library_swallows_stops_all_the_same(look):
    def swallow() -> None:
        with contextlib.suppress(BaseException):
            send("SIGHUP")
        look()

    with pytest.raises(Stopped), signals_stop():
        swallow()


SECOND = """
import signal, sys, time
from cellmodel.execution.stopping import signals_stop, undisturbed
with signals_stop(final={final}), undisturbed():
    print("ready", flush=True)
    signal.raise_signal(signal.{name})
    print("first", flush=True)
    signal.raise_signal(signal.{name})
    print("second", flush=True)
"""


@pytest.mark.parametrize(("name", "final"), [("SIGTERM", False), ("SIGHUP", True), ("SIGINT", True)])
def test_a_second_signal_ends_at_once_even_in_the_middle_of_writing(name, final):
    code = SECOND.format(name=name, final=final)
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (-getattr(signal, name), "ready\nfirst\n")


DEAF = """
import ctypes, os
from cellmodel.execution.stopping import signals_stop
with signals_stop():  # PyDLL keeps Python from running meanwhile, as a solver does
    ctypes.PyDLL(None).system(f"kill -TERM {os.getpid()}; sleep 0.1; kill -TERM {os.getpid()}; sleep 5".encode())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only where the layout of the system's structure is known")
def test_a_second_signal_needs_no_python():
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", DEAF], check=False, stderr=subprocess.DEVNULL, timeout=60)
    assert ended.returncode == -signal.SIGTERM
    assert time.monotonic() - begun < 4.0


def test_the_command_line_ends_with_a_sentence_and_the_code_of_the_signal(tmp_path, capsys):
    import typer

    for stop, code in ((KeyboardInterrupt(), 130), (Stopped(signal.SIGTERM), 143), (Stopped(signal.SIGHUP), 129)):
        for results, said in ((None, "nothing was written"), (tmp_path, "goes on from there")):
            with pytest.raises(typer.Exit) as caught, signals_as_exit_codes(results):
                raise stop
            assert caught.value.exit_code == code
            assert capsys.readouterr().err.rstrip().endswith(said)
    with pytest.raises(FileNotFoundError), signals_as_exit_codes(None):
        raise FileNotFoundError
    assert what_is_kept(tmp_path / "none", "call") == "nothing was written"


def test_a_process_that_can_start_none_is_told_so_in_one_line(monkeypatch):
    monkeypatch.setattr(worker_process.process.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(ExecutionError, match="under `if __name__ == '__main__':`"):
        Processes(2, print)
    monkeypatch.undo()
    monkeypatch.setattr(worker_process.spawn, "get_executable", lambda: None)
    assert not worker_process.can_spawn()
    monkeypatch.undo()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["program", "--multiprocessing-fork"])
    with pytest.raises(ExecutionError, match="freeze_support"):
        Processes(2, print)


def test_only_this_thread_starts_processes_without_the_main_module(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/some/script.py", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    usual, elsewhere = worker_process.spawn.get_preparation_data, []
    with worker_process._without_main():
        thread = threading.Thread(target=lambda: elsewhere.append(worker_process.spawn.get_preparation_data("a")))
        thread.start()
        thread.join()
        here = worker_process.spawn.get_preparation_data("b")
    assert elsewhere[0]["init_main_from_path"] == "/some/script.py"
    assert not [key for key in here if "main" in key]
    assert worker_process.spawn.get_preparation_data is usual


TIMES = [60, 60.0, np.float32(60), np.int64(60), "60 s", "1 min", " 60 s ", pd.Series([60.0]).iloc[0]]
NO_TIMES = [0, -1, np.nan, np.inf, True, False, "", "  ", "60", "0 s", "-1 s", "nan s", "1e400 s", "3 kg", [60],
            b"60 s", 1e300, "s", {}, np.array([60.0]), "1" * 5000]  # fmt: skip


@pytest.mark.parametrize("value", TIMES)
def test_a_time_is_seconds_or_text_with_a_unit(value):
    assert wall_time(value) == 60.0


def quick_study(**changes):
    document = {"description": "d", "cells": ["li_peo_lfp"], "protocol": "discharge", "c_rate": 1.0, **changes}
    return parse_study(document, "s.toml")


@pytest.mark.parametrize("value", NO_TIMES)
def test_what_is_no_time_is_refused_alike_in_a_file_and_in_a_call_before_anything_runs(value, tmp_path):
    said = []
    with pytest.raises(ParameterError) as caught:
        wall_time(value)
    said.append(str(caught.value).split("time_limit:")[1])
    with pytest.raises(StudyError) as caught:
        run_study(quick_study(), tmp_path, time_limit=value)
    said.append(str(caught.value).split("time_limit:")[1])
    with pytest.raises(StudyError) as caught:
        quick_study(time_limit=value)
    said.append(str(caught.value).split("time_limit:")[1])
    assert said[0] == said[1] == said[2]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [{"progress": 5}, {"progress": "yes"}, {"workers": True}, {"workers": "4"}])
def test_an_option_of_the_wrong_type_is_refused_before_anything_runs(option, tmp_path):
    with pytest.raises((StudyError, ExecutionError), match=f"{next(iter(option))}: found"):
        run_study(quick_study(), tmp_path, **option)
    assert list(tmp_path.iterdir()) == []


def test_the_former_name_of_workers_is_taken_with_a_warning():
    with pytest.warns(DeprecationWarning, match="`executor` is now called `workers`"), pytest.raises(ExecutionError):
        run_study(quick_study(), None, executor=0)
    with warnings.catch_warnings(), pytest.raises(StudyError, match="one of the two"):
        run_study(quick_study(), None, workers=1, executor=1)
