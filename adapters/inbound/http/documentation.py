"""The description of the interface: as OpenAPI, and as a page that needs nothing from elsewhere.

The page is Swagger UI. Its files come out of a wheel that is used as data: nothing of it is imported.
"""

import importlib.util
from pathlib import Path

from litestar import MediaType, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.described import CompletedDescription
from ports.errors import Rejected

WHEEL = "drf-spectacular-sidecar==2026.10.1"
PACKAGE = "drf_spectacular_sidecar"
FILES = "static/drf_spectacular_sidecar/swagger-ui-dist"

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Omi: interface</title>
<link rel="icon" type="image/png" href="/documentation/files/favicon-32x32.png">
<link rel="stylesheet" href="/documentation/files/swagger-ui.css">
</head>
<body>
<div id="interface"></div>
<script src="/documentation/files/swagger-ui-bundle.js"></script>
<script src="/documentation/start.js"></script>
</body>
</html>
"""

START = """SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#interface",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
"""


def openapi(*, version: str) -> OpenAPIConfig:
    """Serves the description at `/schema/openapi.json`, and no page that would load something from elsewhere."""
    return OpenAPIConfig(
        title="Omi",
        version=version,
        description="Live transcription, memories and search for always-on voice.",
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer"),
                "app_key": SecurityScheme(type="http", scheme="bearer", description="Of one app"),
                "integration_key": SecurityScheme(
                    type="apiKey", name="api-key", security_scheme_in="header", description="Of one program and user"
                ),
            }
        ),
        security=[{"token": []}],
        use_handler_docstrings=True,
        render_plugins=[CompletedDescription()],
        openapi_router=Router("/schema", route_handlers=[], opt=PUBLIC, include_in_schema=False),
    )


@get("/documentation", opt=PUBLIC, status_code=200, include_in_schema=False)
async def documentation() -> Response[str]:
    """The page."""
    return Response(PAGE, media_type=MediaType.HTML, headers=HEADERS)


@get("/documentation/start.js", opt=PUBLIC, status_code=200, include_in_schema=False)
async def start() -> Response[str]:
    """Starts the page; a file of its own, because the page allows no scripts inside."""
    return Response(START, media_type="text/javascript; charset=utf-8", headers=HEADERS)


def files() -> Router:
    """Serves what the page is made of.

    Raises:
        Rejected: it is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Rejected(f"the documentation page is not installed: pip install --no-deps {WHEEL}")
    return create_static_files_router(
        "/documentation/files",
        directories=[Path(spec.origin).parent / FILES],
        opt=PUBLIC,
        cache_control=CacheControlHeader(max_age=86_400),
    )
