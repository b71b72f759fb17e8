"""Large books, made inside PostgreSQL: parties, works, generations with all that hangs on them, and their entries.

Rows are made by SQL with the guards off: what is measured is reading and closing them, not recording them one by one.
Every generation has four entries and two accruals: one of the work's own party, and one of a large one that has a claim
on a hundredth of all works. A tenth of the generations, or all of them, lie in the month that is to be closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from provenance.statements.accounting_period import AccountingPeriod, parse_accounting_period

ENTRIES_A_GENERATION = 4
LARGE = 100  # parties with a claim on many works
MONTH = parse_accounting_period("2026-11")
TEXT = "The keeper of the light wrote down how high the water stood, and when the boats came in. " * 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBooks:
    """How large the books are: parties with a work each, generations, and how many of these lie in `MONTH`."""

    parties: int
    generations: int
    in_month: int

    @property
    def entries(self) -> int:
        """Of the ledger."""
        return self.generations * ENTRIES_A_GENERATION


def make(url: str, books: MadeBooks, *, month: AccountingPeriod = MONTH) -> None:
    """Fill a migrated, empty database; where there are older generations, the period before is marked as closed."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")
        values = {
            "parties": books.parties,
            "large": LARGE,
            "generations": books.generations,
            "older": books.generations - books.in_month,
            "since": month.since,
            "until": month.until,
            "start": month.after(-10).since,
            "text": TEXT,
        }
        for statement in (*_SOURCES, *_GENERATIONS):
            connection.execute(statement, values)
        if books.in_month < books.generations:
            before = month.after(-1)
            closed = {"period": before.name, "since": before.since, "until": before.until}
            connection.execute(_CLOSED, values | closed)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")  # or what was written would be written out while something is measured


def party(number: int) -> str:
    """The party of a work, by its number from 0."""
    return f"p{number:06d}"


def large_party(number: int) -> str:
    """A party with many claims, by its number from 0."""
    return f"large{number:03d}"


_FIRST = "timestamptz '2020-01-01 00:00:00Z'"
_P, _L = "'p' || lpad(n::text, 6, '0')", "'large' || lpad(n::text, 3, '0')"
_GEN, _TXN = "'gen_' || lpad(to_hex(g), 24, '0')", "'txn_' || lpad(to_hex(g), 24, '0')"
_WORK = "'work_' || lpad((g % %(parties)s)::text, 24, '0')".replace("g % ", "g %% ")
_WORK_N = "'work_' || lpad(n::text, 24, '0')"
_SHA = "repeat('0', 64)"
# Numbers of leaves: the sources' come first, then two a generation.
_BASE = "(6 * %(parties)s + %(large)s + 10)"
_AT = (
    "CASE WHEN g < %(older)s"
    " THEN %(start)s::timestamptz + (%(since)s::timestamptz - %(start)s::timestamptz) * (g::float8 / %(older)s)"
    " ELSE %(since)s::timestamptz + (%(until)s::timestamptz - %(since)s::timestamptz)"
    " * ((g - %(older)s)::float8 / (%(generations)s - %(older)s)) END"
)
_EACH_G = "FROM generate_series(0, %(generations)s - 1) g"
_EACH_N = "FROM generate_series(0, %(parties)s - 1) n"
_EACH_L = "FROM generate_series(0, %(large)s - 1) n"

_SOURCES = (
    f"INSERT INTO leaf SELECT n, 'made', 'made_' || n, {_SHA} FROM generate_series(1, {_BASE}) n",
    f"INSERT INTO party (seq, id, name, recorded_at) SELECT n + 1, {_P}, 'Party ' || n, {_FIRST} {_EACH_N}",
    "INSERT INTO party (seq, id, name, recorded_at)"
    f" SELECT %(parties)s + n + 1, {_L}, 'Large ' || n, {_FIRST} {_EACH_L}",
    f"INSERT INTO party (seq, id, name, recorded_at) SELECT {_BASE} - 1, 'service', 'Service', {_FIRST}",
    "INSERT INTO work (seq, id, registrant, source_id, title, author, recorded_at)"
    f" SELECT %(parties)s + %(large)s + n + 1, {_WORK_N}, {_P}, 's' || n, 'Work ' || n, '', {_FIRST} {_EACH_N}",
    "INSERT INTO revision (seq, id, work, number, text_sha256, iscc, chars, recorded_at)"
    f" SELECT 2 * %(parties)s + %(large)s + n + 1, 'rev_' || n, {_WORK_N}, 1, {_SHA}, 'I', length(%(text)s), {_FIRST}"
    f" {_EACH_N}",
    f"INSERT INTO content (revision, text) SELECT 'rev_' || n, %(text)s {_EACH_N}",
    f"INSERT INTO claim_part (claims, party, basis_points) SELECT 'claims_' || n, {_P}, 7500 {_EACH_N}",
    "INSERT INTO claim_part (claims, party, basis_points)"
    f" SELECT 'claims_' || n, 'large' || lpad((n %% %(large)s)::text, 3, '0'), 2500 {_EACH_N}",
    "INSERT INTO claims (seq, id, work, valid_from, recorded_at)"
    f" SELECT 3 * %(parties)s + %(large)s + n + 1, 'claims_' || n, {_WORK_N}, date '2020-01-01', {_FIRST} {_EACH_N}",
    "INSERT INTO licence (seq, id, work, number, terms, valid_from, territory, purpose, recorded_at)"
    f" SELECT 4 * %(parties)s + %(large)s + n + 1, 'lic_' || n, {_WORK_N}, 1,"
    " '{\"kind\":\"share_of_revenue\",\"rate_basis_points\":4000}', date '2020-01-01', '*', '*', "
    f"{_FIRST} {_EACH_N}",
    # Tax is withheld from everybody, so that every statement posts something; the leaves are among the spare ones.
    "INSERT INTO tax_profile (seq, id, party, residence, payer, basis, basis_points, valid_from, recorded_at)"
    f" SELECT 5 * %(parties)s + %(large)s + n + 1, 'tax_' || n, {_P}, 'DE', 'US', 'Treaty', 1500, date '2020-01-01',"
    f" {_FIRST} {_EACH_N}",
    "INSERT INTO snapshot (seq, digest, encoder, works, segments, recorded_at)"
    f" SELECT {_BASE}, {_SHA}, 'made', 1, 1, {_FIRST}",
    "INSERT INTO ledger_account (id, kind, party, currency) SELECT kind || '/USD', kind, NULL, 'USD'"
    " FROM unnest(ARRAY['generation_revenue']) kind",
    "INSERT INTO ledger_account (id, kind, party, currency)"
    " VALUES ('service_receivable/service/USD', 'service_receivable', 'service', 'USD')",
    "INSERT INTO ledger_account (id, kind, party, currency)"
    f" SELECT 'party_payable/' || {_P} || '/USD', 'party_payable', {_P}, 'USD' {_EACH_N}",
    "INSERT INTO ledger_account (id, kind, party, currency)"
    f" SELECT 'party_payable/' || {_L} || '/USD', 'party_payable', {_L}, 'USD' {_EACH_L}",
)

_OWN = "'p' || lpad((g %% %(parties)s)::text, 6, '0')"
_OTHER = "'large' || lpad((g %% %(parties)s %% %(large)s)::text, 3, '0')"
_NUMBER = f"{_BASE} + 2 * g + 1"
_ENTRY = "INSERT INTO ledger_entry (transaction_id, number, account, currency, micros, seq)"
_ACCRUAL = "INSERT INTO accrual (seq, generation, work_use, number, work, party, basis_points, currency, micros)"

_GENERATIONS = (
    f"INSERT INTO leaf SELECT {_BASE} + 2 * g + 1, 'transaction', {_TXN}, {_SHA} {_EACH_G}",
    f"INSERT INTO leaf SELECT {_BASE} + 2 * g + 2, 'generation', {_GEN}, {_SHA} {_EACH_G}",
    "INSERT INTO ledger_transaction (seq, id, business_key, cause, effective_at, payload_digest, recorded_at)"
    f" SELECT {_BASE} + 2 * g + 1, {_TXN}, 'accrual:' || {_GEN}, 'accrual', {_AT}, '', {_AT} {_EACH_G}",
    f"{_ENTRY} SELECT {_TXN}, 0, 'generation_revenue/USD', 'USD', -6000, {_NUMBER} {_EACH_G}",
    f"{_ENTRY} SELECT {_TXN}, 1, 'party_payable/' || {_OTHER} || '/USD', 'USD', -1000, {_NUMBER} {_EACH_G}",
    f"{_ENTRY} SELECT {_TXN}, 2, 'party_payable/' || {_OWN} || '/USD', 'USD', -3000, {_NUMBER} {_EACH_G}",
    f"{_ENTRY} SELECT {_TXN}, 3, 'service_receivable/service/USD', 'USD', 10000, {_NUMBER} {_EACH_G}",
    "INSERT INTO part (generation, number, worker, kind, model, model_version, region, text)"
    f" SELECT {_GEN}, 0, 'brain-' || g %% 3, 'brain', 'm', '1', 'eu', %(text)s {_EACH_G}",
    "INSERT INTO attribution (generation, number, work, share_ppb, confidence_ppm)"
    f" SELECT {_GEN}, 0, {_WORK}, 1000000000, 990000 {_EACH_G}",
    "INSERT INTO match (generation, attribution, number, part, part_start, part_end, revision, source_start,"
    " source_end, kind, probability_ppm, dense_ppm, lexical_ppm, run_words)"
    f" SELECT {_GEN}, 0, 0, 0, 0, 80, 'rev_' || g %% %(parties)s, 0, 80, 'exact', 990000, 900000, 900000, 12 {_EACH_G}",
    "INSERT INTO work_use (generation, number, work, share_ppb, outcome, licence, claims, price_part_micros,"
    " royalty_currency, royalty_micros)"
    f" SELECT {_GEN}, 0, {_WORK}, 1000000000, 'paid', 'lic_' || g %% %(parties)s, 'claims_' || g %% %(parties)s, 10000,"
    f" 'USD', 4000 {_EACH_G}",
    f"{_ACCRUAL} SELECT 2 * g + 1, {_GEN}, 0, 0, {_WORK}, {_OTHER}, 2500, 'USD', 1000 {_EACH_G}",
    f"{_ACCRUAL} SELECT 2 * g + 2, {_GEN}, 0, 1, {_WORK}, {_OWN}, 7500, 'USD', 3000 {_EACH_G}",
    "INSERT INTO generation (seq, id, service, external_id, currency, price_micros, territory, purpose, encoder,"
    " snapshot, calibration, unattributed_ppb, pool_basis_points, unattributed_micros, transaction_id, recorded_at)"
    f" SELECT {_BASE} + 2 * g + 2, {_GEN}, 'service', 'x' || g, 'USD', 10000,"
    " (ARRAY['DE', 'FR', 'US'])[1 + g %% 3], (ARRAY['*', 'advertising'])[1 + g %% 2], 'made', "
    f"{_SHA}, 'c', 0, 3000, 0, {_TXN}, {_AT} {_EACH_G}",
)

# Right before the month's first transaction, where a close of the month before would stand.
_CLOSED = (
    "INSERT INTO period_close (seq, period, since, until, closed_by, statements, statements_sha256, recorded_at)"
    f" SELECT {_BASE} + 2 * %(older)s, %(period)s, %(since)s, %(until)s, 'service', 0, {_SHA}, %(until)s"
)
