//! Both inventories as Markdown tables. What a repository says is never markup.

use super::Look;
use crate::emit::gaps::lines;
use crate::emit::markdown::escape;
use crate::emit::{count, grouped};
use crate::inventory::{BackupRow, DatabaseRow, Gap, Ground, ImageRow, ImageStock, StorageStock, VolumeRow};
use std::borrow::Cow;
use std::fmt::Write;

pub(super) fn images(stock: &ImageStock, _: &Look) -> String {
    let mut out = format!("## {}\n", count(stock.rows.len(), "image"));
    if !stock.rows.is_empty() {
        out.push_str("\n| image | pin | where | used by |\n|---|---|---|---|\n");
    }
    for row in &stock.rows {
        let others = if row.also.is_empty() { String::new() } else { format!(" +{}", row.also.len()) };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {}{others} | {} |",
            code(&row.reference),
            row.reason().map_or(row.word().to_owned(), |why| format!("{}: {}", row.word(), escape(why))),
            code(&row.place.to_string()),
            users(row),
        );
    }
    if stock.unread > 0 {
        let _ = writeln!(out, "\n{} could not be read.", count(stock.unread, "more reference"));
    }
    gaps(&mut out, &stock.gaps);
    out
}

/// What was not read.
fn gaps(out: &mut String, gaps: &[Gap]) {
    if !gaps.is_empty() {
        let _ = writeln!(out, "\n## Not all was read\n");
    }
    for line in lines(gaps) {
        let _ = writeln!(out, "- {}", escape(&line));
    }
}

/// Who runs it. Beside what runs nobody looks for what does not.
fn users(row: &ImageRow) -> String {
    let shown = row.objects.iter().filter(|one| one.delivered == row.delivered && !one.object.is_empty());
    let mut names: Vec<String> = shown.map(|one| escape(&one.object)).collect();
    names.dedup();
    if !row.delivered {
        names.push("(not delivered)".to_owned());
    }
    names.join("<br>")
}

pub(super) fn storage(stock: &StorageStock, _: &Look) -> String {
    let mut out = format!("## {}\n", count(stock.databases.len(), "database"));
    if !stock.databases.is_empty() {
        out.push_str("\n| engine | database | class | kind | instances | backup | where |\n");
        out.push_str("|---|---|---|---|---|---|---|\n");
    }
    for row in &stock.databases {
        let major = row.major.map_or(String::new(), |major| format!(" {major}"));
        let what = if row.what.is_empty() { String::new() } else { format!(" ({})", escape(&row.what)) };
        let _ = writeln!(
            out,
            "| {}{major} | {}{what} | {} | {} | {} | {} |",
            escape(&row.engine),
            escape(&row.who),
            lies_on(row),
            row.instances.as_deref().map_or(String::new(), escape),
            backup(row.backup, &row.backups),
            spot(&row.ground),
        );
    }
    let _ = writeln!(out, "\n## {}", count(stock.claims.len(), "claim"));
    if !stock.claims.is_empty() {
        out.push_str(
            "\n| claim | class | kind | size | backup | used by | where |\n|---|---|---|---|---|---|---|\n",
        );
    }
    for row in &stock.claims {
        let _ = writeln!(
            out,
            "| {} ({}) | {} | {} | {} | {} | {} |",
            escape(&row.owner),
            escape(&row.name),
            ground(&row.ground),
            row.size.as_deref().map_or(String::new(), escape),
            BackupRow::kinds(&row.backups),
            row.used_by.iter().map(|user| escape(user)).collect::<Vec<_>>().join("<br>"),
            spot(&row.ground),
        );
    }
    volumes(&mut out, stock);
    untold(&mut out, stock);
    gaps(&mut out, &stock.gaps);
    out
}

/// What may hold data and is no claim.
fn volumes(out: &mut String, stock: &StorageStock) {
    let rows: Vec<&VolumeRow> = stock.volumes.iter().filter(|row| row.keeps == "data").collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n## {}\n", count(rows.len(), "volume"));
    out.push_str("| volume | is | kind | claim | used by | where |\n|---|---|---|---|---|---|\n");
    for row in rows {
        let all = |names: &[String]| names.iter().map(|name| escape(name)).collect::<Vec<_>>().join("<br>");
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            escape(&row.title()),
            row.kind,
            row.ground.standing,
            all(&row.claims),
            all(&row.used_by),
            spot(&row.ground),
        );
    }
}

fn untold(out: &mut String, stock: &StorageStock) {
    for (at, one) in stock.not_understood().enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\n## {} not understood\n", grouped(stock.not_understood().count()));
        }
        let (whose, place) = (escape(&one.whose), code(&one.place.to_string()));
        let _ = writeln!(out, "- {whose}: {} ({place})", escape(&one.reason));
    }
}

/// What a database is on, and how that stands: two columns.
fn lies_on(row: &DatabaseRow) -> String {
    match &row.on {
        Some(on) => format!("{} | {}", escape(&on.says()), row.ground.standing),
        None => ground(&row.ground),
    }
}

/// The kinds of copies, or that there are none, or that nobody knows.
fn backup<'a>(told: &'a str, backups: &[BackupRow]) -> Cow<'a, str> {
    if backups.is_empty() { Cow::Borrowed(told) } else { Cow::Owned(BackupRow::kinds(backups)) }
}

/// The class and what it is: two columns.
fn ground(ground: &Ground) -> String {
    let class = ground.class.as_deref().map_or(String::new(), escape);
    let said = match ground.decided {
        "named" => class,
        "omitted" if class.is_empty() => "none written".into(),
        "omitted" => format!("{class} (default)"),
        "nowhere" => "no claim known".into(),
        _ => format!("{class} ({})", escape(ground.reason.as_deref().unwrap_or("unknown"))),
    };
    format!("{said} | {}", ground.standing)
}

fn spot(ground: &Ground) -> String {
    match &ground.cluster {
        _ if !ground.delivered => format!("{}, not delivered", code(&ground.place.to_string())),
        Some(cluster) => format!("{} in {}", code(&ground.place.to_string()), escape(cluster)),
        None => code(&ground.place.to_string()),
    }
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}
