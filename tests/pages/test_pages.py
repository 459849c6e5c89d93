"""README and docs as a whole: every command line is one of ours, every link leads somewhere, each reader has a page."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.operations.commands import faults_of
from tests.pages.printed import ROOT, blocks

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_INLINE = re.compile(r"(?<!`)`(?!`)[^`\n]*`(?!`)")


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_command_line_is_one_that_the_program_has(page: Path) -> None:
    assert faults_of(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        text = text.replace(block.text, "")
    for target in _LINK.findall(_INLINE.sub("", text)):
        path, _, anchor = unquote(target).partition("#")
        if "://" in target:
            continue
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), target


def anchors(page: Path) -> set[str]:
    """Of headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_each_reader_finds_his_page_from_the_first_one() -> None:
    links = set(_LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    for name in ("administrator", "inspector", "provider", "developer", "legal", "upgrade"):
        assert f"docs/{name}.md" in links


def test_a_wrong_command_in_a_page_is_found() -> None:
    assert faults_of("    hanhtrinh db mend\n") == ["db mend: there is no command mend"]
    assert faults_of("`hanhtrinh check --folow`") == ["check --folow: there is no --folow"]
