# The bot, the engine and all that they need: for one machine, or as a node of a Ray cluster. docs/deploying.md

# What is installed comes first, and what we write last: a change of the code installs nothing anew.
FROM python:3.11-slim-bookworm AS dependencies
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PYTHON=/opt/oneiros/bin/python
WORKDIR /src
RUN python -m venv --without-pip /opt/oneiros
ENV PATH=/opt/oneiros/bin:$PATH
COPY pyproject.toml constraints.txt ./
# The address of an index that has another build of torch, for CPUs alone or for an older CUDA; empty: the usual one.
ARG TORCH_INDEX=
RUN [ -z "$TORCH_INDEX" ] \
    || pip install --no-deps -c constraints.txt --index-url "$TORCH_INDEX" torch torchvision
# Extras of pyproject.toml: postgres, cluster.
ARG EXTRAS=postgres
# Without code the project is nothing but what it needs. What it is itself would be in the way of the real one.
RUN touch README.md LICENSE NOTICE \
    && pip install -c constraints.txt ".[$EXTRAS]" \
    && pip uninstall --yes oneiros

# Weights that are baked in, beside the two that are always there: names of `oneiros networks`, with spaces between.
FROM dependencies AS weights
COPY engine engine
ARG NETWORKS=
RUN mkdir -p /weights/hub/checkpoints \
    && for name in $NETWORKS; do TORCH_HOME=/weights python -m engine networks fetch "$name" || exit 1; done

FROM dependencies AS code
COPY README.md LICENSE NOTICE ./
COPY migrations migrations
COPY engine engine
COPY bot bot
RUN pip install --no-deps --prefix=/code .

FROM python:3.11-slim-bookworm
# A number that no account of a host has by chance, so that its files can be told.
RUN useradd --uid 10001 --user-group --home-dir /data --no-create-home oneiros \
    && install --directory --owner=oneiros --group=oneiros --mode=700 /data
COPY --from=dependencies /opt/oneiros /opt/oneiros
COPY --from=weights /weights/hub/checkpoints /opt/oneiros/share/oneiros/weights
COPY --from=code /code /opt/oneiros
# The port is the container's own: its health check asks there, and nobody else reaches it.
ENV PATH=/opt/oneiros/bin:$PATH PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data METRICS_PORT=9090
USER 10001:10001
WORKDIR /data
VOLUME /data
# Not by `oneiros`, which takes a second to load what it does not need here.
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s --retries=3 CMD ["python", "-c", "\
import os, http.client; \
asked = http.client.HTTPConnection('127.0.0.1', int(os.environ['METRICS_PORT']), timeout=8); \
asked.request('GET', '/healthz'); \
raise SystemExit(asked.getresponse().status != 200)"]
CMD ["oneiros", "run"]
