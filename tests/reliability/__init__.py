"""Faults and floods on the real stack, and what they did to its clients.

faults.py    processes killed, hung or stopped; weights, logs and spool broken
floods.py    more clients than the stack can serve, slow clients, and the soak
hangs.py     what runs but does nothing: workers without a request, a reload, nginx
attacks.py   one address, or a few, take all that they can get
front.py     nginx's processes killed
host.py      the host's clock set, its disk full
results.py   figures beside their limits
"""
