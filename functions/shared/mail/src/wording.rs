//! The words that people read, in Japanese and English: templates, outcomes, reasons. Each says
//! what was seen and no more, and never promises an effect in law (Q-9, I-026).

use domain::{NotAttempted, Outcome, Refusal, TrustSetting};

/// The same said twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    /// In Japanese.
    pub japanese: String,
    /// In English.
    pub english: String,
}

impl Bilingual {
    fn new(japanese: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            japanese: japanese.into(),
            english: english.into(),
        }
    }
}

/// An outcome in honest words, for certificates and notices alike.
#[must_use]
pub fn outcome_words(outcome: Outcome) -> Bilingual {
    match outcome {
        Outcome::Relayed => Bilingual::new(
            "宛先のメールサーバーがメールを受け取りました（応答250）。受信者が読んだことを示すものではありません。",
            "The recipient's mail server took the mail over (reply 250). This does not show that \
             the recipient read it.",
        ),
        // I-043, I-044, P-042.
        Outcome::Noex => Bilingual::new(
            "宛先のメールアドレスまたはドメインが存在しないなどの理由で、恒久的に配達できませんでした（NOEX）。",
            "The mail could not be delivered for good: the address or its domain does not exist \
             or never takes mail (NOEX).",
        ),
        Outcome::Undelivered => Bilingual::new(
            "送信しましたが、配達できませんでした。宛先が存在しないことを示すものではありません。",
            "The mail was sent and could not be delivered. This does not show that the address \
             does not exist.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: true,
        } => Bilingual::new(
            "送信しましたが、14時間以内に配達の結果が分かりませんでした。",
            "The mail was sent, and no result of the delivery became known within 14 hours.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: false,
        } => Bilingual::new(
            "送信を試みましたが、送信事業者が受け取ったかどうかを確認できませんでした。",
            "Sending was attempted, and it is not known whether the provider accepted the mail.",
        ),
        Outcome::NotAttempted(reason) => not_attempted_words(reason),
    }
}

/// Why the service did not try.
fn not_attempted_words(reason: NotAttempted) -> Bilingual {
    match reason {
        NotAttempted::Suppressed => Bilingual::new(
            "宛先が送信事業者の配信停止リストにあるため、送信しませんでした。宛先が存在しないことを示すものではありません。",
            "Nothing was sent, because the address is on the provider's suppression list. This \
             does not show that the address does not exist.",
        ),
        NotAttempted::ProviderRefused => Bilingual::new(
            "送信事業者がメールの内容などを理由に受け取らなかったため、送信しませんでした。",
            "Nothing was sent, because the provider refused the mail, for instance for its \
             content.",
        ),
        NotAttempted::DeadlinePassed => Bilingual::new(
            "期限までに送信を始められなかったため、送信しませんでした。",
            "Nothing was sent, because sending could not begin before the deadline.",
        ),
    }
}

/// What the sender can do about a mail that was not attempted.
pub(crate) fn not_attempted_advice(reason: NotAttempted) -> Bilingual {
    match reason {
        NotAttempted::Suppressed => Bilingual::new(
            "宛先を確かめて、別のアドレスに送るか、運営者に配信停止の解除をお申し出ください。",
            "Please check the address and send to another one, or ask the operator to remove it \
             from the list.",
        ),
        NotAttempted::ProviderRefused => Bilingual::new(
            "添付ファイルの種類や内容を確かめて、もう一度お送りください。",
            "Please check the kind and content of the attachments and send the mail again.",
        ),
        NotAttempted::DeadlinePassed => Bilingual::new(
            "お手数ですが、もう一度お送りください。",
            "Please send the mail again.",
        ),
    }
}

/// Why a mail was refused, and what to do (P-013).
#[must_use]
pub fn refusal_words(refusal: &Refusal) -> Bilingual {
    match refusal {
        Refusal::NoRecipient => Bilingual::new(
            "TOに宛先がありません。受信者のアドレスをTOに入れてお送りください（CCとBCCの宛先には送られません）。",
            "There is no recipient in TO. Please put the recipient's address in TO; addresses in \
             CC and BCC get no mail from the service.",
        ),
        Refusal::OnlyServiceAddresses => Bilingual::new(
            "TOには当サービスのアドレスしかありません。受信者のアドレスをTOに入れ、当サービスのアドレスはCCに入れてください。",
            "TO holds only addresses of this service. Please put the recipient's address in TO \
             and the service's address in CC.",
        ),
        Refusal::UnreadableRecipients(texts) => Bilingual::new(
            format!(
                "TOに、送信できるメールアドレスではないものがあります: {}。直してからお送りください。",
                texts.join("、")
            ),
            format!(
                "TO holds what is not a mail address that can be sent to: {}. Please correct it \
                 and send again.",
                texts.join(", ")
            ),
        ),
        Refusal::TooManyRecipients { count, limit } => Bilingual::new(
            format!("TOの宛先が多すぎます（{count}件、上限{limit}件）。分けてお送りください。"),
            format!(
                "TO holds too many recipients ({count}; at most {limit}). Please send several \
                 mails."
            ),
        ),
        Refusal::TooLarge {
            size_bytes,
            limit_bytes,
        } => too_large(*size_bytes, *limit_bytes),
        Refusal::NotAuthenticated(trust) => not_authenticated(*trust),
        Refusal::Virus => Bilingual::new(
            "ウイルスなどの不正なプログラムが見つかりました。取り除いてからお送りください。",
            "Malware was found in the mail. Please remove it and send again.",
        ),
        Refusal::AccountSuspended => Bilingual::new(
            "ご契約のアカウントは停止されています。運営者にお問い合わせください。",
            "Your account is suspended. Please contact the operator.",
        ),
        Refusal::AccountLapsed => Bilingual::new(
            "ご契約のアカウントは、5年間ご利用がなかったため終了しました。残っていたポイントは失効しています。再びご利用になる場合は、運営者にお問い合わせください。",
            "Your account was not used for five years and is closed; the points that were left \
             have lapsed. To use the service again, please contact the operator.",
        ),
        Refusal::NotEnoughPoints(missing) => Bilingual::new(
            format!(
                "ポイントが足りません（必要{}、残り{}）。ポイントを購入してからお送りください。",
                missing.needed, missing.available
            ),
            format!(
                "There are not enough points (needed {}, left {}). Please buy points and send \
                 again.",
                missing.needed, missing.available
            ),
        ),
    }
}

/// the limit counts what travels, and base64 makes it a third larger than the files.
fn too_large(size_bytes: u64, limit_bytes: u64) -> Bilingual {
    Bilingual::new(
        format!(
            "メールが大きすぎます（{size_bytes}バイト、上限{limit_bytes}バイト）。上限はヘッダー、本文、添付を含む送信時の大きさで、\
             添付ファイルは符号化（base64）で大きくなるため、合計およそ3.6MBで上限に達します。\
             添付ファイルを減らすか圧縮してお送りください。"
        ),
        format!(
            "The mail is too large ({size_bytes} bytes; at most {limit_bytes}). The limit counts \
             header, body and attachments as they travel; files grow by their encoding (base64), \
             so that about 3.6 MB of attachments fill it. Please attach less or compress it."
        ),
    )
}

///
fn not_authenticated(trust: TrustSetting) -> Bilingual {
    match trust {
        TrustSetting::Dkim => Bilingual::new(
            "差出人のドメインと一致する有効なDKIM署名がありません。メールの管理者に、DKIM署名を付けて送る設定を依頼してください。",
            "There is no valid DKIM signature aligned with the From domain. Please ask your mail \
             administrator to sign with DKIM.",
        ),
        TrustSetting::DkimOrSpf => Bilingual::new(
            "差出人のドメインと一致するDKIM署名もSPFの合格もありません。メールの管理者に設定を依頼してください。",
            "Neither DKIM nor SPF vouches for the From domain. Please ask your mail administrator \
             to set one up.",
        ),
    }
}

/// Fills a template: each `{name}` once, in one pass, so that a value is never filled in itself.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_promises_an_effect_in_law_q_9() {
        let templates = [
            crate::compose::RELAY_NOTICE,
            crate::compose::REFUSAL_NOTICE,
            crate::compose::CERTIFICATE_COPY,
            crate::compose::NOT_ATTEMPTED_NOTICE,
            crate::compose::LAPSE_WARNING,
        ];
        let words = Outcome::ALL
            .map(outcome_words)
            .map(|both| both.japanese + &both.english);
        let all = templates.join("\n") + &words.join("\n");
        for promise in [
            "legally valid",
            "qualified",
            "法的効力",
            "法的に有効",
            "適格",
        ] {
            assert!(!all.to_lowercase().contains(promise), "{promise}");
        }
    }

    #[test]
    fn a_value_is_not_filled_in_itself() {
        assert_eq!(
            fill("{a} {b} {c}", &[("a", "{b}"), ("b", "2")]),
            "{b} 2 {c}"
        );
    }
}
