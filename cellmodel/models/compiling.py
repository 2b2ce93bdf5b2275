"""Ahead-of-time compiled functions: a model's CasADi graphs as machine code, kept on disk for this machine.

The graphs are expanded to scalars first: straight-line C compiles faster and runs faster than CasADi's code for whole
vectors. Libraries are kept in the user's cache folder under a name made of processor, compiler, flags and CasADi's
version, because code for one processor may crash on another, so a cache on a shared disk serves a mixed cluster. It
knows CasADi and the compiler; it knows no cell and no integrator.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import casadi

from cellmodel.errors import ParameterError, Problem, SolveError

COMPILER = "gcc"
LINKED = ("-Wl,--no-as-needed", "-lm") if sys.platform == "linux" else ()
"""A library that does not name glibc's libm gets the exp and log of 2002, whose error handling costs 3 % of a solve."""
FLAGS = ("-O1", "-march=native", "-fPIC", "-fno-math-errno", *LINKED)
"""-O1: -O3 takes several times as long to compile straight-line code and gains nothing. Square roots need no errno."""


def compile_functions(functions: Sequence[casadi.Function]) -> list[casadi.Function]:
    """Return functions of different names that compute the same numbers as machine code, up to round-off.

    Raises
    ------
    ParameterError
        If there is no C compiler.
    SolveError
        If it fails.
    """
    check_compiler()
    scalar = [function.expand(function.name()) if function.is_a("MXFunction") else function for function in functions]
    try:
        return _compiled(scalar)
    except subprocess.CalledProcessError as error:
        where = f"into {cache_folder()}; leave compiled out"
        raise SolveError(f"{COMPILER} could not compile the model's functions {where}: {error.stderr[:500]}") from error


def _compiled(functions: Sequence[casadi.Function]) -> list[casadi.Function]:
    """Return the functions from the library of their own content, which is compiled unless it is there."""
    content = "\0".join(f"{function.name()}\0{function.serialize()}" for function in functions)
    name = f"casadi_{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    library = cache_folder() / f"{name}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        generator = casadi.CodeGenerator(name, {"with_header": False})
        for function in functions:
            generator.add(function)
        with TemporaryDirectory(dir=library.parent) as folder:  # its own: several processes may compile at once
            source, made = Path(folder, f"{name}.c"), Path(folder, library.name)
            source.write_text(generator.dump())
            command = [COMPILER, *FLAGS, "-shared", str(source), "-o", str(made)]
            subprocess.run(command, check=True, capture_output=True, text=True)
            made.replace(library)
    return [casadi.external(function.name(), str(library)) for function in functions]


def check_compiler() -> None:
    """Raise if nothing can be compiled here and kept; found out with a function of one line, once per process.

    Raises
    ------
    ParameterError
        The C compiler is not on the path or fails, or the user's cache folder cannot be written or executed from.
    """
    if not _is_there(COMPILER):
        wanted = f"the C compiler {COMPILER} on the path, or compiled left out"
        raise ParameterError(Problem("run", "compiled", f"true without {COMPILER}", wanted))
    _check_that_it_works(COMPILER, os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("HOME", ""))


@cache
def _is_there(compiler: str) -> bool:
    return shutil.which(compiler) is not None


@cache
def _check_that_it_works(_compiler: str, _cache: str, _home: str) -> None:
    """Compile a function that stays the same, so that only the first process on a machine calls the compiler."""
    x = casadi.SX.sym("x")
    try:
        _compiled([casadi.Function("probe", [x], [2 * x])])
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        found = f"true, but nothing can be compiled and kept: {error}"
        wanted = "a home folder, or one that XDG_CACHE_HOME names, that can be written; or compiled left out"
        raise ParameterError(Problem("run", "compiled", found, wanted)) from None


def cache_folder() -> Path:
    """Return the folder of compiled functions for this machine below $XDG_CACHE_HOME or ~/.cache; it need not exist."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "cellmodel" / "compiled" / _machine()


@cache
def _machine() -> str:
    """Return a name for what decides whether machine code runs here: processor, compiler, flags, CasADi."""
    processor = [platform.machine(), platform.processor()]
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        lines = listed.read_text().splitlines()
        processor += sorted(
            {line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))}
        )
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True, check=True).stdout
    text = repr((processor, version, FLAGS, casadi.CasadiMeta.version()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
