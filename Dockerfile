# The image of orgkeeper: one static binary, CA certificates and a folder for data. It has no shell.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t orgkeeper .
#
# From a binary that exists already, without compiling and without pulling any image:
#
#   docker build --target given --build-arg ROOTFS=bin/rootfs -t orgkeeper .
#
# where the folder ROOTFS of the build context has two folders: root, with orgkeeper and
# etc/ssl/certs/ca-certificates.crt, and user, with an empty data.

# Any image with Go compiles it.
ARG BUILD_IMAGE=golang:1.26-bookworm

# How the image runs, whichever way its binary comes.
FROM scratch AS base
LABEL org.opencontainers.image.title="orgkeeper" \
      org.opencontainers.image.description="Registers the organizations of a multi-tenant product" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV DATA_DIR=/data
EXPOSE 8000
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/orgkeeper", "healthcheck"]
ENTRYPOINT ["/orgkeeper"]

FROM base AS given
ARG ROOTFS=bin/rootfs
COPY ${ROOTFS}/root /
COPY --chown=65532:65532 ${ROOTFS}/user /

FROM ${BUILD_IMAGE} AS compiled
WORKDIR /src
COPY . .
ARG VERSION=unknown
RUN mkdir -p /rootfs/user/data /rootfs/root/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /rootfs/root/etc/ssl/certs/ \
 && CGO_ENABLED=0 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X main.version=${VERSION}" -o /rootfs/root/orgkeeper ./cmd/orgkeeper

# The last stage, which is what a build without --target makes.
FROM base
COPY --from=compiled /rootfs/root /
COPY --from=compiled --chown=65532:65532 /rootfs/user /
