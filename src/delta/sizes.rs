//! Quantities of Kubernetes: which of two is larger.

use std::cmp::Ordering;

/// Whether two texts are the same quantity in other words: `2Gi` and `2048Mi`.
pub(super) fn are_equal(one: &str, other: &str) -> bool {
    compare(one, other) == Some(Ordering::Equal)
}

/// Which of two quantities is larger; nothing if one is none.
pub(super) fn compare(one: &str, other: &str) -> Option<Ordering> {
    Some(read(one)?.total_cmp(&read(other)?))
}

fn read(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("u", 1e-6),
        ("", 1.0),
    ];
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_compared_by_what_they_mean() {
        for (one, other, expected) in [
            ("2Gi", "2048Mi", Some(Ordering::Equal)),
            ("2Ti", "2000Gi", Some(Ordering::Greater)),
            ("500m", "0.5", Some(Ordering::Equal)),
            ("1G", "1Gi", Some(Ordering::Less)),
            ("10", "9", Some(Ordering::Greater)),
            ("${SIZE}", "1Gi", None),
            ("1 Gi", "1Gi", None),
        ] {
            assert_eq!(compare(one, other), expected, "{one} {other}");
        }
    }
}
