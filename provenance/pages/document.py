"""Put a page together: its template, its styles and its script, and a policy that allows nothing else.

Every value passes through `visible` and is escaped on its way into a template; a template can't forget it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from provenance.kernel.parts import WHOLE_PPB, WHOLE_PPM
from provenance.kernel.visible import visible

_PARTS = "parts"


def document(template: str, *, styles: tuple[str, ...], script: str = "", **values: Any) -> str:
    """The page that ``template`` makes of ``values``; ``styles`` and ``script`` name files beside it."""
    style = "\n".join(map(_text, styles))
    code = _text(script) if script else ""
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {_hashed(style)}"
    if code:
        policy += f"; script-src {_hashed(code)}"
    page = _environment().get_template(template)
    return page.render(style=Markup(style), script=Markup(code), policy=policy, **values)  # noqa: S704  our own files


def percent(ppb: int) -> str:
    """Parts per billion as per cent: ``25.3 %``."""
    return f"{100 * ppb / WHOLE_PPB:.1f} %"


def fraction(ppm: int) -> str:
    """Millionths as ``0.97``; never rounded up to one."""
    return "1.00" if ppm >= WHOLE_PPM else f"{ppm * 100 // WHOLE_PPM / 100:.2f}"


def sureness(ppm: int) -> str:
    """Millionths of a probability as ``0.97``; never certainty."""
    return fraction(min(ppm, WHOLE_PPM - 1))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("provenance.pages", _PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters |= {"percent": percent, "fraction": fraction, "sureness": sureness, "count": "{:,}".format}
    return made


def _shown(value: Any) -> Any:
    return visible(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _text(name: str) -> str:
    return (files(__package__) / _PARTS / name).read_text(encoding="utf-8")


def _hashed(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
