"""Why nothing can be built: a sentence that says what to do."""

from cli.exits import Exit


class BuildError(Exception):
    """Nothing was built and nothing written; the text is for people.

    Attributes:
        end: the exit code of the command.
    """

    def __init__(self, text: str, end: Exit = Exit.PROBLEM) -> None:
        super().__init__(text)
        self.end = end
