"""`make serve`: the service behind uWSGI's own HTTP router."""

import http.client


def test_clients_are_told_that_the_connection_closes(service, portrait):
    """Otherwise one with a pool sends its next request into a closed connection."""
    connection = http.client.HTTPConnection(service.removeprefix("http://"))
    connection.request("POST", "/v1/faces", portrait, {"Content-Type": "image/jpeg"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Connection") == "close"
    connection.close()
