"""The documented proxy configurations are the ones that are measured."""

import re
from pathlib import Path

import pytest

from bench.proxies import PROXIES, Proxy, documented


@pytest.mark.parametrize("proxy", PROXIES, ids=[proxy.name for proxy in PROXIES])
def test_a_documented_file_is_tried_at_ports_of_the_run(proxy: Proxy, tmp_path: Path) -> None:
    """Documented ports are replaced, so that a run never reaches another server."""
    configuration = proxy.configuration(tmp_path, 18_001, 18_002)
    assert "18002" in configuration
    assert "18001" in configuration + proxy.command.format(file="", folder="", port=18_001)
    assert not re.search(r"\b(80|8000)\b|live\.example\.org [{]", configuration)
    assert re.search(r"\b8000\b", documented(proxy.name))


def test_every_file_on_the_page_is_tried() -> None:
    """Every documented configuration is measured; otherwise it could become outdated."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "proxies.md"
    sections = re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]
    files = [
        section.partition("\n")[0] for section in sections if re.search("```(?!sh)\\w", section)
    ]
    assert files == [proxy.name for proxy in PROXIES]
