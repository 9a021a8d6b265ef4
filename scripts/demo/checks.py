"""The demo's conscience: each thing that it claims is checked, and one false claim fails it."""

from dataclasses import dataclass, field

from .screen import GREEN, RED, Screen


@dataclass(slots=True)
class Checks:
    """Claims made so far, and whether all of them held."""

    screen: Screen
    held: bool = field(default=True)

    def claim(self, text: str, true: bool, instead: object = "") -> None:
        """Print the claim with its verdict; `instead` is what was found where it is false."""
        self.held &= true
        found = f" Found: {instead}" if instead and not true else ""
        self.screen.line(
            f"  {'✓' if true else '✗ NOT TRUE:'} {text}{found}", GREEN if true else RED
        )
