"""Which URLs and addresses may be called."""

import ipaddress

import pytest

from provenance.kernel.errors import InvalidEndpoint
from provenance.webhooks.endpoint import Endpoint, check_address, check_url
from provenance.webhooks.event import EventType


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hooks",
        "https://a.b.example.org:8443/x?y=1",
        "https://93.184.216.34/",
        "https://[2606:4700::1111]/",
    ],
)
def test_public_https_urls_may_be_called(url: str) -> None:
    assert check_url(url, loopback=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///x",
        "https://user@example.com/", "https://user:pass@example.com/", "https://example.com/#part", "https://intranet/",
        "https://localhost/", "https://127.0.0.1/", "http://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1/",
        "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://0.0.0.0/",
        "https://255.255.255.255/", "https://224.0.0.1/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
        "https://[fc00::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/",
        "https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://017700000001/", "https://example.com:0/",
        "https://example.com:99999/", "https://exa mple.com/", "https://ex\u00e4mple.com/", "https://a..b.com/",
        "https://example.com/\r\nX: 1", "https://example.com/" + "x" * 500, "https://[bad/", "https://-a.com/",
    ],
)  # fmt: skip
def test_what_is_not_public_https_may_not(url: str) -> None:
    with pytest.raises(InvalidEndpoint) as refused:
        check_url(url, loopback=False)
    assert refused.value.mend


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x", "http://localhost:8000/", "https://[::1]:8/"])
def test_in_development_this_machine_may_be_called_and_no_other_that_is_not_public(url: str) -> None:
    assert check_url(url, loopback=True) == url
    for other in ("http://example.com/", "https://10.0.0.1/", "https://169.254.169.254/"):
        with pytest.raises(InvalidEndpoint):
            check_url(other, loopback=True)


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
     "2001:0:a00:1::f5ff:fffe", "ff02::1"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused_in_every_guise(address: str) -> None:
    with pytest.raises(InvalidEndpoint):
        check_address(ipaddress.ip_address(address), loopback=False)


def test_an_endpoint_hears_of_something_and_its_id_follows_from_party_and_url() -> None:
    with pytest.raises(InvalidEndpoint):
        Endpoint(party="ann", url="https://example.com/", events=())
    first = Endpoint(party="ann", url="https://example.com/", events=(EventType.PAYOUT_PAID,))
    more = Endpoint(party="ann", url="https://example.com/", events=tuple(EventType))
    assert first.id == more.id != Endpoint(party="bob", url="https://example.com/", events=tuple(EventType)).id
