"""Names of file types that are not accepted, with advice for the client that sent one.

Types are detected by a file's first bytes, as `sniff.py` does for accepted types.
"""

from app.media.sniff import brands

LONG_HEAD = 1024  # bytes of a file to read: an SVG may have a long preamble above its root

_EXPORT = "Export it as JPEG or PNG."
_RAW = "Develop it, and send it as JPEG."
_FLAT = "Save a copy as JPEG or PNG."
_SHOT = "Send a picture of the page, as PNG."
_CLIP = "Export it as MP4."
# ISO media files that are pictures, by brand.
BRANDS = {
    b"crx ": ("a raw file of a Canon camera (CR3)", _RAW),
    b"jxl ": ("JPEG XL", _EXPORT),
    b"jp2 ": ("JPEG 2000", _EXPORT),
}
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\x0a", "JPEG XL", _EXPORT),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", _EXPORT),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", _EXPORT),
    (b"\xff\x4f\xff\x51", "JPEG 2000", _EXPORT),
    (b"II\xbc\x01", "JPEG XR", _EXPORT),
    (b"8BPS", "a Photoshop file (PSD)", _FLAT),
    (b"gimp xcf", "a GIMP file (XCF)", _FLAT),
    (b"FUJIFILMCCD-RAW", "a raw file of a Fujifilm camera (RAF)", _RAW),
    (b"IIU\0", "a raw file of a Panasonic camera (RW2)", _RAW),
    (b"IIRO", "a raw file of an Olympus camera (ORF)", _RAW),
    (b"IIRS", "a raw file of an Olympus camera (ORF)", _RAW),
    (b"FOVb", "a raw file of a Sigma camera (X3F)", _RAW),
    (b"II*\0", "TIFF or a camera's raw file", _EXPORT),
    (b"MM\0*", "TIFF or a camera's raw file", _EXPORT),
    (b"II+\0", "BigTIFF", _EXPORT),
    (b"MM\0+", "BigTIFF", _EXPORT),
    (b"%PDF-", "PDF", _SHOT),
    (b"%!PS", "PostScript", _SHOT),
    (b"\xc5\xd0\xd3\xc6", "EPS", _SHOT),
    (b"v/1\x01", "OpenEXR", _EXPORT),
    (b"#?RADIANCE", "Radiance HDR", _EXPORT),
    (b"BM", "BMP", _EXPORT),
    (b"\0\0\1\0", "an icon (ICO)", _EXPORT),
    (b"OggS", "an Ogg file", _CLIP),
    (b"FLV\1", "a Flash video (FLV)", _CLIP),
    (b"\x30\x26\xb2\x75", "a Windows video (WMV)", _CLIP),
    (b"\0\0\1\xba", "an MPEG video", _CLIP),
    (b"PK\3\4", "a ZIP archive, or a document of an office program", "Send the picture in it."),
    (b"Rar!", "a RAR archive", "Send the picture in it."),
)
# Types that need a second signature, further on in the file.
_MARKED: tuple[tuple[bytes, int, bytes, str, str], ...] = (
    (b"RIFF", 8, b"AVI ", "an AVI video", _CLIP),
    (b"G", 188, b"G", "an MPEG transport stream (MTS)", _CLIP),
    (b"II*\0", 8, b"CR", "a raw file of a Canon camera (CR2)", _RAW),
    *((magic, 0, b"", name, advice) for magic, name, advice in _MAGIC),
)


def name_refused_type(head: bytes) -> tuple[str, str] | None:
    """Return the name of a file's type, and a sentence of advice; None if it is unknown.

    Args:
        head: the first `LONG_HEAD` bytes of a file of which `picture_kind` is None.
    """
    for brand in brands(head):
        if brand in BRANDS:
            return BRANDS[brand]
    for magic, at, mark, name, advice in _MARKED:
        if head.startswith(magic) and head.startswith(mark, at):
            return name, advice
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<") and b"<svg" in text:
        return "SVG, which may hold programs", "Export it as PNG."
    if text.startswith((b"<!doctype html", b"<html")):
        return (
            "a web page",
            "Send the picture itself, not the page that shows it.",
        )
    return None
