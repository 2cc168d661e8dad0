"""The files of docs/reference/deployment.md are valid for the programs that read them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import require

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "deployment.md"


def _file(language: str) -> str:
    (text,) = re.findall(rf"(?ms)^```{language}\n(.*?)^```", PAGE.read_text())
    return str(text)


def _check(*command: str | Path) -> None:
    checked = subprocess.run([*command], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nginx_reads_its_file(tmp_path: Path) -> None:
    """`nginx -t` accepts the server, with a certificate in place of the operator's."""
    nginx = require("nginx", shutil.which("nginx") or shutil.which("/usr/sbin/nginx"))
    openssl = require("openssl", shutil.which("openssl"))
    key, certificate = tmp_path / "tls.key", tmp_path / "tls.pem"
    new = (*("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=live.example.org"),)
    _check(openssl, *new, "-keyout", key, "-out", certificate)
    server = _file("nginx").replace("/etc/ssl/live.example.org", str(tmp_path / "tls"))
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{server}}}\n")
    _check(nginx, "-t", "-e", tmp_path / "error.log", "-c", config)


def test_caddy_reads_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`caddy validate` accepts the file."""
    caddy = require("caddy", shutil.which("caddy"))
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "Caddyfile").write_text(_file("caddyfile"))
    _check(caddy, "validate", "--adapter", "caddyfile", "--config", tmp_path / "Caddyfile")


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` accepts the unit, with a program that exists."""
    systemd_analyze = require("systemd-analyze", shutil.which("systemd-analyze"))
    unit = tmp_path / "dateline.service"
    unit.write_text(_file("systemd").replace("/opt/dateline/bin/dateline", "/bin/true"))
    _check(systemd_analyze, "verify", unit)
