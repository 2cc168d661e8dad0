"""What the media room refuses; it knows no HTTP."""


class MediaError(Exception):
    """A refusal; the message is one sentence for whoever sent the file."""


class UnknownMediaId(MediaError):
    """There is no picture or video of that id, or its files are elsewhere."""


class UnknownUpload(MediaError):
    """No upload of that key is being made playable: it never was, or has been answered."""


class UnknownFile(MediaError):
    """There is no such file: it never was, or has been withdrawn."""


class UnknownType(MediaError):
    """The file is of no type that is taken, whatever its name says."""


class BrokenFile(MediaError):
    """The file is of a type that is taken, but cannot be read to its end."""


class TooManyPixels(MediaError):
    """The picture is larger than is taken, or than there is memory for."""


class TooManyFrames(MediaError):
    """The animation has more frames than are taken, or they are too large together."""


class TooSlow(MediaError):
    """The file takes longer to be read than there is time for one."""


class UnwantedPoster(MediaError):
    """A poster came with a file that is no video."""


class VideoRefused(MediaError):
    """The video is damaged, too long, or of a kind that cannot be made playable."""


class StorageUnavailable(MediaError):
    """The place where files are kept cannot be reached, or is full; nothing was stored."""


class WorkersBusy(MediaError):
    """Too many pictures wait to be made smaller: send it again a little later."""
