//! Whom the reader of a certificate trusts.

use pades::Certificate;

/// Begins the part of a text of roots that count for signers only.
const SIGNERS: &str = "# signers";
/// Begins the part of a text of roots that count for timestamp authorities only.
const TIMESTAMPS: &str = "# timestamps";

/// Roots that the reader trusts. None are built in: who checks a certificate must know from
/// elsewhere which roots to expect.
///
/// A root of a public timestamp authority may stand above many other certificates too; it should
/// count for timestamps only, so that none of those others can sign certificates.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub(crate) signers: Vec<Certificate>,
    pub(crate) timestamps: Vec<Certificate>,
}

impl Trust {
    /// Roots for each purpose.
    #[must_use]
    pub fn new(signers: Vec<Certificate>, timestamps: Vec<Certificate>) -> Self {
        Self {
            signers,
            timestamps,
        }
    }

    /// Reads roots from PEM. A line `# signers` or `# timestamps` says what the roots below it
    /// count for; those above the first such line count for both.
    ///
    /// # Errors
    /// When a block is no certificate, or there is none at all.
    pub fn from_pem(text: &str) -> Result<Self, pades::Error> {
        let mut parts = [(true, true, String::new())].to_vec();
        for line in text.lines() {
            match line.trim() {
                SIGNERS => parts.push((true, false, String::new())),
                TIMESTAMPS => parts.push((false, true, String::new())),
                _ => {}
            }
            if let Some((_, _, part)) = parts.last_mut() {
                part.push_str(line);
                part.push('\n');
            }
        }
        let mut trust = Self::default();
        let is_empty = |part: &str| !part.contains("-----BEGIN");
        if parts.iter().all(|(_, _, part)| is_empty(part)) {
            Certificate::all_from_pem(text)?;
        }
        for (signs, stamps, part) in parts.iter().filter(|(_, _, part)| !is_empty(part)) {
            let roots = Certificate::all_from_pem(part)?;
            if *signs {
                trust.signers.extend(roots.iter().cloned());
            }
            if *stamps {
                trust.timestamps.extend(roots);
            }
        }
        Ok(trust)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pades::testing::{TestAuthority, TestKey, to_pem};

    fn root(name: &str, seed: u8) -> (Certificate, String) {
        let root = TestAuthority::root(name, TestKey::p256(seed));
        (root.certificate(), to_pem(root.certificate_der()))
    }

    #[test]
    fn a_root_counts_for_what_its_part_of_the_text_says() {
        let [(both, a), (signer, b), (clock, c)] =
            [root("Both", 1), root("Signer", 2), root("Clock", 3)];
        let text = format!("{a}\n# timestamps\n{c}# signers\r\n{b}");
        let trust = Trust::from_pem(&text).unwrap();
        assert_eq!(trust.signers, [both.clone(), signer]);
        assert_eq!(trust.timestamps, [both, clock]);
    }

    #[test]
    fn a_text_without_a_whole_certificate_is_refused() {
        let (_, pem) = root("Cut", 1);
        for text in ["", "# signers\n", &pem[..pem.len() / 2]] {
            assert!(Trust::from_pem(text).is_err(), "{text:?}");
        }
    }
}
