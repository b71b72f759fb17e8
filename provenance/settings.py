"""Every setting, from environment variables (``PROVENANCE_…``) or a ``.env`` file. Read by bootstrap alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Defaults run embedded: SQLite and snapshots under ``./var``, the packaged model, the shipped calibration."""

    model_config = SettingsConfigDict(env_prefix="PROVENANCE_", env_file=".env", frozen=True, extra="ignore")

    home: Annotated[Path, Field(description="Folder of the database, the snapshots and the lock.")] = Path("var")
    database_url: Annotated[
        str, Field(description="SQLAlchemy URL; empty means SQLite at HOME/provenance.db.", repr=False)
    ] = ""
    encoder: Annotated[
        Literal["packaged", "sentence-transformers"],
        Field(description="The packaged model in eight bits, or any model that sentence-transformers loads."),
    ] = "packaged"
    encoder_device: Annotated[
        str, Field(description="Where sentence-transformers computes: cpu, cuda, mps or another device of torch.")
    ] = "cpu"
    model_folder: Annotated[
        Path | None, Field(description="Folder of the embedding model; empty means the installed package.")
    ] = None
    calibration: Annotated[Path | None, Field(description="A calibration file; empty means the shipped one.")] = None
    royalty_pool_basis_points: Annotated[
        int, Field(ge=0, le=10_000, description="Part of a price that is set aside for what is unattributed or held.")
    ] = 3_000
    pool_policy: Annotated[
        Literal["keep", "spread_by_usage", "spread_equally"],
        Field(description="What a close does with the unattributed pool: keep it, or spread it over the works used."),
    ] = "keep"
    review_days_max: Annotated[
        int, Field(ge=1, le=3_650, description="Days after which a hold that nobody looked at is resolved by time.")
    ] = 90
    review_resolution: Annotated[
        Literal["release", "decline"], Field(description="What becomes of it then, where `resolve-due` is run.")
    ] = "decline"
    rate_days_max: Annotated[
        int, Field(ge=0, le=365, description="How many days old an exchange rate may be that is still taken.")
    ] = 4
    dispute_in_time_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days to dispute so that it is held from the first day, and to appeal.")
    ] = 5
    dispute_response_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days to answer a dispute; silence concedes.")
    ] = 30
    dispute_final_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days to answer an appeal; silence concedes.")
    ] = 7
    dispute_raise_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days after which a use can't be disputed any more.")
    ] = 90
    encoder_threads: Annotated[
        int, Field(ge=0, le=256, description="Threads that compute vectors, in each process; 0 shares the cores out.")
    ] = 0
    index_retention_seconds: Annotated[
        float, Field(ge=0, description="How long parts of the index are kept that the current one no longer needs.")
    ] = 3_600.0
    log_key: Annotated[
        Path | None, Field(description="File of the log's private key; empty means HOME/log.key.", repr=False)
    ] = None
    log_policy: Annotated[
        Path | None, Field(description="Policy of the log's witnesses (C2SP tlog-policy); empty means none.")
    ] = None
    lock_wait_seconds: Annotated[float, Field(gt=0, le=300, description="How long to wait for a database lock.")] = 10.0

    @property
    def url(self) -> str:
        """The database's URL, with the default filled in."""
        return self.database_url or f"sqlite:///{(self.home / 'provenance.db').absolute()}"

    @property
    def log_key_file(self) -> Path:
        """The file of the log's private key, with the default filled in."""
        return self.log_key or self.home / "log.key"
