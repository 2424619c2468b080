"""Uploads a face under the service's public name, as a phone does, and checks the answer.

    python3 canary.py https://face.example.com [--textfile FILE]

Prints one line. The exit status is that of monitoring plugins: 0 when all is well, 1 when the
answer was slow, 2 when it was wrong or did not come. Runs anywhere, from cron for instance; needs
Python and canary.jpg beside this file, and no library.
"""

import argparse
import http.client
import json
import os
import signal
import ssl
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

FACE = Path(__file__).with_name("canary.jpg")  # astronaut Eileen Collins, NASA, public domain
AGES = range(25, 51)  # she is 35; other weights say something else, but not this far off
GENDER = "Female"
OK, SLOW, FAILED = range(3)


def main() -> int:
    about, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("address", help="such as https://face.example.com")
    parser.add_argument("--slow", type=float, default=3, help="seconds, [default: 3]")
    parser.add_argument("--timeout", type=float, default=30, help="seconds, [default: 30]")
    parser.add_argument("--key-file", type=Path, help="ask /v1/faces with the API key in it")
    parser.add_argument("--ca", help="certificate to trust; [default: the host's]")
    parser.add_argument("--textfile", type=Path, help="for the node exporter: ….prom")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        status, said = check(options)
    except (OSError, http.client.HTTPException, ValueError) as error:
        status, said = FAILED, f"DOWN: {getattr(error, 'reason', error)}"
    seconds = time.monotonic() - began
    if status == OK and seconds > options.slow:
        status, said = SLOW, f"SLOW: {said}"
    print(f"{said}; {seconds:.2f} s")
    if options.textfile:
        write(options.textfile, status, seconds)
    return status


def check(options: argparse.Namespace) -> tuple[int, str]:
    """The status and what to say about the answer. Raises OSError or HTTPException when there is
    none, and ValueError for an address that is none."""
    request = upload(options.address.rstrip("/"), options.key_file)
    trust = ssl.create_default_context(cafile=options.ca)
    signal.signal(signal.SIGALRM, lambda *_: give_up(options.timeout))
    signal.setitimer(signal.ITIMER_REAL, options.timeout)  # includes the look-up of the name
    try:
        with urllib.request.urlopen(request, context=trust) as reply:
            body = reply.read(100_000)
    except urllib.error.HTTPError as error:
        with error:
            return FAILED, f"DOWN: {error.code} {code_of(error.read(10_000))}".rstrip()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        (face,) = json.loads(body)["faces"]
        age, gender = round(face["age"]), face["gender"]
    except (ValueError, TypeError, KeyError):
        return FAILED, f"WRONG: not one face, but {body[:60]!r}"
    if age not in AGES or gender != GENDER:
        return FAILED, f"WRONG: age {age}, {gender}; expected {AGES[0]} to {AGES[-1]}, {GENDER}"
    return OK, f"OK: age {age}, {gender}"


def give_up(seconds: float) -> None:
    raise TimeoutError(f"no answer within {seconds:g} s")


def upload(address: str, key_file: Path | None) -> urllib.request.Request:
    """As a phone sends it; with a key, as a program does."""
    if key_file:
        headers = {"Authorization": f"Bearer {key_file.read_text().strip()}"}
        headers["Content-Type"] = "image/jpeg"
        return urllib.request.Request(f"{address}/v1/faces", FACE.read_bytes(), headers)
    boundary = uuid.uuid4().hex
    head = 'Content-Disposition: form-data; name="file"; filename="canary.jpg"'
    body = f"--{boundary}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
    body += FACE.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return urllib.request.Request(f"{address}/upload", body, headers)


def code_of(problem: bytes) -> str:
    """The service's error code; empty when something else answered."""
    try:
        return str(json.loads(problem)["code"])
    except (ValueError, TypeError, KeyError):
        return ""


def write(file: Path, status: int, seconds: float) -> None:
    """Replace the file as a whole, because the node exporter may read it at any time."""
    lines = {
        "yanling_canary_status": status,
        "yanling_canary_seconds": round(seconds, 3),
        "yanling_canary_timestamp_seconds": int(time.time()),
    }
    text = "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in lines.items())
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.write_text(text)
    unfinished.replace(file)


if __name__ == "__main__":
    sys.exit(main())
