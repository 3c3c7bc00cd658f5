"""Headers that every answer carries: what a browser may do with it."""

from typing import Final

from flask import Flask, Response, request

# No inline script or style anywhere, so none is allowed. `data:` only for the small preview of an
# uploaded picture, which is never stored and therefore has no address.
CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_FEATURES: Final = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer",
    "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing of it is used here; what is never asked for cannot be taken by a script that got in.
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
}

_SENDING: Final = ("POST", "PATCH", "DELETE")


def init_app(app: Flask) -> None:
    """Put the headers on every answer."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # An answer to an upload belongs to whoever sent it, and a page that asks for the password to
    # nobody; other pages change with the bundle.
    whose = request.method in _SENDING or response.status_code in {401, 429}
    response.headers.setdefault("Cache-Control", "no-store" if whose else "no-cache")
    return response
