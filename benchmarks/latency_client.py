"""A light client of the API: it shares the machine with the server, and what it takes would count as the server's time.

Bodies are made before the clock runs, each client keeps one connection, and nothing of an answer is parsed.
"""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

ANSWER_SECONDS_MAX = 120
PATH = "/v1/generations"
WORKER = {"id": "brain-1", "kind": "brain", "model": "atlas", "model_version": "3.2", "region": "eu-west"}
PRICE = {"amount": "0.04", "currency": "USD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, and how long after it was asked for."""

    ms: float
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A generation service with a key, at the URL of a server."""

    url: str
    token: str

    def send(self, texts: Sequence[str], clients: int = 1) -> list[Answer]:
        """Submit each text as an output of its own, so many at a time; the answers in the order of the texts."""
        bodies = [_body(text) for text in texts]
        with ThreadPoolExecutor(clients) as pool:
            taken = list(pool.map(lambda first: self._one_by_one(bodies[first::clients]), range(clients)))
        return [taken[number % clients][number // clients] for number in range(len(bodies))]

    def _one_by_one(self, bodies: Sequence[bytes]) -> list[Answer]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=ANSWER_SECONDS_MAX)
        connection.connect()
        # Head and body are written apart: without it the second waits for an acknowledgement of the first.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = []
        try:
            for body in bodies:
                started = time.perf_counter()
                connection.request("POST", PATH, body, headers)
                response = connection.getresponse()
                found = response.read()
                answers.append(Answer(ms=(time.perf_counter() - started) * 1000, body=found))
                assert response.status == 201, f"{response.status}: {found[:500]!r}"
        finally:
            connection.close()
        return answers


def _body(text: str) -> bytes:
    form = {"id": uuid.uuid4().hex, "price": PRICE, "parts": [{"worker": WORKER, "text": text}]}
    return json.dumps(form).encode()
