"""Hostile uploads, the same for the same seed, and their attack on the real stack.

structure.py      where the parts of a file begin
sources.py        valid photos to corrupt
photos.py         truncated photos, flipped bits, wrong lengths, parts dropped, doubled and swapped
bombs.py          files that are small to send but expensive to decode
foreign.py        other kinds of file, and files that are two kinds at once
bodies.py         bodies as large as they may be, of every type and shape
encodings.py      a picture in every encoding, as large as it may be
dearest.py        the search for the dearest photo that is accepted
broken_forms.py   invalid multipart forms
broken_http.py    invalid HTTP
http.py           requests as bytes, and their exchange over TLS
requests.py       all of the above as HTTP requests
targets.py        what may happen when any bytes are decoded or posted
fuzz.py           searches for bytes that break it, guided by coverage; search.py is its child
attack.py         sends them to the real stack and looks for damage
"""
