"""Report a closed period's uses to licensors, as a DDEX flat file: the same uses that its statements count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from provenance.kernel.errors import NotFound
from provenance.services.ports import Database, UnitOfWork
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.dsr import Context, LicensorShare, Report, ReportedWork, dsr_lines

Block = tuple[Context, str]  # a work in a context


def dsr(database: Database, period: AccountingPeriod, *, sender: str, recipient: str | None = None) -> Iterator[str]:
    """The lines of the report of a closed period; dated by its close, so that it is the same whenever it is asked for.

    Raises:
        NotFound: the period isn't closed, or a party doesn't exist.
    """
    with database.begin() as work:
        report = _report(work, period, sender=sender, recipient=recipient)
    yield from dsr_lines(report)


def _report(work: UnitOfWork, period: AccountingPeriod, *, sender: str, recipient: str | None) -> Report:
    closed = work.statements.close_of(period)
    if closed is None:
        raise NotFound(f"{period.name} isn't closed.", mend="Close it first: provenance period close.")
    for party in filter(None, (sender, recipient)):
        if work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="List the parties to see their ids.", party=party)
    works, parties = _folded(work, period, recipient)
    names = {name: party.name for name, party in work.parties.many({*parties, sender}).items()}
    return Report(
        period=period,
        sender=sender,
        recipient=recipient,
        created_at=closed.recorded_at,
        works=works,
        names=names,
    )


def _folded(
    work: UnitOfWork, period: AccountingPeriod, recipient: str | None
) -> tuple[Mapping[Context, tuple[ReportedWork, ...]], set[str]]:
    usages: Counter[Block] = Counter()
    owed: dict[Block, Counter[tuple[str, int]]] = defaultdict(Counter)
    last: tuple[str, str, Context] | None = None
    for use in work.statements.uses(work.statements.window_of(period)):
        if recipient not in (None, use.party):
            continue
        context = Context(territory=use.territory, use=use.purpose, currency=use.currency)
        # The accruals of one use follow one another.
        if last != (use.generation, use.work, context):
            usages[context, use.work] += 1
            last = (use.generation, use.work, context)
        owed[context, use.work][use.party, use.basis_points] += use.micros
    titles = {name: found.title for name, found in work.works.many({w for _, w in owed}).items()}
    works: dict[Context, list[ReportedWork]] = defaultdict(list)
    for (context, name), by_share in owed.items():
        shares = tuple(
            LicensorShare(party=party, basis_points=points, micros=micros)
            for (party, points), micros in sorted(by_share.items())
        )
        works[context].append(ReportedWork(work=name, title=titles[name], usages=usages[context, name], shares=shares))
    parties = {party for by_share in owed.values() for party, _ in by_share}
    return {context: tuple(found) for context, found in works.items()}, parties
