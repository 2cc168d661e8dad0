"""ICC profiles for pictures that describe their colours by primaries and a transfer function.

`colours.py` converts by profiles only, so every description of colours takes one path. Refuses
primaries that span no area, and exponents that would make the picture unrecognisable.

Source: ICC.1:2022 (profiles); ITU-T H.273 (code points of primaries and transfer functions);
ITU-R BT.2100 (PQ and HLG), BT.2408 (reference white).
"""

import math
import struct
from collections.abc import Callable, Sequence

Pair = tuple[float, float]
Primaries = tuple[Pair, Pair, Pair, Pair]  # x and y of red, green, blue and white (CIE 1931)
Matrix = list[list[float]]

_D65, _DCI, _C = (0.3127, 0.329), (0.314, 0.351), (0.31, 0.316)
SRGB: Primaries = ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), _D65)
_PRIMARIES: dict[int, Primaries] = {
    1: SRGB,
    2: SRGB,  # unspecified
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: ((0.64, 0.33), (0.29, 0.6), (0.15, 0.06), _D65),
    6: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65),
    7: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65),
    8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), _D65),
    11: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), _DCI),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), _D65),
    22: ((0.63, 0.34), (0.295, 0.605), (0.155, 0.077), _D65),
}
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD: Matrix = [
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
]
_REFERENCE_WHITE = 203.0  # candelas per square metre: paper white in HDR
_PEAK = 1000.0  # candelas per square metre: the brightest screen that content is mastered for
_PAPER = 0.5  # the paper white's share of an SDR screen's light, which leaves room for highlights
_STEPS = 4096
_LEAST, _MOST = 0.1, 10.0  # bounds of the exponent
_USUAL, _NEAR = 1 / 2.2, 0.05  # a gamma this near is treated as sRGB, as in libpng


def profile_of_gamma(gamma: float, primaries: Primaries | None) -> bytes | None:
    """Return the profile of PNG's gAMA and cHRM.

    Args:
        gamma: the encoding exponent, usually 1/2.2.
        primaries: as cHRM states them; None without a cHRM chunk.

    Returns:
        None for sRGB, and for values that describe no displayable colours.
    """
    is_srgb = primaries is None and abs(gamma / _USUAL - 1) <= _NEAR
    if is_srgb or not _LEAST <= gamma <= _MOST:
        return None
    return _profile(primaries or SRGB, _parametric(0, 1 / gamma))


def profile_of_cicp(primaries: int, transfer: int, *, is_video: bool = False) -> bytes | None:
    """Return the profile of the code points in PNG's cICP and AVIF's nclx; None if unknown.

    Args:
        primaries: H.273, table 2.
        transfer: H.273, table 3.
        is_video: treat the BT.709 family of curves as sRGB, as browsers do for videos.
    """
    curve = _srgb if is_video and transfer in _TELEVISION else _TRANSFERS.get(transfer)
    if curve is None or primaries not in _PRIMARIES:
        return None
    return _profile(_PRIMARIES[primaries], curve())


def _parametric(kind: int, *parameters: float) -> bytes:
    return struct.pack(">4sIHH", b"para", 0, kind, 0) + b"".join(map(_fixed, parameters))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _sampled(light: Callable[[float], float]) -> bytes:
    values = (min(1.0, light(step / (_STEPS - 1))) for step in range(_STEPS))
    samples = (round(value * 65535) for value in values)
    return struct.pack(f">4sII{_STEPS}H", b"curv", 0, _STEPS, *samples)


def _pq(signal: float) -> float:
    """BT.2100, table 4."""
    root = signal ** (32 / 2523)
    base = max(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
    return _tone_mapped(10_000 * base ** (8192 / 1305))


def _hlg(signal: float) -> float:
    """BT.2100, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = signal**2 / 3 if signal <= 0.5 else (math.exp((signal - c) / a) + b) / 12  # noqa: PLR2004
    return _tone_mapped(_PEAK * scene**1.2)


def _tone_mapped(luminance: float) -> float:
    """Map candelas per square metre to a screen without HDR, as Chromium does.

    Values up to the reference white are scaled linearly, values above it logarithmically with a
    slight curve.
    """
    if luminance <= _REFERENCE_WHITE:
        return _PAPER * luminance / _REFERENCE_WHITE
    above = min(1.0, math.log(luminance / _REFERENCE_WHITE) / math.log(_PEAK / _REFERENCE_WHITE))
    return _PAPER + (1 - _PAPER) * (above + above * (1 - above) / 4)


def _srgb() -> bytes:
    return _parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def _bt1886() -> bytes:
    """The curve that screens apply to BT.709 signals, and browsers with them."""
    return _parametric(0, 2.4)


_TRANSFERS: dict[int, Callable[[], bytes]] = {
    1: _bt1886,
    2: _srgb,  # unspecified
    4: lambda: _parametric(0, 2.2),
    5: lambda: _parametric(0, 2.8),
    6: _bt1886,
    8: lambda: _parametric(0, 1.0),
    13: _srgb,
    14: _bt1886,
    15: _bt1886,
    11: _bt1886,
    17: lambda: _sampled(lambda signal: 52.37 / 48 * signal**2.6),  # digital cinema
    16: lambda: _sampled(_pq),
    18: lambda: _sampled(_hlg),
}


_TELEVISION = frozenset({1, 6, 11, 14, 15})


def _profile(primaries: Primaries, curve: bytes) -> bytes | None:
    """A display profile of a matrix and one curve (ICC.1, section 8.4.3)."""
    try:
        columns = _transpose(_to_d50(primaries))
        points = [b"XYZ \0\0\0\0" + b"".join(map(_fixed, column)) for column in (*columns, _D50)]
    except (ZeroDivisionError, OverflowError, struct.error):
        return None
    names = (b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"rTRC", b"gTRC", b"bTRC")
    start = 128 + 4 + 12 * len(names)
    spans = [(start + 20 * number, 20) for number in range(4)]
    spans += [(start + 80, len(curve))] * 3
    tags = b"".join(
        struct.pack(">4sII", name, *span) for name, span in zip(names, spans, strict=True)
    )
    body = struct.pack(">I", len(names)) + tags + b"".join(points) + curve
    head = struct.pack(">I4xI4s4s4s", 128 + len(body), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + body


def _to_d50(primaries: Primaries) -> Matrix:
    """Return the matrix from linear RGB to XYZ, adapted to D50 (ICC.1, annex E)."""
    red, green, blue, white = ([x / y, 1.0, (1 - x - y) / y] for x, y in primaries)
    shape = _transpose([red, green, blue])
    weights = _apply(_inverse(shape), white)
    weighted = [[part * weight for part, weight in zip(row, weights, strict=True)] for row in shape]
    seen, wanted = _apply(_BRADFORD, white), _apply(_BRADFORD, _D50)
    cones = [
        [part * new / old for part in row]
        for row, new, old in zip(_BRADFORD, wanted, seen, strict=True)
    ]
    return _product(_product(_inverse(_BRADFORD), cones), weighted)


def _transpose(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _apply(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _product(left: Matrix, right: Matrix) -> Matrix:
    return _transpose([_apply(left, column) for column in _transpose(right)])


def _inverse(matrix: Matrix) -> Matrix:
    """Invert a matrix of three by three, by cross products."""
    a, b, c = matrix
    volume = sum(x * y for x, y in zip(a, _cross(b, c), strict=True))
    columns = [_cross(b, c), _cross(c, a), _cross(a, b)]
    return _transpose([[value / volume for value in column] for column in columns])


def _cross(a: Sequence[float], b: Sequence[float]) -> list[float]:
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
