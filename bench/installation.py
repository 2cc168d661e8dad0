"""Install the peers into bench/.scratch, or raise Absent with the reason.

Packages from PyPI and npm are installed through pip and npm as configured. Debian packages (nginx
with Nchan, Node.js, liburing) are used if present, and never installed by this program.
"""

import shutil
import subprocess
import venv
from functools import cache
from importlib.metadata import version
from pathlib import Path

from bench.programs import SCRATCH

PEERS = Path(__file__).parent / "peers"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
# The releases that Dateline uses, so that the way of pushing is the only difference.
_SHARED = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools")
_OWN = ("sse-starlette", "socketify")


class Absent(Exception):
    """A peer is not available; the message is the reason."""


def _run(command: list[str], what: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Absent(f"{what}: {lines[-1] if lines else done.returncode}")
    return done.stdout.strip()


def find(program: str, package: str) -> str:
    """Return the path of an installed program, or raise Absent with its Debian package."""
    if path := shutil.which(program, path="/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"):
        return path
    raise Absent(f"{program} is not installed (Debian: {package})")


@cache
def python() -> str:
    """Return the interpreter of the peers' virtual environment; create it on first use."""
    folder = SCRATCH / "venv"
    wanted = [f"{name}=={version(name)}" for name in _SHARED] + list(_OWN)
    stamp = folder / "wanted.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(wanted):
        venv.create(folder, with_pip=True, clear=True)
        _run([str(folder / "bin" / "pip"), "install", "-q", *wanted], "pip")
        stamp.write_text("\n".join(wanted))
    return str(folder / "bin" / "python")


@cache
def python_release(package: str) -> str:
    """Return a package's release in the peers' virtual environment."""
    program = f"from importlib.metadata import version; print(version({package!r}))"
    return _run([python(), "-c", program], package)


@cache
def node_modules() -> Path:
    """Return the folder of Node's packages; fill it on first use."""
    npm, folder = find("npm", "npm"), SCRATCH / "node"
    if not (folder / "node_modules" / "ws").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(PEERS / "node" / "package.json", folder)
        quiet = ["--no-audit", "--no-fund", "--silent"]
        _run([npm, "install", "--prefix", str(folder), *quiet], "npm")
    return folder / "node_modules"


@cache
def node_release(package: str) -> str:
    """Return a Node package's release."""
    program = f"console.log(require('{node_modules() / package}/package.json').version)"
    return _run([find("node", "nodejs"), "-e", program], package)


@cache
def nchan_release() -> str:
    """Return Nchan's Debian release and nginx's."""
    if not NCHAN.exists():
        raise Absent("Nchan is not installed (Debian: libnginx-mod-nchan)")
    query = ["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"]
    nginx = subprocess.run(
        [find("nginx", "nginx-light"), "-v"], capture_output=True, text=True, check=False
    )
    return f"{_run(query, 'dpkg')}, {nginx.stderr.strip().removeprefix('nginx version: ')}"
