"""What a process that starts programs has done once for all of them; see `tests/programs.py`."""

import pwdlib.hashers.argon2  # noqa: F401  the program imports it with the first password
import zxcvbn_rs_py  # noqa: F401  the same

from app.main import open_html_renderer
from app.settings import Settings
from app.store import migration  # noqa: F401  the store imports it when it migrates

open_html_renderer(Settings())[0].compile_templates()
