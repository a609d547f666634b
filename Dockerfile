# The image of scenesign's workers: same Python and Beam as constraints.txt, the package, and the weights of both bundled
# embedders. Build it in the repository's root:
#
#   docker build -t IMAGE .                       for pools of workers, Flink, Spark, Kubernetes: an ordinary user
#   docker build -t IMAGE --target dataflow .     for Dataflow, as worker and as flex template; see docs/dataflow.md
#
# Addresses are yours to give, each as --build-arg NAME=VALUE:
#
#   LAUNCHER_IMAGE   Google's python311-template-launcher-base; the target dataflow needs it
#   TORCH_INDEX      torch's package index of CPU builds; without it torch brings the libraries of CUDA, which a GPU wants
#   PIP_INDEX_URL    the index of all other packages, where it is not pip's own
#
# docs/image.md tells how the image is checked and what it needs of the machine that runs it.

ARG BEAM=2.77.0
ARG PYTHON=3.11
# empty, so that what it lacks is missed by the target dataflow alone
ARG LAUNCHER_IMAGE=scratch

FROM python:${PYTHON}-slim AS wheel
ARG PIP_INDEX_URL
WORKDIR /src
# What the package asks for, in a file of its own: while that is the same, so are the layers of gigabytes made from it.
COPY pyproject.toml ./
RUN python -c "import tomllib; from pathlib import Path; \
project = tomllib.loads(Path('pyproject.toml').read_text(encoding='utf-8'))['project']; \
extras = [project['optional-dependencies'][name] for name in 'aws gcp minilm office'.split()]; \
Path('/requirements.txt').write_text('\n'.join(sum(extras, project['dependencies'])), encoding='utf-8')"
COPY README.md LICENSE ./
COPY scenesign/__init__.py scenesign/__main__.py scenesign/torch.py scenesign/py.typed scenesign/
COPY pipeline pipeline
COPY transforms transforms
COPY schemas schemas
COPY examples/alignment examples/alignment
COPY examples/library examples/library
RUN pip wheel --no-cache-dir --no-deps -w /wheels .

FROM apache/beam_python${PYTHON}_sdk:${BEAM} AS base
ARG PIP_INDEX_URL
ARG TORCH_INDEX
COPY constraints.txt /opt/scenesign/constraints.txt
COPY --from=wheel /requirements.txt /opt/scenesign/requirements.txt
# torch first and alone: only it may come from the other index
RUN pip install --no-cache-dir -c /opt/scenesign/constraints.txt ${TORCH_INDEX:+--extra-index-url ${TORCH_INDEX}} torch \
    && pip install --no-cache-dir -c /opt/scenesign/constraints.txt -r /opt/scenesign/requirements.txt
COPY --from=wheel /wheels /opt/scenesign/wheels
RUN pip install --no-cache-dir --no-deps /opt/scenesign/wheels/scenesign-*.whl && pip check
# The first: boot, which starts workers, otherwise makes each an environment of its own below /opt/apache, where only root
# can write. All a worker needs is in the image's own. The others: no hub is asked for weights; an engine has processes or
# threads of its own for each core; fits have the same bits on every processor (section 6.7 of the protocol).
ENV RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1 \
    HF_HUB_OFFLINE=1 \
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
[embed_texts(load_embedder(name), ['A bell rang.']) for name in BUNDLED]" \
    && rm -rf /tmp/*

# Dataflow mounts folders that only root can write to, and its template launcher writes to /var/log.
FROM ${LAUNCHER_IMAGE} AS launcher
FROM base AS dataflow
COPY --from=launcher /opt/google/dataflow/python_template_launcher /opt/google/dataflow/python_template_launcher
# the second: where Dataflow mounts the driver of a GPU; without one the folder is missing and nothing looks there
ENV FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/scenesign/flex_template.py \
    LD_LIBRARY_PATH=/usr/local/nvidia/lib64
COPY dataflow/flex_template.py /opt/scenesign/flex_template.py
USER root
ENTRYPOINT ["/opt/apache/beam/boot"]

FROM base AS worker
# A worker writes below /tmp and nowhere else, so a container may have a read-only root, and any user. boot keeps staged
# files in /tmp/staged and writes the job's options into the working folder; HOME takes what libraries may want to keep.
# As other processes can write there too, no module is looked for in the working folder. USER is a name for those who ask,
# since a user that the cluster draws has none.
ENV HOME=/tmp \
    PYTHONSAFEPATH=1 \
    USER=scenesign
WORKDIR /tmp
# a number, as Kubernetes can't see of a name that it isn't root's (runAsNonRoot)
USER 10001:10001
# No port is exposed and none is looked at for health: a container that serves one job has none, and whoever reaches a
# pool's can run code there.
ENTRYPOINT ["/opt/apache/beam/boot"]
