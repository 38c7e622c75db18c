//! Which characters a rarely needed font is for. A font is parsed when a text holds one of its
//! characters that no other font covers, so that a Japanese mail does not wait for Hangul.

/// A group of characters with a font of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Chinese characters that Japanese does not use, simplified and traditional.
    Han,
    /// Korean.
    Hangul,
    /// Arabic, with the letters of Persian, Urdu and others.
    Arabic,
    /// Hebrew.
    Hebrew,
    /// Thai.
    Thai,
    /// Emoji, in black and white.
    Emoji,
    /// Other signs.
    Symbols,
}

impl Script {
    /// Whether the font of this script is asked for a character.
    pub(crate) fn holds(self, character: char) -> bool {
        match self {
            Self::Han => matches!(character,
                '\u{2E80}'..='\u{2FDF}' | '\u{3000}'..='\u{312F}' | '\u{31A0}'..='\u{31EF}'
                | '\u{3200}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
                | '\u{FE10}'..='\u{FE6F}' | '\u{FF00}'..='\u{FFEF}'
                | '\u{20000}'..='\u{323AF}'),
            Self::Hangul => matches!(character,
                '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}'
                | '\u{AC00}'..='\u{D7FF}'),
            Self::Arabic => matches!(character,
                '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' | '\u{0870}'..='\u{08FF}'
                | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10EC0}'..='\u{10EFF}'
                | '\u{1EE00}'..='\u{1EEFF}'),
            Self::Hebrew => matches!(character,
                '\u{0590}'..='\u{05FF}' | '\u{FB1D}'..='\u{FB4F}'),
            Self::Thai => matches!(character, '\u{0E00}'..='\u{0E7F}'),
            Self::Emoji => is_sign(character) || matches!(character, '\u{1F300}'..='\u{1FAFF}'),
            Self::Symbols => is_sign(character) || matches!(character, '\u{1F780}'..='\u{1F8FF}'),
        }
    }
}

/// Signs of which some are emoji. Emoji are asked first, then the other signs.
pub(crate) fn is_sign(character: char) -> bool {
    matches!(character,
        '\u{00A9}' | '\u{00AE}' | '\u{2000}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}'
        | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1F2FF}')
}
