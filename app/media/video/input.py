"""A video file opened by FFmpeg (PyAV), with every choice fixed that a file could make.

The demuxer is the one for the detected container, so that playlists and scripts of other demuxers
are never followed. Data come from one file object, no protocol is allowed, and references of a
QuickTime file to other files are not opened. Only decoders of codecs that cameras and browsers
write are enabled.

Refuses a file without a video track, with an encrypted track, or over a limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from app.media.errors import MediaError, VideoRefused
from app.media.sniff import Video

if TYPE_CHECKING:
    AnyPacket = Packet[Stream]
else:
    AnyPacket = Packet  # generic for type checkers only

LONGEST_SIDE = 8192  # pixels of a video as sent
_PIXELS = 8192 * 4320
_STREAMS = 32
_THREADS = 2  # each thread holds a frame, and a 4K frame takes 25 MB
_FORMATS = {"MP4": "mov", "MATROSKA": "matroska"}
_VIDEO_CODECS = (
    *("h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "prores", "mpeg4", "mjpeg", "h263"),
)
_AUDIO_CODECS = (
    *("aac", "mp3float", "mp3", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3"),
    *("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be"),
    *("pcm_f32le", "pcm_f32be", "pcm_mulaw", "pcm_alaw", "amrnb", "amrwb"),
)
_OPTIONS = {
    # Data come from the file object only: nothing else is ever opened.
    "protocol_whitelist": "none",
    "codec_whitelist": ",".join((*_VIDEO_CODECS, *_AUDIO_CODECS)),
    "enable_drefs": "0",
    "use_absolute_path": "0",
    "max_streams": str(_STREAMS),
    "max_pixels": str(_PIXELS),
    "probesize": str(8 * 1024 * 1024),
    "analyzeduration": "5000000",
    "threads": str(_THREADS),
}
# Codec tags of tracks with DRM (ISO/IEC 23001-7), and of Apple's older scheme.
_ENCRYPTED = frozenset({"encv", "enca", "drmi", "drms", "p608"})


@dataclass(frozen=True, slots=True)
class VideoInput:
    """An open video file: its container, its video track, and its audio track if it has one."""

    container: InputContainer
    video: VideoStream
    audio: AudioStream | None


def damaged(what: str) -> VideoRefused:
    """Return the refusal of a file that contradicts itself.

    Args:
        what: the fault, as a clause: "it ends too early".
    """
    return VideoRefused(f"The video is damaged or incomplete: {what}.")


@contextmanager
def open_video(path: Path, kind: Video) -> Iterator[VideoInput]:
    """Open a video for the length of a block.

    Args:
        path: the file as sent.
        kind: the detected container; the file is read as no other.

    Raises:
        VideoRefused: the file cannot be read, or FFmpeg raises an error within the block.
    """
    try:
        with (
            path.open("rb") as file,
            av.open(
                file,
                "r",
                format=_FORMATS[kind],
                options=_OPTIONS,
                metadata_errors="replace",
            ) as container,
        ):
            yield _choose_tracks(container)
    except (MediaError, MemoryError):
        raise
    except av.MemoryError as error:
        raise MemoryError from error
    except av.FFmpegError as error:
        raise damaged(f"FFmpeg says: {error.strerror}") from error


def _choose_tracks(container: InputContainer) -> VideoInput:
    videos = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not videos:
        raise VideoRefused("The file has no video track.")
    _check_codec(videos[0], _VIDEO_CODECS, "picture")
    width, height = videos[0].codec_context.width, videos[0].codec_context.height
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE) or width * height > _PIXELS:
        raise VideoRefused(
            f"The video's sides have to be of 1 to {LONGEST_SIDE} pixels, and of"
            f" {_PIXELS} pixels in all at most."
        )
    # The first audio track that can be read: phones add some in codecs of their own.
    refusals = []
    for audio in container.streams.audio:
        try:
            _check_codec(audio, _AUDIO_CODECS, "sound")
        except VideoRefused as refusal:
            refusals.append(refusal)
        else:
            return VideoInput(container, videos[0], audio)
    if refusals:
        raise refusals[0]
    return VideoInput(container, videos[0], None)


def _check_codec(stream: VideoStream | AudioStream, codecs: tuple[str, ...], what: str) -> None:
    context = stream.codec_context
    if context is not None and context.codec_tag in _ENCRYPTED:
        raise VideoRefused(f"The video's {what} is encrypted. Send a copy without protection.")
    if context is None or context.name not in codecs:
        raise VideoRefused(
            f"The video's {what} uses a codec that is not supported."
            " Export it as MP4 with H.264 and AAC."
        )
