"""The addresses of environments on this machine, and what is injected so that their names lead there."""

import os
import subprocess
import sys
from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from tradai_sandbox.workloads.places import INJECTED, Places

_SAID = (
    "import socket; s = socket.socket(); s.bind(('0.0.0.0', 0)); "
    "print(socket.getaddrinfo('mlflow.tradai-dev.local', 80)[0][4][0], s.getsockname()[0], "
    "socket.getaddrinfo('127.0.0.9', 80)[0][4][0])"
)


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=50))
def test_each_environment_has_its_own_and_none_is_the_machines(names: list[str]) -> None:
    places = Places()
    found = [places.address(name) for name in names]
    assert len(set(found)) == len(names)
    assert all(ip_address(address) in ip_network("127.0.0.0/8") for address in found)
    assert not any(ip_address(address) in ip_network("127.0.0.0/16") for address in found)
    assert [places.address(name) for name in names] == found


def test_it_follows_from_the_name_alone() -> None:
    assert Places().address("dev") == Places().address("dev")


def test_a_taken_one_is_left_to_its_environment() -> None:
    places, number = Places(), int(ip_address(Places().address("dev"))) - (127 << 24)
    places._taken[number] = "another"
    assert places.address("dev") != Places().address("dev")


def test_names_lead_to_it_and_what_listens_everywhere_listens_there() -> None:
    variables = {**os.environ, **Places().variables("dev"), "PYTHONPATH": str(INJECTED)}
    ran = subprocess.run([sys.executable, "-c", _SAID], env=variables, capture_output=True, text=True, check=True)
    own = Places().address("dev")
    assert ran.stdout.split() == [own, own, "127.0.0.9"]


def test_without_an_environment_nothing_is_injected() -> None:
    assert Places().variables("") == {}
