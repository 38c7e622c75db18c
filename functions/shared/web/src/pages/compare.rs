//! The page whose address stands on each certificate: its holder compares the file with what was
//! issued. Nothing is uploaded: the digest of the file is enough.

use domain::times::in_utc;
use domain::{Language, Serial, Words, glossary};
use letters::links::check_path;
use maud::{Markup, html};
use workflow::certify::compare_certificate::Compared;

use super::{Frame, inline, paragraph};

/// What the page answers to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// A visit.
    Start,
    /// What was sent is not a digest.
    NotADigest,
    /// A digest.
    Compared(Compared),
}

/// The page.
pub(crate) fn page(frame: &Frame<'_>, serial: &Serial, stage: Stage) -> Markup {
    let language = frame.language;
    let content = html! {
        dl {
            dt { (inline(language, glossary::SERIAL)) }
            dd { (serial) }
        }
        @match stage {
            Stage::Start => {}
            Stage::NotADigest => (paragraph(language, NOT_A_DIGEST)),
            Stage::Compared(compared) => (result(language, compared)),
        }
        form method="post" action=(check_path(serial)) {
            label for="digest" { (inline(language, DIGEST)) }
            input id="digest" name="digest" type="text" required autocomplete="off"
                spellcheck="false" autocapitalize="none" maxlength="200";
            button type="submit" { (inline(language, COMPARE)) }
        }
        (paragraph(language, HOW))
        ul {
            li { "Windows: " code { "certutil -hashfile " (serial) ".pdf SHA256" } }
            li { "macOS: " code { "shasum -a 256 " (serial) ".pdf" } }
            li { "Linux: " code { "sha256sum " (serial) ".pdf" } }
        }
        (paragraph(language, WITHOUT_US))
    };
    frame.page(TITLE, &content)
}

fn result(language: Language, compared: Compared) -> Markup {
    let (words, timestamped_at, signer) = match compared {
        Compared::Issued {
            timestamped_at,
            signer,
        } => (ISSUED, Some(timestamped_at), signer),
        Compared::Renewed {
            timestamped_at,
            signer,
        } => (RENEWED, Some(timestamped_at), signer),
        Compared::Another => (ANOTHER, None, None),
    };
    html! {
        section.result role="status" {
            (paragraph(language, words))
            @if let Some(at) = timestamped_at {
                dl {
                    dt { (inline(language, TIMESTAMPED)) }
                    dd { time datetime=(at) { (in_utc(at)) } }
                    @if let Some(signer) = signer {
                        dt { (inline(language, SIGNER)) }
                        dd { code { (signer) } }
                    }
                }
            }
        }
    }
}

const TITLE: Words = Words::new("証明書の照合", "Compare a certificate");
const DIGEST: Words = Words::new(
    "お手元のファイルのSHA-256（16進数64桁）",
    "SHA-256 of your file (64 hexadecimal digits)",
);
const COMPARE: Words = Words::new("照合する", "Compare");
const HOW: Words = Words::new(
    "SHA-256は、お使いのコンピューターで次のように計算できます。ファイルは送信されません。",
    "Your computer computes the SHA-256 as follows. The file itself is not sent.",
);
const WITHOUT_US: Words = Words::new(
    "この照合は、本サービスに残る記録との比較です。署名とタイムスタンプは、本サービスに頼らず、ファイルだけから検証できます。",
    "This compares the file with the records of the service. Its signature and its timestamps can \
     be verified from the file alone, without the service.",
);
const NOT_A_DIGEST: Words = Words::new(
    "SHA-256は、0から9とaからfの64文字です。もう一度お確かめください。",
    "A SHA-256 has 64 characters, 0 to 9 and a to f. Please check it once more.",
);
const ISSUED: Words = Words::new(
    "この管理番号で発行した証明書のファイルと一致します。",
    "It is the very file that was issued under this serial.",
);
const RENEWED: Words = Words::new(
    "この管理番号で発行した証明書のファイルに、後からタイムスタンプを加えた版と一致します。",
    "It is the file that was issued under this serial, with timestamps that were added later.",
);
const ANOTHER: Words = Words::new(
    "この管理番号で発行したファイルとは一致しません。ファイルが書き換えられたか、計算した値又は管理番号が違います。",
    "It is not a file that was issued under this serial. The file was altered, or the value or the \
     serial is another one.",
);
const TIMESTAMPED: Words = Words::new("署名のタイムスタンプ", "Timestamp of the signature");
const SIGNER: Words = Words::new(
    "署名者の証明書のSHA-256フィンガープリント",
    "SHA-256 fingerprint of the signer's certificate",
);
