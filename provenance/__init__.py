"""Content ID for generative AI: which works an output derives from, what they earn, and a record anyone can check."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("provenance-ledger")
except PackageNotFoundError:  # run from a checkout that isn't installed
    __version__ = "0.0.0"
