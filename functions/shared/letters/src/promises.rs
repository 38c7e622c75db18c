//! What no word of the service may say, for the tests of all of them.

/// Panics where a text promises an effect in law.
pub(crate) fn check(text: &str) {
    for promise in [
        "legally valid",
        "qualified",
        "法的効力",
        "法的に有効",
        "適格",
    ] {
        assert!(!text.to_lowercase().contains(promise), "{promise}: {text}");
    }
}
