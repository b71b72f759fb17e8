"""Earnings and balances on the terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text

from provenance.cli.render import amount, cell, confidence, console, fields, percent, table
from provenance.cli.visible import excerpt, visible
from provenance.kernel.money import format_micros
from provenance.kernel.parts import WHOLE_PPM
from provenance.ledger.balance import TrialBalance
from provenance.royalties.accrual import OUT_OF_REACH_PPM, Outcome
from provenance.services.ports import Database
from provenance.services.records import EarningsLine, Page, Recorded, UseLine
from provenance.services.report import CreatorReport, MatchedSpans, UseDetail, creator_report
from provenance.sources.terms_text import terms_mapping
from provenance.statements.period import THE_BEGINNING, Period

PAGE = 1_000
EXCERPT_CHARS = 300


def load(database: Database, party: str, period: Period, *, uses_max: int) -> CreatorReport:
    """The report with the last uses instead of the first ones, newest first. Raises `NotFound`."""
    report = creator_report(database, party, period, uses_max=1)
    last, more = _last_uses(database, party, period, uses_max)
    return replace(report, uses=Page(items=tuple(last), next_after=last[-1].seq if more and last else None))


def show(report: CreatorReport, *, short: bool = False) -> None:
    """Print a report; a short one has the totals and the works alone."""
    out = console()
    start = (
        "from the beginning" if report.period.since == THE_BEGINNING else f"from {report.period.since:%Y-%m-%d %H:%M}"
    )
    party = (visible(report.party.name), "bold")
    out.print(Text.assemble(party, f" ({report.party.id}), {start} to {report.period.until:%Y-%m-%d %H:%M} UTC"))
    if report.held_for_review:
        held = [_of_work(n, report) for n in report.held_for_review]
        out.print(table("Held for review, before claims split it", (">held", ">uses", "title", "=work"), held))
    if not report.totals:
        out.print("Nothing was earned in this period.\n")
        return
    out.print(table("", (">earned", ">uses"), [(amount(t.micros, t.currency), t.uses) for t in report.totals]))
    by_work = [_of_work(n, report) for n in report.by_work]
    out.print(table("By work", (">earned", ">uses", "title", "=work"), by_work))
    if short:
        return
    out.print(table("By month", ("month", ">earned", ">uses"), [_month(n) for n in report.by_month]))
    columns = ("day (UTC)", ">earned", ">share", "title", "=generation")
    if report.uses.items:
        out.print(table("Last uses", columns, [_use(u) for u in report.uses.items]))


def show_use(detail: UseDetail, party: str) -> None:
    """Print what one generation did with one work: its terms and money, and both sides of each match."""
    out, use = console(), detail.use
    earned = "; ".join(f"{a.money} ({a.basis_points / 100:g} %)" for a in detail.accruals if a.party == party)
    terms = terms_mapping(detail.licence.terms) if detail.licence else {}
    out.print(cell(f"{detail.work.title} ({detail.work.id})", "bold"))
    out.print(
        fields(
            [
                *_gone(detail),
                ("share", percent(use.share_ppb)),
                ("confidence", confidence(detail.confidence_ppm)),
                ("outcome", use.outcome.value),
                ("terms", ", ".join(f"{name} {value}" for name, value in terms.items()) or "none"),
                ("risk", _risk(detail)),
                ("held", use.held or "nothing"),
                *_reviewed(detail),
                ("earned", earned or "nothing"),
            ]
        )
    )
    out.print(cell(detail.explanation))
    columns = ("match", "worker", "output", "source", "explanation")
    out.print(table("", columns, [_match(m) for m in detail.matches]))


def show_balance(balance: TrialBalance) -> None:
    """Print the accounts, and by currency whether debits equal credits."""
    out = console()
    rows = [
        (n.account.id, _column(n.debit_micros), _column(n.credit_micros), n.account.currency) for n in balance.lines
    ]
    out.print(table("Trial balance", ("account", ">debit", ">credit", "currency"), rows))
    for currency, difference in sorted(balance.differences.items()):
        debit = sum(n.debit_micros for n in balance.lines if n.account.currency == currency)
        words = "equal credits" if not difference else f"differ from credits by {format_micros(difference)}"
        out.print(cell(f"{currency}: debits of {format_micros(debit)} {words}.", "" if not difference else "bold red"))
    if not balance.lines:
        out.print("Nothing was posted yet.")


def _last_uses(database: Database, party: str, period: Period, count: int) -> tuple[Sequence[Recorded[UseLine]], bool]:
    """Newest first, and whether there are older ones. Uses come oldest first, so all are read, a page at a time."""
    last: deque[Recorded[UseLine]] = deque(maxlen=count)
    seen, after = 0, 0
    with database.begin() as work:
        while True:
            page = work.earnings.uses(party, period.since, period.until, work=None, after=after, limit=PAGE)
            last.extend(page.items)
            seen += len(page.items)
            if page.next_after is None:
                return list(reversed(last)), seen > count
            after = page.next_after


def _of_work(line: EarningsLine, report: CreatorReport) -> tuple[object, ...]:
    title = f"{line.title} (withdrawn)" if line.key in report.withdrawn else line.title
    return amount(line.micros, line.currency), line.uses, title, line.key


def _month(line: EarningsLine) -> tuple[object, ...]:
    return line.key, amount(line.micros, line.currency), line.uses


def _use(line: Recorded[UseLine]) -> tuple[object, ...]:
    use = line.fact
    return (
        f"{line.recorded_at:%Y-%m-%d}",
        amount(use.micros, use.currency),
        percent(use.share_ppb),
        use.title,
        use.generation,
    )


def _reviewed(detail: UseDetail) -> list[tuple[str, str]]:
    if detail.use.outcome is not Outcome.REVIEW:
        return []
    if detail.review is None:
        return [("review", "awaited")]
    review, at = detail.review.fact, detail.review.recorded_at
    return [("review", f"{review.resolution.value} on {at:%Y-%m-%d} by {review.decided_by}: {review.reason}")]


def _gone(detail: UseDetail) -> list[tuple[str, str]]:
    if detail.withdrawal is None:
        return []
    gone, at = detail.withdrawal.fact, detail.withdrawal.recorded_at
    return [("withdrawn", f"on {at:%Y-%m-%d} by {gone.withdrawn_by}{': ' if gone.reason else ''}{gone.reason}")]


def _risk(detail: UseDetail) -> str:
    stated = detail.licence.risk_basis_points_max if detail.licence else None
    if stated is None:
        return "none stated: paid at even chances"
    threshold = detail.use.threshold_ppm
    within_reach = threshold is not None and threshold < OUT_OF_REACH_PPM
    asked = f"a confidence of {threshold / WHOLE_PPM:g}" if within_reach and threshold else "more than can be promised"
    return f"at most {stated / 100:g} %, which asks for {asked}"


def _match(spans: MatchedSpans) -> tuple[object, ...]:
    match = spans.match
    kind = f"{match.kind.value} {match.probability_ppm / WHOLE_PPM:.2f}"
    sides = excerpt(spans.part_excerpt, EXCERPT_CHARS), excerpt(spans.source_excerpt, EXCERPT_CHARS)
    return kind, spans.worker.id, *sides, spans.explanation


def _column(micros: int) -> str:
    return format_micros(micros) if micros else ""
