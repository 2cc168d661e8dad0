"""docker-compose.yml and the Dockerfile: their defaults are safe for operators."""

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
    """A required variable is not set."""


def interpolated(environment: dict[str, str]) -> dict[str, Any]:
    """Parse docker-compose.yml with its variables interpolated as Compose does it.

    Source: Compose Specification, Interpolation.
    """

    def value(match: re.Match[str]) -> str:
        name, operator, default = match.groups()
        setting = environment.get(name)
        if setting is not None and (setting or ":" not in (operator or "")):
            return setting
        if operator and operator.endswith("?"):
            raise Missing(name)
        return default or ""

    # Comments are removed first: Compose does not interpolate in them.
    lines = [line for line in TEXT.splitlines() if not line.lstrip().startswith("#")]
    compose: dict[str, Any] = yaml.safe_load(_VARIABLE.sub(value, "\n".join(lines)))
    return compose


def dateline(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of the `dateline` service."""
    environment_of_service = interpolated(environment)["services"]["dateline"]["environment"]
    return {name: str(value) for name, value in environment_of_service.items()}


@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("value", [None, ""])
def test_what_has_no_safe_default_has_to_be_set(name: str, value: str | None) -> None:
    """Default passwords: without a password and a public URL, Compose refuses to start."""
    environment = {n: v for n, v in ENVIRONMENT.items() if n != name}
    with pytest.raises(Missing, match=name):
        interpolated(environment if value is None else environment | {name: value})


def test_no_password_stands_in_the_file() -> None:
    """No password is written in the file, and no password variable has a default."""
    assert not re.search(r"(?i)PASSWORD:?-", TEXT)
    for line in TEXT.splitlines():
        if "PASSWORD:" in line and not line.lstrip().startswith("#"):
            assert "${POSTGRES_PASSWORD:?" in line


def test_the_settings_are_settings_and_well_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silent misconfiguration: every variable is a known setting, and none causes a warning."""
    monkeypatch.chdir(tmp_path)
    environment = dateline(ENVIRONMENT)
    names = {name.removeprefix("DATELINE_").lower(): value for name, value in environment.items()}
    assert set(names) <= set(Settings.model_fields)
    assert check_settings(Settings(_env_file=None, **names), environment) == []
    assert ENVIRONMENT["POSTGRES_PASSWORD"] in environment["DATELINE_DATABASE_URL"]


def test_the_proxy_that_is_trusted_is_the_networks_gateway() -> None:
    """The trusted proxy is the network's gateway, and the port is published on loopback only."""
    compose = interpolated(ENVIRONMENT)
    (network,) = compose["networks"]["inside"]["ipam"]["config"]
    gateway = ip_address(network["gateway"])
    assert gateway in ip_network(network["subnet"])
    assert dateline(ENVIRONMENT)["DATELINE_TRUSTED_PROXIES"] == str(gateway)
    assert compose["services"]["dateline"]["ports"] == ["127.0.0.1:8000:8000"]
    for name, service in compose["services"].items():
        assert service["networks"] == ["inside"]
        assert name == "dateline" or "ports" not in service


def test_what_is_stored_outlives_the_containers() -> None:
    """Every mounted volume is named, media is on one, and dependencies have health checks."""
    compose = interpolated(ENVIRONMENT)
    services = compose["services"]
    mounted = [volume.split(":") for s in services.values() for volume in s.get("volumes", [])]
    assert {name for name, _ in mounted} == set(compose["volumes"])
    assert dateline(ENVIRONMENT)["DATELINE_MEDIA_DIR"] in {path for _, path in mounted}
    for dependency in services["dateline"]["depends_on"]:
        assert "healthcheck" in services[dependency]


def test_the_image_holds_no_secret_and_runs_as_nobody_important() -> None:
    """The build context excludes `.env`, databases and media, and the image runs as `dateline`."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env*", "*.db*", "media"} <= set(ignored)
    instructions = [line.split(" ", 1) for line in dockerfile.splitlines() if line[:1].isupper()]
    (user,) = [value for name, value in instructions if name == "USER"]
    assert user == "dateline"
    assert [name for name, _ in instructions].index("USER") < len(instructions) - 1
    defaults = dict(re.findall(r"(?m)^ENV (\w+)=(\S+)", dockerfile))
    assert {name.removeprefix("DATELINE_").lower() for name in defaults} <= set(
        Settings.model_fields
    )
