"""What the documents say is there, is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import commands_doc
from bot.__main__ import main
from bot.fail_points import FailPoint

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BINARY = frozenset({".zip", ".jpg", ".png", ".webp", ".gif", ".ico", ".woff2"})
REGISTRIES = r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|download[.]pytorch[.]org|conda[.]anaconda[.]org"
OF_ONE_MACHINE = r"(?<![\w.~])/(?:work|root)/"
JOBS = ROOT / "docs" / "jobs.md"
TEST = r"^(?:async )?def (test_\w+)"


def test_every_setting_stands_in_its_table_with_its_default() -> None:
    page = (ROOT / "docs" / "running.md").read_text()
    table = page.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    said = CliRunner().invoke(main, ["settings", "--markdown"], catch_exceptions=False).output
    assert "DISCORD_TOKEN" in said
    assert table == said, "put what `oneiros settings --markdown` prints between the two markers"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            name, _, anchor = target.partition("#")
            there = page.parent / name if name else page
            assert there.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in _anchors(there), f"{page.name}: {target}"


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as the code host makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- \[(\d{4})\]\(([^)]+)\)", (folder / "README.md").read_text(), re.MULTILINE)
    assert [name for _, name in listed] == sorted(one.name for one in folder.glob("0*.md"))
    assert all(name.startswith(f"{number}-") for number, name in listed)


def test_every_target_of_make_that_is_named_is_there() -> None:
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (page.name, target)
        for page in PAGES
        for target in re.findall(r"(?:^\$ |`|=\S* )make ([a-z]+)", page.read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "run"} <= {target for _, target in named}
    assert {one for one in named if one[1] not in there} == set()


def test_every_threat_names_what_shows_it_is_stopped() -> None:
    rows = [line for line in (ROOT / "docs" / "threats.md").read_text().splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 20
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    for row in rows:
        _, asset, attacker, stopped_by, shown_by, _ = row.split("|")
        assert all(cell.strip() for cell in (asset, attacker, stopped_by)), row
        named = set(re.findall(r"`(test_\w+)`", shown_by))
        assert named, f"no test: {row}"
        assert named <= there, f"no longer there: {named - there}"


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="only a checkout knows its files"
)
def test_nothing_names_a_package_registry_or_one_machines_folders() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is on the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    texts = [file for file in files if file.suffix not in BINARY and file.is_file()]
    assert ROOT / "README.md" in texts
    found = [
        f"{file.relative_to(ROOT)}: {hit[0]}"
        for file in texts
        for hit in re.finditer(f"{REGISTRIES}|{OF_ONE_MACHINE}", file.read_text())
    ]
    assert found == []


def test_every_fail_point_stands_in_the_life_of_a_job_with_the_test_that_dies_there() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| (`test_[^|]*) \|$", JOBS.read_text(), re.MULTILINE)
    assert {point for point, _ in rows} == set(FailPoint)
    assert len(rows) == len(FailPoint)
    there = {
        name
        for kind in ("crashes", "transitions", "gallery_deaths")
        for name in re.findall(TEST, (ROOT / f"tests/service/test_service_{kind}.py").read_text(), re.MULTILINE)
    }
    assert {name for _, named in rows for name in re.findall(r"`(test_\w+)`", named)} == there


def test_every_change_of_a_job_names_tests_that_exist() -> None:
    page = JOBS.read_text()
    table = page.split("## States")[1].split("## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    assert [row for row in rows if "`test_" not in row.split("|")[-2]] == []
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(TEST, file.read_text(), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", page)) - there == set()


async def test_the_page_of_the_commands_is_as_they_are() -> None:
    assert commands_doc.PAGE.read_text() == await commands_doc.page(), "run: python -m bot.commands_doc"


def test_the_pictures_of_commands_are_of_commands_that_there_are_and_soon_loaded() -> None:
    pictures = sorted(commands_doc.PICTURES.glob("chat-*.webp"))
    page = commands_doc.PAGE.read_text()
    assert {one.name for one in pictures if one.name not in page} == set()
    assert {one.name for one in pictures if one.stat().st_size > 60_000} == set()
