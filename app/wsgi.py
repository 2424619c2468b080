"""The module that uWSGI loads."""

import resource
import sys

from app import create_app, logs
from model import memory
from model.engine import WeightsError

# no core dumps: they could contain a photo
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
logs.configure()
try:
    app = create_app()
except (ValueError, OSError, WeightsError) as error:
    sys.exit(f"Yanling does not start: {error}")
memory.trim()  # each worker would keep what loading the model took for a moment
