"""Schemas of a passkey challenge."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.openapi.schemas.shape import Shape

_BASE64URL = r"^[A-Za-z0-9_-]+$"


class PasskeyDescriptor(Shape):
    """A passkey that is accepted."""

    type: Literal["public-key"]
    id: Annotated[str, Field(pattern=_BASE64URL)]


class PasskeyChallenge(Shape):
    """A challenge: PublicKeyCredentialRequestOptionsJSON of Web Authentication."""

    challenge: Annotated[
        str, Field(pattern=_BASE64URL, description="Random bytes in base64url, to be signed once.")
    ]
    rpId: Annotated[str, Field(description="The host for which passkeys are created.")]  # noqa: N815
    allowCredentials: Annotated[  # noqa: N815
        list[PasskeyDescriptor],
        Field(
            default_factory=list, description="The accepted passkeys; omitted if nobody is known."
        ),
    ]
    userVerification: Literal["required"]  # noqa: N815
