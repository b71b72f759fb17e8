"""A closed period as a DDEX Digital Sales Report flat file: UGC profile, multi-record blocks, licensor shares.

What is written: tab-separated records in UTF-8, a line each. ``HEAD``; one ``SY02`` summary for each territory, use and
currency; for each work under each summary a block of ``AS02`` (the work), ``SU03`` (its uses) and one ``LI01`` for each
licensor and share; ``FOOT`` with the counts. ``RU`` records, which the profile leaves optional, are not written: each
use can be had from the statement. Before the first record of a kind a line that starts with ``#`` names its cells, as
the architecture allows (records to be ignored); it is counted like any other line.

What is known of the standard: cells of ``HEAD`` and ``FOOT``, and the order of records in a block, follow DSR Part 8
and Part 4 as published on dsr8.ddex.net and dsr4.ddex.net. The cells of ``SY02``, ``AS02``, ``SU03`` and ``LI01`` hold
what these parts ask for under the names that `CELLS` gives, and leave out cells that say nothing here (ISRC, artists);
hold them against the version that your recipient expects. To send such reports needs an implementation licence of DDEX.
Money has six decimals. ``NetRevenue`` is empty: what a service charges is not the licensors' to know.

What foots: licensors' amounts of a block add up to the amount of its ``SU03``, these to that of their summary, and the
counts of the footer to the lines. `dsr_lines` makes the sums itself, bottom up, so that nothing can disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from provenance.kernel.ids import derived_id
from provenance.kernel.money import format_micros
from provenance.kernel.visible import visible
from provenance.statements.accounting_period import AccountingPeriod

VERSION = "dsrf/1.3.2/9.2/1.2"
PROFILE, PROFILE_VERSION = "UserGeneratedContentProfile", "1.2"
ANY_TERRITORY = "Worldwide"

CELLS: Mapping[str, str] = {
    "HEAD": (
        "RecordType MessageVersion Profile ProfileVersion MessageId MessageCreatedDateTime FileNumber NumberOfFiles"
        " UsageStartDate UsageEndDate SenderPartyId SenderName ServiceDescription RecipientPartyId RecipientName"
        " RepresentedRepertoire"
    ),
    "SY02": (
        "RecordType SummaryRecordId DistributionChannel CommercialModel UseType Territory ServiceDescription"
        " CurrencyOfReporting Usages NetRevenue AllocatedAmount"
    ),
    "AS02": "RecordType BlockId ResourceReference DspResourceId ResourceType ResourceTitle ProprietaryId",
    "SU03": ("RecordType BlockId SalesTransactionId SummaryRecordId DspResourceId Usages NetRevenue AllocatedAmount"),
    "LI01": (
        "RecordType BlockId SummaryRecordId RightsController RightsControllerPartyId RightsControllerWorkId"
        " RightsSharePercent RightsType AllocatedNetRevenue AllocatedAmount"
    ),
    "FOOT": (
        "RecordType NumberOfLinesInFile NumberOfLinesInReport NumberOfSummaryRecords NumberOfBlocksInFile"
        " NumberOfBlocksInReport"
    ),
}
_TYPES = {"SY02": "SY02.02", "AS02": "AS02.03", "SU03": "SU03.02", "LI01": "LI01.03"}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Context:
    """What a summary is about: a territory, a use and a currency."""

    territory: str
    use: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensorShare:
    """What one licensor is owed for one work at one share."""

    party: str
    basis_points: int
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedWork:
    """A work's uses in one context: how many, and each licensor's share, by party and share."""

    work: str
    title: str
    usages: int
    shares: tuple[LicensorShare, ...]

    @property
    def micros(self) -> int:
        """What all licensors are owed."""
        return sum(share.micros for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a file says of a period; ``recipient`` is a party whose shares alone it holds, or None for all."""

    period: AccountingPeriod
    sender: str
    created_at: datetime
    works: Mapping[Context, tuple[ReportedWork, ...]]
    names: Mapping[str, str]
    recipient: str | None = None


def dsr_lines(report: Report) -> Iterator[str]:
    """The lines of the file, in order, each with its end."""
    count = 0
    for line in _before_footer(report):
        count += 1
        yield line
    blocks = sum(len(works) for works in report.works.values())
    count += 2
    yield _names("FOOT")
    yield _line("FOOT", [count, count, len(report.works), blocks, blocks])


def _before_footer(report: Report) -> Iterator[str]:
    yield _names("HEAD")
    yield _line("HEAD", _head(report))
    contexts = sorted(report.works)
    if contexts:
        yield _names("SY02")
    for number, context in enumerate(contexts, start=1):
        works = report.works[context]
        usages, micros = sum(w.usages for w in works), sum(w.micros for w in works)
        territory = ANY_TERRITORY if context.territory == "*" else context.territory
        use = "AsPerContract" if context.use == "*" else context.use
        cells = [number, "", "AsPerContract", use, territory, "", context.currency, usages, "", format_micros(micros)]
        yield _line("SY02", cells)
    block = 0
    for number, context in enumerate(contexts, start=1):
        for work in sorted(report.works[context], key=lambda w: w.work):
            if block == 0:
                yield from map(_names, ("AS02", "SU03", "LI01"))
            block += 1
            yield from _block(report, number, block, work)


def _head(report: Report) -> list[object]:
    period, recipient = report.period, report.recipient
    message = derived_id("dsr", {"period": period.name, "sender": report.sender, "recipient": recipient})
    last_day = period.until - timedelta(days=1)
    created = f"{report.created_at:%Y-%m-%dT%H:%M:%SZ}"
    days = [f"{period.since:%Y-%m-%d}", f"{last_day:%Y-%m-%d}"]
    sender = [report.sender, report.names.get(report.sender, report.sender)]
    to = [recipient, report.names.get(recipient, recipient)] if recipient else ["", ""]
    return [VERSION, PROFILE, PROFILE_VERSION, message, created, 1, 1, *days, *sender, "Generation", *to, ""]


def _block(report: Report, summary: int, block: int, work: ReportedWork) -> Iterator[str]:
    yield _line("AS02", [block, 1, work.work, "Text", work.title, work.work])
    usage = derived_id("use", {"period": report.period.name, "block": block, "work": work.work})
    yield _line("SU03", [block, usage, summary, work.work, work.usages, "", format_micros(work.micros)])
    for share in work.shares:
        name = report.names.get(share.party, share.party)
        percent = f"{share.basis_points // 100}.{share.basis_points % 100:02d}"
        cells = [block, summary, name, share.party, work.work, percent, "", "", format_micros(share.micros)]
        yield _line("LI01", cells)


def _names(kind: str) -> str:
    return "#" + "\t".join(CELLS[kind].split()) + "\n"


def _line(kind: str, cells: Iterable[object]) -> str:
    """Cells hold no tab, no line break and no control character: `visible` makes them spaces or escapes."""
    values = [_TYPES.get(kind, kind), *(visible(str(cell)) for cell in cells)]
    assert len(values) == len(CELLS[kind].split()), f"{kind} has {len(values)} cells"
    return "\t".join(values) + "\n"
