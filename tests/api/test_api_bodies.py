"""What can be wrong with a body before anybody looks at what it says: size, type, encoding, JSON."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from provenance.api.bodies import BODY_BYTES_MAX, WORK_BODY_BYTES_MAX

JSON = {"Content-Type": "application/json"}
PARTY = {"id": "someone", "name": "Someone"}


def _chunks(size: int, chunk: int = 65_536) -> Iterator[bytes]:
    yield b'{"id": "someone", "name": "'
    for _ in range(size // chunk):
        yield b"a" * chunk


def _problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:provenance:error:{body['code']}"
    return answer.status_code, body["code"]


def test_a_body_that_declares_to_be_too_long_is_refused(callers: Any) -> None:
    answer = callers.operator.post("/v1/parties", content=b" " * (BODY_BYTES_MAX + 1), headers=JSON)
    assert _problem(answer) == (413, "too_large")


def test_a_chunked_body_is_counted_while_it_comes_in(callers: Any) -> None:
    """Over a plain socket: the answer comes although the body never ends."""
    address = urlsplit(callers.api.url)
    token = callers.operator.headers["authorization"]
    head = (
        f"POST /v1/parties HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(head.encode())
        for data in _chunks(BODY_BYTES_MAX):
            connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_a_work_may_be_longer_than_other_bodies(callers: Any) -> None:
    padded = b" " * (BODY_BYTES_MAX + 1)
    assert callers.creator.post("/v1/works", content=b"{}" + padded, headers=JSON).status_code == 422
    declared = JSON | {"Content-Length": str(WORK_BODY_BYTES_MAX + 1)}
    address = urlsplit(callers.api.url)
    lines = [f"POST /v1/works HTTP/1.1\r\nHost: {address.netloc}", *(f"{k}: {v}" for k, v in declared.items())]
    lines.append(f"Authorization: {callers.creator.headers['authorization']}")
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[",
        b'{"id": "someone", "name": "Someone"',
        b'{"id": "someone", "name": "Some\xff"}',
        b"\xff\xfe\x00",
        b"\x00",
        b"null",
        b"[]",
        b'"text"',
        b"NaN",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"id": NaN, "name": "Someone"}',
        b'{"id": "someone", "name": Infinity}',
        b'{"id": "someone", "name": ' + b"9" * 100_000 + b"}",
        b'{"id": "someone", "name": "half \\ud800 a pair"}',
        b'{"id": "someone", "name": "Someone", "\\udfff": 1}',
        b'{"id": "someone", "name": "Someone", "more": 1}',
        b'{"id": 12, "name": "Someone"}',
        b'{"id": "someone"}',
        b'{"id": "someone", "name": null}',
        b'{"id": "someone", "name": "nul \\u0000"}',
        b'{"id": "someone", "name": "\\u202edesrever"}',
        b'{"id": "someone", "name": " Someone"}',
        b'{"id": "Some One", "name": "Someone"}',
        b'{"id": "../keys", "name": "Someone"}',
    ],
    ids=lambda b: repr(b[:30]),
)
def test_a_body_that_is_not_the_documented_one_is_a_problem_of_the_caller(callers: Any, body: bytes) -> None:
    answer = callers.operator.post("/v1/parties", content=body, headers=JSON)
    status, code = _problem(answer)
    assert (status, code) in {(400, "malformed"), (422, "invalid_input")}
    answer.content.decode("utf-8")
    assert len(answer.content) < 3_000
    assert callers.operator.get("/v1/parties/someone").status_code == 404


def test_huge_input_is_never_echoed(callers: Any) -> None:
    for party in ({"id": "x" * 1_000_000, "name": "Someone"}, PARTY | {"y" * 1_000_000: 1}, {"id": ["z" * 1_000_000]}):
        answer = callers.operator.post("/v1/parties", json=party)
        assert answer.status_code == 422
        assert len(answer.content) < 3_000
    many = PARTY | {f"member-{n}": n for n in range(5_000)}
    assert len(callers.operator.post("/v1/parties", json=many).json()["fields"]) <= 20


def test_fields_that_are_wrong_are_named(callers: Any) -> None:
    answer = callers.operator.post("/v1/parties", json={"id": "someone", "nme": "x"})
    fields = {f["field"]: f["message"] for f in answer.json()["fields"]}
    assert set(fields) == {"body.name", "body.nme"}
    assert answer.json()["detail"].startswith("body.")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_of_another_media_type_is_refused(callers: Any, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answer = callers.operator.post("/v1/parties", content=json.dumps(PARTY), headers=headers)
    assert _problem(answer) == (415, "media_type")


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/works", "/v1/nothing", "/v1/works/", "//v1/works", "/v1/works/a/b"])
def test_a_path_that_does_not_exist_is_a_problem_document(callers: Any, path: str) -> None:
    assert _problem(callers.operator.get(path)) == (404, "not_found")


def test_a_method_that_a_path_does_not_take_is_a_problem_document(callers: Any) -> None:
    answer = callers.operator.put("/v1/parties", json={})
    assert _problem(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "!!!!", "AAAA", "MS53b3Jrcy4", "é", "a" * 99, "MS5rZXlzLjE", "MS53b3Jrcy45OTk5OTk5OTk5OTk5OTk5OTk5"],
)
def test_a_cursor_that_was_never_handed_out_is_refused(callers: Any, cursor: str) -> None:
    answer = callers.operator.get("/v1/works", params={"cursor": cursor})
    assert _problem(answer) == (400, "invalid_cursor")


@pytest.mark.parametrize("limit", ["0", "-1", "201", "ten", "1e2", "9" * 5_000])
def test_a_limit_out_of_bounds_is_refused(callers: Any, limit: str) -> None:
    assert _problem(callers.operator.get("/v1/works", params={"limit": limit})) == (422, "invalid_input")


@pytest.mark.parametrize("path", ["/v1/works/%00", "/v1/works/%ff", "/v1/works/" + "w" * 201, "/v1/parties/%ED%A0%80"])
def test_an_id_that_no_id_can_be_is_not_found_or_refused(callers: Any, path: str) -> None:
    assert _problem(callers.operator.get(path))[0] in (404, 422)
