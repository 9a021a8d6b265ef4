"""The plugin with a shorter patience: closed for 2 s counts as closed for a minute."""

from gateway.admission import desk

SECONDS = 2.0

if __name__ == "__main__":
    import main as plugin

    vars(desk).update(SHUT_SECONDS=SECONDS)
    plugin.main()
