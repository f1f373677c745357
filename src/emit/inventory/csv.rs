//! The images as comma-separated values (RFC 4180, with line feeds), safe to open in a spreadsheet.

use super::Look;
use crate::facts::clusters;
use crate::inventory::ImageStock;
use crate::redact::clean;

const HEAD: &str = "reference,registry,repository,tag,digest,pin,state,file,line,column,places,format,used_by,note,clusters,delivered";

pub(super) fn emit(stock: &ImageStock, _: &Look) -> String {
    let mut out = format!("{HEAD}\n");
    for row in &stock.rows {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let fields = [
            row.reference.clone(),
            text(&row.registry),
            text(&row.repository),
            text(&row.tag),
            text(&row.digest),
            row.word().to_owned(),
            row.pin.name().to_owned(),
            row.place.file.clone(),
            row.place.start.line.to_string(),
            row.place.start.column.to_string(),
            (row.also.len() + 1).to_string(),
            row.format.to_owned(),
            row.used_by.join(" "),
            row.note.clone(),
            clusters(&row.objects).join(" "),
            row.delivered.to_string(),
        ];
        out.push_str(&fields.map(|field| quoted(&field)).join(","));
        out.push('\n');
    }
    out
}

/// A field that neither ends early nor is taken for a formula.
fn quoted(field: &str) -> String {
    let mut field = clean(field).into_owned();
    if field.starts_with(['=', '+', '-', '@', '\t']) {
        field.insert(0, '\'');
    }
    if field.contains([',', '"', '\n', '\r', ' ', ';']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_field_is_one_field_and_no_formula() {
        for (field, expected) in [
            ("plain/name:1.2", "plain/name:1.2"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "a␊b"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-x,y", "\"'-x,y\""),
            ("\u{1b}[31m\u{202e}", "␛[31m�"),
        ] {
            assert_eq!(super::quoted(field), expected);
        }
    }
}
