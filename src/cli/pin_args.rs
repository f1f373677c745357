//! What the options of `pin` may say.

use clap::ValueEnum;

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum PinOutput {
    /// What was moved, held back and left, for people at a terminal
    Table,
    /// The message of a commit
    Markdown,
    /// Everything, in the schema pintle/v1
    Json,
}

/// What `--update` moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Update {
    /// Digests, to what their tags are today
    Digest,
    /// Tags within their first number, such as 1.27.2 to 1.30.0
    Minor,
    /// Tags within their first two numbers, such as 1.27.2 to 1.27.5
    Patch,
}

/// The seconds of `3d`.
pub(super) fn age(text: &str) -> Result<i64, String> {
    let says = || "it is written as a number with h, d or w behind it, such as 3d".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(says)?;
    let unit = match unit {
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err(says()),
    };
    number.parse::<u32>().map(|number| i64::from(number) * unit).map_err(|_| says())
}
