# The service and its worker. `docker build -t living-personas .`, then compose.yaml; docs/how-to/operate.md says how to run it.
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements-image.lock ./
RUN python -m venv /opt/personas
RUN /opt/personas/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-image.lock
COPY pyproject.toml README.md LICENSE sbom.cdx.json ./
COPY src ./src
RUN /opt/personas/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.11-slim
COPY --from=build /opt/personas /opt/personas
RUN mkdir -p /workspace/.living && chown 65534:65534 /workspace/.living
ENV PATH=/opt/personas/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PERSONAS_WORKSPACE=/workspace PERSONAS_HOST=0.0.0.0 PERSONAS_PORT=8321
WORKDIR /workspace
USER 65534:65534
EXPOSE 8321
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request as ask; ask.urlopen(f'http://127.0.0.1:{os.environ[\"PERSONAS_PORT\"]}/healthz', timeout=4)"]
CMD ["personas", "serve"]
