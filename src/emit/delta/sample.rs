//! A comparison that fills everything an output can tell, for the tests of outputs.

use super::Compared;
use crate::delta::{Change, Delta, Finds, NewFinding, Reached, Spot, Topic, Touched, Which};
use crate::finding::Severity;
use crate::text::Place;

pub(super) fn spot(which: Which, file: &str, line: u32) -> Spot {
    Spot { which, file: file.to_owned(), start: Place { line, column: 3 } }
}

pub(super) fn reached(object: &str) -> Reached {
    Reached { object: object.into(), cluster: "production".into() }
}

pub(super) fn change(topic: Topic, number: usize) -> Change {
    Change {
        topic,
        what: "changed",
        subject: format!("ghcr.io/acme/web-{number}"),
        before: Some("v1.4.0".into()),
        after: Some("v1.5.0".into()),
        notes: vec!["digest follows"],
        is_routine: false,
        at: Some(spot(Which::After, &format!("apps/web-{number}.yaml"), 21)),
        reaches: vec![reached(&format!("Deployment/shop/web-{number}"))],
        reference: None,
    }
}

pub(super) fn finding(number: usize) -> NewFinding {
    NewFinding {
        rule: "image-latest".into(),
        severity: Severity::Error,
        says: format!("`web-{number}:latest` may be another image tomorrow"),
        fingerprint: "0123456789abcdef".into(),
        at: spot(Which::Before, "apps/web.yaml", 4),
    }
}

/// One of everything.
pub(super) fn everything() -> Compared {
    let reference = Some("ghcr.io/acme/web:v1.5.0".to_owned());
    let one = Change { reference, ..change(Topic::Images, 1) };
    let bare = Change { before: None, after: None, at: None, ..change(Topic::Gone, 2) };
    let objects = Touched {
        added: vec![reached("ConfigMap/shop/a")],
        changed: vec![reached("Deployment/shop/web-1")],
        removed: vec![reached("ConfigMap/shop/b")],
        rolled: vec![reached("Deployment/shop/c")],
    };
    let finds = Finds { new: vec![finding(1)], resolved: vec![finding(2)] };
    let delta = Delta { changes: vec![one, bare], objects, finds, has_clusters: true };
    Compared {
        delta,
        before: "main (4f1c29ab07)".into(),
        after: "the files on the disk".into(),
        is_whole: false,
    }
}

/// So many changes and findings.
pub(super) fn many(number: usize) -> Compared {
    let mut out = everything();
    out.delta.changes = (0..number).map(|at| change(Topic::Images, at)).collect();
    out.delta.finds.new = (0..number).map(finding).collect();
    out.delta.finds.resolved = (0..number).map(finding).collect();
    out
}
