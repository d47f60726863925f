"""How the documentation is built: offline, strict, with nothing fetched from elsewhere."""

import sys
from pathlib import Path

from palermo import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Palermo"
author = "the founders of Palermo"
copyright = author  # noqa: A001  Sphinx's name for it
version = release = __version__

extensions = ["myst_parser", "generated_reference"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"Palermo {__version__}"
html_static_path: list[str] = []
html_show_sphinx = False
