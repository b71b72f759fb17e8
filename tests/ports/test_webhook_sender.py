"""Messages over real connections on this machine; and addresses that are never connected to."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from provenance.adapters.webhook_sender import HttpxSender
from provenance.webhooks.endpoint import Address

from .receivers import Receiver, certified, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_a_message_arrives_as_it_was_signed(receiver: Receiver) -> None:
    answer = HttpxSender(loopback=True).send(receiver.url, {"webhook-id": "event_1"}, b'{"a":1}')
    assert (answer.status, answer.error) == (204, "")
    [(headers, body)] = receiver.got
    assert body == b'{"a":1}'
    assert (headers["webhook-id"], headers["content-type"]) == ("event_1", "application/json")
    assert headers["host"] == receiver.url.split("/")[2]


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [(302, {"Location": receiver.url})]
    assert HttpxSender(loopback=True).send(receiver.url, {}, b"").status == 302
    assert len(receiver.got) == 1


def test_what_a_receiver_asks_for_is_heard(receiver: Receiver) -> None:
    receiver.answers = [(429, {"Retry-After": "120"}), (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})]
    sender = HttpxSender(loopback=True)
    assert sender.send(receiver.url, {}, b"").retry_after == timedelta(seconds=120)
    assert sender.send(receiver.url, {}, b"").retry_after is None


def test_this_machine_is_not_called_where_that_is_not_allowed(receiver: Receiver) -> None:
    answer = HttpxSender().send(receiver.url, {}, b"")
    assert answer.status is None
    assert answer.error.startswith("refused:")
    assert receiver.got == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "::1"])
def test_a_public_name_that_leads_to_an_address_that_is_not_public_is_not_called(
    receiver: Receiver, address: str
) -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        # One good address doesn't make up for another.
        return [ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address(address)]

    port = receiver.url.split(":")[2].partition("/")[0]
    answer = HttpxSender(resolve=resolve).send(f"https://rebound.example.com:{port}/", {}, b"")
    assert answer.error.startswith("refused:")
    assert receiver.got == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver: Receiver) -> None:
    asked = []

    async def resolve(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        return [ipaddress.ip_address("127.0.0.1")]

    url = receiver.url.replace("127.0.0.1", "localhost")
    assert HttpxSender(loopback=True, resolve=resolve).send(url, {}, b"").status == 204
    assert asked == ["localhost"], "resolved once, and not again by the client"
    assert receiver.got[0][0]["host"].startswith("localhost:")


@pytest.mark.parametrize(("name", "status"), [("hooks.example.com", 204), ("another.example.com", None)])
def test_the_certificate_has_to_be_that_of_the_name_whatever_address_it_has(
    tmp_path: Path, name: str, status: int | None
) -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        return [ipaddress.ip_address("127.0.0.1")]

    certificate = certified("hooks.example.com", tmp_path)
    trusted = ssl.create_default_context(cafile=str(certificate))
    with receiving(certificate) as receiver:
        url = receiver.url.replace("http://127.0.0.1", f"https://{name}")
        answer = HttpxSender(loopback=True, resolve=resolve, trusted=trusted).send(url, {}, b"{}")
    assert answer.status == status
    assert len(receiver.got) == (status is not None)


def test_a_receiver_that_says_nothing_is_left_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert HttpxSender(loopback=True, seconds_max=0.2).send(url, {}, b"").error == "no answer in time"


def test_a_receiver_that_dribbles_is_left_in_time() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        stop = threading.Event()

        def dribble() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not stop.wait(0.02):
                        connection.sendall(b"X: 1\r\n")
                except OSError:
                    pass

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            assert HttpxSender(loopback=True, seconds_max=0.3).send(url, {}, b"").error == "no answer in time"
        finally:
            stop.set()
            thread.join()


def test_where_nobody_listens_nothing_is_reached() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        assert HttpxSender(loopback=True).send(url, {}, b"").error.startswith("not reached")


def test_what_is_no_http_is_no_answer() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def garble() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"SSH-2.0-x\r\n\r\n")

        thread = threading.Thread(target=garble)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert HttpxSender(loopback=True).send(url, {}, b"").error.startswith("not reached")
        thread.join()
