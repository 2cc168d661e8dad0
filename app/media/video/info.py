"""Video inspection: reads all packets of a file without decoding them.

Whether the file is complete, how long it lasts and what has to be re-encoded is known before any
expensive work. The declared duration is not trusted: the packets tell the real one.

Refuses a file that is truncated, lasts too long, or has more packets than a real video.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self

import av
from av.stream import Stream

from app.media.errors import VideoRefused
from app.media.sniff import Video
from app.media.video.input import AnyPacket, VideoInput, damaged, open_video
from app.media.video.orientation import Orientation
from app.media.video.still import Colours, Still, shown_size

LARGEST_SIDE = 1920  # pixels of the served video
MOST_FRAMES = 60  # frames per second of the served video
_NEARLY = 1.05  # 60.5 frames per second count as 60
_PACKETS_A_SECOND = 1200  # video and audio together; a slow-motion camera records 240
_PACKETS = 10_000  # allowed within the first second
_MISSING = 0.05  # of the declared duration: if more is missing, the file is truncated
_MISSING_SECONDS = 0.5  # rounding error of a declared duration
_SHORTEST = Fraction(1, 25)  # duration of a video with a single frame
_EIGHT_BITS = frozenset({"yuv420p", "yuvj420p"})
_TEN_BITS = _EIGHT_BITS | {"yuv420p10le"}
# The pixel formats that browsers play, by codec.
_PLAYED = {
    "h264": _EIGHT_BITS,
    "vp8": _EIGHT_BITS,
    "vp9": _EIGHT_BITS,
    "av1": _TEN_BITS,
    "libdav1d": _TEN_BITS,
}
_H264 = frozenset({"Baseline", "Constrained Baseline", "Main", "High"})
_MP4_AUDIO = frozenset({"aac", "mp3", "mp3float", "opus", "libopus", "flac"})
_WEBM_AUDIO = frozenset({"opus", "libopus", "vorbis"})
_AV1 = frozenset({"av1", "libdav1d"})

Container = Literal["mp4", "webm"]


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """Longest duration of a video, in seconds: of any, and of one that has to be re-encoded."""

    duration: float
    conversion: float


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The contents of a file, and how it will be converted.

    Args:
        container: of the served file.
        width: in pixels of the served video, upright.
        height: likewise.
        duration: in seconds, of the video track.
        start: the time of the first packet, in seconds; it becomes 0.
        copies_video: browsers play the video track as it is.
        copies_audio: likewise the audio track; true without one.
        orientation: how the frames have to be rotated.
        colours: the meaning of their values.
    """

    container: Container
    width: int
    height: int
    duration: float
    start: float
    copies_video: bool
    copies_audio: bool
    orientation: Orientation
    colours: Colours

    @classmethod
    def load(cls, fields: dict[str, Any]) -> Self:
        """Restore an object from the result of `dataclasses.asdict`."""
        nested = {
            "orientation": Orientation(**fields["orientation"]),
            "colours": Colours(**fields["colours"]),
        }
        return cls(**{**fields, **nested})


def read_info(path: Path, kind: Video, still: Still, limits: VideoLimits) -> VideoInfo:
    """Inspect a video.

    Args:
        path: the file as sent.
        kind: its container.
        still: one of its frames.
        limits: the longest durations.

    Raises:
        VideoRefused: the file cannot be read to its end, or exceeds a limit.
    """
    with open_video(path, kind) as opened:
        times = _read_times(opened, limits)
        # A file that is shorter than its header declares is truncated.
        if opened.container.duration is not None:
            declared = opened.container.duration / av.time_base
            actual = float(times.last - (times.first or 0))
            if declared - actual > max(_MISSING_SECONDS, declared * _MISSING):
                raise damaged(f"{actual:.1f} of its {declared:.1f} seconds are there")
        info = _plan(opened, still, times)
    if not info.copies_video and "libx264" not in av.codecs_available:
        raise VideoRefused(
            "The video has to be converted, and this server has no encoder for H.264. Export it as"
            f" MP4 with H.264 and AAC, of {LARGEST_SIDE} pixels at most."
        )
    if not info.copies_video and info.duration > limits.conversion:
        raise VideoRefused(
            f"The video lasts {info.duration:.0f} seconds and has to be converted, which is done"
            f" for {limits.conversion:.0f} seconds at most. Export it as MP4 with H.264 and AAC,"
            f" of {LARGEST_SIDE} pixels at most."
        )
    return info


def packets_of(opened: VideoInput) -> Iterator[AnyPacket]:
    """Yield the packets of the two tracks, in order of time.

    Raises:
        VideoRefused: a packet is damaged.
    """
    streams: list[Stream] = [opened.video]
    if opened.audio is not None:
        streams.append(opened.audio)
    for packet in opened.container.demux(streams):
        if packet.is_corrupt:
            raise damaged("it ends too early, or a part of it is missing")
        if packet.size:
            yield packet


@dataclass(slots=True)
class _Times:
    """Times of packets, in seconds of the file's own timeline.

    Args:
        first: the start of the earliest packet.
        start: the start of the video track.
        end: the end of the video track.
        last: the end of the latest packet.
        pictures: the number of frames.
        is_trimmed: an edit list hides frames that are in the file.
    """

    first: Fraction | None = None
    start: Fraction | None = None
    end: Fraction = Fraction(0)
    last: Fraction = Fraction(0)
    pictures: int = 0
    is_trimmed: bool = False

    @property
    def duration(self) -> float:
        return float(self.end - (self.start or 0))


def _read_times(opened: VideoInput, limits: VideoLimits) -> _Times:
    times = _Times()
    for count, packet in enumerate(packets_of(opened)):
        if count > _PACKETS + times.duration * _PACKETS_A_SECOND:
            raise VideoRefused("The video has more frames than its length allows.")
        is_picture = packet.stream is opened.video
        times.is_trimmed |= is_picture and packet.is_discard
        at = packet.dts if packet.pts is None else packet.pts
        if at is None or packet.is_discard:
            continue
        begin = at * packet.time_base
        end = begin + (packet.duration or 0) * packet.time_base
        times.last = max(times.last, end)
        times.first = begin if times.first is None else min(times.first, begin)
        if is_picture:
            times.pictures += 1
            times.start = begin if times.start is None else min(times.start, begin)
            times.end = max(times.end, end)
            if times.duration > limits.duration:
                raise VideoRefused(
                    f"The video lasts longer than {limits.duration:.0f} seconds, which is the"
                    " limit."
                )
    if times.start is None:
        raise VideoRefused("The video has no video track.")
    times.end = max(times.end, times.start + _SHORTEST)
    return times


def _plan(opened: VideoInput, still: Still, times: _Times) -> VideoInfo:
    context = opened.video.codec_context
    fits = (
        max(context.width, context.height) <= LARGEST_SIDE
        and times.pictures <= max(1.0, times.duration) * MOST_FRAMES * _NEARLY
        and not still.colours.is_hdr
        and not times.is_trimmed  # parts that the author cut away must not be served
    )
    audio = None if opened.audio is None else opened.audio.codec_context.name
    is_webm = context.name in _AV1 | {"vp8", "vp9"} and (audio is None or audio in _WEBM_AUDIO)
    # Browsers honour the display matrix of an MP4, but not of a WebM.
    plays = not still.orientation.is_turned if is_webm else context.name != "vp8"
    copies = (
        fits
        and plays
        and context.pix_fmt in _PLAYED.get(context.name, ())
        and (context.name != "h264" or context.profile in _H264)
    )
    container: Container = "webm" if is_webm and copies else "mp4"
    ratio = opened.video.sample_aspect_ratio or Fraction(1)
    width, height = shown_size(context.width, context.height, ratio)
    if still.orientation.swaps_dimensions:
        width, height = height, width
    if not copies:  # even numbers, as H.264 requires
        factor = min(1.0, LARGEST_SIDE / max(width, height))
        width = max(2, round(width * factor / 2) * 2)
        height = max(2, round(height * factor / 2) * 2)
    return VideoInfo(
        container=container,
        width=width,
        height=height,
        duration=times.duration,
        start=float(times.first or 0),
        copies_video=copies,
        copies_audio=audio is None or audio in (_WEBM_AUDIO if is_webm and copies else _MP4_AUDIO),
        orientation=still.orientation,
        colours=still.colours,
    )
