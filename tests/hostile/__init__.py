"""Hostile uploads, made from a seed, and what they are run against.

structure.py   where the parts of a file begin
sources.py     the valid photos that are spoilt
photos.py      truncated, flipped, wrong lengths, parts dropped, doubled and swapped
bombs.py       small to send, large to hold or long to read
foreign.py     other kinds of file, and files that are two kinds at once
requests.py    all of them as HTTP requests; file names, broken forms, broken HTTP
attack.py      sends them to the real stack and looks for damage
"""
