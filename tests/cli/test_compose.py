"""Promises of docker-compose.yml and the Dockerfile: nothing in them is a trap for operators."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.deployment import check_settings
from app.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
ENVIRONMENT = {"POSTGRES_PASSWORD": "Hk29slQx7", "DATELINE_PUBLIC_URL": "https://live.example.org"}
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:?[-?])([^}]*))?\}")


class Missing(Exception):
    """A variable that has to be set is not."""


def interpolated(environment: dict[str, str]) -> dict[str, Any]:
    """The file as Compose reads it.

    Source: Compose Specification, Interpolation.
    """

    def value(found: re.Match[str]) -> str:
        name, mark, other = found.groups()
        given = environment.get(name)
        if given is not None and (given or ":" not in (mark or "")):
            return given
        if mark and mark.endswith("?"):
            raise Missing(name)
        return other or ""

    # Without comments, in which nothing is put in place of anything.
    lines = [line for line in TEXT.splitlines() if not line.lstrip().startswith("#")]
    read: dict[str, Any] = yaml.safe_load(_VARIABLE.sub(value, "\n".join(lines)))
    return read


def dateline(environment: dict[str, str]) -> dict[str, str]:
    """The settings of the service."""
    given = interpolated(environment)["services"]["dateline"]["environment"]
    return {name: str(value) for name, value in given.items()}


@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("value", [None, ""])
def test_what_has_no_safe_default_has_to_be_set(name: str, value: str | None) -> None:
    """Kind: default passwords. Nothing starts until a password and the public URL are given."""
    given = {n: v for n, v in ENVIRONMENT.items() if n != name}
    with pytest.raises(Missing, match=name):
        interpolated(given if value is None else given | {name: value})


def test_no_password_stands_in_the_file() -> None:
    """And none has a default."""
    assert not re.search(r"(?i)PASSWORD:?-", TEXT)
    for line in TEXT.splitlines():
        if "PASSWORD:" in line and not line.lstrip().startswith("#"):
            assert "${POSTGRES_PASSWORD:?" in line


def test_the_settings_are_settings_and_well_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kind: silent misconfiguration. A start by this file has nothing to warn of."""
    monkeypatch.chdir(tmp_path)
    given = dateline(ENVIRONMENT)
    names = {name.removeprefix("DATELINE_").lower(): value for name, value in given.items()}
    assert set(names) <= set(Settings.model_fields)
    assert check_settings(Settings(_env_file=None, **names), given) == []
    assert ENVIRONMENT["POSTGRES_PASSWORD"] in given["DATELINE_DATABASE_URL"]


def test_the_proxy_that_is_trusted_is_the_networks_gateway() -> None:
    """A proxy on the machine comes by it; the port is open to that machine alone."""
    read = interpolated(ENVIRONMENT)
    (network,) = read["networks"]["inside"]["ipam"]["config"]
    gateway = ip_address(network["gateway"])
    assert gateway in ip_network(network["subnet"])
    assert dateline(ENVIRONMENT)["DATELINE_TRUSTED_PROXIES"] == str(gateway)
    assert read["services"]["dateline"]["ports"] == ["127.0.0.1:8000:8000"]
    for name, service in read["services"].items():
        assert service["networks"] == ["inside"]
        assert name == "dateline" or "ports" not in service


def test_what_is_stored_outlives_the_containers() -> None:
    """Every volume is named, and pictures have one: a new container would begin without them."""
    read = interpolated(ENVIRONMENT)
    services = read["services"]
    mounted = [volume.split(":") for s in services.values() for volume in s.get("volumes", [])]
    assert {name for name, _ in mounted} == set(read["volumes"])
    assert dateline(ENVIRONMENT)["DATELINE_MEDIA_DIR"] in {place for _, place in mounted}
    for needed in services["dateline"]["depends_on"]:
        assert "healthcheck" in services[needed]


def test_the_image_holds_no_secret_and_runs_as_nobody_important() -> None:
    """What is copied into it leaves out `.env`, databases and pictures."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env*", "*.db*", "media"} <= set(ignored)
    instructions = [line.split(" ", 1) for line in dockerfile.splitlines() if line[:1].isupper()]
    (user,) = [value for name, value in instructions if name == "USER"]
    assert user == "dateline"
    assert [name for name, _ in instructions].index("USER") < len(instructions) - 1
    given = dict(re.findall(r"(?m)^ENV (\w+)=(\S+)", dockerfile))
    assert {name.removeprefix("DATELINE_").lower() for name in given} <= set(Settings.model_fields)
