"""Reverse proxies under test, each with its configuration from docs/reference/proxies.md.

The configurations are read from that page, so that operators copy exactly what is tested. Ports are
replaced, and settings are prepended that let a proxy run in its own folder, beside one that the
system may be running.
"""

import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.dateline import ROOT
from bench.generators import temporary_folder
from bench.installation import Absent, find
from bench.server import StartError, free_port, running

_PAGE = ROOT / "docs" / "reference" / "proxies.md"
_BACKEND = "127.0.0.1:8000"
_MODULES = (
    *("mpm_event", "authz_core", "headers", "filter", "deflate"),
    *("proxy", "proxy_http"),
)


@dataclass(frozen=True)
class Proxy:
    """A proxy, and how to run it in its own folder.

    Attributes:
        name: also the heading of its configuration on the page.
        program: the command, and the Debian package that contains it.
        listens: the text of its configuration that states the port; the same with `{port}`.
        head: prepended to its configuration.
        command: its arguments; `{file}` is the complete configuration, `{folder}` its folder.
        release: the argument that prints its release.
        tail: appended to its configuration.
    """

    name: str
    program: tuple[str, str]
    listens: tuple[str, str]
    command: str
    release: str = "-v"
    head: str = ""
    tail: str = ""

    def configuration(self, folder: Path, port: int, backend: int) -> str:
        """Return the complete configuration for one run."""
        own, listens = self.listens
        text = documented(self.name)
        if own not in text:
            raise StartError(f"the file for {self.name} does not say {own}")
        text = text.replace(own, listens.format(port=port))
        text = text.replace(_BACKEND, f"127.0.0.1:{backend}")
        # In some configurations, address and port are separate.
        text = re.sub(r'(\.port = "|"port" => |parent )8000', rf"\g<1>{backend}", text)
        around = {"folder": str(folder), "user": pwd.getpwuid(os.geteuid()).pw_name}
        head, tail = (re.sub(r"<(\w+)>", lambda m: around[m[1]], t) for t in (self.head, self.tail))
        return f"{head}{text}{tail}"

    def describe_release(self) -> str:
        """Return its release in short form.

        Raises:
            Absent: it is not installed.
        """
        command = [find(*self.program), self.release]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
        return found[0] if found else "?"


def documented(name: str) -> str:
    """Return the configuration under a proxy's heading on the page."""
    section = _PAGE.read_text().partition(f"\n## {name}\n")[2]
    found = re.search(r"```\w+\n(.*?)```", section, re.DOTALL)
    if found is None:
        raise Absent(f"docs/reference/proxies.md has no file for {name}")
    return found[1]


@contextmanager
def in_front(proxy: Proxy, backend: int) -> Iterator[str]:
    """Run a proxy in front of a port for the length of a block; yield its address.

    Raises:
        Absent: it is not installed.
        StartError: it did not start.
    """
    program = find(*proxy.program)
    with temporary_folder() as name:
        folder, port = Path(name), free_port()
        # Some proxies drop root privileges as soon as they have started.
        folder.chmod(0o777)
        file = folder / "proxy.conf"
        file.write_text(proxy.configuration(folder, port, backend))
        arguments = proxy.command.format(file=file, folder=folder, port=port).split()
        environment = {"XDG_CONFIG_HOME": name, "XDG_DATA_HOME": name, "HOME": name}
        with running([program, *arguments], port, folder, environment):
            yield f"http://127.0.0.1:{port}"


_NGINX = """\
daemon off;
user <user>;
pid <folder>/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
access_log off;
client_body_temp_path <folder>/body;
proxy_temp_path <folder>/proxy;
fastcgi_temp_path <folder>/fastcgi;
uwsgi_temp_path <folder>/uwsgi;
scgi_temp_path <folder>/scgi;
"""
_APACHE = "".join(
    f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in _MODULES
)
_SQUID = """\
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
coredump_dir <folder>
shutdown_lifetime 1 seconds
"""

PROXIES = (
    Proxy(
        "nginx",
        ("nginx", "nginx-light"),
        ("listen 80;", "listen 127.0.0.1:{port};"),
        "-c {file} -e stderr",
        head=_NGINX,
        tail="}\n",
    ),
    Proxy(
        "HAProxy",
        ("haproxy", "haproxy"),
        ("bind :80", "bind 127.0.0.1:{port}"),
        "-db -f {file}",
    ),
    Proxy(
        "Apache",
        ("apache2", "apache2"),
        ("<VirtualHost *:80>", "Listen 127.0.0.1:{port}\n<VirtualHost *:{port}>"),
        "-DFOREGROUND -d {folder} -f {file}",
        head=f"{_APACHE}ServerName 127.0.0.1\nPidFile <folder>/apache.pid\nUser www-data\n"
        "Group www-data\nErrorLog /dev/stderr\nDefaultRuntimeDir <folder>\n",
    ),
    Proxy(
        "Caddy",
        ("caddy", "caddy"),
        ("http://live.example.org {", "http://127.0.0.1:{port} {{"),
        "run --adapter caddyfile --config {file}",
        release="version",
        head="{\n    admin off\n    auto_https off\n}\n",
    ),
    Proxy(
        "Varnish",
        ("varnishd", "varnish"),
        ("vcl 4.1;", "vcl 4.1;"),
        "-F -j none -n {folder}/work -a 127.0.0.1:{port} -f {file} -s malloc,32m",
        release="-V",
    ),
    Proxy(
        "lighttpd",
        ("lighttpd", "lighttpd"),
        ("server.port = 80", 'server.port = {port}\nserver.bind = "127.0.0.1"'),
        "-D -f {file}",
        head='server.document-root = "<folder>"\nserver.errorlog = "/dev/stderr"\n',
    ),
    Proxy(
        "Squid",
        ("squid", "squid"),
        ("http_port 80 ", "http_port 127.0.0.1:{port} "),
        "-N -f {file}",
        head=_SQUID,
    ),
)
