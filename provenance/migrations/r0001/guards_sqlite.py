"""The guards in SQLite's words.

SQLite has one writer at a time, so a check in a trigger sees all that there is. All names in the statements are
constants of this revision.
"""

from collections.abc import Iterator, Mapping, Sequence

# Table of the seal, what must not be so when it is set, what to say then.
_SEALS = (
    (
        "claims",
        "(SELECT coalesce(sum(basis_points), 0) FROM claim_part WHERE claims = NEW.id) <> 10000",
        "claims: the parts do not add up to 10000 basis points",
    ),
    (
        "generation",
        "NOT EXISTS (SELECT 1 FROM part WHERE generation = NEW.id)",
        "shares: the generation has no part",
    ),
    (
        "generation",
        (
            "(SELECT coalesce(sum(share_ppb), 0) FROM attribution WHERE generation = NEW.id)"
            " <> 1000000000 - NEW.unattributed_ppb"
        ),
        "shares: they do not add up to 1000000000",
    ),
    (
        "ledger_transaction",
        "(SELECT count(*) FROM ledger_entry WHERE transaction_id = NEW.id) < 2",
        "unbalanced: a transaction has two entries or more",
    ),
    (
        "ledger_transaction",
        "EXISTS (SELECT 1 FROM ledger_entry WHERE transaction_id = NEW.id GROUP BY currency HAVING sum(micros) <> 0)",
        "unbalanced: the entries do not add up to zero in each currency",
    ),
    (
        "leaf",
        "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM leaf)",
        "leaf: its number is not the next one",
    ),
)


def statements(
    append_only: Mapping[str, Sequence[Sequence[str]]], sealed: Sequence[tuple[str, str, str]]
) -> Iterator[str]:
    """One CREATE TRIGGER after the other."""
    for table, keys in append_only.items():
        yield _refuse(f"{table}_update", f'BEFORE UPDATE ON "{table}"', f"append-only: UPDATE of {table}")
        yield _refuse(f"{table}_delete", f'BEFORE DELETE ON "{table}"', f"append-only: DELETE of {table}")
        for key in keys:
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            when = f'BEFORE INSERT ON "{table}" WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {same})'  # noqa: S608
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")
    for table, column, seal in sealed:
        when = f'BEFORE INSERT ON "{table}" WHEN EXISTS (SELECT 1 FROM {seal} WHERE id = NEW.{column})'  # noqa: S608
        yield _refuse(f"{table}_sealed", when, f"sealed: {table} of a {seal} that is recorded")
    for number, (table, wrong, message) in enumerate(_SEALS):
        yield _refuse(f"{table}_check_{number}", f'BEFORE INSERT ON "{table}" WHEN {wrong}', message)


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"
