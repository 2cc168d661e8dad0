"""Videos as phones, cameras and browsers write them, encoded with PyAV.

All show four corners of different colours (`pictures.picture`), from which the orientation is seen,
and a moving bar, with a tone.
"""

import io
import math
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from PIL import Image

from tests.media.pictures import picture

LOCATION = "+59.9139+010.7522/"
MODEL = "iPhone 15 of a test"
SECRETS = (LOCATION.encode(), MODEL.encode(), b"2024-05-06")
BT709, BT2020, HLG = 1, 9, 18  # code points of ITU-T H.273
_HLG = {"color_primaries": BT2020, "color_trc": HLG, "colorspace": BT2020}
_SILENT = {"x265-params": "log-level=none"}


@dataclass(frozen=True)
class Recipe:
    """The properties of a test video.

    Attributes:
        audio: the audio codec; None for no audio.
        fade: number of black frames at the beginning.
        trimmed: seconds at the beginning that an edit list hides.
        noise: strength of the added grain.
    """

    video: str = "libx264"
    container: str = "mp4"
    audio: str | None = "aac"
    size: tuple[int, int] = (320, 180)
    frames: int = 24
    rate: int = 24
    pixels: str = "yuv420p"
    rotation: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    muxing: Mapping[str, str] = field(default_factory=dict)
    coding: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, int] = field(default_factory=dict)
    attachment: bytes | None = None
    noise: int = 0
    fade: int = 0
    trimmed: float = 0.0

    def make(self) -> bytes:
        """Encode the file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "video"
            with av.open(
                str(path), "w", format=self.container, options=dict(self.muxing)
            ) as output:
                output.metadata.update(self.metadata)
                self._fill(output)
            return path.read_bytes()

    def _fill(self, output: av.container.OutputContainer) -> None:
        coding = dict(_SILENT if self.video == "libx265" else {}) | dict(self.coding)
        video = output.add_stream(self.video, rate=self.rate, options=coding)
        video.width, video.height = self.size
        video.pix_fmt = self.pixels
        for name, value in self.colours.items():
            setattr(video.codec_context, name, value)
        if self.rotation is not None:
            video.set_display_rotation(self.rotation)
        audio = None
        if self.audio is not None:
            audio = output.add_stream(self.audio, rate=48_000)
            audio.layout = "stereo"
        if self.attachment is not None:
            output.add_attachment("place.html", "text/html", self.attachment)
        for number in range(self.frames):
            output.mux(video.encode(self._frame(number)))
        output.mux(video.encode(None))
        if audio is not None:
            for start in range(0, 48_000 * self.frames // self.rate, 1024):
                output.mux(audio.encode(_tone(start)))
            output.mux(audio.encode(None))

    def _frame(self, number: int) -> av.VideoFrame:
        image = picture(*self.size)
        if self.noise:
            grain = Image.effect_noise(self.size, self.noise).convert("RGB")
            image = Image.blend(grain, image, 0.5)
        if number < self.fade:
            image = Image.new("RGB", self.size)
        left = number * self.size[0] // self.frames
        image.paste("black", (left, self.size[1] // 2 - 4, left + 16, self.size[1] // 2 + 4))
        frame = av.VideoFrame.from_image(image).reformat(format=self.pixels)
        frame.pts = number - round(self.trimmed * self.rate)
        frame.time_base = Fraction(1, self.rate)
        return frame


def _tone(start: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=1024)
    frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
    values = (int(8000 * math.sin((start + n) * 0.0576)) for n in range(1024))
    frame.planes[0].update(b"".join(struct.pack("<hh", value, value) for value in values))
    return frame


MP4 = Recipe()
WEBM = Recipe(video="libvpx-vp9", container="webm", audio="libopus")
IPHONE = Recipe(
    video="libx265",
    container="mov",
    size=(640, 360),
    pixels="yuv420p10le",
    rotation=-90,
    frames=20,
    rate=30,
    metadata={
        "com.apple.quicktime.location.ISO6709": LOCATION,
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": MODEL,
        "creation_time": "2024-05-06T07:08:09Z",
        "timecode": "01:02:03:04",
    },
    muxing={"movflags": "use_metadata_tags"},
    coding={
        "tag": "hvc1",
        "preset": "ultrafast",
        "x265-params": "log-level=none:colorprim=9:transfer=18:colormatrix=9",
    },
    colours=_HLG,
)
# Metadata for all fields that a program may write.
METADATA = {
    "location": LOCATION,
    "comment": f"{MODEL} {LOCATION}",
    "title": MODEL,
    "artist": MODEL,
    "creation_time": "2024-05-06T07:08:09Z",
    "encoder": MODEL,
}


@cache
def made(recipe_name: str) -> bytes:
    """Return the encoded file of a recipe; cached."""
    return RECIPES[recipe_name].make()


RECIPES = {
    "MP4": MP4,
    "WebM": WEBM,
    "an iPhone's": IPHONE,
    "HEVC": Recipe(video="libx265"),
    "HEVC in fragments": Recipe(
        video="libx265", muxing={"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    ),
    "H.264 in fragments": Recipe(muxing={"movflags": "frag_keyframe+empty_moov"}),
    "QuickTime with PCM": Recipe(container="mov", audio="pcm_s16le"),
    "ProRes": Recipe(
        video="prores_ks", container="mov", pixels="yuv422p10le", audio="pcm_s24le", frames=12
    ),
    "H.264 of ten bits": Recipe(pixels="yuv420p10le"),
    "4K": Recipe(size=(3840, 2160), frames=4, audio=None, coding={"preset": "ultrafast"}),
    "slow motion": Recipe(rate=240, frames=120),
    "MPEG-4 part 2": Recipe(video="mpeg4"),
    "Matroska": Recipe(container="matroska"),
    "HEVC in Matroska": Recipe(video="libx265", container="matroska"),
    "VP8": Recipe(video="libvpx", container="webm", audio="libopus"),
    "VP9 in MP4": Recipe(video="libvpx-vp9"),
    "VP9 with MP3": Recipe(video="libvpx-vp9", container="matroska", audio="libmp3lame"),
    "AC-3": Recipe(audio="ac3"),
    "3GP": Recipe(container="3gp", audio="aac"),
    "silent": Recipe(audio=None),
    "turned to the left": Recipe(rotation=90),
    "upside down": Recipe(video="libx265", rotation=180),
}


def streams(content: bytes) -> tuple[list[str], float, tuple[int, int], int]:
    """Return codecs, duration in seconds, size, and the number of decodable frames."""
    with av.open(io.BytesIO(content)) as opened:
        video = opened.streams.video[0]
        codecs = [
            stream.type if stream.codec_context is None else _codec(stream)
            for stream in opened.streams
        ]
        size = (video.width, video.height)
        pictures = sum(1 for _ in opened.decode(video))
        return codecs, (opened.duration or 0) / 1_000_000, size, pictures


def colour_tags(content: bytes) -> tuple[int, int, int]:
    """Return the code points of a video's primaries, transfer function and matrix (H.273)."""
    with av.open(io.BytesIO(content)) as opened:
        context = opened.streams.video[0].codec_context
        return context.color_primaries, context.color_trc, context.colorspace


def _codec(stream: av.stream.Stream) -> str:
    name: str = stream.codec_context.codec.canonical_name
    return name


def corners(image: Image.Image) -> list[str]:
    """Return the corners' colours: upper left, upper right, lower left, lower right."""
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255,) * 3}
    rgb = image.convert("RGB")
    width, height = rgb.size
    points = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    colours = []
    for point in points:
        pixel = rgb.getpixel(point)
        assert isinstance(pixel, tuple)
        distances = {
            name: sum((a - b) ** 2 for a, b in zip(pixel, colour, strict=True))
            for name, colour in names.items()
        }
        colours.append(min(distances, key=lambda name: distances[name]))
    return colours


def first_frame(content: bytes) -> Image.Image:
    """Return the first frame of a file, rotated as a player shows it."""
    with av.open(io.BytesIO(content)) as opened:
        frame = next(opened.decode(video=0))
        rotated: Image.Image = frame.to_image().rotate(frame.rotation, expand=True)
        return rotated
