"""What the demo prints: colour and a moving line on a terminal, plain lines anywhere else."""

import os
import sys
import textwrap
import time

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
WIDTH = 96
"""Columns of wrapped paragraphs."""


class Screen:
    """A place to print to. `secrets` never reach it: they are replaced in every text.

    Times are seconds since `start_clock`, on the monotonic clock.
    """

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._secrets = tuple(filter(None, secrets))
        self._terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._terminal and "NO_COLOR" not in os.environ
        self._began = time.monotonic()
        self._column = 0
        self._moving = False

    def start_clock(self) -> None:
        """Count the seconds of timed lines from now."""
        self._began = time.monotonic()

    def title(self, text: str) -> None:
        """The heading of a part."""
        self.line()
        self.line(text, BOLD)

    def line(self, text: str = "", style: str = "") -> None:
        """One line of its own."""
        self.rest()
        self._write(self._styled(text, style) + "\n")

    def paragraph(self, text: str, style: str = "") -> None:
        """A longer text, wrapped and indented."""
        for line in textwrap.wrap(text, WIDTH - 4, break_on_hyphens=False) or [""]:
            self.line(f"    {line}", style)

    def timed(self, at: float, text: str, style: str = "") -> None:
        """A line that begins with the second at which it happened (`at`: monotonic)."""
        self.line(f"  {at - self._began:6.1f} s  {text}", style)

    def moving(self, text: str) -> None:
        """Replace the last line while something goes on; nothing where lines cannot be replaced."""
        if self._terminal and not self._column:
            now = time.monotonic() - self._began
            self._write("\r\x1b[K" + self._styled(f"  {now:6.1f} s  {text}", DIM))
            self._moving = True

    def piece(self, text: str, style: str = "") -> None:
        """A piece of an answer, as it arrives; wrapped at the edge, indented like a paragraph."""
        self._clear_moving()
        for character in self._masked(text):
            if character == "\n" or self._column >= WIDTH:
                self._write("\n")
                self._column = 0
                if character == "\n":
                    continue
            if not self._column:
                self._write("    ")
                self._column = 4
            self._write(self._styled(character, style))
            # a CJK character takes two columns
            self._column += 2 if ord(character) >= 0x2E80 else 1

    def rest(self) -> None:
        """End whatever line is unfinished."""
        self._clear_moving()
        if self._column:
            self._write("\n")
            self._column = 0

    def _clear_moving(self) -> None:
        if self._moving:
            self._write("\r\x1b[K")
            self._moving = False

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _styled(self, text: str, style: str) -> str:
        text = self._masked(text)
        return f"\x1b[{style}m{text}\x1b[0m" if style and text and self._colour else text

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
