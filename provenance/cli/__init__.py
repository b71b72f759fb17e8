"""The command line: thin commands over the services. A command's module imports what it needs when it runs.

Answers go to stdout, everything else to stderr. `failures` says what the exit codes mean.
"""

from __future__ import annotations

import os
import sys

# Before anything imports numpy. Its matrices are small here: more threads than one only take the cores from others.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Threads of FAISS that have nothing to do would spin for a while, beside the encoder's, which are at work by then.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import typer

from provenance.cli import (
    admin,
    attribution,
    audit,
    bundles,
    calibration,
    disputes,
    learning,
    log,
    money,
    overlaps,
    periods,
    rates,
    reviews,
    running,
    sources,
    statement,
    subscriptions,
    witness,
)
from provenance.cli.failures import Commands

_ABOUT = """Content ID for generative AI: which works an output derives from, what they earn, a record anyone can check.

Settings come from the environment (PROVENANCE_HOME, PROVENANCE_DATABASE_URL, ...) or a .env file. To start:
provenance ingest books/, then provenance attribute draft.txt.
"""
_SOURCES, _USE, _MONEY, _AUDIT, _MODEL, _RUN = (
    "Works", "Attribution", "Money", "Audit", "Evaluation", "Installation",
)  # fmt: skip

app = typer.Typer(
    cls=Commands,
    name="provenance",
    help=_ABOUT,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for panel, commands in (
    (_SOURCES, (sources.ingest, sources.index, sources.works, sources.withdraw, overlaps.overlaps)),
    (_USE, (attribution.attribute, attribution.submit)),
    (
        _MONEY,
        (
            money.report,
            money.uses,
            money.trial_balance,
            statement.statement,
            statement.payout_terms,
            statement.tax_profile,
        ),
    ),
    (_AUDIT, (audit.export, audit.check_export, audit.journal, audit.dsr)),
    (_MODEL, (learning.evaluate, learning.train)),
    (_RUN, (admin.migrate, running.doctor, running.serve)),
):
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(reviews.reviews, name="reviews", rich_help_panel=_MONEY)
app.add_typer(periods.period, name="period", rich_help_panel=_MONEY)
app.add_typer(disputes.disputes, name="disputes", rich_help_panel=_MONEY)
app.add_typer(subscriptions.subscriptions, name="subscriptions", rich_help_panel=_MONEY)
app.add_typer(rates.rates, name="rates", rich_help_panel=_MONEY)
app.add_typer(bundles.audit, name="audit", rich_help_panel=_AUDIT)
app.add_typer(log.log, name="log", rich_help_panel=_AUDIT)
app.add_typer(witness.witness, name="witness", rich_help_panel=_AUDIT)
app.add_typer(calibration.calibration, name="calibration", rich_help_panel=_MODEL)
app.add_typer(admin.parties, name="parties", rich_help_panel=_RUN)
app.add_typer(admin.keys, name="keys", rich_help_panel=_RUN)


def main() -> None:
    """The entry point of the program."""
    for stream in (sys.stdout, sys.stderr):
        # What an odd locale can't show is escaped, never an error in the middle of an answer.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app()
