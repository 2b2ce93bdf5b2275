"""The command line: `cellmodel list`, `show`, `check`, `run`, `energy`, `design`, `claims`, `plot` and so on.

It turns words into calls of the rooms below and their answers into text; it computes nothing. Each command
imports what it needs when it is called, so that `--help` and `list` stay fast.
"""

from __future__ import annotations

try:
    from collections.abc import Callable
    from typing import Annotated

    import typer

    from cellmodel import __version__
    from cellmodel.cli.assessment import judge_claims, validate_model
    from cellmodel.cli.commands import Command, Commands
    from cellmodel.cli.design import design
    from cellmodel.cli.energy import energy
    from cellmodel.cli.library import check_inputs, list_library, print_schema
    from cellmodel.cli.measuring import impedance, polarise
    from cellmodel.cli.show import show_cell
    from cellmodel.cli.studies import convert_results, export_results, plot_from_results, run_named_study
except KeyboardInterrupt:  # nothing has begun: no traceback for it
    raise SystemExit(130) from None

__all__ = ["app"]

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cellmodel {__version__}")
        raise typer.Exit


@app.callback()
def describe(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="say which version this is")
    ] = False,
) -> None:
    """Discharge curves of polymer-electrolyte lithium-metal cells, from sourced parameters.

    **Start here**

    * `cellmodel list`: which cells, materials, protocols and studies there are
    * `cellmodel show li_peo_lfp --sources`: every number of a cell and where it comes from
    * `cellmodel run lfp_rate_capability`: run a study; results and a figure go to `results/`
    * `cellmodel plot lfp_rate_capability`: draw it again
    * `cellmodel polarise potentiostatic li_peo_lfp`, `cellmodel impedance li_peo_lfp`: measure polymer and cell
    * `cellmodel claims`: which of the industry's claims hold, and how sure that is
    * `cellmodel energy li_peo_lfp`: what it weighs, and what it delivers per kilogram and per litre
    * `cellmodel design li_peo_lfp --plot --claim 250`: the best cell at each rate, in watt-hours per kilogram
    * `cellmodel validate`: how well all of this agrees with what is known

    Exit codes: 0 all well, 1 problems in the input or a failed check, 2 wrong use of a command, 3 some runs failed,
    130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP, what is finished kept.
    """


_COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_library,
    "show": show_cell,
    "check": check_inputs,
    "schema": print_schema,
    "run": run_named_study,
    "polarise": polarise,
    "impedance": impedance,
    "energy": energy,
    "design": design,
    "plot": plot_from_results,
    "export": export_results,
    "convert": convert_results,
    "claims": judge_claims,
    "validate": validate_model,
}
_EXIT_CODES = "Exit codes: 0 all well, 1 problems in the input or a failed check, 2 wrong use, "
for _name, _function in _COMMANDS.items():
    _more = "3 some runs failed, 130 stopped by Ctrl-C." if _name == "run" else "130 stopped by Ctrl-C."
    app.command(_name, cls=Command, epilog=_EXIT_CODES + _more)(_function)
