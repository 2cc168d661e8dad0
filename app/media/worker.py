"""The darkroom's worker: a process of its own that opens files from strangers.

It is told a job by a line of JSON and answers with one, until its input ends. It may take only so
much memory, write only files of a bounded size, and is less important to the machine than whoever
serves readers. What goes wrong in it ends with it: its parent starts another.

Refuses to trust Pillow and FFmpeg: whatever is raised over a file makes it a broken one.
"""

import hashlib
import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from app.media.errors import BrokenFile, MediaError, TooManyPixels
from app.media.images.renditions import Made, make_avif, make_poster, make_sizes
from app.media.images.source import Bounds
from app.media.upload_progress import ProgressFile

_LARGEST_FILE = 64 * 1024 * 1024  # bytes that it may write
_OPEN_FILES = 64
_DIGEST = 32  # characters of a hash in a name
_BROKEN = "The file is damaged or not whole: it cannot be read."
# A converted video may be larger than what came: HEVC needs fewer bytes than H.264.
_GROWS = 3

Answer = dict[str, Any]


def main() -> None:
    """Work until nobody asks any more."""
    os.setpgid(0, 0)  # the keyboard's interrupt is the server's alone
    memory, patience = int(sys.argv[1]), int(sys.argv[2])
    os.nice(patience)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _bound_files(_LARGEST_FILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library of C prints must not be taken for an answer.
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            answer = do_job(json.loads(line))
            answers.write(json.dumps(answer) + "\n")
            if answer.get("tired"):
                return


def do_job(job: dict[str, Any]) -> Answer:
    """Do one job: `sizes` of a picture, `avif` of its largest, `inspect` a video, `rewrite` it."""
    try:
        return _JOBS[job["do"]](job)
    except MediaError as refusal:
        return {"refused": type(refusal).__name__, "why": str(refusal)}
    except MemoryError:
        why = "The file needs more memory than there is for one: make it smaller."
        return {"refused": TooManyPixels.__name__, "why": why, "tired": True}
    except Exception as error:  # noqa: BLE001  see above
        return {"refused": BrokenFile.__name__, "why": _BROKEN, "cause": repr(error)[:300]}


def _sizes(job: dict[str, Any]) -> Answer:
    bounds = Bounds(job["pixels"], job["frames"])
    # Sizes are compared before a decoder sees them; Pillow's own bound would be called damage.
    Image.MAX_IMAGE_PIXELS = None
    folder = Path(job["folder"])
    made, words, moves = make_sizes(Path(job["source"]), job["kind"], folder, bounds)
    return {"made": [asdict(file) for file in made], "words": words, "moves": moves}


def _nothing(_job: dict[str, Any]) -> Answer:
    return {"ready": True}


def _avif(job: dict[str, Any]) -> Answer:
    sizes = [Made(**size) for size in job["sizes"]]
    make_avif(Path(job["source"]), Path(job["folder"]), sizes)
    return {"done": True}


def _inspect(job: dict[str, Any]) -> Answer:
    # Loaded with the first video: FFmpeg's libraries have a hundred megabytes.
    from app.media.video.info import VideoLimits, read_info  # noqa: PLC0415
    from app.media.video.still import read_still  # noqa: PLC0415

    source = Path(job["source"])
    still = read_still(source, job["kind"])
    info = read_info(source, job["kind"], still, VideoLimits(**job["limits"]))
    made = make_poster(still.picture, Path(job["folder"]))
    words = dict.fromkeys(("alt", "caption", "credit"), "")
    sizes = {"made": [asdict(file) for file in made], "words": words, "moves": False}
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
