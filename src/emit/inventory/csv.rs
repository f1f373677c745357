//! The images as comma-separated values (RFC 4180, with line feeds), safe to open in a spreadsheet.

use super::Look;
use crate::facts::clusters;
use crate::inventory::ImageStock;
use crate::redact::clean;
use crate::text::begins_command;

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
    for gap in &stock.gaps {
        let place = gap.place.as_ref();
        let number = |number: Option<u32>| number.map_or(String::new(), |number| number.to_string());
        let mut fields: [String; 16] = Default::default();
        fields[6] = NOT_READ.to_owned();
        fields[7] = place.map_or(String::new(), |place| place.file.clone());
        fields[8] = number(place.map(|place| place.start.line));
        fields[9] = number(place.map(|place| place.start.column));
        fields[13].clone_from(&gap.says);
        out.push_str(&fields.map(|field| quoted(&field)).join(","));
        out.push('\n');
    }
    out
}

/// The `state` of a line that is no image, but tells what was not read.
const NOT_READ: &str = "not-read";

/// A field that neither ends early nor is taken for a formula.
fn quoted(field: &str) -> String {
    let mut field = clean(field).into_owned();
    if field.starts_with(['=', '+', '-', '@', '\t']) {
        field.insert(0, '\'');
    }
    // In quotes no line begins as a command of a runner does.
    if field.contains([',', '"', '\n', '\r', ' ', ';']) || begins_command(&field) {
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
            ("::error::x", "\"::error::x\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-x,y", "\"'-x,y\""),
            ("\u{1b}[31m\u{202e}", "␛[31m�"),
        ] {
            assert_eq!(super::quoted(field), expected);
        }
    }
}
