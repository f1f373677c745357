//! How random a text looks: bits per character, kinds of characters, and whether its letters could be a language.

/// Shannon's entropy in bits per byte.
pub fn bits(text: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    text.iter().for_each(|&byte| counts[byte as usize] += 1);
    let total = text.len() as f32;
    counts.iter().filter(|&&count| count > 0).map(|&count| count as f32 / total).map(|p| -p * p.log2()).sum()
}

/// How many kinds of characters there are: small letters, capitals, digits, others.
pub(super) fn kinds(text: &str) -> usize {
    let has = |kind: fn(&u8) -> bool| usize::from(text.as_bytes().iter().any(kind));
    has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(|byte| !byte.is_ascii_alphanumeric())
}

/// How often the kind of character changes from one to the next: at every second step or more in what a generator draws.
pub(super) fn turns(text: &str) -> usize {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    text.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count()
}

/// The share of neighbouring letters that are neighbours in English and in the names of programs: about 0.25 for
/// random letters, above 0.6 for words. Texts with fewer than four such pairs are not judged.
pub(super) fn naturalness(text: &str) -> Option<f32> {
    let (mut pairs, mut common) = (0, 0);
    for pair in text.as_bytes().windows(2) {
        let (a, b) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
        if a.is_ascii_lowercase() && b.is_ascii_lowercase() {
            pairs += 1;
            common += usize::from(COMMON[(a - b'a') as usize] >> (b - b'a') & 1 == 1);
        }
    }
    (pairs >= 4).then(|| common as f32 / pairs as f32)
}

/// Whether a text reads like a name somebody gave: words of a language, put together with dashes, dots and the like.
pub(super) fn is_words(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    letters >= 3
        && digits * 5 <= value.len()
        && value.split(|c: char| !c.is_ascii_alphanumeric()).all(|word| {
            let turns = word
                .as_bytes()
                .windows(2)
                .filter(|pair| pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase())
                .count();
            turns * 3 <= word.len()
                && !(word.len() > 3
                    && word.bytes().any(|b| b.is_ascii_digit())
                    && word.bytes().any(|b| b.is_ascii_uppercase())
                    && word.bytes().any(|b| b.is_ascii_lowercase()))
        })
        && naturalness(value).is_none_or(|natural| natural >= 0.62)
}

/// For each letter, the letters that often follow it.
const FOLLOWERS: [&str; 26] = [
    "bcdgilmnprstuvxy",
    "aeilorsuy",
    "acehiklortuy",
    "aeiorsuy",
    "acdeflmnprstvwxy",
    "aefiloru",
    "aehilnoru",
    "aeiortuy",
    "abcdefglmnoprstvz",
    "aeou",
    "aeilnsuy",
    "adefiklmostuvy",
    "abeimopsuy",
    "acdefgijkostuvy",
    "abcdfgklmnoprstuvw",
    "aehiloprstuy",
    "u",
    "acdegiklmnorstuvy",
    "acehiklmnopqstuw",
    "aehiloprstuwy",
    "abcdegilmnprst",
    "aeioy",
    "aehinors",
    "acepit",
    "aelmops",
    "aeioz",
];

const COMMON: [u32; 26] = {
    let mut table = [0; 26];
    let mut letter = 0;
    while letter < 26 {
        let followers = FOLLOWERS[letter].as_bytes();
        let mut at = 0;
        while at < followers.len() {
            table[letter] |= 1 << (followers[at] - b'a');
            at += 1;
        }
        letter += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::recipe::expand;

    #[test]
    fn random_texts_and_words_stand_apart() {
        assert_eq!(bits(b"aaaa"), 0.0);
        assert_eq!(bits(b"abcd"), 2.0);
        assert_eq!(kinds("aB1-"), 4);
        for words in ["production-database-credentials", "letsencrypt", "external-dns-webhook", "registry"] {
            assert!(naturalness(words) > Some(0.68), "{words} {:?}", naturalness(words));
        }
        let mean = (0..200).filter_map(|seed| naturalness(&expand("{lower*40}", seed))).sum::<f32>() / 200.0;
        assert!((0.25..0.5).contains(&mean), "{mean}");
        assert_eq!(naturalness("a1b2c3"), None);
    }
}
