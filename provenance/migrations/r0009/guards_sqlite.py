"""The guards in SQLite's words. All names in the statements are constants of this revision."""

from collections.abc import Iterator, Mapping, Sequence

_BEFORE = "FROM ledger_checkpoint WHERE account = NEW.account ORDER BY seq DESC LIMIT 1"
_MOVED = (
    "FROM ledger_entry e JOIN ledger_transaction t ON t.seq = e.seq AND t.id = e.transaction_id"
    " WHERE e.account = NEW.account AND e.seq > NEW.since_seq AND e.seq <= NEW.seq"
)
_SUMS = f"SELECT count(*), sum(e.micros), min(t.effective_at), max(t.effective_at) {_MOVED}"

# Table, what must not be so when a row is added, what to say then.
_REFUSED = (
    (
        # REPLACE would remove a sealed entry that has the same account and number.
        "ledger_entry",
        "EXISTS (SELECT 1 FROM ledger_transaction WHERE seq = NEW.seq)",
        "sealed: ledger_entry of a ledger_transaction that is recorded",
    ),
    (
        "ledger_transaction",
        "EXISTS (SELECT 1 FROM ledger_entry WHERE transaction_id = NEW.id AND seq <> NEW.seq)",
        "unbalanced: an entry has another number than its transaction",
    ),
    (
        "ledger_transaction",
        (
            "NEW.corrects IS NOT NULL AND EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.corrects"
            " AND (cause = 'reversal' OR (NEW.cause = 'reversal' AND corrects IS NOT NULL)))"
        ),
        "correction: what it corrects is a correction",
    ),
    (
        "ledger_transaction",
        (
            "NEW.cause = 'reversal'"
            " AND EXISTS (SELECT 1 FROM ledger_transaction WHERE corrects = NEW.corrects AND cause = 'reversal')"
        ),
        "duplicate: what it reverses is reversed",
    ),
    (
        "ledger_checkpoint",
        f"NEW.since_seq <> coalesce((SELECT seq {_BEFORE}), 0)",
        "checkpoint: it does not follow the one before",
    ),
    (
        "ledger_checkpoint",
        "NOT EXISTS (SELECT 1 FROM ledger_transaction WHERE seq = NEW.seq)",
        "checkpoint: there is no transaction of its number",
    ),
    (
        "ledger_checkpoint",
        (
            f"(NEW.entries, NEW.moved_micros, NEW.effective_first, NEW.effective_last) IS NOT ({_SUMS})"
            f" OR NEW.micros <> coalesce((SELECT micros {_BEFORE}), 0) + NEW.moved_micros"
        ),
        "checkpoint: it is not what the entries come to",
    ),
)


def statements(append_only: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[str]:
    """One CREATE TRIGGER after the other."""
    for table, keys in append_only.items():
        yield _refuse(f"{table}_update", f"BEFORE UPDATE ON {table}", f"append-only: UPDATE of {table}")
        yield _refuse(f"{table}_delete", f"BEFORE DELETE ON {table}", f"append-only: DELETE of {table}")
        for key in keys:
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")
    for number, (table, wrong, message) in enumerate(_REFUSED):
        yield _refuse(f"{table}_books_{number}", f"BEFORE INSERT ON {table} WHEN {wrong}", message)


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"
