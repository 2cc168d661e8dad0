"""Answers of passkeys that somebody has tampered with."""

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
_PLACES = [
    ("id",),
    ("rawId",),
    ("type",),
    ("response",),
    *(("response", n) for n in ("clientDataJSON", "authenticatorData", "signature", "userHandle")),
    ("response", "attestationObject"),
]


@st.composite
def tampered(draw: st.DrawFn) -> Callable[[Json], str]:
    """What is done to an answer of a device."""
    place = draw(st.sampled_from(_PLACES))
    way = draw(st.sampled_from(["value", "drop", "flip", "cut", "bytes", "text"]))
    value, number, noise = draw(_ANY), draw(st.integers(0, 10**6)), draw(st.binary(max_size=300))

    def act(answer: Json) -> str:
        if way == "text":
            return json.dumps(answer)[: number % 2000] + noise.decode("latin-1")
        where: Any = answer["response"] if len(place) > 1 else answer
        name = place[-1]
        old = where.get(name)
        raw = (
            bytearray(websafe_decode(old))
            if isinstance(old, str) and old and way != "drop"
            else b""
        )
        if way == "drop":
            where.pop(name, None)
        elif way == "value" or not raw or name == "type":
            where[name] = value
        elif way == "flip":
            raw[number % len(raw)] ^= 1 << number % 8
            where[name] = websafe_encode(bytes(raw))
        else:
            kept = bytes(raw[: number % len(raw)]) if way == "cut" else noise
            where[name] = websafe_encode(kept)
        return json.dumps(answer)

    return act


def is_same(text: str, genuine: Json, *, is_named: bool = False) -> bool:
    """Whether an answer says what it said: it may have more, and whom it names where that is known.

    Args:
        text: as it is sent.
        genuine: what the device has said.
        is_named: whether a person is asked for by name.
    """
    try:
        document = json.loads(text)
    except ValueError:
        return False
    if not isinstance(document, dict) or not isinstance(document.get("response"), dict):
        return False
    told = {**document, "response": dict(document["response"])}
    told["response"].pop("attestationObject", None)
    if is_named and told["response"].get("userHandle") is None:
        told["response"]["userHandle"] = genuine["response"]["userHandle"]
    return told == genuine
