"""The plugin with calls of five seconds at most, in place of the ten minutes of the daemon."""

SECONDS = 5.0

if __name__ == "__main__":
    import main as plugin
    from gateway import call

    if "LONGEST_CALL" not in vars(call):
        raise SystemExit("LONGEST_CALL is elsewhere now, and would not be shortened")
    call.LONGEST_CALL = SECONDS
    plugin.main()
