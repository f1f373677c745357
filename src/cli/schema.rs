//! `pintle schema`: JSON Schemas of what pintle reads and writes.

use super::args::Schema;
use super::{End, Failure, explain, said, terminal};
use crate::config;
use crate::emit::pins::PIN_SCHEMA;
use crate::emit::{DIFF_SCHEMA, REPORT_SCHEMA, inventory};
use crate::redact::escape_json;
use crate::rules::front_schema;

pub(super) fn run(of: Schema) -> Result<End, Failure> {
    let book = explain::book()?;
    let ids = book.ids();
    let text = match of {
        Schema::Config => written(&config::schema(&ids)),
        Schema::Rule => written(&front_schema()),
        Schema::Report => REPORT_SCHEMA.to_owned(),
        Schema::Diff => DIFF_SCHEMA.to_owned(),
        Schema::Pin => PIN_SCHEMA.to_owned(),
        Schema::Images => inventory::IMAGES_SCHEMA.to_owned(),
        Schema::Storage => inventory::STORAGE_SCHEMA.to_owned(),
    };
    terminal::print(&said(text)).map_err(Failure::new)?;
    Ok(End::Clean)
}

fn written(schema: &serde_json::Value) -> String {
    escape_json(format!("{schema:#}")) + "\n"
}
