//! Random bits that open something: whoever has them may, and nobody else.

/// A text that is no secret of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token has 26 letters a-z or digits 2-7")]
pub struct TokenError;

const BASE_32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// 128 bits in groups of five.
const LENGTH: usize = 26;

/// As letters and digits of base 32 (RFC 4648, lower case).
pub(crate) fn spell(bits: u128) -> String {
    let letter = |place: usize| {
        let group = (bits >> (5 * place)) & 31;
        usize::try_from(group)
            .ok()
            .and_then(|index| BASE_32.get(index))
            .map_or('a', |byte| char::from(*byte))
    };
    (0..LENGTH).rev().map(letter).collect()
}

/// The letters and digits in lower case.
pub(crate) fn read(text: &str) -> Result<String, TokenError> {
    let text = text.to_ascii_lowercase();
    if text.len() == LENGTH && text.bytes().all(|byte| BASE_32.contains(&byte)) {
        Ok(text)
    } else {
        Err(TokenError)
    }
}

/// A type of such bits. Logs show that there are some, not which.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Of 128 random bits.
            #[must_use]
            pub fn new(bits: u128) -> Self {
                Self($crate::secret::spell(bits))
            }

            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::TokenError;

            /// Reads upper and lower case.
            fn from_str(text: &str) -> Result<Self, $crate::TokenError> {
                $crate::secret::read(text).map(Self)
            }
        }
    };
}

pub(crate) use secret;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AnswerToken, SummaryToken, ThreadKey};

    #[test]
    fn every_token_reads_back_and_different_bits_are_different_tokens() {
        let tokens = [0, 1, u128::MAX, 1 << 127].map(AnswerToken::new);
        for token in &tokens {
            assert_eq!(token.as_str().to_uppercase().parse().as_ref(), Ok(token));
            assert_eq!(format!("{token:?}"), "AnswerToken(..)");
        }
        let different: std::collections::BTreeSet<_> = tokens.iter().collect();
        assert_eq!(different.len(), tokens.len());
        assert_eq!("".parse::<AnswerToken>(), Err(TokenError));
    }

    #[test]
    fn no_secret_is_written_into_logs() {
        assert_eq!(format!("{:?}", ThreadKey::new(7)), "ThreadKey(..)");
        assert_eq!(format!("{:?}", SummaryToken::new(7)), "SummaryToken(..)");
    }
}
