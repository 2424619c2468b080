"""Several hosts on one machine, and what their clients see. `make scale` runs it."""
