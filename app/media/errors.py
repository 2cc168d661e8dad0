"""Errors of the media ingest; this module knows nothing of HTTP."""


class MediaError(Exception):
    """A refusal; the message is one sentence for the client that sent the file."""


class UnknownMediaId(MediaError):
    """No picture or video has that id, or its files are stored elsewhere."""


class UnknownUpload(MediaError):
    """No upload with that key is in progress: there never was one, or it has been answered."""


class UnknownFile(MediaError):
    """There is no such file: it never existed, or has been withdrawn."""


class UnknownType(MediaError):
    """The file is of no accepted type, whatever its name says."""


class BrokenFile(MediaError):
    """The file is of an accepted type, but cannot be read to its end."""


class TooManyPixels(MediaError):
    """The picture has more pixels than the limit, or than memory allows."""


class TooManyFrames(MediaError):
    """The animation has more frames than the limit, or its frames are too large together."""


class TooSlow(MediaError):
    """The file could not be read within the time limit."""


class UnwantedPoster(MediaError):
    """A poster was sent with a file that is no video."""


class VideoRefused(MediaError):
    """The video is damaged, too long, or of a kind that cannot be converted."""


class StorageUnavailable(MediaError):
    """The storage cannot be reached, or is full; nothing was stored."""


class WorkersBusy(MediaError):
    """Too many jobs wait for the media worker pool: the client should try again a little later."""
