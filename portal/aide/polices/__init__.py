"""The font of the guides' pictures and PDFs, carried along so that they look the same on every machine.

Inter (SIL Open Font License 1.1) and DejaVu Sans Mono (Bitstream Vera licence), cut to the Latin alphabet, punctuation,
arrows and circled digits; the licences stand beside the files.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
REGULAR, ITALIC = FOLDER / "Inter-Regular.otf", FOLDER / "Inter-Italic.otf"
SEMIBOLD, BOLD = FOLDER / "Inter-SemiBold.otf", FOLDER / "Inter-Bold.otf"
MONO = FOLDER / "DejaVuSansMono.ttf"
