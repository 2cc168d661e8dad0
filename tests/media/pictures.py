"""Test pictures, with metadata as cameras and picture desks write it."""

import io
from typing import Any

from PIL import Image, ImageCms, TiffImagePlugin

GPS_TAG, ORIENTATION_TAG = 0x8825, 0x0112
MODEL = "Hasselblad 500EL of a test"


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Return a picture with four different corners, which show its orientation."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    image.paste("white", (width // 2, height // 2, width, height))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Encode a picture in a format."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noisy(width: int, height: int) -> bytes:
    """Return a JPEG that compresses as badly as a grainy photograph."""
    grain = Image.effect_noise((width, height), 60).convert("RGB")
    return encoded(Image.blend(grain, picture(width, height), 0.5), quality=90)


def with_exif(orientation: int = 1) -> bytes:
    """Return a JPEG whose EXIF has position, camera, photographer and orientation."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    exif[0x0110] = MODEL
    exif[0x013B] = "Photographer Name"
    ratio = TiffImagePlugin.IFDRational
    exif[GPS_TAG] = {
        1: "N",
        2: (ratio(0), ratio(40), ratio(26)),
        3: "E",
        4: (ratio(23), ratio(28), ratio(23)),
    }
    return encoded(picture(), exif=exif.tobytes(), comment=b"a comment of the camera")


def with_xmp(packet: str, encoding: str = "utf-8") -> bytes:
    """Return a JPEG with an XMP packet."""
    return encoded(picture(), xmp=packet.encode(encoding))


def xmp(description: str, creator: str, credit: str, alt: str) -> str:
    """Return an XMP packet as picture desks write it."""
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" photoshop:Credit="{credit}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt>
</dc:description>
<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>
<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">{alt}</rdf:li></rdf:Alt>
</Iptc4xmpCore:AltTextAccessibility>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def with_iptc(**datasets: bytes) -> bytes:
    """Return a JPEG with IPTC datasets in its Photoshop block: `caption`, `byline`, `credit`."""
    numbers = {"caption": 120, "byline": 80, "credit": 110}
    block = b"".join(
        b"\x1c\x02" + bytes([numbers[name]]) + len(value).to_bytes(2, "big") + value
        for name, value in datasets.items()
    )
    resource = b"8BIM\x04\x04\x00\x00" + len(block).to_bytes(4, "big") + block
    resource += b"\x00" * (len(block) % 2)
    body = b"Photoshop 3.0\x00" + resource
    plain = encoded(picture())
    return plain[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:]


def with_swapped_colours() -> bytes:
    """Return a green JPEG that is red under its ICC profile, which swaps red and green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, 132 + 12 * count, 12):
        swaps = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
        tag = bytes(profile[at : at + 4])
        profile[at : at + 4] = swaps.get(tag, tag)
    return encoded(Image.new("RGB", (640, 480), "lime"), icc_profile=bytes(profile))


def animation(frames: int, size: tuple[int, int] = (64, 48), kind: str = "GIF") -> bytes:
    """Return an animation, of which each frame differs from the previous one."""
    images = [Image.new("RGB", size, (n * 37 % 256, n * 11 % 256, n % 256)) for n in range(frames)]
    return encoded(images[0], kind, save_all=True, append_images=images[1:], duration=50, loop=0)
