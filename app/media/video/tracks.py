"""Video and audio tracks on their way into a new file: copied, or re-encoded.

A copied track keeps everything but its timestamps. Of H.264, the SEI messages are left out, since
some cameras write location and time into them.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.filter import Graph
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.media.video.info import MOST_FRAMES, VideoInfo
from app.media.video.input import AnyPacket, damaged

_TICKS = Fraction(1, 90_000)  # of a second: fine enough for the timestamps of any camera
_CLOSEST = Fraction(9, 10 * MOST_FRAMES)  # the least number of seconds between two served frames
_H264 = {
    "preset": "veryfast",
    "crf": "23",
    # Limits the bits per second, so that phones can play the video without stalling.
    "maxrate": "6M",
    "bufsize": "12M",
    "profile": "high",
    "threads": "2",
}
_SECONDS_TO_KEY = 2  # between keyframes, to which a player can seek
_BT709 = 1
_RATES = (44_100, 48_000)
_AUDIO_BITS = 128_000  # per second
_AAC_FRAME = 1024  # samples


class Track(Protocol):
    """Consumes packets of an input track, and yields those of the output track."""

    def feed(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """Yield the output for one packet, which may be none yet."""

    def finish(self) -> Iterator[AnyPacket]:
        """Yield the rest after the last packet."""


class CopiedTrack:
    """A track that browsers play as it is."""

    def __init__(self, output: OutputContainer, stream: Stream, start: float) -> None:
        self._stream = output.add_stream_from_template(stream, opaque=True)
        self._shift = round(Fraction(start) / (stream.time_base or _TICKS))
        self._filter = None
        if stream.codec_context.name == "h264":
            self._filter = BitStreamFilterContext(
                "filter_units=remove_types=6", stream, self._stream
            )

    def feed(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """Yield the packet itself."""
        for copied in [packet] if self._filter is None else self._filter.filter(packet):
            yield self._shifted(copied)

    def finish(self) -> Iterator[AnyPacket]:
        """Yield the packets that the filter has held back."""
        for copied in [] if self._filter is None else self._filter.filter(None):
            yield self._shifted(copied)

    def _shifted(self, packet: AnyPacket) -> AnyPacket:
        if packet.pts is not None:
            packet.pts -= self._shift
        if packet.dts is not None:
            packet.dts -= self._shift
        packet.stream = self._stream
        return packet


class EncodedVideo:
    """A video track that is decoded, scaled, rotated upright and encoded as H.264.

    Args:
        output: the new file.
        stream: the track.
        info: the result of the inspection.
        table: a file for FFmpeg's `lut3d` that converts HDR to SDR; None without HDR.
    """

    def __init__(
        self, output: OutputContainer, stream: VideoStream, info: VideoInfo, table: Path | None
    ) -> None:
        self._source = stream
        self._info = info
        self._table = table
        self._graph: tuple[tuple[object, ...], Graph] | None = None
        self._last: Fraction | None = None
        rate = min(Fraction(stream.guessed_rate or 30), Fraction(MOST_FRAMES))
        options = _H264 | {"g": str(max(1, round(rate * _SECONDS_TO_KEY)))}
        self._encoder = output.add_stream("libx264", rate=rate, options=options)
        context = self._encoder.codec_context
        context.width, context.height = info.width, info.height
        context.pix_fmt = "yuv420p"
        context.time_base = _TICKS
        colours = info.colours
        context.color_primaries = _BT709 if colours.is_hdr else colours.primaries
        context.color_trc = _BT709 if colours.is_hdr else colours.transfer
        context.colorspace = _BT709 if colours.is_hdr else colours.matrix

    def feed(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """Yield the encoder's output for the frames of a packet."""
        for frame in packet.decode():
            assert isinstance(frame, VideoFrame)
            yield from self._encode(frame)

    def finish(self) -> Iterator[AnyPacket]:
        """Yield the last packets."""
        for frame in self._source.codec_context.decode(None):
            yield from self._encode(frame)
        if self._last is None:
            raise damaged("none of its frames can be decoded")
        yield from self._encoder.encode(None)

    def _encode(self, frame: VideoFrame) -> Iterator[AnyPacket]:
        # PyAV does not set the time base of the last frames, which come without a packet.
        frame.time_base = base = self._source.time_base or _TICKS
        at = Fraction(frame.pts or 0) * base - Fraction(self._info.start)
        if self._last is not None and at - self._last < _CLOSEST:
            return  # beyond the served frame rate, or out of order
        self._last = at
        key = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if self._graph is None or self._graph[0] != key:  # the stream may change its size
            self._graph = (key, self._filter_graph(frame))
        graph = self._graph[1]
        graph.push(frame)
        shown = graph.pull()
        assert isinstance(shown, VideoFrame)
        shown.pts, shown.time_base = round(at / _TICKS), _TICKS
        shown.pict_type = 0
        yield from self._encoder.encode(shown)

    def _filter_graph(self, frame: VideoFrame) -> Graph:
        info = self._info
        size = (info.width, info.height)
        if info.orientation.swaps_dimensions:
            size = size[::-1]
        steps = [f"scale={size[0]}:{size[1]}", *info.orientation.filters]
        if self._table is not None:
            steps += ["format=gbrp10le", f"lut3d=file={self._table}"]
            steps.append("scale=out_color_matrix=bt709")
        steps += ["scale=out_range=tv", "format=yuv420p", "setsar=1"]
        graph = Graph()
        base = self._source.time_base or _TICKS
        source = graph.add(
            "buffer",
            f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}"
            f":time_base={base.numerator}/{base.denominator}"
            f":colorspace={frame.colorspace}:range={frame.color_range}",
        )
        for step in steps:
            name, _, arguments = step.partition("=")
            following = graph.add(name, arguments or None)
            source.link_to(following)
            source = following
        source.link_to(graph.add("buffersink"))
        graph.configure()
        return graph


class EncodedAudio:
    """An audio track that is decoded and encoded as AAC, in mono or stereo."""

    def __init__(self, output: OutputContainer, stream: AudioStream, start: float) -> None:
        self._source = stream
        self._start = Fraction(start)
        context = stream.codec_context
        rate = context.sample_rate if context.sample_rate in _RATES else _RATES[-1]
        layout = "mono" if context.layout.nb_channels == 1 else "stereo"
        self._encoder = output.add_stream("aac", rate=rate, layout=layout)
        self._encoder.bit_rate = _AUDIO_BITS
        self._resampler = AudioResampler("fltp", layout, rate, _AAC_FRAME)

    def feed(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """Yield the encoder's output for the audio of a packet."""
        for frame in packet.decode():
            assert isinstance(frame, AudioFrame)
            yield from self._encode(frame)

    def finish(self) -> Iterator[AnyPacket]:
        """Yield the last packets."""
        for frame in self._source.codec_context.decode(None):
            yield from self._encode(frame)
        for resampled in self._resampler.resample(None):
            yield from self._encoder.encode(resampled)
        yield from self._encoder.encode(None)

    def _encode(self, frame: AudioFrame) -> Iterator[AnyPacket]:
        frame.time_base = base = self._source.time_base or _TICKS
        if frame.pts is not None:
            frame.pts -= round(self._start / base)
        for resampled in self._resampler.resample(frame):
            yield from self._encoder.encode(resampled)
