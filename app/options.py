"""The method OPTIONS (RFC 9110, 9.3.7): what one address takes, or the server as a whole."""

from flask import Flask, Response, current_app, request


def init_app(app: Flask) -> None:
    """Answer `OPTIONS *`, and complete what Flask answers for one address."""
    app.before_request(_of_the_server)
    app.after_request(_complete)


def _of_the_server() -> Response | None:
    """Answer `OPTIONS *`, with which one asks whether a server is there; it is no address."""
    if request.method != "OPTIONS" or request.environ["PATH_INFO"] != "*":
        return None
    methods = {method for rule in current_app.url_map.iter_rules() for method in rule.methods or ()}
    return Response(headers={"Allow": ", ".join(sorted(methods))})


def _complete(response: Response) -> Response:
    # Flask gives the empty answer the type of a page.
    if request.method == "OPTIONS" and response.status_code == 200:
        response.headers.pop("Content-Type")
    return response
