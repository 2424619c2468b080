"""Ports for servers that tests start, several test processes at a time."""

import random
import socket


def free_ports(count: int) -> list[int]:
    """Different ports that nothing listens on and that no other process which asks here gets while
    this one runs. They are below those that Linux gives to outgoing connections (32768 and up).

    Raises RuntimeError if there are not enough of them.
    """
    ports: list[int] = []
    for port in random.SystemRandom().sample(range(10_000, 32_768), 1000):
        if len(ports) == count:
            return ports
        if is_free(port) and reserve(port):
            ports.append(port)
    raise RuntimeError(f"there are no {count} free ports")


def is_free(port: int) -> bool:
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True


def reserve(port: int) -> bool:
    """Until this process ends, by a name in Linux's abstract socket namespace: it can be taken only
    once, and leaves no file behind."""
    reservation = socket.socket(socket.AF_UNIX)
    try:
        reservation.bind(f"\0yanling-test-port-{port}")
    except OSError:
        reservation.close()
        return False
    reservation.detach()  # stays open
    return True
