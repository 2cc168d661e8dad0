"""The desk's pages as a browser without scripts uses them: forms that are filled in and sent."""

import re
from html import unescape

import httpx

_FIELD = re.compile(r"<(input|select)\b([^>]*)>")
_NAMED = re.compile(r'(\w+)="([^"]*)"')


def send(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Load a page, and send its first form of that action that has these fields.

    Args:
        client: who is signed in.
        page: where the form stands.
        action: where it goes.
        fields: what is typed or chosen; the rest is as the page has it.
    """
    text = client.get(page).raise_for_status().text
    for form in text.split(f'action="{action}"')[1:]:
        inner = _FIELD.findall(form.partition("</form>")[0])
        found = [dict(_NAMED.findall(attributes)) for _, attributes in inner]
        if fields.keys() <= {field["name"] for field in found}:
            hidden = [field for field in found if field.get("type") == "hidden"]
            typed = {field["name"]: unescape(field.get("value", "")) for field in hidden}
            return client.post(action, data=typed | fields)
    raise AssertionError(f"{page} has no form for {action} with {sorted(fields)}")


def secret_shown(answer: httpx.Response) -> str:
    """What a page shows this once: a link, or a key."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'<input value="([^"]+)"', answer.text)
    assert found, answer.text
    return unescape(found[1])
