"""The page: HTML at readable addresses, and its assets."""

from typing import Final

from fastapi import APIRouter, Request, Response

from api.errors import NotFound
from api.web.assets import PREFIX, File, assets
from api.web.pages import PAGES, Page, html

router = APIRouter(include_in_schema=False)

# Trusted Types make the browser itself refuse to take a text for markup.
POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
FOR_PAGES: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
READ: Final = ["GET", "HEAD"]
A_YEAR: Final = "public, max-age=31536000, immutable"


@router.api_route(PREFIX + "/{version}/{path:path}", methods=READ)
def asset(version: str, path: str, request: Request) -> Response:
    """A script, style or picture. A page that was opened before an update still gets the files of today."""
    found = assets().file(path)
    if found is None:
        raise NotFound(f"There is no {path!r} among the page's assets.")
    kept = A_YEAR if version == assets().version else "no-cache"
    return _sent(found, request, {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"})


def _sent(file: File, request: Request, headers: dict[str, str]) -> Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.media_type, headers=headers)


def _add(page: Page) -> None:
    @router.api_route(page.path, methods=READ, name=page.name)
    def show(request: Request) -> Response:
        return _sent(html(page), request, FOR_PAGES)


for _page in PAGES:
    _add(_page)
