//! What stands at the end of each mail: who runs the service, and how to reach them.

use domain::Operator;
use domain::glossary::{CONTACT, OPERATOR, PRIVACY};

use crate::template::RULE_BELOW;

/// The last lines of a mail, in both languages at once, below a rule.
pub(super) fn footer(operator: &Operator) -> String {
    format!("{RULE_BELOW}{}", about(operator))
}

/// The same without the rule.
pub(super) fn about(operator: &Operator) -> String {
    let contact = operator.contact.as_ref().map(|line| (CONTACT, line));
    let privacy = operator.privacy.as_ref().map(|line| (PRIVACY, line));
    let others = [contact, privacy].into_iter().flatten();
    let others: String = others
        .map(|(label, line)| format!("{label}: {line}\n"))
        .collect();
    format!("{OPERATOR}: {}\n{others}", operator.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footer_says_what_is_known_of_the_operator_and_nothing_else() {
        let mut operator = Operator::named("Example Ltd");
        let bare = format!("{RULE_BELOW}運営者 / Operator: Example Ltd\n");
        assert_eq!(footer(&operator), bare);
        operator.contact = Some("03-1234-5678".parse().unwrap());
        operator.privacy = Some("https://example.jp/privacy".parse().unwrap());
        let whole = footer(&operator);
        let said = whole.strip_prefix(&bare);
        assert_eq!(
            said,
            Some(
                "お問い合わせ / Contact: 03-1234-5678\n\
                 個人情報の取扱い / Privacy: https://example.jp/privacy\n"
            )
        );
    }
}
