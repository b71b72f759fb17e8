"""Where a party hears of events: its URL, and which addresses a URL may lead to. Resolves no name itself.

A party chooses the URL, and our machine calls it: whatever isn't a public address is refused, when it is registered and
again when its name is resolved, so that nobody reaches through us what only we can reach.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from provenance.kernel.errors import InvalidEndpoint
from provenance.kernel.ids import check_party_id, derived_id
from provenance.webhooks.event import EventType

URL_CHARS_MAX = 500
ENDPOINTS_OF_PARTY_MAX = 10

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_PATH = re.compile(r"[!-~]*", re.ASCII)
# RFC 6052, RFC 3056, RFC 4380: IPv6 addresses that lead to an IPv4 address.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost",)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where ``party`` hears of ``events``. The same party and URL are the same endpoint, for ever."""

    party: str
    url: str
    events: tuple[EventType, ...]

    def __post_init__(self) -> None:
        check_party_id(self.party)
        if not self.events or len(set(self.events)) != len(self.events):
            raise InvalidEndpoint("An endpoint hears of one kind of event or several.", mend="Name each once.")

    @property
    def id(self) -> str:
        """It follows from the party and the URL."""
        return derived_id("endpoint", {"party": self.party, "url": self.url})


def check_url(url: str, *, loopback: bool) -> str:
    """A URL that may be called: https, without a user; or with ``loopback`` also http to this machine.

    Raises:
        InvalidEndpoint: it isn't such a URL, or leads to an address that isn't public.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused("It is no URL.") from error
    if len(url) > URL_CHARS_MAX or not _PATH.fullmatch(url):
        raise _refused(f"A URL has at most {URL_CHARS_MAX} printable ASCII characters.")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise _refused("A URL with a user or a fragment isn't called.")
    if port == 0:
        raise _refused("Port 0 is none.")
    address = _literal(host)
    local = host in _LOCAL_NAMES or (address is not None and address.is_loopback)
    if local:
        if not loopback or parts.scheme not in ("http", "https"):
            raise _refused("It leads to this machine.")
        return url
    if parts.scheme != "https":
        raise _refused("Only https is called.")
    if address is not None:
        check_address(address, loopback=loopback)
    elif not _HOST.fullmatch(host) or "." not in host or ".." in host or host.rsplit(".", 1)[1].isdigit():
        # The last: 127.1 and 0x7f.1 are names to us and addresses to some resolvers.
        raise _refused("Its host is no public name.")
    return url


def check_address(address: Address, *, loopback: bool) -> None:
    """Refuse an address that isn't public: private, link-local, shared, multicast, or IPv6 for one of these.

    Raises:
        InvalidEndpoint
    """
    within = _embedded(address)
    if loopback and address.is_loopback:
        return
    if not all(found.is_global and not found.is_multicast for found in (address, *within)):
        raise _refused("It leads to an address that isn't public.")


def _embedded(address: Address) -> tuple[Address, ...]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found: list[Address] = [a for a in (address.ipv4_mapped, address.sixtofour) if a is not None]
    if address.teredo is not None:
        found += address.teredo
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refused(why: str) -> InvalidEndpoint:
    return InvalidEndpoint(why, mend="Name a public https URL, such as https://example.com/hooks.", field="url")
