# One file, three images: docker build --target gateway | worker | simulator .

# The full image to build with: pnpm needs the system's root certificates, which slim leaves out.
ARG BUILD_IMAGE=node:24
ARG RUNTIME_IMAGE=node:24-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /repo
ENV CI=true
COPY . .
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=cache,target=/pnpm-store \
    npx -y pnpm@12.21.0 install --frozen-lockfile --store-dir /pnpm-store
RUN npx -y pnpm@12.21.0 \
    --filter "@patchlane/gateway..." \
    --filter "@patchlane/worker..." \
    --filter "@patchlane/simulator..." \
    run build
# Each app with its production dependencies only, as plain folders that no longer need the workspace.
RUN --mount=type=cache,target=/pnpm-store \
    for app in gateway worker simulator; do \
      npx -y pnpm@12.21.0 --store-dir /pnpm-store \
        --filter "@patchlane/$app" --prod deploy "/out/$app" || exit 1; \
    done

FROM ${RUNTIME_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
# The files belong to root: the process cannot change its own code.
USER node
CMD ["node", "dist/main.js"]

FROM runtime AS simulator
COPY --from=build /out/simulator ./
EXPOSE 4010
CMD ["node", "dist/main.js", "--host", "0.0.0.0", "--port", "4010"]

FROM runtime AS worker
COPY --from=build /out/worker ./

FROM runtime AS gateway
COPY --from=build /out/gateway ./
ENV HOST=0.0.0.0 PORT=4000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
