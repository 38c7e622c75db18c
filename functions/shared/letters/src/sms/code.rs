//! The SMS with a one-time code.

use crate::template::fill;

/// The SMS with a one-time code, one part.
#[must_use]
pub fn code_sms(code: &str) -> String {
    fill(CODE, &[("code", code)])
}

const CODE: &str = "確認コード / Code: {code}\n他人に教えないでください。Do not share it.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::measure;

    #[test]
    fn a_code_is_sent_in_one_part_p_037() {
        let text = code_sms("123456");
        assert!(
            text.contains("123456") && measure(&text).parts == 1,
            "{text}"
        );
    }
}
