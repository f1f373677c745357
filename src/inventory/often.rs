//! Schedules in one word, for people: what is written may be a line of cron.

/// `daily` for `0 3 * * *`; nothing for what is no line of cron, or not so simple.
pub(super) fn often(schedule: &str) -> Option<&'static str> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    match fields.as_slice() {
        ["@hourly"] => Some("hourly"),
        ["@daily" | "@midnight"] => Some("daily"),
        ["@weekly"] => Some("weekly"),
        ["@monthly"] => Some("monthly"),
        ["@yearly" | "@annually"] => Some("yearly"),
        // CloudNativePG writes the seconds first.
        [_, minute, hour, day, month, weekday] | [minute, hour, day, month, weekday] => {
            cron([minute, hour, day, month, weekday])
        }
        _ => None,
    }
}

fn cron([minute, hour, day, month, weekday]: [&str; 5]) -> Option<&'static str> {
    // Kopia, Jenkins and others write H for a number that they choose.
    let is_one = |field: &str| field == "H" || field.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_every = |field: &str| field == "*" || field == "?";
    match (is_every(day), is_every(weekday)) {
        _ if !is_every(month) => None,
        (true, true) if is_every(hour) && is_one(minute) => Some("hourly"),
        (true, true) if is_every(hour) => Some("several times an hour"),
        (true, true) if is_one(hour) && is_one(minute) => Some("daily"),
        (true, true) => Some("several times a day"),
        (true, false) if is_one(weekday) && is_one(hour) && is_one(minute) => Some("weekly"),
        (false, true) if is_one(day) && is_one(hour) && is_one(minute) => Some("monthly"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::often;

    #[test]
    fn schedules_are_told_in_one_word() {
        for (schedule, expected) in [
            ("0 3 * * *", Some("daily")),
            ("0 0 3 * * *", Some("daily")),
            ("H 4 ? * *", Some("daily")),
            ("@daily", Some("daily")),
            ("15 * * * *", Some("hourly")),
            ("*/5 * * * *", Some("several times an hour")),
            ("0 */6 * * *", Some("several times a day")),
            ("0 1,13 * * *", Some("several times a day")),
            ("0 3 * * 0", Some("weekly")),
            ("0 3 * * SUN", Some("weekly")),
            ("0 3 1 * *", Some("monthly")),
            ("0 3 1 1 *", None),
            ("0 3 1 * 1", None),
            ("0 3 * * 1-5", None),
            ("@every 24h", None),
            ("*-*-* 03:00:00", None),
            ("${SCHEDULE}", None),
            ("", None),
        ] {
            assert_eq!(often(schedule), expected, "{schedule}");
        }
    }
}
