//! Letters that deceive: what is written is not what a reader sees.

use super::{Ask, Fact};
use crate::text::{Origin, Part, Str};

/// Letters of a text that are not shown, or shown as what they are not; several in a row are one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    pub disguise: Disguise,
    pub text: Part,
}

/// How a letter deceives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Disguise {
    /// It turns the direction of the text around it.
    Turns,
    /// It has no width, and no business between the letters that it stands between.
    Hidden,
    /// It ends a line of YAML for the tools of the cluster, and for nobody who looks at the file.
    Breaks,
    /// It makes a key look like another one.
    Resembles { key: Str, other: Str },
}

impl Disguise {
    fn name(&self) -> &'static str {
        match self {
            Disguise::Turns => "turns",
            Disguise::Hidden => "hidden",
            Disguise::Breaks => "breaks",
            Disguise::Resembles { .. } => "resembles",
        }
    }

    fn says(&self) -> Str {
        match self {
            Disguise::Turns => {
                "turns the text around: what is read is in another order than what is shown".into()
            }
            Disguise::Hidden => "is not shown, and is read".into(),
            Disguise::Breaks => "ends the line for Kubernetes, and for nobody who looks at it".into(),
            Disguise::Resembles { key, other } => {
                format!("makes `{key}` another key than `{other}`, as which people read it").into()
            }
        }
    }
}

/// The name of a letter, as Unicode counts it: `U+202E`.
fn code(letter: char) -> String {
    format!("U+{:04X}", letter as u32)
}

impl Ask for Fact<Letter> {
    const ABOUT: &'static str = "letter";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("disguise", "`turns` the text, `hidden`, `breaks` a line of YAML, or `resembles` another letter"),
        ("code", "the first of the letters, as Unicode counts it: `U+202E`"),
        ("does", "what it does to who reads the file, in words"),
        ("letters", "where they stand"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        match name {
            "disguise" => Some(Str::new_static(self.says.disguise.name())),
            "code" => self.says.text.text.chars().next().map(|letter| code(letter).into()),
            "does" => Some(self.says.disguise.says()),
            "letters" => Some(self.says.text.text.clone()),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        (name == "letters").then_some(&self.says.text.origin)
    }
}
