"""The desk's pages as a browser without scripts uses them: forms that are filled in and sent."""

import re
from html import unescape

import httpx

_FIELD = re.compile(r"<(input|select)\b([^>]*)>")
_NAMED = re.compile(r'(\w+)="([^"]*)"')


def send(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Load a page, and send its form of that action with the token that stands in it.

    Args:
        client: who is signed in.
        page: where the form stands.
        action: where it goes.
        fields: what is typed or chosen; `_` in a name stands for what it stands for.
    """
    text = client.get(page).raise_for_status().text
    form = text[text.index(f'action="{action}"') :].partition("</form>")[0]
    found = [dict(_NAMED.findall(inner)) for _, inner in _FIELD.findall(form)]
    typed = {f["name"]: unescape(f.get("value", "")) for f in found if f.get("type") == "hidden"}
    assert fields.keys() - typed.keys() <= {field["name"] for field in found}, form
    return client.post(action, data=typed | fields)


def secret_shown(answer: httpx.Response) -> str:
    """What a page shows this once: a link, or a key."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'<input value="([^"]+)"', answer.text)
    assert found, answer.text
    return unescape(found[1])
