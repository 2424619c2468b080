"""Opens graphs in ONNX Runtime; nothing else does."""

from pathlib import Path

import onnxruntime

ERRORS_ONLY = 3


def open_session(
    graph: Path | bytes, threads: int = 1, quiet: bool = False
) -> onnxruntime.InferenceSession:
    """A session on the CPU. With one thread it survives a fork: the master opens it and all
    workers share its pages. `quiet`: log no warnings about the graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if quiet:
        options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
