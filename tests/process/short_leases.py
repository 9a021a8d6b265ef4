"""The plugin, with leases of 2 s instead of 30, so that a test need not wait for half a minute."""

from functools import partial

import dify_plugin  # noqa: F401 - it patches the standard library, and has to come first

from engine.cluster import instances
from engine.cluster.leases import Leases

vars(instances)["Leases"] = partial(Leases, lease_seconds=2.0, renew_seconds=0.5)

from main import main  # noqa: E402 - it makes the client, which reads what was set above

if __name__ == "__main__":
    main()
