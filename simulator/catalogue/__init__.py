"""The table of everything that the simulator can be asked for: one row each, reachable by name."""

from simulator.catalogue.audio import AUDIO
from simulator.catalogue.errors import CHANNELS, HIDDEN, KEYS, LISTS, REQUESTS, SATURATED, SERVERS
from simulator.catalogue.results import RESULTS
from simulator.catalogue.row import Row
from simulator.catalogue.streams import CONNECTIONS, RESPONSES, STREAMS
from simulator.catalogue.successes import SUCCESSES

CATALOGUE: tuple[Row, ...] = (
    *SATURATED,
    *KEYS,
    *LISTS,
    *CHANNELS,
    *REQUESTS,
    *SERVERS,
    *HIDDEN,
    *STREAMS,
    *RESPONSES,
    *CONNECTIONS,
    *SUCCESSES,
    *RESULTS,
    *AUDIO,
)

__all__ = ["CATALOGUE", "Row"]
