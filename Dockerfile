# syntax=docker/dockerfile:1
# The images are pinned by tag and digest: pass the digests of the day, as your registry shows them:
#   docker build --build-arg BUILD_DIGEST=sha256:… --build-arg RUNTIME_DIGEST=sha256:… .
# Without them the tags alone decide, which is fine for a try and not for production.
ARG BUILD_IMAGE=node:26-bookworm-slim
ARG BUILD_DIGEST=
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs26-debian13:nonroot
ARG RUNTIME_DIGEST=

FROM ${BUILD_IMAGE}${BUILD_DIGEST:+@${BUILD_DIGEST}} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM ${RUNTIME_IMAGE}${RUNTIME_DIGEST:+@${RUNTIME_DIGEST}}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="detrails" \
      org.opencontainers.image.description="Enriches AWS CloudTrail events over HTTP" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json ./
COPY data/*.json ./data/
COPY LICENSE NOTICE data/README.md /licenses/
# Listening beyond loopback needs DETRAILS_AUTH and its files from whoever runs the image.
ENV DETRAILS_HOST=0.0.0.0 DETRAILS_REVISION=${REVISION}
USER 65532
EXPOSE 8080
# As `npm start` does. A batch makes many short-lived objects: a larger young generation spares a tenth of the CPU.
# V8 counts the bytes of bodies as if they stayed: by itself it collects the whole heap once that has grown by as
# little as a fifth, which beside large bodies is several times a second. So it may double first.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=64", "--heap-growing-percent=100", "dist/main.js"]
