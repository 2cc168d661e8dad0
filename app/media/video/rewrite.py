"""A video written anew for browsers: what they play is copied, the rest encoded.

The new file holds the first track of pictures and the first of sound, and nothing else: no place,
no device, no time, no chapters, no attachments. An MP4's index comes first, so that a browser can
begin before it has the whole.
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

_LATTICE = 33  # points of a side of the table of colours
_BITEXACT = {"fflags": "+bitexact"}  # names no version of a program
_OPTIONS = {"mp4": {"movflags": "+faststart", **_BITEXACT}, "webm": _BITEXACT}


def rewrite_video(
    source: Path, kind: Video, target: Path, info: VideoInfo, report: Callable[[float], None]
) -> None:
    """Write a video anew.

    Args:
        source: the file as it came.
        kind: its container.
        target: where to write; beside it a table of colours may come.
        info: of the source.
        report: is told how far it is, 0 to 1, now and then.

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
            for made in tracks[packet.stream.index].feed(packet):
                output.mux(made)
        for track in tracks.values():
            for made in track.finish():
                output.mux(made)


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


def _write_table(place: Path, colours: Colours) -> None:
    """Write where colours of HDR lie on a common screen, by the profile that pictures go by."""
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
    place.write_text(f"LUT_3D_SIZE {_LATTICE}\n" + "\n".join(lines) + "\n")
