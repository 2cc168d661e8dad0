"""nginx and Caddy with TLS in front of a server, configured correctly or with a common mistake."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from bench.server import running
from tests.ports import free_port
from tests.servers import require

Name = Literal["nginx", "Caddy"]
# How a proxy treats X-Forwarded-For: adds its client's address, or passes the header on unchanged.
Manner = Literal["says", "passes on"]

_NGINX = """\
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{backend};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-For {forwarded};
    }}
  }}
}}
"""
_CADDY = """\
{{
  admin off
  auto_https disable_redirects
  skip_install_trust
}}
https://127.0.0.1:{port} {{
  tls {folder}/cert.pem {folder}/key.pem
  reverse_proxy 127.0.0.1:{backend} {{
    flush_interval -1
    {forwarded}
  }}
}}
"""
_FORWARDED: dict[tuple[Name, Manner], str] = {
    ("nginx", "says"): "$proxy_add_x_forwarded_for",
    ("nginx", "passes on"): "$http_x_forwarded_for",
    ("Caddy", "says"): "",
}


@contextmanager
def tls_in_front(name: Name, manner: Manner, backend: int, folder: Path) -> Iterator[str]:
    """Run a proxy during the block; yields its URL."""
    program = require(name, shutil.which(name.lower(), path=f"{os.environ['PATH']}:/usr/sbin"))
    port = free_port()
    folder.mkdir()
    folder.chmod(0o755)
    _make_certificate(folder)
    text = {"nginx": _NGINX, "Caddy": _CADDY}[name].format(
        folder=folder,
        port=port,
        backend=backend,
        forwarded=_FORWARDED[name, manner],
        user=pwd.getpwuid(os.geteuid()).pw_name,
    )
    file = folder / "proxy.conf"
    file.write_text(text)
    arguments = {
        "nginx": ["-c", str(file), "-p", str(folder)],
        "Caddy": ["run", "--adapter", "caddyfile", "--config", str(file)],
    }[name]
    environment = {
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "HOME": str(folder),
    }
    with running([program, *arguments], port, folder, environment):
        yield f"https://127.0.0.1:{port}"


def _make_certificate(folder: Path) -> None:
    openssl = require("openssl", shutil.which("openssl"))
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    key_options = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [openssl, "req", "-x509", *key_options, *files, *name], check=True, capture_output=True
    )
