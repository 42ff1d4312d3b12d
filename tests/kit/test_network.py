"""Addresses as text are read in one way: a mapped or zoned form is the same caller, and no other text is an address."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.kit import network


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_the_ipv4_address_it_maps(address):
    assert network.address(f"::ffff:{address}") == network.address(str(address)) == address


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.1, 10.0.0.2", "10.0.0.1:80", "localhost", "010.0.0.1", " 10.0.0.1", "10.0.0.0/8", "\0"])
def test_what_is_no_address_is_none(text):
    assert network.address(text) is None


def test_a_zone_is_no_part_of_an_address():
    assert network.address("fe80::1%eth0") == ip_address("fe80::1")


def test_networks_of_a_setting():
    assert network.networks("127.0.0.1, 10.1.2.3/16,,::1") == tuple(map(ip_network, ("127.0.0.1/32", "10.1.0.0/16", "::1/128")))
    with pytest.raises(ValueError, match="host bits"):
        network.network("10.1.2.3/16")
