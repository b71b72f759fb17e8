"""What uvicorn calls in each of several processes. Imports little: the model loads while the API is imported."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def app() -> FastAPI:
    """The app of the installation that the environment names."""
    gc.disable()  # until all is loaded: see `keep_loaded`
    from provenance.bootstrap import System
    from provenance.cli.session import read_settings

    system = System(read_settings())
    system.load_ahead()
    from provenance.cli.server import logging_app

    return logging_app(system)
