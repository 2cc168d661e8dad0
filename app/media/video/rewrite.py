"""Video rewriting: tracks that browsers play are copied, others are re-encoded.

The new file contains the first video track and the first audio track, and nothing else: no
location, device, time, chapters or attachments. The index of an MP4 comes first, so that a browser
can start playing before it has the whole file.
"""

from collections.abc import Callable
from pathlib import Path

import av
from PIL import Image

from app.media.images.colours import in_srgb
from app.media.sniff import Video
from app.media.video.info import VideoInfo, packets_of
from app.media.video.input import VideoInput, open_video
from app.media.video.still import Colours
from app.media.video.tracks import CopiedTrack, EncodedAudio, EncodedVideo, Track

_LATTICE = 33  # points along each side of the 3D colour look-up table
_BITEXACT = {"fflags": "+bitexact"}  # writes no version of the muxer
_OPTIONS = {"mp4": {"movflags": "+faststart", **_BITEXACT}, "webm": _BITEXACT}


def rewrite_video(
    source: Path, kind: Video, target: Path, info: VideoInfo, report: Callable[[float], None]
) -> None:
    """Rewrite a video.

    Args:
        source: the file as sent.
        kind: its container.
        target: the path to write; a colour look-up table may be written beside it.
        info: of the source.
        report: called with the progress, 0 to 1, from time to time.

    Raises:
        VideoRefused: a part of it cannot be decoded.
    """
    with (
        open_video(source, kind) as opened,
        av.open(
            str(target), "w", format=info.container, options=_OPTIONS[info.container]
        ) as output,
    ):
        tracks = _tracks(opened, output, info, target.with_suffix(".cube"))
        for packet in packets_of(opened):
            if packet.stream is opened.video and packet.pts is not None:
                at = float(packet.pts * packet.time_base) - info.start
                report(min(1.0, max(0.0, at / info.duration)))
            for rewritten in tracks[packet.stream.index].feed(packet):
                output.mux(rewritten)
        for track in tracks.values():
            for rewritten in track.finish():
                output.mux(rewritten)


def _tracks(
    opened: VideoInput, output: av.container.OutputContainer, info: VideoInfo, table: Path
) -> dict[int, Track]:
    tracks: dict[int, Track] = {}
    if info.copies_video:
        tracks[opened.video.index] = CopiedTrack(output, opened.video, info.start)
    else:
        opened.video.thread_type = "AUTO"
        if info.colours.is_hdr:
            _write_table(table, info.colours)
        tracks[opened.video.index] = EncodedVideo(
            output, opened.video, info, table if info.colours.is_hdr else None
        )
    if opened.audio is not None:
        make = CopiedTrack if info.copies_audio else EncodedAudio
        tracks[opened.audio.index] = make(output, opened.audio, info.start)
    return tracks


def _write_table(path: Path, colours: Colours) -> None:
    """Write the look-up table from HDR to SDR, by the ICC profile that pictures use as well."""
    steps = [round(step * 255 / (_LATTICE - 1)) for step in range(_LATTICE)]
    lattice = bytes(
        value for blue in steps for green in steps for red in steps for value in (red, green, blue)
    )
    picture = Image.frombytes("RGB", (_LATTICE, _LATTICE**2), lattice)
    values = in_srgb(picture, colours.profile()).tobytes()
    lines = (
        " ".join(f"{value / 255:.4f}" for value in values[at : at + 3])
        for at in range(0, len(values), 3)
    )
    path.write_text(f"LUT_3D_SIZE {_LATTICE}\n" + "\n".join(lines) + "\n")
