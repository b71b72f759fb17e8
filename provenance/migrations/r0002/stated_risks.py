"""A licence states a risk; a use names the threshold that it was held against, and may be held for review."""

from alembic import op

from provenance.migrations.checks import exchange_check

_RISK = "risk_basis_points_max BETWEEN 1 AND 10000"
_THRESHOLD = "threshold_ppm BETWEEN 0 AND 1000001"
_REVIEW = "outcome <> 'review' OR (threshold_ppm IS NOT NULL AND held_micros IS NOT NULL)"
_OUTCOMES_BEFORE = "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed')"
OUTCOMES = "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed', 'review')"


def alter_tables() -> None:
    """``licence`` and ``work_use``."""
    exchange_check("work_use", "outcome", _OUTCOMES_BEFORE, OUTCOMES)
    for table, column, checks in (
        ("licence", "risk_basis_points_max", {"risk": _RISK}),
        ("work_use", "threshold_ppm", {"threshold": _THRESHOLD, "review": _REVIEW}),
    ):
        stated = " ".join(f"CONSTRAINT ck_{table}_{name} CHECK ({check})" for name, check in checks.items())
        op.get_bind().exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {stated}")
