"""Photo -> faces -> age and gender. Knows nothing of HTTP."""

import os

# ONNX Runtime sends telemetry to its maker, from a thread that does not survive a fork
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from model import processor

processor.check()  # before anything imports dlib
