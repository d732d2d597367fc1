# The server in an image: what it needs and nothing else, run by nobody in particular. docs/deploy.md explains it.
#
#   docker build --tag omi .
#   docker build --tag omi-cloud --build-arg EXTRAS="vendors cloud" .

ARG PYTHON=3.11.13-slim-bookworm

FROM python:${PYTHON} AS build
# Requirement files beside run.txt, in this order: vendors cloud codecs. Each holds what the ones before it do not.
ARG EXTRAS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /build
RUN python -m venv /opt/omi
COPY requirements/ requirements/
RUN /opt/omi/bin/python -m pip install --no-deps --require-hashes -r requirements/run.txt
RUN for extra in $EXTRAS; do /opt/omi/bin/python -m pip install --no-deps --require-hashes -r requirements/$extra.txt || exit 1; done
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY domain/ domain/
COPY ports/ ports/
COPY application/ application/
COPY adapters/ adapters/
COPY bootstrap/ bootstrap/
RUN /opt/omi/bin/python -m pip install --no-deps --no-build-isolation .

FROM python:${PYTHON}
RUN groupadd --system --gid 10001 omi \
    && useradd --system --uid 10001 --gid omi --no-create-home --home-dir /data --shell /usr/sbin/nologin omi \
    && install --directory --owner=omi --group=omi --mode=0700 /data
COPY --from=build /opt/omi /opt/omi
ENV PATH=/opt/omi/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OMI_HOST=0.0.0.0 OMI_PORT=8000 OMI_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"OMI_PORT\"]}/health/live', timeout=4)"]
CMD ["omi", "serve"]
