"""The Flask service: photos in, answers out, nothing kept."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from app import faces, health, keys, metrics, page, problems, request_id, settings, spool, upload
from model.estimator import Estimator
from model.photo import MAX_BYTES

# what multipart adds around the largest photo, generously; nginx's client_max_body_size is the sum
FORM_BYTES = 64 * 1024


class Answers(DefaultJSONProvider):
    sort_keys = False  # /upload promises an order
    ensure_ascii = False


def create_app(config: settings.Settings | None = None) -> Flask:
    """The service, its model loaded and tested.

    Raises ValueError for wrong settings and model.engine.WeightsError for unusable weights.
    """
    config = config or settings.from_environment()
    app = Flask(__name__)
    app.request_class = spool.SpooledRequest
    app.config.update(
        SPOOL=config.spool, ENGINE=config.engine, MAX_CONTENT_LENGTH=MAX_BYTES + FORM_BYTES
    )
    app.json = Answers(app)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # no preflight: other sites' pages may not ask
    spool.prepare(config.spool)
    keys.register(app, config.api_keys)
    app.extensions["estimator"] = Estimator(config.engine, config.weights)
    request_id.register(app)
    metrics.register(app)
    problems.register(app)
    for module in (upload, faces, health, metrics, page):
        app.register_blueprint(module.bp)
    return app
