# One image for every process of a deployment; which one it is says the command: `stream`, `source NAME`, `sink NAME`, `check`.
FROM python:3.12-slim-bookworm AS wheel
WORKDIR /src
# The build tool comes from the developers' lock file, so that it is pinned and hashed too; this stage is thrown away.
COPY requirements-dev.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements-dev.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY mappings mappings
COPY connectors connectors
COPY streams streams
COPY tandem tandem
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel .

FROM python:3.12-slim-bookworm AS site
RUN python -m venv /opt/tandem
ENV PATH="/opt/tandem/bin:$PATH"
COPY requirements.lock ./
RUN pip install --no-cache-dir --only-binary :all: --require-hashes --requirement requirements.lock
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-deps /wheel/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/tandem --create-home tandem
COPY --from=site /opt/tandem /opt/tandem
ENV PATH="/opt/tandem/bin:$PATH" PYTHONUNBUFFERED=1 TANDEM_CONFIG=/etc/tandem/tandem.toml
USER tandem
WORKDIR /var/lib/tandem
VOLUME /var/lib/tandem
ENTRYPOINT ["tandem"]
CMD ["--help"]
