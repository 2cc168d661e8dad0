FROM python:3.13-slim AS wheel
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[postgres,redis]'

FROM python:3.13-slim
RUN --mount=from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels 'dateline[postgres,redis]' \
    && useradd --system --create-home --home-dir /var/lib/dateline dateline \
    # A volume takes over the owner of the folder that it is mounted on.
    && install -d -o dateline -g dateline -m 0700 /var/lib/dateline/media
USER dateline
WORKDIR /var/lib/dateline
# Beyond the container, where a proxy asks. Whoever runs it sets DATELINE_PUBLIC_URL and, to the
# address that the proxy comes from, DATELINE_TRUSTED_PROXIES: the log says if it is forgotten.
ENV DATELINE_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
# The shell would swallow SIGTERM: the server is process 1 and drains.
CMD ["dateline", "serve"]
