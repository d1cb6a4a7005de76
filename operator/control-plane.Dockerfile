# The image of the control plane on ECS: API server, kine, controller manager, and the init step beside them.
#
#   docker build -f operator/control-plane.Dockerfile -t registry.example.com/tradai-control-plane:1.4.0 \
#     --build-arg PYTHON_DIGEST=sha256:… --build-arg KUBE_APISERVER_SHA256=… … .
#
# What only whoever builds can vouch for is an argument without default: the digest of the base image, and the checksums of
# what is downloaded, as its publishers list them (dl.k8s.io beside each file, kine's release page; the bundle of RDS's
# authorities has none, so it is the one that you have looked at). Built from the root of the checkout.
ARG PYTHON_DIGEST

FROM docker.io/library/python:3.11-slim-bookworm@${PYTHON_DIGEST} AS base

FROM base AS binaries
ARG KUBERNETES_VERSION=1.35.4
ARG KUBE_APISERVER_SHA256
ADD --checksum=sha256:${KUBE_APISERVER_SHA256} https://dl.k8s.io/v${KUBERNETES_VERSION}/bin/linux/amd64/kube-apiserver /binaries/kube-apiserver
ARG KUBE_CONTROLLER_MANAGER_SHA256
ADD --checksum=sha256:${KUBE_CONTROLLER_MANAGER_SHA256} https://dl.k8s.io/v${KUBERNETES_VERSION}/bin/linux/amd64/kube-controller-manager /binaries/kube-controller-manager
ARG KINE_VERSION=0.16.4
ARG KINE_SHA256
ADD --checksum=sha256:${KINE_SHA256} https://github.com/k3s-io/kine/releases/download/v${KINE_VERSION}/kine-amd64 /binaries/kine
RUN chmod 0755 /binaries/* \
 && test "$(/binaries/kube-apiserver --version)" = "Kubernetes v${KUBERNETES_VERSION}" \
 && test "$(/binaries/kube-controller-manager --version)" = "Kubernetes v${KUBERNETES_VERSION}"

# Whom RDS's certificates come from.
FROM base AS authorities
ARG RDS_AUTHORITIES_SHA256
ADD --checksum=sha256:${RDS_AUTHORITIES_SHA256} https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /authorities/rds.pem
RUN chmod 0644 /authorities/rds.pem

# The init step's packages by hash: few, since it is a tree of its own. What installs them stays behind.
FROM base AS packages
COPY requirements-control-plane.lock /locks/
RUN python -m venv /opt/tradai \
 && /opt/tradai/bin/pip install --no-cache-dir --require-hashes --requirement /locks/requirements-control-plane.lock \
 && /opt/tradai/bin/pip uninstall --yes --quiet setuptools pip
COPY operator/tradai_control_plane /opt/tradai/lib/python3.11/site-packages/tradai_control_plane
RUN /opt/tradai/bin/python -m compileall -q /opt/tradai/lib/python3.11/site-packages/tradai_control_plane \
 && /opt/tradai/bin/python -m tradai_control_plane; test "$?" = 2
COPY tools/images/sbom.py /locks/
COPY --from=binaries /binaries /binaries
RUN mkdir -p /usr/share/sbom \
 && /opt/tradai/bin/python /locks/sbom.py --binaries /binaries --system /var/lib/dpkg/status > /usr/share/sbom/tradai.cdx.json

FROM base AS control-plane
RUN groupadd --gid 65532 tradai \
 && useradd --uid 65532 --gid 65532 --home-dir /control-plane --no-create-home --shell /usr/sbin/nologin tradai \
 && install --directory --owner 65532 --group 65532 --mode 0700 /control-plane /work
COPY --from=binaries /binaries /usr/local/bin
COPY --from=authorities /authorities/rds.pem /etc/tradai/rds.pem
COPY --from=packages /opt/tradai /opt/tradai
COPY --from=packages /usr/share/sbom /usr/share/sbom
COPY crds/tradai.io_admission.yaml operator/tradai_operator/rbac.yaml operator/tradai_operator/rbac-definition.yaml /etc/tradai/manifests/
ENV PATH=/opt/tradai/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
# Whoever mounts volumes here gets such that the user above may write: the operator's home too, whose image has none.
VOLUME ["/control-plane", "/work"]
# No entry point: each container of the task puts a command of its own in the place of this one.
ENTRYPOINT []
CMD ["python", "-m", "tradai_control_plane"]
