//! What the scopes of a chart hold, as JSON: the same that `dump.tpl` prints where helm executes it.

use pintle::testing::Node;
use pintle::testing::world::helm::{Prepared, ScopeId};
use pintle::testing::world::typed;
use serde_json::{Map, Value, json};

/// One chart of the tree, with the charts in it.
pub(crate) fn scope(prepared: &Prepared, id: ScopeId) -> Value {
    let own = &prepared.scopes[id.0 as usize];
    let charts = own.charts.iter().map(|(name, inner)| (name.to_string(), scope(prepared, *inner)));
    let mut files: Vec<&str> = own.files.iter().map(|file| file.name.as_str()).collect();
    files.sort_unstable();
    json!({
        "values": plain(&own.values),
        "charts": charts.collect::<Map<String, Value>>(),
        "files": files,
        "chart": fields(&own.chart),
    })
}

/// Values as helm has them: all numbers alike.
pub(crate) fn plain(node: &Node) -> Value {
    even(typed::json(node))
}

/// What imports are is not printed.
fn fields(chart: &Node) -> Value {
    let mut fields = plain(chart);
    for dependency in fields["Dependencies"].as_array_mut().into_iter().flatten() {
        dependency.as_object_mut().map(|dependency| dependency.shift_remove("ImportValues"));
    }
    fields
}

/// Numbers of one kind, and nothing for what is empty: Go tells no empty list from none.
pub(crate) fn even(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.into_iter().map(even).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, even(value))).collect(),
        other => other,
    }
}
