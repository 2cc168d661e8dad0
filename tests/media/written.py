"""Pictures written byte by byte, in variants that Pillow does not write.

All show `PATCHES` in a four-by-four square; colours are compared in the middle of each patch, where
lossy compression keeps them.
"""

import random
import struct
import zlib
from collections.abc import Sequence

from PIL import Image, ImageCms

from tests.media.hostile import chunk
from tests.media.pictures import encoded

SIDE, PATCH = 256, 64
PATCHES = [
    *((255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)),
    *((64, 64, 64), (200, 30, 90), (20, 220, 130), (250, 250, 250)),
    *((0, 0, 0), (90, 160, 40), (180, 90, 200), (30, 30, 120)),
    *((240, 200, 60), (120, 60, 20), (60, 120, 180), (160, 160, 160)),
]
Chromaticities = tuple[int, int, int, int, int, int, int, int]
ADOBE: Chromaticities = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
P3: Chromaticities = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def patches(mode: str = "RGB", turn: int = 0) -> Image.Image:
    """Return a picture of the patches; `turn` shifts the colours by that many patches."""
    image = Image.new("RGB", (SIDE, SIDE))
    for position in range(16):
        left, top = position % 4 * PATCH, position // 4 * PATCH
        colour = PATCHES[(position + turn) % 16]
        image.paste(colour, (left, top, left + PATCH, top + PATCH))
    # No dithering, which lossy compression would not keep.
    if mode == "P":
        return image.quantize(16, dither=Image.Dither.NONE)
    return image.convert(mode)


def png_with(*chunks: bytes, image: Image.Image | None = None) -> bytes:
    """Return a PNG with chunks inserted after its header."""
    whole = encoded(image or patches(), "PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def gama(value: int) -> bytes:
    """Return a gamma chunk, in hundred-thousandths."""
    return chunk(b"gAMA", struct.pack(">I", value))


def chrm(values: Chromaticities) -> bytes:
    """Return a chromaticities chunk (white, red, green, blue), in hundred-thousandths."""
    return chunk(b"cHRM", struct.pack(">8I", *values))


def cicp(primaries: int, transfer: int) -> bytes:
    """Return a chunk with coding-independent code points."""
    return chunk(b"cICP", bytes([primaries, transfer, 0, 1]))


def iccp(profile: bytes) -> bytes:
    """Return a chunk with a compressed ICC profile."""
    return chunk(b"iCCP", b"a profile\0\0" + zlib.compress(profile))


def swapped_profile() -> bytes:
    """Return the sRGB profile with red and green swapped."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        swaps = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
        tag = bytes(profile[at : at + 4])
        profile[at : at + 4] = swaps.get(tag, tag)
    return bytes(profile)


def avif_with(primaries: int, transfer: int) -> bytes:
    """Return an AVIF with these code points."""
    whole = bytearray(encoded(patches(), "AVIF", quality=95, subsampling="4:4:4"))
    at = whole.index(b"nclx") + 4
    whole[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(whole)


def deep_png(colour: int, transparent: bytes | None = None) -> bytes:
    """Return a PNG with 16 bits per channel; `colour` is 0 (grey), 2 (RGB), 4 or 6 (with alpha)."""
    modes = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}
    image = patches(modes[colour])
    if colour in {4, 6}:
        image.putalpha(128)
    width = len(modes[colour]) * SIDE
    pixels = image.tobytes()
    rows = b"".join(
        b"\0" + b"".join(bytes([value, value]) for value in pixels[at : at + width])
        for at in range(0, len(pixels), width)
    )
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 16, colour, 0, 0, 0))
    transparency = chunk(b"tRNS", transparent) if transparent else b""
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + transparency + data + chunk(b"IEND", b"")


def shallow_png(depth: int, transparent: int) -> bytes:
    """Return a greyscale PNG of one, two or four bits with one transparent value."""
    most = (1 << depth) - 1
    values = [(x // PATCH + y // PATCH) % (most + 1) for y in range(SIDE) for x in range(SIDE)]
    values_per_byte = 8 // depth
    packed = bytearray()
    for at in range(0, len(values), values_per_byte):
        byte = 0
        for value in values[at : at + values_per_byte]:
            byte = byte << depth | value
        packed.append(byte)
    row = SIDE // values_per_byte
    rows = b"".join(b"\0" + bytes(packed[at : at + row]) for at in range(0, len(packed), row))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, depth, 0, 0, 0, 0))
    transparency = chunk(b"tRNS", struct.pack(">H", transparent))
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + transparency + data + chunk(b"IEND", b"")


def _gif_picture(image: Image.Image) -> tuple[bytes, int, bytes]:
    """Return the palette of a one-frame GIF, its size as in the flags, and the pixel data."""
    whole = encoded(image, "GIF", optimize=False, interlace=False)
    size = whole[10] & 7
    at = 13 + (3 << (size + 1))
    colours = whole[13:at]
    while whole[at] == ord("!"):
        at += 2
        while whole[at]:
            at += whole[at] + 1
        at += 1
    return colours, size, whole[at + 10 : -1]


def gif(
    delays: Sequence[int | None],
    repeats: int | None = None,
    *,
    label: bytes = b"NETSCAPE2.0",
    late: bool = False,
    seed: int | None = None,
) -> bytes:
    """Return a GIF.

    Args:
        delays: hundredths of a second; None for a frame without a control extension.
        repeats: of the loop extension; None for no extension.
        label: of the loop extension.
        late: the loop extension follows the first frame.
        seed: for random frame sizes, positions, transparency and disposal; None for plain frames.
    """
    rng = random.Random(seed)
    loop = b"" if repeats is None else b"!\xff\x0b" + label + b"\3\1%b\0"
    loop = loop.replace(b"%b", struct.pack("<H", repeats or 0))
    out = b"GIF89a" + struct.pack("<HHBBB", SIDE, SIDE, 0xF0, 0, 0) + b"\xff\0\0\0\xff\0"
    out += b"" if late else loop
    for number, delay in enumerate(delays):
        image = patches("P", number)
        corner, flags, transparent_index = (0, 0), 0, 0
        if seed is not None:
            corner = (rng.randrange(3) * PATCH, rng.randrange(3) * PATCH)
            image = image.crop((0, 0, rng.randrange(1, 5) * PATCH, rng.randrange(1, 5) * PATCH))
            flags = rng.randrange(5) << 2 | rng.randrange(2)
            transparent_index = image.getpixel((0, 0))
        colours, size, pixels = _gif_picture(image)
        if delay is not None:
            out += (
                b"!\xf9\4"
                + bytes([flags])
                + struct.pack("<H", delay)
                + bytes([transparent_index, 0])
            )
        out += b"," + struct.pack("<HHHHB", *corner, *image.size, 0x80 | size) + colours + pixels
        if late and not number:
            out += loop
    return out + b";"


def apng(
    delays: Sequence[tuple[int, int]],
    plays: int,
    *,
    hidden: bool = False,
    mode: str = "RGB",
    seed: int | None = None,
) -> bytes:
    """Return an animated PNG.

    Args:
        delays: seconds as fractions.
        plays: number of plays; 0 is endless.
        hidden: the default image is white and not part of the animation.
        mode: RGB, RGBA or L.
        seed: for random frame sizes, positions, blending and disposal; None for plain frames.
    """
    rng = random.Random(seed)
    colour = {"L": 0, "RGB": 2, "RGBA": 6}[mode]
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, colour, 0, 0, 0)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    out += chunk(b"acTL", struct.pack(">II", len(delays), plays))
    out += chunk(b"IDAT", _rows(Image.new(mode, (SIDE, SIDE), "white"))) if hidden else b""
    seq = 0
    for number, delay in enumerate(delays):
        image, corner, disposal_and_blend = patches(mode, number), (0, 0), (0, 0)
        if seed is not None and (number or hidden):
            corner = (rng.randrange(3) * PATCH, rng.randrange(3) * PATCH)
            image = image.crop((0, 0, SIDE - corner[0], SIDE - corner[1]))
        if mode == "RGBA":
            image.paste((0, 0, 0, 0), (0, 0, PATCH, PATCH))
        if seed is not None:
            disposal_and_blend = (rng.randrange(3), rng.randrange(2))
        control = struct.pack(">IIIIIHHBB", seq, *image.size, *corner, *delay, *disposal_and_blend)
        out += chunk(b"fcTL", control)
        seq += 1
        if number or hidden:
            out += chunk(b"fdAT", struct.pack(">I", seq) + _rows(image))
            seq += 1
        else:
            out += chunk(b"IDAT", _rows(image))
    return out + chunk(b"IEND", b"")


def _rows(image: Image.Image) -> bytes:
    length = image.width * len(image.getbands())
    pixels = image.tobytes()
    rows = (b"\0" + pixels[at : at + length] for at in range(0, len(pixels), length))
    return zlib.compress(b"".join(rows))


def moving(kind: str, delays: Sequence[int], plays: int = 0) -> bytes:
    """Return an animation written by Pillow; delays in milliseconds."""
    frames = [patches(turn=number) for number in range(len(delays))]
    options = {"save_all": True, "append_images": frames[1:], "duration": list(delays)}
    if kind == "WEBP":
        options |= {"loop": plays, "lossless": True}
    return encoded(frames[0], kind, **options)


def without_adobe(jpeg: bytes) -> bytes:
    """Return a JPEG without its Adobe marker."""
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") :]


def turned(kind: str, orientation: int) -> bytes:
    """Return a landscape picture with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = patches().crop((0, 0, SIDE, 2 * PATCH))
    return encoded(image, kind, exif=exif.tobytes(), **({} if kind == "PNG" else {"quality": 95}))
