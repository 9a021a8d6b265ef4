"""Start the plugin the way Dify's daemon expects: `python -m main` in the package's directory."""

import io
import logging
import sys
import threading

import yaml

from postponed import postpone

# The SDK reads every model file with `yaml.safe_load`, which looks its loader up by this name at
# each call. libyaml's parser is the same loader, seven times faster; start-up is outage time.
if yaml.__with_libyaml__:
    yaml.SafeLoader = yaml.CSafeLoader  # type: ignore[assignment,misc]

# The manifest that the SDK writes first holds Chinese, whatever the machine's locale is.
if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(encoding="utf-8")

# The SDK would import them and use none of them over a pipe.
if "dify_plugin" not in sys.modules:
    postpone("flask", "Flask", "request")
    postpone("httpx")
    postpone("h11")
    postpone("yarl", "URL")

from dify_plugin import DifyPluginEnv, Plugin
from dify_plugin.config.logger_format import plugin_logger_handler
from gevent import get_hub

from engine import open_engine

WORKERS = 8_000
"""Calls that the SDK runs at once. Memory suffices for 6,000 that wait in the queue
(engine.admission.limits.tuning), and the rest are in flight or save a form: nobody's chat has to
wait for a worker. A worker is a greenlet that is started when it is first needed."""


LOOKUPS = 100
"""Names that are looked up at once, each in a thread of the system while it is. With gevent's ten,
ten calls to a name whose server does not answer would hold up those to all other gateways."""


def _send_log_to_daemon() -> None:
    """Route the engine's log through the SDK's handler: stdout is the wire, and it frames lines."""
    log = logging.getLogger("gateway")
    log.setLevel(logging.INFO)
    log.addHandler(plugin_logger_handler)
    log.propagate = False


def main() -> None:
    """Serve the daemon until it kills the process."""
    _send_log_to_daemon()
    get_hub().threadpool.maxsize = LOOKUPS
    # Seconds. Only a serverless host reads it; the daemon ends any invocation after 600 itself.
    plugin = Plugin(DifyPluginEnv(MAX_REQUEST_TIMEOUT=600, MAX_WORKER=WORKERS))
    # The rest of the engine, a second later, so that the first call finds it there. Not before the
    # manifest is out: it writes to the log, and the manifest has to be the first line.
    threading.Timer(1.0, open_engine).start()
    plugin.run()


if __name__ == "__main__":
    main()
