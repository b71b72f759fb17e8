"""The demo, from its first line to its last, in a folder of its own."""

import contextlib
import io
import json
import re
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.zip_archive import ZipReader
from provenance.attribution.given import given_spans
from provenance.attribution.preamble import part_segments
from provenance.bootstrap import System
from provenance.cli.render import console
from provenance.kernel.parts import WHOLE_PPB
from provenance.kernel.span import Span
from provenance.services.check_export import check_export
from provenance.services.ports import Encoder
from provenance.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS_MAX = 60  # of processor time, which other processes don't lengthen


@pytest.fixture(scope="module")
def told(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo printed, and where it worked."""
    home = tmp_path_factory.mktemp("demo") / "home"
    home.mkdir()
    (home / "left-over").touch()
    printed, started = io.StringIO(), time.process_time()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.syspath_prepend(str(ROOT))
        from demo import story

        story.run(console(), home, keep_serving=False)
    assert time.process_time() - started < CPU_SECONDS_MAX
    return printed.getvalue(), home


def _numbers(text: str, row: str) -> list[str]:
    """The columns of a table's row, right of its name."""
    [line] = [line for line in text.splitlines() if re.match(rf" {row} {{2,}}", line)]
    return re.split(r" {2,}", line.strip())[1:]


def test_all_works_and_outputs_are_recorded(told: tuple[str, Path]) -> None:
    text, _ = told
    assert "67 works in " in text
    assert "71 outputs attributed, accrued and posted in " in text


def test_one_output_of_each_kind_is_shown_and_one_that_is_not_allowed(told: tuple[str, Path]) -> None:
    shown = told[0].partition("Six outputs")[2].partition("A licence that states a risk")[0]
    assert len(re.findall(r"gen_[0-9a-f]{24}", shown)) == 6
    assert len(re.findall(r"^(mixture|quotation|rewrite|summary|unrelated)$", shown, re.MULTILINE)) == 6
    assert "blocked" in shown
    assert "»[1]" in shown


def test_a_near_copy_is_told_of_and_earns_nothing(told: tuple[str, Path]) -> None:
    assert re.search(r"A Summer's Day, for Cards: .+ is in Sonnet 18 too \(near duplicate\); first: Sonnet 18", told[0])
    system = System(Settings(home=told[1]))
    with system.database.begin() as work:
        earned = {
            a.work for r in work.generations.page(limit=100).items for u in r.fact.accrual.uses for a in u.accruals
        }
        titles = {entity.title for entity in work.works.many(earned).values()}
    system.close()
    assert "The Weighbridge Clerk" not in titles, "it was held, and released"
    assert titles
    assert not titles & {"Sonnet 18", "A Summer's Day, for Cards"}


def test_what_was_held_is_released(told: tuple[str, Path]) -> None:
    shown = told[0].partition("A licence that states a risk")[2].partition("How right that is")[0]
    [held] = re.findall(r"(\d\.\d{6} USD) of work_[0-9a-f]+: release\. ines-varrandal (\d\.\d{6} USD)\.", shown)
    assert held[0] == held[1] != "0.000000 USD"


def test_the_comparison_covers_all_outputs_and_all_of_each(told: tuple[str, Path]) -> None:
    kinds = {kind: _numbers(told[0], kind) for kind in ("mixture", "quotation", "rewrite", "summary", "unrelated")}
    count, *parts = _numbers(told[0], "all")
    assert int(count) == sum(int(row[0]) for row in kinds.values()) == 71
    assert sum(float(part.removesuffix(" %")) for part in parts) == pytest.approx(100, abs=0.3)
    found, misdirected, *_ = (float(part.removesuffix(" %")) for part in parts)
    assert found > 30
    assert misdirected < 3


def test_the_books_balance_and_the_export_passes_its_checks(told: tuple[str, Path]) -> None:
    text, home = told
    assert "equal credits" in text
    assert "differ from" not in text
    assert "The records are unaltered" in text
    checks = check_export(ZipReader(home / "export.zip"))
    assert not [check for check in checks if check.failed]
    unchecked = {check.name for check in checks if not check.checked}
    nothing_of = ("withdrawn", "dispute", "subscription")  # the demo keeps all works, and nobody subscribes
    assert not [name for name in unchecked if not any(word in name for word in nothing_of)]


def test_three_creators_see_what_they_earned(told: tuple[str, Path]) -> None:
    reports = told[0].partition("What three creators earned")[2].partition("is over (in a copy")[0]
    assert reports.count("from the beginning to") == reports.count("By work") == 3


def test_the_api_answers_over_http_with_a_key(told: tuple[str, Path]) -> None:
    text, home = told
    assert re.search(r"GET http://127\.0\.0\.1:\d+/readyz: ready is true", text)
    assert re.search(r"/v1/parties/\S+/report: .+ earned \d+\.\d{6} USD", text)
    assert "http://127.0.0.1:8000/docs" in text
    assert (home / "api.log").exists()


def test_keys_are_in_a_file_for_its_owner_alone_and_nowhere_else(told: tuple[str, Path]) -> None:
    text, home = told
    keys: Mapping[str, Mapping[str, Any]] = json.loads((home / "keys.json").read_text(encoding="utf-8"))
    assert set(keys) == {"service", "creator", "auditor", "operator"}
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
    for key in keys.values():
        assert key["token"] not in text
        assert key["token"] not in (home / "api.log").read_text(encoding="utf-8")


def test_what_an_earlier_demo_left_is_gone(told: tuple[str, Path]) -> None:
    assert not (told[1] / "left-over").exists()


def test_the_spans_shown_are_those_that_the_shares_count(encoder: Encoder, told: tuple[str, Path]) -> None:
    system = System(Settings(home=told[1]))
    with system.database.begin() as work:
        records = [r.fact for r in work.generations.page(limit=100).items]
    system.close()
    for record in records:
        texts = [part.text for part in record.generation.parts]
        total = sum(len(span) for text in texts for span in part_segments(text))
        for attribution in record.shares.attributions:
            given = sum(
                sum(len(s) for s in part_segments(text) if any(_within(s, span) for span in given_spans(text, matches)))
                for number, text in enumerate(texts)
                if (matches := [m for part, m in attribution.matches if part == number])
            )
            assert given / total == pytest.approx(attribution.share_ppb / WHOLE_PPB, abs=1e-8)


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def test_the_month_is_closed_and_stated_in_a_copy(told: tuple[str, Path]) -> None:
    shown = told[0].partition("is over (in a copy")[2].partition("What is payable is paid")[0]
    assert "is closed for good, with 17 statements" in shown
    assert "Closing balance" in shown
    assert "By territory" in shown
    system = System(Settings(home=told[1]))
    with system.database.begin() as work:
        assert not work.statements.closes(), "today's books stay in today"
    system.close()


def test_creators_are_paid_by_stripe_and_by_a_bank_and_all_of_it_fits(told: tuple[str, Path]) -> None:
    shown = told[0].partition("What is payable is paid")[2].partition("An audit export")[0]
    assert len(re.findall(r"payout_[0-9a-f]{24} +settled", shown)) == 3
    assert "Reconciled: everything fits, by both ways." in shown
    assert [path.suffix for path in (told[1] / "next-month" / "bank").rglob("M*.xml")] == [".xml"]
