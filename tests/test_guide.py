"""README and guide say what the code says: tables, examples, commands, links and names.

A table between `<!-- table: NAME -->` and `<!-- end -->` is rendered by `guide_tables`; with the environment variable
`REWRITE_GUIDE` set, this test writes it anew instead of comparing. The Python examples of a page are run in their order
and in one namespace, but for those below a line `<!-- not run: WHY -->`.
"""

from __future__ import annotations

import os
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from guide_tables import TABLES

from cellmodel import resources
from cellmodel.assessment.checks.validation import COLUMNS as CHECK_COLUMNS
from cellmodel.assessment.checks.validation import VERDICTS as CHECK_VERDICTS
from cellmodel.assessment.checks.validation import all_checks
from cellmodel.assessment.claims.definition import ComputedClaim, list_claims, load_claim
from cellmodel.assessment.claims.designs import DESIGNS
from cellmodel.assessment.claims.report import BY_SET, SET_COLUMNS
from cellmodel.assessment.claims.report import COLUMNS as CLAIM_COLUMNS
from cellmodel.assessment.claims.rule import VERDICTS
from cellmodel.cli import app
from cellmodel.dataset.schema import END_CAUSE, STATUS
from cellmodel.protocols import parse_protocol
from cellmodel.study import parse_study

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
GUIDE = resources.folder("experiments") / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
LARGEST_README = 10_000
REWRITE = "REWRITE_GUIDE"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^<!-- table: (\w+) -->\n(.*?)^<!-- end -->$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_NOT_RUN = re.compile(r"<!-- not run: .{10,} -->\n$")
_MODULE = re.compile(r"^cellmodel(\.\w+)+$")
_FILE = re.compile(r"^(?:cellmodel|tests|parameters|experiments|results)/[\w./-]+$")
_WRITTEN = {"results"}  # folders that hold what commands write

documents = pytest.mark.parametrize("page", [README, CONTRIBUTING, *PAGES], ids=lambda page: page.stem)


def text_of(page: Path) -> str:
    """Return a page as text."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> Iterator[tuple[str, str]]:
    """Return what stands before each block of a language, and the block."""
    text = text_of(page)
    for found in _FENCE.finditer(text):
        if found.group(1) == language:
            yield text[: found.start()], found.group(2)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", text_of(page))


@cache
def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links, as GitHub makes it."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def table_rows(page: Path, heading: str) -> list[list[str]]:
    """Return the rows below the one table of a page whose heading line is given."""
    lines = text_of(page).split("\n")
    assert lines.count(heading) == 1, f"{page.name} has not one table with the heading\n{heading}"
    rows = []
    for line in lines[lines.index(heading) + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def test_the_readme_is_short_and_keeps_its_two_commands() -> None:
    assert len(README.read_bytes()) <= LARGEST_README
    sections = re.split(r"^## ", text_of(README), flags=re.MULTILINE)
    first = {part.split("\n")[0]: next(iter(_FENCE.finditer(part)), None) for part in sections[1:]}
    install = "python3 -m venv .venv && .venv/bin/pip install"
    assert first["Run"].group(2) == f"{install} . && .venv/bin/cellmodel run lfp_rate_capability\n"
    assert first["Test"].group(2) == f'{install} -e ".[test]" && .venv/bin/pytest -n auto\n'


def test_what_runs_elsewhere_runs_the_readmes_command_and_the_tools_of_this_project() -> None:
    command = next(block for _, block in blocks(README, "sh") if "pytest" in block).strip()
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert f"run: {command}\n" in workflow
    assert "https://" not in hooks
    tools = {line.split()[1] for line in hooks.splitlines() if line.strip().startswith("entry:")}
    assert tools == {"ruff", "mypy", "lint-imports"}
    assert [tool for tool in sorted(tools) if f"run: {tool}" not in workflow] == []


def test_the_index_leads_to_every_page() -> None:
    linked = set(_LINK.findall(text_of(GUIDE / "index.md")))
    assert {page.name for page in PAGES} - {"index.md"} - linked == set()


@documents
def test_links_resolve_also_where_a_wheel_puts_the_guide(page: Path) -> None:
    lost = []
    for target in _LINK.findall(prose(page)):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        place = (page.parent / path).resolve() if path else page
        packed = page not in PAGES or any(place.is_relative_to(resources.folder(name)) for name in resources.FOLDERS)
        known = not anchor or (place.suffix == ".md" and anchor in anchors(place))
        if not (place.exists() and packed and known):
            lost.append(target)
    assert lost == []


@documents
def test_modules_and_files_that_are_named_exist(page: Path) -> None:
    text = re.sub(r"^\|[^|]*\|", "|", prose(page), flags=re.MULTILINE) if page.stem == "changelog" else prose(page)
    lost = []
    for word in _CODE.findall(text):  # without the former names of the changelog
        if _MODULE.match(word):
            lost += [] if _is_there(word) else [word]
        elif _FILE.match(word) and word.split("/")[0] not in _WRITTEN:
            lost += [] if (ROOT / word).exists() else [word]
    assert lost == []


def _is_there(name: str) -> bool:
    """Return whether a dotted name is a module or stands in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


@documents
def test_tables_that_follow_from_the_code_are_as_the_code_has_them(page: Path) -> None:
    text = text_of(page)
    fresh = _TABLE.sub(lambda found: f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->", text)
    if os.environ.get(REWRITE):
        page.write_text(fresh, encoding="utf-8")
        text = fresh
    assert text == fresh, f"run this test with {REWRITE}=1 to write the tables anew"


def test_every_table_stands_in_the_guide_once() -> None:
    found = [name for page in PAGES for name, _ in _TABLE.findall(text_of(page))]
    assert sorted(found) == sorted(TABLES)


def test_the_table_of_claims_has_the_codes_heading_and_rows() -> None:
    *columns, last = CLAIM_COLUMNS.values()
    head, column = "| " + " | ".join(columns), f" | {SET_COLUMNS[BY_SET]}"  # there if a material has several sets
    there = f"{head}{column} |" in text_of(GUIDE / "claims.md")
    rows = table_rows(GUIDE / "claims.md", f"{head}{column * there} | {last} |")
    wanted = []
    for name in list_claims():
        claim = load_claim(name)
        cases = [case.label for case in claim.study.cases] if isinstance(claim, ComputedClaim) else []
        wanted += [(f"`{name}`", label, design) for label in cases for design in DESIGNS] or [(f"`{name}`", "", "")]
    # A case is called after its cell, or after its electrolyte where cells differ in that only.
    assert sorted((row[0], row[2]) for row in rows) == sorted((name, design) for name, _, design in wanted)
    assert {len(row) for row in rows} == {len(CLAIM_COLUMNS) + there}
    assert {row[-1] for row in rows} <= set(VERDICTS)


def test_the_table_of_checks_has_the_codes_heading_and_rows() -> None:
    rows = table_rows(GUIDE / "validation.md", "| " + " | ".join(CHECK_COLUMNS.values()) + " |")
    known = {f"`{check.name}`": check for check in all_checks()}
    assert list(dict.fromkeys(row[0] for row in rows)) == list(known)
    for row in rows:
        check = known[row[0]]
        assert row[2] == (f"[{check.reference}](https://doi.org/{check.doi})" if check.doi else check.reference)
    assert {row[-1] for row in rows} <= set(CHECK_VERDICTS.values())


@pytest.mark.parametrize(("head", "words"), [("end cause", END_CAUSE), ("status", STATUS)])
def test_every_word_of_a_flag_is_explained(head: str, words: dict[str, int]) -> None:
    rows = table_rows(GUIDE / "results.md", f"| {head} | what it means |")
    assert [row[0] for row in rows] == [f"`{word}`" for word in words]


@documents
def test_commands_are_as_the_command_line_takes_them(page: Path) -> None:
    lines = [line for _, block in blocks(page, "sh") for line in block.splitlines()]
    lines += [word for word in _CODE.findall(prose(page)) if word.startswith("cellmodel ")]
    wrong = {}
    for line in lines:
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)
            if words[:1] == ["cellmodel"] or words[:1] == [".venv/bin/cellmodel"]:
                wrong |= _misread(words[1:])
            elif words[:1] == ["pytest"]:
                wrong |= {word: "no such file" for word in words if word.startswith("tests") and not _exists(word)}
    assert wrong == {}


def _exists(word: str) -> bool:
    return (ROOT / word.split("::")[0]).exists()


def _misread(words: list[str]) -> dict[str, str]:
    """Return what the command line has against some words; nothing is run."""
    command = typer.main.get_command(app)
    if words[:1] and words[0].startswith("-"):
        known = {"-h", "--help"}.union(*(parameter.opts for parameter in command.params))
        return {} if words[0] in known else {words[0]: "no such option"}
    own = command.commands.get(words[0] if words else "")
    if own is None:
        return {" ".join(words): "no such command"}
    if words[1:] and words[1:] != ["--help"]:
        try:
            own.make_context(words[0], words[1:])
        except Exception as error:  # typer carries a click of its own
            return {" ".join(words): f"{type(error).__name__}: {error}"}
    return {}


@documents
def test_toml_examples_are_read(page: Path) -> None:
    for _, block in blocks(page, "toml"):
        values = tomllib.loads(block)
        if "protocol" in values:
            parse_study(values, "example.toml")
        elif "step" in values or "steps" in values:
            parse_protocol(values, "example.toml")
        assert values


def examples(page: Path) -> list[tuple[int, str]]:
    """Return the Python examples of a page that are run, each with its line."""
    found = blocks(page, "python")
    return [(before.count("\n") + 2, block) for before, block in found if not _NOT_RUN.search(before)]


@pytest.mark.parametrize("page", [page for page in (README, *PAGES) if examples(page)], ids=lambda page: page.stem)
@pytest.mark.usefixtures("shipped_mechanisms")
def test_python_examples_run(page: Path, folder: Path) -> None:
    namespace: dict[str, object] = {"__name__": "example"}
    for line, block in examples(page):
        exec(compile("\n" * (line - 1) + block, page.name, "exec"), namespace)
    assert "cellmodel" in namespace
