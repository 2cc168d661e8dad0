"""The shape of what a passkey is asked."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.openapi.schemas.shape import Shape

_BASE64URL = r"^[A-Za-z0-9_-]+$"


class PasskeyDescriptor(Shape):
    """A passkey that will do."""

    type: Literal["public-key"]
    id: Annotated[str, Field(pattern=_BASE64URL)]


class PasskeyChallenge(Shape):
    """What a passkey is asked: PublicKeyCredentialRequestOptionsJSON of Web Authentication."""

    challenge: Annotated[
        str, Field(pattern=_BASE64URL, description="Random bytes in base64url, to be signed once.")
    ]
    rpId: Annotated[str, Field(description="The host for which passkeys are made.")]  # noqa: N815
    allowCredentials: Annotated[  # noqa: N815
        list[PasskeyDescriptor],
        Field(
            default_factory=list, description="Those that will do; left out where nobody is known."
        ),
    ]
    userVerification: Literal["required"]  # noqa: N815
