//! Credentials that somebody else gives out: tokens of services, passwords of accounts elsewhere. Nobody makes them up, so
//! letters that were hit at random are a gap.

/// Services whose accounts are not the repository's own.
#[rustfmt::skip]
const ELSEWHERE: [&str; 38] = [
    "icloud", "gmail", "googlemail", "outlook", "hotmail", "office365", "yahoo", "gmx", "proton", "protonmail", "fastmail", "mailgun",
    "sendgrid", "mailjet", "mailersend", "brevo", "sendinblue", "postmark", "mailtrap", "dropbox", "dockerhub", "plex", "spotify",
    "netflix", "steam", "trakt", "opensubtitles", "nordvpn", "expressvpn", "surfshark", "mullvad", "noip", "dyndns", "duckdns",
    "namecheap", "godaddy", "backblaze", "paypal",
];

/// Whether the words of a name are those of a credential that somebody else gives out.
pub(super) fn is_given_out(words: &[String]) -> bool {
    #[rustfmt::skip]
    const OWN: [&str; 14] = [
        "admin", "root", "auth", "shared", "internal", "bootstrap", "init", "registration", "session", "join", "cluster",
        "agent", "server", "master",
    ];
    const KEYS: [&str; 5] = ["api", "enroll", "enrollment", "license", "licence"];
    let [before @ .., last] = words else { return true };
    let is_given_out = last.ends_with("token")
        || matches!(
            last.as_str(),
            "apikey" | "authkey" | "preauthkey" | "pat" | "webhook" | "licensekey" | "enrollkey"
        )
        || last == "key" && before.last().is_some_and(|before| KEYS.contains(&before.as_str()));
    is_given_out && !words.iter().any(|word| OWN.contains(&word.as_str()))
}

/// Whether a name is that of the key with which machines enter a network of others: never what it is called.
pub(super) fn is_key_of_network(words: &[String]) -> bool {
    words.last().is_some_and(|last| matches!(last.as_str(), "authkey" | "preauthkey"))
}

/// Whether a name says that it is for an account elsewhere, whose password the repository can only hold: not one for a database
/// of what works with such accounts.
pub(super) fn is_of_account(words: &[String]) -> bool {
    #[rustfmt::skip]
    const OWN: [&str; 10] =
        ["database", "db", "postgres", "postgresql", "mysql", "mariadb", "redis", "admin", "root", "bridge"];
    words.iter().any(|word| ELSEWHERE.contains(&word.as_str()))
        && !words.iter().any(|word| OWN.contains(&word.as_str()))
}

/// Whether nobody can have got a value that is called so: letters that were hit at random, or a pattern.
pub(super) fn is_gap(words: &[String], value: &str) -> bool {
    (is_given_out(words) || is_of_account(words)) && (is_mashed(value) || super::value::is_monotonous(value))
}

/// A shorter text has few letters anyway.
const LEAST_MASHED: usize = 8;
/// So many letters are within reach of fingers that stay where they are.
const WITHIN_REACH: u32 = 10;
/// Words of languages have more neighbours that are common in them, whatever letters they have.
const LEAST_NATURAL: f32 = 0.55;

/// Whether letters were hit at random: the same few again and again, in no language.
pub(super) fn is_mashed(value: &str) -> bool {
    let mut letters = 0u32;
    if value.len() < LEAST_MASHED || !value.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    value.bytes().for_each(|byte| letters |= 1 << (byte - b'a'));
    // Some of those that are next to each other are common neighbours, too.
    let is_of_row = super::value::ROWS.iter().any(|row| value.bytes().all(|byte| row.contains(&byte)));
    let different = letters.count_ones();
    different <= WITHIN_REACH
        && different as usize * 2 <= value.len()
        && (is_of_row || super::entropy::naturalness(value).is_some_and(|natural| natural < LEAST_NATURAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::name_words;

    #[test]
    fn letters_that_were_hit_at_random_are_told_from_words() {
        for value in ["dsadsadfdsfdssa", "gfddfgdfggfdfdgfgd", "ofhgohfgo", "ogfkogfkofgkogfh", "jghjghjghgj"]
        {
            assert!(is_mashed(value), "{value}");
        }
        for value in ["mississippi", "couscous", "banana", "tartarus", "kxqzjwvbnm", "kestrel", "aaa"] {
            assert!(!is_mashed(value), "{value}");
        }
    }

    #[test]
    fn names_say_who_gives_it_out() {
        for (name, is_given, is_elsewhere) in [
            ("PLEX_TOKEN", true, true),
            ("crowdsec_enroll_key", true, false),
            ("kestrelApiKey", true, false),
            ("LICENSE_KEY", true, false),
            ("authentik_bootstrap_token", false, false),
            ("ADMIN_TOKEN", false, false),
            ("icloud_password", false, true),
            ("smtp_gmail_password", false, true),
            ("smtp_password", false, false),
            ("steam_bridge_password", false, false),
            ("plex_database_password", false, false),
            ("encryption_key", false, false),
        ] {
            let words = name_words(name);
            assert_eq!((is_given_out(&words), is_of_account(&words)), (is_given, is_elsewhere), "{name}");
        }
    }
}
