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
RUN ln -s /opt/dateline/bin/dateline /usr/local/bin/ \
    && useradd --system --create-home --home-dir /var/lib/dateline dateline \
    # A volume takes over the owner of the folder that it is mounted on.
    && install -d -o dateline -g dateline -m 0700 /var/lib/dateline/media
USER dateline
WORKDIR /var/lib/dateline
# Beyond the container, where a proxy asks. Whoever runs it sets DATELINE_PUBLIC_URL and, to the
# address that the proxy comes from, DATELINE_TRUSTED_PROXIES.
ENV DATELINE_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
# The shell would swallow SIGTERM: the server is process 1 and drains.
CMD ["dateline", "serve"]
