"""Media worker: a separate process that opens untrusted files.

It reads jobs and writes answers as lines of JSON, until its input ends. It has a memory limit and a
limit for the size of files it writes, and a lower priority than the processes that serve readers.
After a fault the process ends, and its parent starts another.

Pillow and FFmpeg are not trusted: any exception over a file makes it a broken file.
"""

import hashlib
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from app.media.errors import BrokenFile, MediaError, TooManyPixels
from app.media.images.renditions import RenditionFile, make_avif, make_poster, make_sizes
from app.media.images.source import ImageLimits
from app.media.upload_progress import ProgressFile
from app.media.worker_jobs import answer_jobs, lower_limits

_LARGEST_FILE = 64 * 1024 * 1024  # bytes; the largest file that it may write
_OPEN_FILES = 64
_DIGEST = 32  # characters of the hash in a file name
_BROKEN = "The file is damaged or incomplete: it cannot be read."
# A converted video may be larger than its source: HEVC needs fewer bytes than H.264.
_GROWS = 3

Answer = dict[str, Any]


def main() -> None:
    """Work until the input ends."""
    lower_limits(int(sys.argv[1]), int(sys.argv[2]))
    _bound_files(_LARGEST_FILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    answer_jobs(do_job)


def do_job(job: dict[str, Any]) -> Answer:
    """Do one job: `sizes` and `avif` of a picture, `inspect` and `rewrite` of a video."""
    try:
        return _JOBS[job["do"]](job)
    except MediaError as refusal:
        return {"refused": type(refusal).__name__, "why": str(refusal)}
    except MemoryError:
        why = "The file needs more memory than is available: make it smaller."
        return {"refused": TooManyPixels.__name__, "why": why, "tired": True}
    except Exception as error:  # noqa: BLE001  see above
        return {"refused": BrokenFile.__name__, "why": _BROKEN, "cause": repr(error)[:300]}


def _sizes(job: dict[str, Any]) -> Answer:
    limits = ImageLimits(job["pixels"], job["frames"])
    # Limits are checked before decoding; Pillow's own limit would be reported as damage.
    Image.MAX_IMAGE_PIXELS = None
    folder = Path(job["folder"])
    files, words, is_animated = make_sizes(Path(job["source"]), job["kind"], folder, limits)
    return {"made": [asdict(file) for file in files], "words": words, "moves": is_animated}


def _nothing(_job: dict[str, Any]) -> Answer:
    return {"ready": True}


def _avif(job: dict[str, Any]) -> Answer:
    sizes = [RenditionFile(**size) for size in job["sizes"]]
    make_avif(Path(job["source"]), Path(job["folder"]), sizes)
    return {"done": True}


def _inspect(job: dict[str, Any]) -> Answer:
    # Imported with the first video: FFmpeg's libraries take a hundred megabytes.
    from app.media.video.info import VideoLimits, read_info  # noqa: PLC0415
    from app.media.video.still import read_still  # noqa: PLC0415

    source = Path(job["source"])
    still = read_still(source, job["kind"])
    info = read_info(source, job["kind"], still, VideoLimits(**job["limits"]))
    files = make_poster(still.picture, Path(job["folder"]))
    words = dict.fromkeys(("alt", "caption", "credit"), "")
    sizes = {"made": [asdict(file) for file in files], "words": words, "moves": False}
    return {"info": asdict(info), **sizes}


def _rewrite(job: dict[str, Any]) -> Answer:
    from app.media.video.info import VideoInfo  # noqa: PLC0415
    from app.media.video.rewrite import rewrite_video  # noqa: PLC0415

    source, folder = Path(job["source"]), Path(job["folder"])
    info = VideoInfo.load(job["info"])
    target = folder / f"video.{info.container}"
    progress = ProgressFile(None if job["progress"] is None else Path(job["progress"]))
    _bound_files(source.stat().st_size * _GROWS + _LARGEST_FILE)
    try:
        rewrite_video(source, job["kind"], target, info, progress.report)
    finally:
        _bound_files(_LARGEST_FILE)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:_DIGEST]
    name = f"{info.width}x{info.height}-{digest}.{info.container}"
    target.rename(folder / name)
    return {"name": name}


def _bound_files(size: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


_JOBS = {
    "nothing": _nothing,
    "sizes": _sizes,
    "avif": _avif,
    "inspect": _inspect,
    "rewrite": _rewrite,
}

if __name__ == "__main__":
    main()
