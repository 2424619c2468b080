"""What uWSGI loads."""

import resource

from app import create_app

# the dump of a crashed worker would hold a photo
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
app = create_app()
