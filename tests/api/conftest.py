"""A real server on SQLite in a temporary folder, with the real encoder, and callers with keys of every scope."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import uvicorn

from provenance.adapters.clock import random_key_id, random_secret
from provenance.adapters.sql import SqlDatabase
from provenance.api.app import create_app
from provenance.api.publisher import Publisher
from provenance.bootstrap import System
from provenance.kernel.errors import ModelMissing
from provenance.services.ports import Encoder
from provenance.services.register import issue_key, register_party
from provenance.settings import Settings
from provenance.sources.party import Party, Scope

LIBRARY = Path(__file__).resolve().parents[2] / "data" / "library"
START_SECONDS_MAX = 20.0
EVENTUALLY_SECONDS_MAX = 15.0

Library = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="session", autouse=True)
def _silence() -> Iterator[None]:
    """Nothing is printed; `structlog.testing.capture_logs` still sees every line."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    try:
        return System(Settings()).encoder
    except ModelMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the schema, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "provenance.db"
    database = SqlDatabase(f"sqlite:///{path}")
    database.migrate()
    database.dispose()
    return path


@pytest.fixture(scope="session")
def library() -> Library:
    """Works and outputs of the demo's library, by their ids."""
    found: dict[str, Any] = {}
    for name, key in (("works", "source_id"), ("outputs", "output_id")):
        with (LIBRARY / f"{name}.jsonl").open(encoding="utf-8") as lines:
            found |= {line[key]: line for line in map(json.loads, lines)}
    return found


@dataclass(kw_only=True)
class Api:
    """A running server, and ways to call it."""

    system: System
    url: str
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, party: str, *scopes: Scope) -> str:
        """A key of a party, which is registered where it isn't yet."""
        at = self.system.clock()
        register_party(self.system.database, Party(id=party, name=party.title()), at=at)
        made = random_key_id(), random_secret()
        token = issue_key(self.system.database, party, set(scopes), key_id=made[0], secret=made[1], at=at)[1]
        self.tokens[token] = made[1]
        return token

    @contextmanager
    def bearing(self, token: str | None) -> Iterator[httpx.Client]:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        with httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False) as client:
            yield client


@dataclass(frozen=True, kw_only=True)
class Callers:
    """One client for each scope; the creator is ``oona-tresker``, the service ``atlas-writing``."""

    api: Api
    operator: httpx.Client
    auditor: httpx.Client
    creator: httpx.Client
    stranger: httpx.Client
    service: httpx.Client
    other_service: httpx.Client
    nobody: httpx.Client


def make_system(home: Path, migrated: Path, encoder: Encoder) -> System:
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, home / "provenance.db")
    system = System(Settings(home=home))
    system.__dict__["encoder"] = encoder  # where its cached property keeps it
    return system


@contextmanager
def serving(system: System) -> Iterator[Api]:
    app = create_app(system, publisher=Publisher(system, settle_seconds=0.05))
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS_MAX
    while not server.started:
        assert thread.is_alive(), "the server ended"
        assert time.monotonic() < deadline, "the server doesn't start"
        time.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Api(system=system, url=f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(START_SECONDS_MAX)


@contextmanager
def calling(api: Api) -> Iterator[Callers]:
    keys = {
        "operator": ("the-operator", Scope.OPERATOR),
        "auditor": ("the-auditor", Scope.AUDITOR),
        "creator": ("oona-tresker", Scope.CREATOR),
        "stranger": ("bram-hollevoet", Scope.CREATOR),
        "service": ("atlas-writing", Scope.SERVICE),
        "other_service": ("borea-writing", Scope.SERVICE),
    }
    clients = {}
    for name, (party, scope) in keys.items():
        headers = {"Authorization": f"Bearer {api.token(party, scope)}"}
        clients[name] = httpx.Client(base_url=api.url, headers=headers, timeout=60, trust_env=False)
    clients["nobody"] = httpx.Client(base_url=api.url, timeout=60, trust_env=False)
    try:
        yield Callers(api=api, **clients)
    finally:
        for client in clients.values():
            client.close()


@pytest.fixture
def fresh_system(tmp_path: Path, migrated: Path, encoder: Encoder) -> System:
    return make_system(tmp_path / "home", migrated, encoder)


@pytest.fixture
def fresh(fresh_system: System) -> Iterator[Callers]:
    """A server of the test's own."""
    with serving(fresh_system) as api, calling(api) as callers:
        yield callers


@pytest.fixture(scope="module")
def callers(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, encoder: Encoder, library: Library
) -> Iterator[Callers]:
    """A server that the tests of one file share, with three works of the creator and an index."""
    system = make_system(tmp_path_factory.mktemp("shared"), migrated, encoder)
    with serving(system) as api, calling(api) as callers:
        for name in ("essay-salt-ledger", "essay-tide-clock", "essay-breakwater-numbers"):
            assert callers.creator.post("/v1/works", json=work_form(library[name])).status_code == 201
        assert callers.operator.post("/v1/index").status_code == 200
        yield callers


def work_form(line: Mapping[str, Any]) -> dict[str, Any]:
    """A work of the library as it is sent, with its licence and its claims."""
    claims = [{"party": c["party"], "basis_points": c["basis_points"]} for c in line["rights"]["claims"]]
    form = {name: line[name] for name in ("source_id", "title", "author", "text", "licence")}
    return form | {"claims": claims}


@pytest.fixture(scope="session")
def as_work() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return work_form


@pytest.fixture(scope="session")
def as_generation() -> Callable[..., dict[str, Any]]:
    """An output of the library as it is sent; other members can be given."""

    def form(line: Mapping[str, Any], **members: Any) -> dict[str, Any]:
        parts = [{"worker": p["worker"], "text": p["text"]} for p in line["parts"]]
        return {"id": line["output_id"], "price": line["price"], "parts": parts} | members

    return form


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits for something that happens in another thread."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + EVENTUALLY_SECONDS_MAX
        while not condition():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def serve() -> Callable[[System], Any]:
    """Serve another system: for tests that start and stop."""
    return serving
