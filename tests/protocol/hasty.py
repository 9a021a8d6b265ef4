"""The plugin with a shorter patience: closed for 2 s counts as closed for a minute."""

from gateway.admission import shedding

SECONDS = 2.0

if __name__ == "__main__":
    import main as plugin

    if "SHUT_SECONDS" not in vars(shedding):
        raise SystemExit("it is elsewhere now, and would not be shortened")
    vars(shedding).update(SHUT_SECONDS=SECONDS)
    plugin.main()
