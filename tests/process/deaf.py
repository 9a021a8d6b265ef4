"""The plugin with a name server that never answers for one domain, as `getaddrinfo` sees it."""

import _socket
import time
from typing import Any

DOMAIN = ".hangs.example"
SECONDS = 600.0

if __name__ == "__main__":
    from gevent import monkey

    import main as plugin

    sleep = monkey.get_original("time", "sleep")
    resolve = _socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.endswith(DOMAIN):
            sleep(SECONDS)
        return resolve(host, *args, **options)

    assert time.sleep is not sleep, "gevent has patched nothing"
    _socket.getaddrinfo = getaddrinfo
    plugin.main()
