FROM python:3.11-slim

# PyTorch without CUDA: the image is a gigabyte smaller.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    GRADER_HOST=0.0.0.0 \
    GRADER_DATA_DIR=/data

RUN useradd --uid 10001 --create-home grader && install --directory --owner grader --group grader /data

WORKDIR /app

# The dependencies, the model among them, change less often than the code and keep their layer.
COPY pyproject.toml constraints.txt ./
RUN pip install --no-deps --index-url "$TORCH_INDEX" torch==2.13.0
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt && pip install -c constraints.txt -r requirements.txt

COPY README.md LICENSE ./
COPY rubrics ./rubrics
COPY grader ./grader
COPY api ./api
COPY migrations ./migrations
RUN pip install --no-deps .

USER grader
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('GRADER_PORT', '8000') + '/healthz', timeout=4)"]

ENTRYPOINT ["grader"]
CMD ["serve"]
