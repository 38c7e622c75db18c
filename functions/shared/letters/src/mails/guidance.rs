//! What the service says in the mails that carry a message of somebody else: a few lines before it,
//! the rest behind it. The message is what people came for, so its first line has to be on the
//! first screen of a telephone.

use domain::{Language, Operator};

use super::footer::about;
use crate::template::{RULE_BELOW, fill};

/// Between the six texts of a template, on a line of its own.
const SEPARATOR: &str = "\n%%\n";

/// Both notices, the account's language first.
pub(super) struct Guidance {
    /// Before the message: a few lines, and one in the other language.
    pub(super) before: [Passage; 2],
    /// Behind it: how to answer, and what the service records.
    pub(super) behind: [Passage; 2],
    /// Who runs the service.
    pub(super) about: String,
}

/// A text in one language, lines ending with `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) language: Language,
    pub(super) text: String,
}

/// The texts of a template, gaps included.
pub(super) struct GuidanceTemplate {
    /// A few lines in Japanese and in English.
    lines: [&'static str; 2],
    /// The same in one line.
    line: [&'static str; 2],
    behind: [&'static str; 2],
}

impl GuidanceTemplate {
    /// Reads the six texts of a file; what is missing is empty.
    pub(super) fn read(file: &'static str) -> Self {
        let mut texts = file.trim_end().split(SEPARATOR);
        let mut both = || [(); 2].map(|()| texts.next().unwrap_or_default());
        Self {
            lines: both(),
            line: both(),
            behind: both(),
        }
    }
}

impl Guidance {
    /// Fills the gaps.
    pub(super) fn new(
        template: &GuidanceTemplate,
        values: &[(&str, &str)],
        language: Language,
        operator: &Operator,
    ) -> Self {
        let passage = |language: Language, texts: [&'static str; 2]| {
            let [japanese, english] = texts;
            let text = match language {
                Language::Japanese => japanese,
                Language::English => english,
            };
            Passage {
                language,
                text: fill(text, values) + "\n",
            }
        };
        let [first, second] = language.first(Language::Japanese, Language::English);
        Self {
            before: [
                passage(first, template.lines),
                passage(second, template.line),
            ],
            behind: [first, second].map(|language| passage(language, template.behind)),
            about: about(operator),
        }
    }

    /// The same, saying first that the message is in a file.
    pub(super) fn naming_the_file(mut self) -> Self {
        for passage in &mut self.before {
            passage.text.push_str(match passage.language {
                Language::Japanese => IN_FILE.japanese,
                Language::English => IN_FILE.english,
            });
            passage.text.push('\n');
        }
        self
    }

    /// What stands before the message in plain text, a rule below it.
    pub(super) fn text_before(&self) -> String {
        let [first, second] = &self.before;
        let rule = RULE_BELOW.trim_start();
        format!("{}{}{rule}", first.text, second.text)
    }

    /// What stands behind the message in plain text, a rule above it.
    pub(super) fn text_behind(&self) -> String {
        let [first, second] = &self.behind;
        format!(
            "{RULE_BELOW}{}\n{}{RULE_BELOW}{}",
            first.text, second.text, self.about
        )
    }
}

/// The name of the file that a whole message goes as.
pub(super) const FILE_NAME: &str = "message.eml";

const IN_FILE: domain::Words = domain::Words::new(
    "メッセージは、変更を加えずに添付ファイル message.eml に収めています。",
    "The message itself is unchanged in the attached file message.eml.",
);
