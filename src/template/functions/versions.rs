//! Functions over versions.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::place::{Place, Places};
use crate::template::rope::Text;
use crate::template::semver::{Version, satisfies};
use crate::template::stop::Stop;
use crate::template::value::{Given, Methods, Object, Value};
use crate::text::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

pub const FUNCTIONS: &[Function] = &[("semver", Is(1), semver), ("semverCompare", Is(2), compare)];

fn compare(call: &Call) -> Given {
    call.guess(1);
    match satisfies(call.text(0)?.as_str(), call.text(1)?.as_str()) {
        Ok(holds) => Ok(Value::bool(holds)),
        // Nobody knows whether a version that is not known is in a range; most ranges ask for what is old.
        Err(_) if call.item(1).unknown(call.places()).is_some() => Ok(Value::bool(true)),
        Err(wrong) => Stop::refused(wrong.to_string()),
    }
}

fn semver(call: &Call) -> Given {
    let text = call.text(0)?;
    match Version::parse(text.as_str()) {
        Ok(version) => Ok(object(&text, version, call.place(0))),
        Err(wrong) => Stop::refused(wrong.to_string()),
    }
}

fn object(text: &Text, version: Version, place: Place) -> Value {
    let number = |number: u64| Value::int64(number as i64);
    let made = |text: &str| Value::Text(Text::new(text, place));
    let fields = BTreeMap::from([
        (Str::from("Major"), number(version.major)),
        (Str::from("Minor"), number(version.minor)),
        (Str::from("Patch"), number(version.patch)),
        (Str::from("Prerelease"), made(&version.prerelease)),
        (Str::from("Metadata"), made(&version.build)),
        (Str::from("Original"), Value::Text(text.clone())),
        (Str::from("String"), made(&version.to_string())),
    ]);
    let plain = made(&version.to_string());
    let methods: Option<Rc<dyn Methods>> = Some(Rc::new(Comparing(version)));
    Value::Object(Rc::new(Object::new("*semver.Version", fields).with(plain, methods)))
}

#[derive(Debug)]
struct Comparing(Version);

impl Methods for Comparing {
    fn call(&self, name: &str, arguments: &[Value], _: &Places) -> Option<Given> {
        let [Value::Object(other)] = arguments else { return None };
        let other = Version::parse(other.fields.get("Original")?.as_text()?.as_str()).ok()?;
        let order = self.0.precedence(&other);
        Some(Ok(match name {
            "Compare" => Value::int(order as i64),
            "LessThan" => Value::bool(order.is_lt()),
            "GreaterThan" => Value::bool(order.is_gt()),
            "Equal" => Value::bool(order.is_eq()),
            _ => return None,
        }))
    }
}
