"""The Flask service: photos in, estimates out, nothing kept."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from app import (
    direct,
    docs,
    employees,
    faces,
    faces_batch,
    health,
    keys,
    metrics,
    page,
    problems,
    request_id,
    settings,
    spool,
    turns,
    upload,
    watchdog,
)
from app.decoder import Decoder
from model.estimator import Estimator
from model.photo import MAX_BYTES

# room for the multipart form around the largest photo; nginx's client_max_body_size is the sum
FORM_BYTES = 64 * 1024


class OrderedJSON(DefaultJSONProvider):
    sort_keys = False  # /upload promises the order of its members
    ensure_ascii = False


def create_app(config: settings.Settings | None = None) -> Flask:
    """The service, with its model loaded and self-tested.

    Raises ValueError for invalid settings and model.engine.WeightsError for unusable weights.
    """
    config = config or settings.from_environment()
    app = Flask(__name__)
    app.request_class = spool.UnparsedRequest
    app.config.update(
        SPOOL=config.spool,
        ENGINE=config.engine,
        MAX_FACES=config.max_faces,
        FETCH_FROM=config.fetch_from,
        MAX_CONTENT_LENGTH=MAX_BYTES + FORM_BYTES,
    )
    app.json = OrderedJSON(app)
    spool.prepare(config.spool)
    keys.register(app, config.api_keys)
    app.extensions["decoder"] = Decoder()
    app.extensions["estimator"] = Estimator(config.engine, config.weights)
    request_id.register(app)
    watchdog.register(app)
    metrics.register(app)
    turns.register(app)
    problems.register(app)
    for module in (upload, faces, faces_batch, employees, health, metrics, page, docs):
        app.register_blueprint(module.bp)
    app.wsgi_app = direct.readable(app.wsgi_app)  # type: ignore[method-assign]
    return app
