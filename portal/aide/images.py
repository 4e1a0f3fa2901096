"""The pictures of a built help page: their size, so that nothing jumps, and the dark one for dark screens."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image

IMAGE = re.compile(r'<img alt="(?P<alt>[^"]*)" src="(?P<src>[^"]+\.webp)" ?/?>')
DARK = ".sombre.webp"


def framed(html: str, url: str, site: Path) -> str:
    """The page at ``url`` (under /aide/) with each WebP picture of the site sized, loaded late, and dark in the dark.

    Raises OSError for a picture that is not in the site or can't be read.
    """
    def frame(found: re.Match[str]) -> str:
        address = urljoin(url, found["src"])
        path = site / address.removeprefix("/aide/")
        with Image.open(path) as picture:
            width, height = picture.size
        image = (f'<img alt="{found["alt"]}" src="{escape(address)}" width="{width}" height="{height}" '
                 'loading="lazy" decoding="async">')
        if not path.with_suffix(DARK).is_file():
            return image
        dark = escape(address.removesuffix(".webp") + DARK)
        return f'<picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">{image}</picture>'

    return IMAGE.sub(frame, html)
