# One image: serve | worker | db upgrade | mcp. Built in two stages, so that what only building needs isn't in it.
FROM python:3.11-slim-bookworm AS build

# PyTorch without CUDA: the image is a gigabyte smaller.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN python -m venv /opt/grader
ENV PATH=/opt/grader/bin:$PATH
WORKDIR /src

# The dependencies, the model among them, change less often than the code and keep their layer.
COPY pyproject.toml constraints.txt ./
RUN pip install --no-deps --index-url "$TORCH_INDEX" torch==2.13.0
RUN python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*project['dependencies'], *project['optional-dependencies']['otel'], *project['optional-dependencies']['mcp'], sep='\n')" > requirements.txt && pip install -c constraints.txt -r requirements.txt

COPY README.md LICENSE ./
COPY rubrics ./rubrics
COPY grader ./grader
COPY api ./api
COPY migrations ./migrations
RUN pip install --no-deps .

# The model, converted for the inference runtime: a container is ready without doing it first.
RUN python -c "from pathlib import Path; from grader.encoder import ModelEncoder; ModelEncoder.load('', 'auto', 'auto', Path('/opt/models'))"


FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/grader/bin:$PATH \
    GRADER_HOST=0.0.0.0 \
    GRADER_DATA_DIR=/data \
    GRADER_LOG_FORMAT=json \
    MPLCONFIGDIR=/tmp

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin grader \
    && install --directory --owner grader --group grader /data

COPY --from=build /opt/grader /opt/grader
COPY --from=build --chown=grader:grader /opt/models /data/models

USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('GRADER_PORT', '8000') + '/healthz', timeout=4)"]

ENTRYPOINT ["grader"]
CMD ["serve"]
