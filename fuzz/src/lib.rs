//! The properties that the tests hold too, as fuzz targets call them.

#[path = "../../tests/properties/hold/mod.rs"]
mod properties;

pub use properties::hold;
