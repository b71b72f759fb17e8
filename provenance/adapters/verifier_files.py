"""The verifier as files of a bundle: its own source, and the script that starts it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

SCRIPT = b"""#!/usr/bin/env python3
# Unpack this file and the folder verifier/ beside it, then: python3 verify.py BUNDLE.zip --key VKEY
import sys

from verifier.main import main

if __name__ == "__main__":
    sys.exit(main())
"""


def verifier_files() -> Mapping[str, bytes]:
    """Each file's bytes, by its name in the bundle."""
    found = resources.files("provenance.adapters.verifier")
    sources = sorted(file.name for file in found.iterdir() if file.name.endswith(".py"))
    return {"verify.py": SCRIPT, **{f"verifier/{name}": (found / name).read_bytes() for name in sources}}
