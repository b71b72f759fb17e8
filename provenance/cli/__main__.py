"""`python -m provenance.cli` is the program too, where it isn't installed."""

from provenance.cli import main

if __name__ == "__main__":  # the processes of `serve --workers` import it, too
    main()
