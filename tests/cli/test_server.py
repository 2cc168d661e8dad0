"""The listening socket and the server process."""

import resource
import socket
from pathlib import Path

import pytest

from app.cli.refusal import Refused
from app.cli.server import listen
from app.settings import Settings, read_settings
from app.settings_error import SettingsError
from tests.dateline import running_server


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such thing")
def test_every_connection_ends_soon_after_its_peer_has_vanished():
    """Accepted sockets inherit TCP_USER_TIMEOUT: 30 s without an acknowledgement close them."""
    with listen(Settings(port=0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            timeout = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert timeout == 30_000


def test_an_address_that_is_taken_is_named():
    """An address in use is reported with the port and the setting that changes it."""
    with listen(Settings(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port}.*DATELINE_PORT"):
            listen(Settings(port=port))


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="the system does not tell")
def test_a_server_may_have_as_many_connections_as_the_system_allows(tmp_path: Path):
    """The server raises its soft limit of open files to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
    try:
        with running_server(tmp_path) as server:
            limits = Path(f"/proc/{server.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    server_soft, server_hard = line.split()[3:5]
    assert server_soft == server_hard == str(hard)


def test_a_proxy_that_is_no_address_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    """A trusted proxy that is not an address or a network stops the start."""
    for invalid in ("proxy.example", "10.0.0.1/8", "127.0.0.1,,::1"):
        monkeypatch.setenv("DATELINE_TRUSTED_PROXIES", invalid)
        with pytest.raises(SettingsError, match="DATELINE_TRUSTED_PROXIES"):
            read_settings()
    for valid in ("*", "10.0.0.0/8, 2001:db8::/32", "127.0.0.1"):
        monkeypatch.setenv("DATELINE_TRUSTED_PROXIES", valid)
        assert read_settings().trusted_proxies == valid
