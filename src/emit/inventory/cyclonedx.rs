//! The images as a CycloneDX 1.6 document. Without a clock: the same images give the same bytes, and the serial
//! number is made of them.

use super::{Look, json};
use crate::inventory::{ImageRow, ImageStock, purl};
use crate::judge::hash;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
struct Bom {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    bom_format: &'static str,
    #[serde(rename = "specVersion")]
    spec_version: &'static str,
    #[serde(rename = "serialNumber")]
    serial_number: String,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compositions: Vec<Composition>,
}

/// That the components are not all that there are.
#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
}

#[derive(Serialize)]
struct Metadata {
    tools: Tools,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Tools {
    components: Vec<Tool>,
}

#[derive(Serialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

pub(super) fn emit(stock: &ImageStock, _: &Look) -> String {
    let mut seen = BTreeSet::new();
    let named = stock.rows.iter().filter(|row| row.repository.is_some());
    let components: Vec<Component> = named.map(|row| component(row, &mut seen)).collect();
    let left_out = stock.unread + stock.rows.len() - components.len();
    let content: Vec<&str> = components.iter().map(|one| one.bom_ref.as_str()).collect();
    let serial_number = serial_number(&hash(&content));
    json::text(&Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number,
        version: 1,
        metadata: Metadata {
            tools: Tools {
                components: vec![Tool {
                    kind: "application",
                    name: "pintle",
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            // An inventory that is silent about what it could not read would pass for a whole one.
            properties: [Property { name: "pintle:left-out", value: left_out.to_string() }]
                .into_iter()
                .chain(
                    stock.gaps.iter().map(|gap| Property { name: "pintle:not-read", value: gap.to_string() }),
                )
                .collect(),
        },
        components,
        compositions: if left_out == 0 && stock.gaps.is_empty() {
            Vec::new()
        } else {
            vec![Composition { aggregate: "incomplete" }]
        },
    })
}

fn component(row: &ImageRow, seen: &mut BTreeSet<String>) -> Component {
    let mut bom_ref = row.reference.clone();
    while !seen.insert(bom_ref.clone()) {
        bom_ref.push_str("#again");
    }
    let name = match (&row.registry, &row.repository) {
        (Some(registry), Some(repository)) => format!("{registry}/{repository}"),
        _ => row.reference.clone(),
    };
    let places = [&row.place].into_iter().chain(&row.also);
    let mut properties = vec![
        Property { name: "pintle:pin", value: row.word().to_owned() },
        Property { name: "pintle:format", value: row.format.to_owned() },
    ];
    properties.extend(places.map(|spot| Property { name: "pintle:place", value: spot.to_string() }));
    properties
        .extend(row.used_by.iter().map(|user| Property { name: "pintle:used-by", value: user.clone() }));
    if !row.delivered {
        properties.push(Property { name: "pintle:delivered", value: "false".to_owned() });
    }
    if !row.note.is_empty() {
        properties.push(Property { name: "pintle:note", value: row.note.clone() });
    }
    Component {
        kind: "container",
        bom_ref,
        name,
        version: row.tag.clone().or_else(|| row.digest.clone()),
        hashes: checksum(row).into_iter().collect(),
        purl: purl(row),
        properties,
    }
}

/// The digest as CycloneDX names it, if it is one that a registry would know.
fn checksum(row: &ImageRow) -> Option<Hash> {
    let (algorithm, content) = row.digest.as_deref().filter(|_| row.word() == "digest")?.split_once(':')?;
    let alg = match algorithm {
        "sha256" => "SHA-256",
        "sha384" => "SHA-384",
        "sha512" => "SHA-512",
        "blake3" => "BLAKE3",
        _ => return None,
    };
    Some(Hash { alg, content: content.to_owned() })
}

/// A UUID of version 8, which leaves its bits to those who make it.
fn serial_number(hash: &str) -> String {
    let hex = format!("{hash:0<32}");
    format!("urn:uuid:{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
