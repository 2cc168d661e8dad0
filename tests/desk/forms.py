"""Fill in and submit the desk's forms as a browser without scripts does."""

import re
from html import unescape

import httpx

_FIELD = re.compile(r"<(input|select|textarea)\b([^>]*)>")
_NAMED = re.compile(r'(\w+)="([^"]*)"')


def send(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Load a page and submit its first form with this action and these fields.

    Args:
        client: the signed-in client.
        page: the path of the page with the form.
        action: the form's `action` attribute.
        fields: values that are typed or chosen; hidden fields keep the page's values.
    """
    text = client.get(page).raise_for_status().text
    for form in text.split(f'action="{action}"')[1:]:
        inputs = _FIELD.findall(form.partition("</form>")[0])
        attributes_of = [dict(_NAMED.findall(attributes)) for _, attributes in inputs]
        if fields.keys() <= {field.get("name") for field in attributes_of}:
            hidden = [field for field in attributes_of if field.get("type") == "hidden"]
            data = {field["name"]: unescape(field.get("value", "")) for field in hidden}
            return client.post(action, data=data | fields)
    raise AssertionError(f"{page} has no form for {action} with {sorted(fields)}")


def secret_shown(answer: httpx.Response) -> str:
    """Return the secret that a page shows once: a link, or a key."""
    assert answer.status_code == 200, answer.text
    match = re.search(r'<input value="([^"]+)"', answer.text)
    assert match, answer.text
    return unescape(match[1])
