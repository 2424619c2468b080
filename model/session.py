"""Opens graphs in ONNX Runtime; nothing else does."""

from pathlib import Path

import onnxruntime

ERRORS_ONLY = 3

# One arena for all graphs: they run by turns, and each would keep the memory of its largest run
onnxruntime.create_and_register_allocator(
    onnxruntime.OrtMemoryInfo(
        "Cpu",
        onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
        0,
        onnxruntime.OrtMemType.DEFAULT,
    ),
    None,
)


def open_session(
    graph: Path | bytes, threads: int = 1, quiet: bool = False
) -> onnxruntime.InferenceSession:
    """A session on the CPU. With one thread it survives a fork: the master opens it and all
    workers share its pages. `quiet`: log no warnings about the graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.use_env_allocators", "1")
    if quiet:
        options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
