"""A second server at the same port is refused before it starts."""

import socket

import pytest

from photodose.app.serve import refuse_a_taken_port
from photodose.quantities import InputError


def test_a_taken_port_is_one_sentence():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        for address in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(InputError, match=f"port {port}"):
                refuse_a_taken_port(address, port)
    refuse_a_taken_port("127.0.0.1", port)
