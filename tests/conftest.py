"""What all tests share."""

import sys
import types

# Importing the SDK patches the standard library for gevent. Under pytest-xdist that kills the
# worker, whose own threads are already running. So in this process the SDK finds its patching
# done: tests run under plain threads; the protocol tests run the plugin under gevent, as a process.
sys.modules.setdefault("dify_plugin._gevent", types.ModuleType("dify_plugin._gevent"))
