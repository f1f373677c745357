//! The engine of Go templates as helm uses them: templates, values, functions and places. Knows no chart, no disk and no
//! Kubernetes.

pub mod semver;
