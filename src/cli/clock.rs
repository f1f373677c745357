//! The day and the second, as the rest of the command line counts them.

use super::door;
use crate::text::Date;
use std::time::SystemTime;

pub(super) fn today() -> Option<Date> {
    Some(Date::from_days(now()? / 86_400))
}

/// The seconds since the beginning of 1970.
pub(super) fn now() -> Option<i64> {
    let since = door::today().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
