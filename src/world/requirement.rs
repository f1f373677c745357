//! One condition of a selector: what the value of a key has to be.

/// One part of a selector of labels, or of the values of a generator.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    pub(super) key: String,
    /// Nothing asks only whether the key is there.
    pub(super) values: Option<Vec<String>>,
    pub(super) wanted: bool,
}

impl Requirement {
    /// Whether the value that a key has, or has not, is as it is wanted.
    pub(super) fn holds(&self, value: Option<&str>) -> bool {
        let has = match (&self.values, value) {
            (None, value) => value.is_some(),
            (Some(values), Some(value)) => values.iter().any(|wanted| wanted == value),
            (Some(_), None) => false,
        };
        has == self.wanted
    }
}
