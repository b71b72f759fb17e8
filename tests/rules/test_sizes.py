"""No file above 400 lines, no function above 70: past that it is two rooms in one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("provenance", "tests", "demo", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def test_there_is_something_to_measure() -> None:
    assert len(FILES) > 100


@pytest.mark.parametrize("file", FILES, ids=str)
def test_file_and_its_functions_are_short(file: Path) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES_MAX
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long


def test_no_file_is_named_for_nothing() -> None:
    assert not [f for f in FILES if f.stem in BANNED_NAMES]
