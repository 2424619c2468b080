"""Raw data set -> table -> chips -> weights -> report. Builds on `model`, never the reverse."""

import os

# TensorFlow leaves oneDNN off on x86 without AVX-512, where it makes training half as fast again
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
