"""Start the real service or the real stack, load it, and watch its processes.

photos.py      portraits and groups made from one public-domain portrait, as bytes of a file
processes.py   what /proc says about a process
ports.py       free ports
service.py     the service alone on a free port, as `make serve` starts it
stack.py       nginx, supervisord and uWSGI as `make stack` starts them, with chosen settings
clients.py     clients that upload without pause, and the answers they got
waiting.py     wait until a condition holds

For tests and benchmarks. Needs requirements/testing.txt; releases do not contain it.
"""
