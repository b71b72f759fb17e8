"""What `provenance.kernel.visible` holds, under the name that the commands know it by."""

from __future__ import annotations

from provenance.kernel.visible import escape, excerpt, visible

__all__ = ["escape", "excerpt", "visible"]
