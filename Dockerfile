FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/tillsammans
RUN python -m venv /opt/tillsammans
COPY requirements.txt ./
RUN /opt/tillsammans/bin/pip install --require-hashes -r requirements.txt
COPY pyproject.toml alembic.ini ./
COPY app app
COPY migrations migrations
# Editable, as in development: the program finds its migrations beside itself.
RUN /opt/tillsammans/bin/pip install --no-deps --no-build-isolation -e . \
    && /opt/tillsammans/bin/python -m compileall -q app migrations

FROM python:3.11-slim
# Bytecode is compiled above and nothing is written later: the file system may be read-only.
ENV PATH=/opt/tillsammans/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TILLSAMMANS_ENVIRONMENT=production
COPY --from=build /opt/tillsammans /opt/tillsammans
COPY --from=build /srv/tillsammans /srv/tillsammans
WORKDIR /srv/tillsammans
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=3)"]
ENTRYPOINT ["tillsammans"]
CMD ["serve", "--host", "0.0.0.0"]
