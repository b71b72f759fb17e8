"""What is public is documented, and what the documents name exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(p.relative_to(ROOT) for p in (ROOT / "provenance").rglob("*.py"))
DOCUMENTS = [ROOT / "README.md", ROOT / "provenance" / "README.md", *(ROOT / "provenance" / "decisions").glob("*.md")]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_says_what_it_does(module: Path) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_every_make_target_of_the_readme_exists() -> None:
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert not [t for t in targets if not (document.parent / t).exists()]


def test_every_command_is_in_the_readme() -> None:
    from typer.main import get_command

    from provenance.cli import app

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = get_command(app).commands  # type: ignore[attr-defined]  # the app is a group
    assert not [name for name in commands if f"provenance {name}" not in text]


def test_every_setting_is_in_the_readme() -> None:
    from provenance.settings import Settings

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [n for n in Settings.model_fields if f"PROVENANCE_{n.upper()}" not in text]
