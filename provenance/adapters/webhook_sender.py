"""Send messages over HTTPS to URLs that parties chose, and to no address that isn't public.

The name is resolved here, each address that it has is checked, and the connection goes to an address that was checked:
a name that leads elsewhere a moment later leads nowhere. Redirects aren't followed, proxies and cookies aren't used,
the answer's body isn't read, and all of it together takes a bounded time.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from provenance.kernel.errors import InvalidEndpoint
from provenance.webhooks.delivery import Answer
from provenance.webhooks.endpoint import Address, check_address, check_url

SECONDS_MAX = 15.0
ADDRESSES_MAX = 20
USER_AGENT = "provenance-webhooks/1"

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class HttpxSender:
    """Implements the port `Sender`. With ``loopback`` this machine may be called, for development.

    ``trusted`` says whose certificates count, where it isn't those that everybody trusts.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        seconds_max: float = SECONDS_MAX,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._loopback = loopback
        self._seconds_max = seconds_max
        self._resolve = resolve or _resolve
        self._trusted = trusted

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the receiver says, or in a word why nothing was said."""
        return asyncio.run(self._send(url, headers, body))

    async def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            check_url(url, loopback=self._loopback)
            async with asyncio.timeout(self._seconds_max):
                return await self._post(url, headers, body)
        except InvalidEndpoint as error:
            return Answer(status=None, error=f"refused: {error.message}")
        except (TimeoutError, httpx.TimeoutException):
            return Answer(status=None, error="no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            return Answer(status=None, error=f"not reached: {type(error).__name__}")

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        addresses = await self._resolve(host, port)
        if not addresses:
            return Answer(status=None, error="its host has no address")
        for address in addresses:
            check_address(address, loopback=self._loopback)
        literal = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])  # IPv6
        target = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))
        sent = {**headers, "Host": parts.netloc, "Content-Type": "application/json", "User-Agent": USER_AGENT}
        limits = httpx.Timeout(self._seconds_max)
        async with (
            httpx.AsyncClient(
                trust_env=False, follow_redirects=False, timeout=limits, verify=self._trusted or True
            ) as client,
            # The certificate has to be that of the name, whatever address it has.
            client.stream("POST", target, headers=sent, content=body, extensions={"sni_hostname": host}) as answer,
        ):
            return Answer(status=answer.status_code, retry_after=_retry_after(answer.headers.get("retry-after", "")))


async def _resolve(host: str, port: int) -> list[Address]:
    found: list[Any] = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found[:ADDRESSES_MAX]]


def _retry_after(text: str) -> timedelta | None:
    """Whole seconds (RFC 9110, section 10.2.3); a date is as good as nothing said."""
    return timedelta(seconds=int(text)) if text.isascii() and text.isdecimal() and len(text) < 8 else None  # 115 days
