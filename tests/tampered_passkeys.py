"""Responses of passkeys that were tampered with."""

import json
from collections.abc import Callable
from typing import Any

from fido2.utils import websafe_decode, websafe_encode
from hypothesis import strategies as st

Json = dict[str, Any]

_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
_PATHS = [
    ("id",),
    ("rawId",),
    ("type",),
    ("response",),
    *(("response", n) for n in ("clientDataJSON", "authenticatorData", "signature", "userHandle")),
    ("response", "attestationObject"),
]


@st.composite
def tampered(draw: st.DrawFn) -> Callable[[Json], str]:
    """A function that tampers with a device's response in one way."""
    path = draw(st.sampled_from(_PATHS))
    mutation = draw(st.sampled_from(["value", "drop", "flip", "cut", "bytes", "text"]))
    value, number, noise = draw(_ANY), draw(st.integers(0, 10**6)), draw(st.binary(max_size=300))

    def act(answer: Json) -> str:
        if mutation == "text":
            return json.dumps(answer)[: number % 2000] + noise.decode("latin-1")
        container: Any = answer["response"] if len(path) > 1 else answer
        name = path[-1]
        old = container.get(name)
        raw = (
            bytearray(websafe_decode(old))
            if isinstance(old, str) and old and mutation != "drop"
            else b""
        )
        if mutation == "drop":
            container.pop(name, None)
        elif mutation == "value" or not raw or name == "type":
            container[name] = value
        elif mutation == "flip":
            raw[number % len(raw)] ^= 1 << number % 8
            container[name] = websafe_encode(bytes(raw))
        else:
            altered = bytes(raw[: number % len(raw)]) if mutation == "cut" else noise
            container[name] = websafe_encode(altered)
        return json.dumps(answer)

    return act


def is_same(text: str, genuine: Json, *, is_named: bool = False) -> bool:
    """Whether a response equals the genuine one, apart from an `attestationObject`.

    Args:
        text: the response as it is sent.
        genuine: the device's response.
        is_named: whether the person is known, so that the user handle may be absent.
    """
    try:
        document = json.loads(text)
    except ValueError:
        return False
    if not isinstance(document, dict) or not isinstance(document.get("response"), dict):
        return False
    received = {**document, "response": dict(document["response"])}
    received["response"].pop("attestationObject", None)
    if is_named and received["response"].get("userHandle") is None:
        received["response"]["userHandle"] = genuine["response"]["userHandle"]
    return received == genuine
