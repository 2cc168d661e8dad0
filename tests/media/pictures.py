"""Pictures made for tests, with whatever a camera or a photographer writes into them."""

import io
from typing import Any

from PIL import Image, ImageCms, TiffImagePlugin

GPS_TAG, ORIENTATION_TAG = 0x8825, 0x0112
MODEL = "Hasselblad 500EL of a test"


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """A picture whose four corners differ, so that one can tell how it lies."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    image.paste("white", (width // 2, height // 2, width, height))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Its bytes as a file of that type."""
    place = io.BytesIO()
    image.save(place, kind, **options)
    return place.getvalue()


def noisy(width: int, height: int) -> bytes:
    """A JPEG that is as hard to make smaller as a photograph with grain."""
    grain = Image.effect_noise((width, height), 60).convert("RGB")
    return encoded(Image.blend(grain, picture(width, height), 0.5), quality=90)


def with_exif(orientation: int = 1) -> bytes:
    """A JPEG that tells where, with what and how it was taken; it holds a small copy of itself."""
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
    """A JPEG with that XMP."""
    return encoded(picture(), xmp=packet.encode(encoding))


def xmp(description: str, creator: str, credit: str, alt: str) -> str:
    """A packet as picture desks write it."""
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
    """A JPEG with IPTC in its Photoshop block: `caption`, `byline`, `credit`."""
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
    """A JPEG whose profile says that red is green and green is red: only who heeds it sees red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, 132 + 12 * count, 12):
        names = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
        tag = bytes(profile[at : at + 4])
        profile[at : at + 4] = names.get(tag, tag)
    return encoded(Image.new("RGB", (640, 480), "lime"), icc_profile=bytes(profile))


def animation(frames: int, size: tuple[int, int] = (64, 48), kind: str = "GIF") -> bytes:
    """An animation; each frame differs from the one before."""
    shown = [Image.new("RGB", size, (n * 37 % 256, n * 11 % 256, n % 256)) for n in range(frames)]
    return encoded(shown[0], kind, save_all=True, append_images=shown[1:], duration=50, loop=0)
