"""`python -m provenance.cli` is the program too, where it isn't installed."""

from provenance.cli import main

main()
