"""Models behind ``/v1/responses``: asked and answered as chat models are.

The adapters build one request, in the shape of chat completions; ``request`` says the same in the
words of the Responses API, ``chat`` puts it together, and ``reader`` makes of its events what
``engine.apis.chat.reader`` makes of chat's. The engine between them does not know the difference.
"""
