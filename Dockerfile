FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements.lock requirements-build.lock ./
# Wheels only: a source archive would fetch tools of its own to be built with, without a hash.
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-build.lock \
    && python -m venv --without-pip /opt/dateline \
    && pip --python /opt/dateline/bin/python install --no-cache-dir --require-hashes \
       --only-binary :all: -r requirements.lock
COPY . .
RUN pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && pip --python /opt/dateline/bin/python install --no-deps --no-index /wheels/*.whl \
    && cyclonedx-py environment --pyproject pyproject.toml --mc-type application --spec-version 1.6 \
       --output-reproducible --output-file /opt/dateline/sbom.cdx.json /opt/dateline/bin/python

FROM python:3.13-slim
COPY --from=build /opt/dateline /opt/dateline
RUN useradd --system --create-home --home-dir /var/lib/dateline dateline
USER dateline
WORKDIR /var/lib/dateline
ENV PATH=/opt/dateline/bin:$PATH DATELINE_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz')"]
# The shell would swallow SIGTERM: the server is process 1 and drains.
CMD ["dateline", "serve"]
