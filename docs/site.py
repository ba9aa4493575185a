"""Brings into the site (`make docs`) what pages link to beside the folder docs: the front page, licences, pictures.

The pages stay as the code host shows them; a link that leaves the folder leads to the same file within the site. A hook
of MkDocs (``mkdocs.yml``), whose functions it calls by their names.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
FRONT = ROOT / "README.md"
PICTURES = frozenset({".jpg", ".png", ".webp", ".svg"})
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")  # where a link within the repository leads, without its anchor
ICON = ROOT / "bot" / "web" / "assets" / "icon.svg"  # mkdocs.yml names it
SHEETS = ROOT / "engine" / "data" / "atlas"


def on_config(config: MkDocsConfig) -> None:
    """List the decisions, so that a new one need only be written."""
    (listed,) = (entry["Decisions"] for entry in config.nav or [] if "Decisions" in entry)
    listed += sorted(one.relative_to(DOCS).as_posix() for one in (DOCS / "decisions").glob("0*.md"))


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add what pages link to, and what that links to, and so on."""
    todo = [FRONT, *(DOCS / one.src_uri for one in files.documentation_pages())]
    seen = set(todo)
    for one in (FRONT, ICON):
        files.append(_added(one, config))
    while todo:
        for target in _targets(todo.pop()):
            if target in seen or DOCS in target.parents or not target.is_file():
                continue  # what is not there MkDocs itself tells
            seen.add(target)
            files.append(_added(target, config))
            if target.suffix == ".md":
                todo.append(target)
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Have the links of a page lead to where their targets are in the site."""
    origin = Path(page.file.abs_src_path or page.file.src_uri)
    if origin.suffix != ".md":
        return markdown
    here = PurePosixPath(page.file.src_uri).parent

    def moved(match: re.Match[str]) -> str:
        target = (origin.parent / match[1]).resolve()
        inside = DOCS in origin.parents and DOCS in target.parents
        return match[1] if inside or not target.exists() else os.path.relpath(_place(target), here)

    return LINK.sub(moved, markdown)


def on_post_build(*, config: MkDocsConfig) -> None:
    """Put the atlas's sheets beside its pages, which look for them in the engine's folder."""
    folder = Path(config.site_dir) / "atlas"
    shutil.copytree(SHEETS, folder / "sheets", dirs_exist_ok=True)
    elsewhere = os.path.relpath(SHEETS, DOCS / "atlas")
    for page in folder.glob("*.html"):
        page.write_text(page.read_text().replace(elsewhere, "sheets"))


def _targets(page: Path) -> Iterator[Path]:
    return ((page.parent / match[1]).resolve() for match in LINK.finditer(page.read_text()))


def _place(target: Path) -> str:
    """Return where a file is in the site: the front page, a page, a picture; any other text is shown as a page."""
    if target == FRONT:
        return "index.md"
    path = target.relative_to(DOCS if DOCS in target.parents else ROOT).as_posix()
    return path if target.suffix in {".md", ".html", *PICTURES} else f"{path}.md"


def _added(target: Path, config: MkDocsConfig) -> File:
    place = _place(target)
    if target.suffix in {".md", *PICTURES}:
        return File.generated(config, place, abs_src_path=str(target))
    text = f"# {target.name}\n\n```text\n{target.read_text()}\n```\n"
    return File.generated(config, place, content=text, inclusion=InclusionLevel.NOT_IN_NAV)
