//! What a change may do that nobody needs to look at.

use crate::text::nearest;

/// One thing that a change may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Routine {
    /// The same tag with another digest, or with one for the first time.
    ImageDigest,
    ImagePatch,
    ImageMinor,
    /// What is said of patches and minor versions holds without a digest, too.
    UnpinnedImages,
    ChartPatch,
    ChartMinor,
    /// Labels and annotations.
    Labels,
}

impl Routine {
    pub const ALL: [Routine; 7] = [
        Routine::ImageDigest,
        Routine::ImagePatch,
        Routine::ImageMinor,
        Routine::UnpinnedImages,
        Routine::ChartPatch,
        Routine::ChartMinor,
        Routine::Labels,
    ];

    /// What is routine where nobody says so.
    pub const DEFAULT: &[Routine] =
        &[Routine::ImageDigest, Routine::ImagePatch, Routine::ImageMinor, Routine::Labels];

    /// The names, as a configuration has them.
    pub const NAMES: [&str; 7] = [
        "image-digest",
        "image-patch",
        "image-minor",
        "unpinned-images",
        "chart-patch",
        "chart-minor",
        "labels",
    ];

    pub fn parse(text: &str) -> Option<Routine> {
        let at = Routine::NAMES.iter().position(|name| *name == text)?;
        Some(Routine::ALL[at])
    }

    /// Those of a text between commas; else why not.
    pub fn list(text: &str) -> Result<Vec<Routine>, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let read = |name: &str| {
            Routine::parse(name).ok_or_else(|| match nearest(name, &Routine::NAMES) {
                Some(near) => format!("`{name}` is none of them, did you mean `{near}`?"),
                None => format!("`{name}` is none of {}", Routine::NAMES.join(", ")),
            })
        };
        names.map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_name() {
        for (one, name) in Routine::ALL.into_iter().zip(Routine::NAMES) {
            assert_eq!(Routine::parse(name), Some(one));
        }
        assert_eq!(Routine::list("labels, image-patch"), Ok(vec![Routine::Labels, Routine::ImagePatch]));
        assert_eq!(Routine::list(""), Ok(Vec::new()));
        let wrong = Routine::list("image-pach").unwrap_err();
        assert_eq!(wrong, "`image-pach` is none of them, did you mean `image-patch`?");
    }
}
