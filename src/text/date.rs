//! A day of the calendar, for things that expire. The clock itself belongs to the edge.

/// Year, month, day; ordered by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Date {
    /// Reads `2026-11-20`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        let date = Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let leap =
            date.year.is_multiple_of(4) && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400));
        let days = match date.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&date.day).then_some(date)
    }

    /// How many days lie between the first of January 1970 and this one.
    #[cfg(feature = "cli")]
    fn days(self) -> i64 {
        // The year begins in March, so that leap days come last.
        let year = i64::from(self.year) - i64::from(self.month < 3);
        let month_index = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month_index + 2) / 5 + i64::from(self.day) - 1;
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The day that lies `days` after the first of January 1970 (in the proleptic Gregorian calendar).
    pub fn from_days(days: i64) -> Date {
        // Count from the first of March of the year 0, so that leap days come last.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_index + 2) / 5 + 1;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date { year: year as u16, month: month as u8, day: day as u8 }
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The second since the beginning of 1970 that a text names in the way of RFC 3339: `2026-11-20T10:11:12.5+02:00`.
#[cfg(feature = "cli")]
pub fn seconds(text: &str) -> Option<i64> {
    let (day, rest) = text.split_once(['T', 't', ' '])?;
    let day = Date::parse(day)?.days();
    let end = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(end);
    let clock = |text: &str| {
        let numbers: Option<Vec<i64>> = text
            .split(':')
            .map(|part| {
                part.parse().ok().filter(|_| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            })
            .collect();
        numbers.filter(|numbers| numbers[0] < 24 && numbers[1..].iter().all(|number| *number <= 60))
    };
    let time = clock(time.split('.').next()?).filter(|time| time.len() == 3)?;
    let ahead = match zone.as_bytes().first()? {
        b'Z' | b'z' if zone.len() == 1 => 0,
        b'Z' | b'z' => return None,
        sign => {
            let offset = clock(&zone[1..]).filter(|offset| offset.len() == 2)?;
            let seconds = offset[0] * 3_600 + offset[1] * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
    };
    Some(day * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2] - ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "cli")]
    #[test]
    fn moments_are_seconds() {
        for (text, second) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-01-01T00:00:00Z", Some(946_684_800)),
            ("2024-02-29T12:30:15.123456789Z", Some(1_709_209_815)),
            ("2024-02-29T12:30:15+02:00", Some(1_709_202_615)),
            ("2024-02-29T12:30:15-05:30", Some(1_709_229_615)),
            ("0001-01-01T00:00:00Z", Some(-62_135_596_800)),
            ("2024-02-29", None),
            ("2024-02-29T12:30Z", None),
            ("2024-02-30T12:30:15Z", None),
            ("2024-02-29T25:30:15Z", None),
            ("2024-02-29T12:30:15", None),
            ("2024-02-29T12:30:15Zx", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), second, "{text}");
        }
    }

    #[test]
    fn days_become_dates_and_wrong_dates_do_not() {
        for (days, text) in
            [(0, "1970-01-01"), (19_782, "2024-02-29"), (20_777, "2026-11-20"), (-1, "1969-12-31")]
        {
            assert_eq!(Date::from_days(days).to_string(), text);
            assert_eq!(Date::parse(text), Some(Date::from_days(days)));
        }
        #[cfg(feature = "cli")]
        for days in [-719_468, -1, 0, 58, 59, 60, 11_016, 19_782, 20_777, 2_932_896] {
            assert_eq!(Date::from_days(days).days(), days);
        }
        for wrong in ["2026-02-29", "2026-13-01", "2026-1-1", "tomorrow", "2026-01-01-01", "2026-00-10"] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }
}
