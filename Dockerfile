# docker build -t fovea .
# docker run -p 3000:3000 -v "$PWD/data:/data" fovea
# The folder has to be writable for user 1000; or keep variants elsewhere: -e FOVEA_VARIANTS=s3://bucket/prefix.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
COPY packages ./packages
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
COPY playground ./playground
# The package of the URLs is linked there for those who work on it; the program does not ask for it.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && rm -r node_modules/@fovea

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="fovea" \
  org.opencontainers.image.description="A self-hosted image CDN origin: name a variant in the URL, it is made once, when somebody looks." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="0.1.0"
# A font for text layers, of which the slim image has none; others go into a folder that `fontsFolder` names. Bubblewrap
# holds decoders where the engine allows user namespaces; elsewhere Landlock and a filter do (SECURITY.md).
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
RUN mkdir -p /data/originals /data/variants && chown -R node:node /data

# Render processes get this setting from the server, whatever is set here: bench/README.md has the figures for them
# and for jemalloc. It is here for the server itself, whose buffers come and go on many threads.
ENV MALLOC_ARENA_MAX=2
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
# What strangers may ask for without a signature; docs/signed-urls.md says what that is, and what else there is.
ENV FOVEA_UNSIGNED=ladder
ENV FOVEA_ORIGINALS=file:/data/originals FOVEA_VARIANTS=file:/data/variants

USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# Alive, not ready: a container whose store is away for a minute is not to be killed for it.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/-/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "--initial-old-space-size=256", "dist/server.js"]
