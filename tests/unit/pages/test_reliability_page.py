"""The calibration report as a page: every figure and bin of every group, and hostile names as words."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.adapters.calibration_file import load_calibration
from provenance.attribution.decision import PartDecision, SourceFinding
from provenance.attribution.reliability import Truth, judge
from provenance.kernel.span import Span
from provenance.kernel.visible import visible
from provenance.pages.reliability import reliability_page
from provenance.services.records import DecidedBy
from provenance.services.reliability import CalibrationReport, Row, calibration_report

from .page_values import HOSTILE, parse, structure

JUDGED_ON = {"sources_sha256": "5050", "outputs_sha256": "0707"}


def row(kind: str, *, paid: bool, true: bool, confidence: float = 0.9) -> Row:
    findings = (
        (SourceFinding(work="a", confidence=confidence, spans=(Span(0, 9),), chars=9, matches=()),) if paid else ()
    )
    decision = PartDecision(chars=9, findings=findings, considered=(("a", confidence),))
    shares = {"a": 1.0} if true else {}
    spans = {"a": (Span(0, 9),)} if true else {}
    judged = judge(decision, Truth(shares=shares, unattributed=1.0 - sum(shares.values()), spans=spans))
    return Row(kind=kind, domain="d", chars=9, judged=judged)


def report(*rows: Row) -> CalibrationReport:
    by = DecidedBy(encoder="encoder-7", snapshot="5a5a", calibration="ca11")
    return calibration_report(rows, {274: rows, 1_096: rows}, sources=1_096, decided_by=by)


def page(*rows: Row, judged_on: dict[str, str] | None = None) -> Any:
    return parse(reliability_page(report(*rows), calibration=load_calibration(), judged_on=judged_on or JUDGED_ON))


@pytest.fixture(scope="module")
def tree() -> Any:
    right, undue = row("quote", paid=True, true=True), row("foreign", paid=True, true=False, confidence=0.7)
    return page(right, right, undue, row("foreign", paid=False, true=False, confidence=0.1))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_the_overall_figures_stand_first(tree: Any) -> None:
    shown = {d.xpath("./dt")[0].text: [words(x) for x in d.xpath("./dd")] for d in tree.xpath("//header/dl/div")}
    assert shown["share_tv"][0] == "25.0 %"
    assert shown["misdirected"][0] == "25.0 %"
    assert shown["false payouts"] == ["50.0 %", "of outputs that derive from nothing pay somebody: 1 of 2"]
    assert shown["span F1"][0] == "0.800"
    assert shown["ECE"][0] == "0.250"
    assert shown["Brier"][0] == "0.130"


def test_every_bin_is_a_dot_with_its_interval_and_a_line_of_the_table(tree: Any) -> None:
    [diagram] = tree.xpath("//figure/svg")
    assert len(diagram.xpath("./path[@class='diagonal']")) == 1
    titles = [t.text for t in diagram.xpath(".//title")]
    assert titles[0] == "confidence 0.10: 0.00 right (0.00 to 0.79) of 1"
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in diagram.xpath(".//circle")]
    assert dots == [(10, 100), (70, 100), (90, 0), (90, 0)]
    ranges = [r.get("d") for r in diagram.xpath(".//path[@class='range']")]
    assert ranges[0] == "M10.0 100.0V20.65"
    lines = [[c.text for c in line] for line in tree.xpath("//table[@class='bins']/tbody/tr")]
    assert lines[0] == ["0.100", "0.000", "0.000 to 0.793", "1", "yes"]
    assert len(lines) == len(dots)


def test_every_group_has_its_figures_and_a_diagram_of_its_own(tree: Any) -> None:
    headings = [words(h) for h in tree.xpath("//main//h2")]
    assert headings == ["All outputs", "By kind", "By length of the output", "By domain", "By size of the index"]
    kinds = tree.xpath("//section[@aria-label='By kind']//tbody/tr")
    assert [words(line[0]) for line in kinds] == ["foreign", "quote"]
    assert [words(c) for c in kinds[0]][1:5] == ["2", "50.0 %", "50.0 %", "50.0 % of 2"]
    assert [words(c) for c in kinds[1]][1:6] == ["2", "0.0 %", "0.0 %", "–", "1.000"]
    assert all(len(line.xpath(".//svg")) == 1 for line in tree.xpath("//table[@class='groups']/tbody/tr"))
    sizes = tree.xpath("//section[@aria-label='By size of the index']//tbody/tr")
    assert [words(line[0]) for line in sizes] == ["274 sources", "1,096 sources"]


def test_the_identities_are_told(tree: Any) -> None:
    foot = words(tree.xpath("//footer")[0])
    trained = load_calibration().trained_on
    assert all(name in foot for name in ("ca11", "encoder-7", "5a5a", "5050", "0707", *trained.values()))


def test_only_a_report_on_the_training_data_warns() -> None:
    one = row("quote", paid=True, true=True)
    assert not page(one).xpath("//*[@class='warning']")
    [warning] = page(one, judged_on=dict(load_calibration().trained_on)).xpath("//*[@class='warning']")
    assert "flatter" in words(warning)


def test_what_nothing_is_known_of_is_a_dash_and_no_zero() -> None:
    bare = judge(
        PartDecision(chars=9, findings=(), considered=()), Truth(shares={"a": 1.0}, unattributed=0.0, spans=None)
    )
    tree = page(Row(kind="k", domain="d", chars=9, judged=bare))
    shown = [words(d) for d in tree.xpath("//header/dl/div/dd[1]")]
    assert shown == ["–", "–", "100.0 %", "0.0 %", "–", "–"]
    assert "No source was considered." in words(tree)


def test_hostile_names_of_groups_are_words() -> None:
    kind, benign = (page(row(name, paid=True, true=True)) for name in (HOSTILE, "quote"))
    assert structure(kind) == structure(benign)
    [shown] = kind.xpath("//section[@aria-label='By kind']//tbody/tr/th")
    assert visible(HOSTILE).startswith(words(shown).removesuffix("…"))


def test_the_page_fetches_nothing(tree: Any) -> None:
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert not tree.xpath("//script | //@src | //@href | //@style")
