//! The data page about moving tags, read into [`Moves`]. Knows no tag itself.

use crate::facts::Moves;
use crate::finding::Problem;
use crate::syntax::Node;

/// Reads one list of `rules/data/moving-tags.md`.
pub(super) fn fill(moves: &mut Moves, name: &str, list: &Node, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let text = item.text().ok_or_else(|| "a text is expected here".to_string());
        let pair = || {
            let pair = item.text_at("images").zip(item.text_at("tags"));
            pair.ok_or_else(|| "`images: glob` and `tags: pattern` are expected here".to_string())
        };
        let done = match name {
            "channels" => text.map(|word| moves.add_channel(word)),
            "builds" => text.and_then(|tags| moves.add_build(tags)),
            "one-number" => text.and_then(|images| moves.add_numbers(images, 1)),
            "two-numbers" => text.and_then(|images| moves.add_numbers(images, 2)),
            "immutable" => pair().and_then(|(images, tags)| moves.add_immutable(images, tags)),
            "moving" => pair().and_then(|(images, tags)| moves.add_moving(images, tags)),
            other => Err(format!("`{other}` is no list of a data page")),
        };
        if let Err(says) = done {
            problems.push(Problem::fatal("rule-page", says, Some(item.span())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::parse_reference;
    use crate::syntax::yaml;
    use crate::text::{Origin, Part, SourceId, Span};

    /// The notion as the page has it.
    fn page() -> (Moves, Vec<Problem>) {
        let text = include_str!("../../rules/data/moving-tags.md");
        let front = text.split("---\n").nth(1).unwrap();
        let read = yaml::read(SourceId(0), front);
        assert_eq!(read.problems, []);
        filled(&read.documents[0].root)
    }

    fn filled(front: &Node) -> (Moves, Vec<Problem>) {
        let (mut moves, mut problems) = (Moves::default(), Vec::new());
        for (name, list) in front.get("data").unwrap().entries() {
            fill(&mut moves, name.text().unwrap(), list, &mut problems);
        }
        (moves, problems)
    }

    #[test]
    fn the_page_says_what_moves() {
        let (moves, problems) = page();
        assert_eq!(problems, []);
        let mut wrong = Vec::new();
        for (pin, images) in [
            (
                "moving",
                "postgres:16 postgres:16-alpine alpine:3.19 alpine:3 ubuntu:24.04 ubuntu:noble debian:12 debian:bookworm \
                 nginx:1.25 nginx:stable nginx:1.25-alpine3.18 node:20 node:lts-slim python:3.12-slim-bookworm redis:7.2 \
                 traefik:v3.1 mysql:8.0 mariadb:11.4 postgis/postgis:16-3.4 ghcr.io/a/b:main ghcr.io/a/b:v1 \
                 ghcr.io/home-assistant/home-assistant:2024.5 ghcr.io/ggml-org/llama.cpp:server-cuda \
                 docker/dockerfile:1.4 gcr.io/distroless/static:nonroot grafana/grafana:main-ubuntu a/b:1.2.3-SNAPSHOT \
                 a/b:nightly a/b:v2.0.0-dev a/b:1.2.3-latest a/b:release-9.11 a/b:2022 mcr.microsoft.com/windows:ltsc2022 \
                 mcr.microsoft.com/mssql/server:2019-latest a/b:pr-12 a/b:master-head a/b:1.2.x a/b:9.0-jre a/b:17-jdk",
            ),
            (
                "tag",
                "postgres:16.2 postgres:16.2-alpine3.19 ghcr.io/cloudnative-pg/postgresql:16.2 debian:12.5-slim \
                 ghcr.io/cloudnative-pg/postgresql:16.2-1 nginx:1.25.3 node:20.11.1-alpine3.19 redis:7.2.4 \
                 eclipse-temurin:21.0.2_13-jre openjdk:8u342-jdk registry.k8s.io/pause:3.9 alpine:3.19.1 \
                 timescale/timescaledb:2.14.2-pg16 pgvector/pgvector:0.8.0-pg16 pihole/pihole:2024.05.0 a/b:v1.2.3-rc.1 \
                 lscr.io/linuxserver/sonarr:4.0.1.929-ls45 a/b:release-1.2.3 a/b:1.2.3-dev.5 a/litellm:main-v1.83.3.rc.1 a/b:edge-24.5.1 chrislusf/seaweedfs:3.79_full mcr.x/oss/pause:3.9 nvcr.io/nvidia/pytorch:25.10-py3 mendhak/http-https-echo:41 jenkins/jenkins:2.440.1-lts",
            ),
            (
                "build",
                "a/b:sha-9f8e7d6 a/b:sha-abcdefa a/b:16-9f8e7d6 a/b:16-20260206 a/b:20260206 a/b:2026-08-15-1674b4d2 \
                 minio/minio:RELEASE.2024-05-01T01-02-03Z quay.io/minio/mc:RELEASE.2024-05-01T01-02-03Z-cpuv1 \
                 ghcr.io/ggml-org/llama.cpp:server-cuda-b10236 ghcr.io/ggml-org/llama.cpp:b4567 debian:bookworm-20240812-slim \
                 ubuntu:noble-20240801 a/b:main-9f8e7d6 a/b:build-123 a/b:202602061015 a/b:20260206T101500Z a/b:pr-12-9f8e7d6 \
                 a/b:v1beta1-45c5727 rpcs3/x:17265 a/b:1.40.1.8227-c0c5ea74e a/b:nightly-2026-02-06 a/b:sha256-9f8e7d6c5b4a \
                 a/b:9f8e7d6c5b4a39281706f5e4d3c2b1a098765432 a/b:main.20260206.3 a/b:git-1234567",
            ),
            ("latest", "a/b:latest nginx:latest"),
        ] {
            for text in images.split_whitespace() {
                let origin = Origin::verbatim(Span::new(SourceId(0), 0, text.len()));
                let got = moves.pin(&parse_reference(&Part::new(text, origin))).name();
                if got != pin {
                    wrong.push(format!("{text}: expected {pin}, got {got}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_cannot_be_read_has_its_place() {
        let text =
            "data:\n  builds: ['(']\n  moving:\n    - {images: a}\n  whatever: [x]\n  channels: [{}]\n";
        let (_, problems) = filled(&yaml::read(SourceId(0), text).documents[0].root);
        let at: Vec<&str> = problems.iter().map(|problem| &text[problem.at.unwrap().range()]).collect();
        assert_eq!(at, ["(", "{images: a}", "x", "{}"]);
    }
}
