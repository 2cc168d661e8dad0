"""The elements of WebM by their numbers: what may stand in which, of that which a player needs.

Source: RFC 9559 (Matroska), section 5.1, and the WebM project's container guidelines.
"""

HEAD, SEGMENT = 0x1A45DFA3, 0x18538067
SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES = 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B
_TAGS, _ATTACHED, _CHAPTERS = 0x1254C367, 0x1941A469, 0x1043A770
# One of these ends a cluster that did not know its length.
OF_A_SEGMENT = frozenset({SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, _TAGS, _ATTACHED, _CHAPTERS})

DOC_TYPE = 0x4282
SCALE, DURATION = 0x2AD7B1, 0x4489
ENTRY, KIND, CODEC, SETUP, ENCODINGS = 0xAE, 0x83, 0x86, 0x63A2, 0x6D80
VIDEO, WIDTH, HEIGHT, SHOWN_WIDTH, SHOWN_HEIGHT, UNIT = 0xE0, 0xB0, 0xBA, 0x54B0, 0x54BA, 0x54B2
TIME, BLOCK, GROUP = 0xE7, 0xA3, 0xA0
_SEEK, _AUDIO, _COLOUR, _LIGHT, _SHAPE = 0x4DBB, 0xE1, 0x55B0, 0x55D0, 0x7670
_CUE, _CUE_PLACES = 0xBB, 0xB7

PICTURE, SOUND = 1, 2  # kinds of tracks

# None of them stands in itself, so that nesting ends.
KEPT = {
    HEAD: frozenset({0x4286, 0x42F7, 0x42F2, 0x42F3, DOC_TYPE, 0x4287, 0x4285}),
    SEGMENT: frozenset({SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES}),
    SEEK_HEAD: frozenset({_SEEK}),
    _SEEK: frozenset({0x53AB, 0x53AC}),
    INFO: frozenset({SCALE, DURATION}),
    TRACKS: frozenset({ENTRY}),
    ENTRY: frozenset({0xD7, 0x73C5, KIND, 0xB9, 0x88, 0x55AA, 0x9C, 0x23E383, 0x22B59C, 0x22B59D})
    | {CODEC, SETUP, 0x56AA, 0x56BB, ENCODINGS, VIDEO, _AUDIO},
    VIDEO: frozenset({0x9A, 0x9D, 0x53B8, 0x53C0, WIDTH, HEIGHT, SHOWN_WIDTH, SHOWN_HEIGHT, UNIT})
    | {0x54AA, 0x54BB, 0x54CC, 0x54DD, _COLOUR, _SHAPE},
    _COLOUR: frozenset(range(0x55B1, 0x55BE)) | {_LIGHT},
    _LIGHT: frozenset(range(0x55D1, 0x55DB)),
    _SHAPE: frozenset(range(0x7671, 0x7676)),
    _AUDIO: frozenset({0xB5, 0x78B5, 0x9F, 0x6264}),
    CLUSTER: frozenset({TIME, 0xA7, 0xAB, BLOCK, GROUP}),
    GROUP: frozenset({0xA1, 0x9B, 0xFB, 0x75A2}),
    CUES: frozenset({_CUE}),
    _CUE: frozenset({0xB3, _CUE_PLACES}),
    _CUE_PLACES: frozenset({0xF7, 0xF1, 0xF0, 0xB2, 0x5378}),
}
CODECS = {
    "V_VP8": "vp8",
    "V_VP9": "vp9",
    "V_AV1": "av1",
    "A_OPUS": "opus",
    "A_VORBIS": "vorbis",
}
