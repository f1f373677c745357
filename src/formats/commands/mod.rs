//! Images that commands pull: in scripts, recipes, units and tables of times, and in the scripts of pipelines. Which
//! commands there are is data in `table.rs`; nothing is run.

mod files;
mod jobs;
mod pulls;
mod scripts;
mod table;

pub(super) use files::FORMAT as FILES;
pub(super) use jobs::FORMAT as JOBS;
pub(super) use scripts::{Job, names_tool, nothing, read, read_words};

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("../rows/commands.txt"));
    }
}
