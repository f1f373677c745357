# pintle alone in an otherwise empty image. Lint the current folder with:
#
#   docker run --rm --volume "$PWD:/repo:ro" pintle
#
# There is no git in here: --since and --staged want the binary of a package instead.

# Alpine's toolchain links statically; the image already has the linker.
FROM docker.io/library/rust:1.95.0-alpine3.23@sha256:606fd313a0f49743ee2a7bd49a0914bab7deedb12791f3a846a34a4711db7ed2 AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
COPY rules rules
COPY src src
RUN cargo build --release --locked

FROM scratch
COPY --from=build /src/target/release/pintle /pintle
COPY LICENSE /LICENSE
# The files of a checkout are readable to anyone; nothing is written unless --output names a file.
USER 65532:65532
WORKDIR /repo
ENTRYPOINT ["/pintle"]
CMD ["lint"]
