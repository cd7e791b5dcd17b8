from fastapi.openapi.utils import get_openapi
def build_openapi(app):
    return get_openapi(title="x", version="1", routes=app.routes)
