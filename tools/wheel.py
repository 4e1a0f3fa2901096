"""The wheel's build hook: carry the help that ``make dist`` has built, or the one that ``PORTAL_WHEEL_AIDE`` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class HelpHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds one folder to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the build; an editable install carries no copy."""
        built = Path(os.environ.get("PORTAL_WHEEL_AIDE", Path(self.root, "build", "aide")))
        if version != "editable" and (built / "fragments.json").is_file():
            build_data["force_include"][str(built)] = "portal/aide_construite"
        elif version != "editable":
            self.app.display_warning("no built help in this wheel: « make dist » makes one with it")
