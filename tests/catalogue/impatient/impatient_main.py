"""The plugin, started as the daemon starts it, with its longest clocks shortened.

Each is changed where it is defined, before the modules that read it are imported. Their
proportions are kept: two silences are longer than a call.
"""

import engine.http.transport

SILENCE = 2.0
"""Seconds between bytes, instead of 300."""

CALL = 3.9
"""Seconds of a whole call, instead of 590."""

SLOW = 0.7
"""Seconds after which a repeat of a failed attempt is dear, instead of 30."""

if __name__ == "__main__":
    engine.http.transport.READ_SECONDS = SILENCE

    import engine.call.attempt

    engine.call.attempt.MAX_CALL_SECONDS = CALL

    import engine.call.policy

    engine.call.policy.SLOW_SECONDS = SLOW

    import main as plugin

    plugin.main()
