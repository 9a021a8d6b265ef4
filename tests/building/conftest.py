"""What the tests of built plugins share."""

from collections.abc import Iterator

import pytest

from simulator import Simulator


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator of its own for each test, as it is counted."""
    with Simulator(seed=1) as one:
        yield one
