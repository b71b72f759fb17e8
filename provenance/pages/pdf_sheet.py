"""Draw on the pages of a PDF from top to bottom: text that wraps, columns, bars. The same calls make the same bytes.

Nothing is compressed, so that the bytes don't depend on a compressor's version; no time and no random id is written.
The font that is shipped covers Latin, Greek, Cyrillic, Armenian, Georgian and many signs. What it lacks, and scripts
that need shaping or run from right to left, are drawn as `MISSING`, and the sheet says so where that happened.
"""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from importlib.resources import files

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from provenance.kernel.visible import visible

MISSING = "□"
MARGIN = 48.0
WIDTH, HEIGHT = A4
RIGHT = WIDTH - MARGIN
PLAIN, BOLD = "Statement", "Statement-Bold"
INK, SOFT, BAR, RULE = (0.11, 0.11, 0.1), (0.36, 0.35, 0.33), (0.0, 0.4, 0.64), (0.87, 0.85, 0.82)
_FOOT = 36.0
_LEADING = 1.35

_FILES = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Blocks whose letters join, stack or reorder: without a shaper they would be drawn wrongly, not just plainly.
_SHAPED = ((0x0900, 0x109F), (0x1780, 0x18AF), (0x1A00, 0x1CFF), (0xA800, 0xABFF))


class PdfSheet:
    """Pages of one document; ``y`` is where the next thing goes."""

    def __init__(self, *, title: str, subject: str) -> None:
        self.missing = False
        self._out = io.BytesIO()
        self._canvas = Canvas(self._out, pagesize=A4, pageCompression=0, invariant=1, lang="en")
        _register()
        self._canvas.setTitle(self._known(title))
        self._canvas.setSubject(self._known(subject))
        self._canvas.setAuthor("")
        self.pages = 1
        self.y = HEIGHT - MARGIN

    def text(
        self,
        words: str,
        *,
        x: float = MARGIN,
        width: float = RIGHT - MARGIN,
        size: float = 9.0,
        bold: bool = False,
        soft: bool = False,
    ) -> None:
        """Words in a column, wrapped; moves down."""
        font = BOLD if bold else PLAIN
        for line in _wrapped(self._known(words), font, size, width):
            self.room(size * _LEADING)
            self.y -= size
            self._draw(x, line, font, size, soft=soft)
            self.y -= size * (_LEADING - 1)

    def right(self, words: str, *, x: float = RIGHT, size: float = 9.0, bold: bool = False) -> None:
        """Words that end at ``x``, on the line that starts here; doesn't move."""
        font, known = BOLD if bold else PLAIN, self._known(words)
        self._canvas.setFont(font, size)
        self._canvas.setFillColorRGB(*INK)
        self._canvas.drawRightString(x, self.y - size, known)

    def bar(self, *, x: float, width: float, height: float) -> None:
        """A filled bar on the line that starts here; doesn't move."""
        self._canvas.setFillColorRGB(*BAR)
        self._canvas.rect(x, self.y - height, width, height, stroke=0, fill=1)

    def rule(self) -> None:
        """A line across the page; moves down."""
        self.room(8.0)
        self.y -= 3.0
        self._canvas.setStrokeColorRGB(*RULE)
        self._canvas.setLineWidth(0.6)
        self._canvas.line(MARGIN, self.y, RIGHT, self.y)
        self.y -= 5.0

    def gap(self, height: float) -> None:
        """Empty space."""
        self.y -= height

    def room(self, height: float) -> None:
        """Begin a new page where less than ``height`` is left on this one."""
        if self.y - height < MARGIN + _FOOT:
            self._turn()

    def can_draw(self, words: str) -> bool:
        """Whether no letter of the words is missing."""
        return all(_drawable(c) for c in unicodedata.normalize("NFC", visible(words)))

    def bytes(self, foot: str) -> bytes:
        """The document, with ``foot`` under the last page."""
        self._foot(foot)
        self._canvas.save()
        return self._out.getvalue()

    def _turn(self) -> None:
        self._foot("")
        self._canvas.showPage()
        self.pages += 1
        self.y = HEIGHT - MARGIN

    def _foot(self, words: str) -> None:
        self._draw_at(MARGIN, MARGIN, words, 7.0)
        self._canvas.setFont(PLAIN, 7.0)
        self._canvas.drawRightString(RIGHT, MARGIN, str(self.pages))

    def _draw_at(self, x: float, y: float, words: str, size: float) -> None:
        self._canvas.setFont(PLAIN, size)
        self._canvas.setFillColorRGB(*SOFT)
        self._canvas.drawString(x, y, self._known(words))

    def _draw(self, x: float, line: str, font: str, size: float, *, soft: bool) -> None:
        self._canvas.setFont(font, size)
        self._canvas.setFillColorRGB(*(SOFT if soft else INK))
        self._canvas.drawString(x, self.y, line)

    def _known(self, words: str) -> str:
        shown = visible(words)
        if shown.isascii():
            return shown
        drawn = "".join(c if _drawable(c) else MISSING for c in unicodedata.normalize("NFC", shown))
        self.missing = self.missing or MISSING in drawn
        return drawn


@cache
def _register() -> None:
    for name, file in _FILES.items():
        data = io.BytesIO((files(__package__) / "fonts" / file).read_bytes())
        pdfmetrics.registerFont(TTFont(name, data, asciiReadable=False, shapable=False))


@cache
def _drawable(character: str) -> bool:
    code = ord(character)
    if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT or any(a <= code <= b for a, b in _SHAPED):
        return False
    return code in pdfmetrics.getFont(PLAIN).face.charToGlyph and code in pdfmetrics.getFont(BOLD).face.charToGlyph


def _wrapped(words: str, font: str, size: float, width: float) -> list[str]:
    lines, line = [], ""
    for word in words.split(" "):
        longer = f"{line} {word}" if line else word
        if pdfmetrics.stringWidth(longer, font, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, font, size, width)
        lines += whole
    return [*lines, line]


def _broken(word: str, font: str, size: float, width: float) -> list[str]:
    """A word in pieces that fit; most are one piece."""
    pieces, piece = [], ""
    for character in word:
        if piece and pdfmetrics.stringWidth(piece + character, font, size) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]
